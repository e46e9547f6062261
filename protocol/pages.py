"""Keyset pages of a bare list: an opaque cursor, and the next page in the `Link` header (RFC 8288)."""

import base64
import binascii
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from rest_framework import serializers

from protocol.answer import Answer
from protocol.serializers import NumberField, StrictSerializer

MAX_PAGE = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class CursorField(serializers.CharField):
    """An opaque place in a list ordered by (created_at, id), newest first."""

    default_error_messages = {"bad_cursor": "This cursor is not one of ours: leave it out to start again."}

    def to_internal_value(self, data):
        """Decode to (created_at, id)."""
        try:
            text = super().to_internal_value(data)
            raw = base64.urlsafe_b64decode(text.encode("ascii"))
            # Python skips what is not base64, a NUL as well.
            if len(raw) != 24 or base64.urlsafe_b64encode(raw).decode() != text:
                self.fail("bad_cursor")
            moment = EPOCH + int.from_bytes(raw[:8], "big") * MICROSECOND
            return moment, uuid.UUID(bytes=raw[8:])
        except (ValueError, OverflowError, binascii.Error):
            self.fail("bad_cursor")


def encode_cursor(row) -> str:
    """The cursor that stands behind `row`."""
    return cursor_at(row.created_at, row.pk)


def cursor_at(moment: datetime, pk: uuid.UUID) -> str:
    """The cursor that stands behind a row of this moment and id."""
    micros = (moment - EPOCH) // MICROSECOND
    return base64.urlsafe_b64encode(micros.to_bytes(8, "big") + pk.bytes).decode()


def place_in(query) -> tuple | None:
    """Where a page's own address says to go on (`cursor`); what is not one of ours begins again: a link may be old."""
    try:
        return CursorField().run_validation(query["cursor"]) if query.get("cursor") else None
    except serializers.ValidationError:
        return None


class PageQuery(StrictSerializer):
    """The query of every bare list."""

    limit = NumberField(default=MAX_PAGE, min_value=1, max_value=MAX_PAGE)
    cursor = CursorField(required=False)


def page_of(rows, limit: int, place=None) -> tuple[list, str | None]:
    """(at most `limit` of `rows`, newest first, from behind `place` on; the next page's cursor, None for the last).

    Args:
        rows: a queryset whose rows have `created_at`.
        place: what CursorField made of a cursor.
    """
    if place:
        moment, pk = place
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk))
    found = list(rows.order_by("-created_at", "-pk")[: limit + 1])
    return found[:limit], encode_cursor(found[limit - 1]) if len(found) > limit else None


def list_response(view, rows, serializer) -> Answer:
    """One page of `rows` (a queryset) as a bare list, newest first."""
    found, cursor = page_of(rows, view.query["limit"], view.query.get("cursor"))
    response = Answer(serializer(found, many=True, context={"request": view.request}).data)
    if cursor:
        sent = {name: value for name, value in view.request.query_params.items() if name != "cursor"}
        query = urlencode({**sent, "cursor": cursor})
        response["Link"] = f'<{settings.SITE_URL}{view.request.path}?{query}>; rel="next"'
    return response
