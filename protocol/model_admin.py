"""What every page of the admin rests on: it reads, searches, filters and presses verbs; it types nothing.

Nothing may be added, changed or deleted unless a page says so; the rest is verbs (`protocol.verbs`). Django's own admin
log stays empty: it keeps names.
"""

import re
import uuid
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import strip_tags

from protocol.downloads import csv_file
from protocol.masking import mask
from protocol.problems import Problem
from protocol.verbs import VerbsAdmin

# Columns that no filter in the address bar may ask about: a prefix search would read them out letter by letter.
NEVER_ASKED = {"password", "digest", "mac", "previous", "salt", "address_hash", "agent_hash", "body"}
BROKEN = (ValidationError, ValueError, OverflowError, DataError)

_KEY_SCHEME = re.compile(r"^ow_(live|test)_")


def cut(text: str) -> str:
    """`text` with every pasted secret cut to its public part, and without NUL, which PostgreSQL refuses."""
    return mask(text).replace("…", "") if mask(text) != text else text.replace("\0", "")


def public_part(text: str) -> str:
    """What a search finds a key by: a pasted key or its prefix without `ow_live_` and without its secret."""
    return _KEY_SCHEME.sub("", cut(text.strip()))


class OperatorAdmin(VerbsAdmin):
    """A noun's pages. `editable` names the few fields that may be typed; verbs do the rest."""

    editable: tuple[str, ...] = ()
    grants: tuple[str, ...] = ("view",)  # which of Django's permissions open something here; no others are offered
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each count reads the whole table
    # Both action bars off would put an inline style on the page, which the CSP refuses.
    actions_on_top = True

    # --- who may ------------------------------------------------------------------------------------------------------
    def granted(self, request, what: str) -> bool:
        """Whether the operator holds Django's permission `view`, `add`, `change` or `delete` for this noun."""
        return request.user.has_perm(f"{self.opts.app_label}.{what}_{self.opts.model_name}")

    def is_of_staff(self, row) -> bool:
        """Whether a row is a staff member's: then only superusers act on it."""
        return False

    def may_touch(self, request, row) -> bool:
        """Whether this operator may act on this row at all."""
        return request.user.is_superuser or not self.is_of_staff(row)

    def may_press(self, request, row) -> bool:
        """Whether this operator may do a verb to this row."""
        return self.may_touch(request, row)

    def has_add_permission(self, request, obj=None):
        """Rows come from the product."""
        return False

    def has_change_permission(self, request, obj=None):
        """Only where something may be typed."""
        return bool(self.editable) and self.granted(request, "change") and (obj is None or self.may_touch(request, obj))

    def has_delete_permission(self, request, obj=None):
        """Ending a thing is a verb."""
        return False

    def has_view_permission(self, request, obj=None):
        """Whoever may view or change may look."""
        return self.granted(request, "view") or self.granted(request, "change")

    def has_press_permission(self, request) -> bool:
        """For verbs that can be taken back."""
        return self.granted(request, "change")

    def has_end_permission(self, request) -> bool:
        """For verbs that end a thing: support may be given this (Django's `delete`) without the rest."""
        return self.granted(request, "change") or self.granted(request, "delete")

    def get_readonly_fields(self, request, obj=None):
        """Everything that is shown but not editable."""
        shown = [name for _, options in self.get_fieldsets(request, obj) for name in options["fields"]]
        return [name for name in shown if name not in self.editable]

    # --- one row ------------------------------------------------------------------------------------------------------
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The row's page; a refusal of the model is said, not raised."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Problem as problem:
            self.message_user(request, problem.detail, messages.ERROR)
        except IntegrityError:
            self.message_user(request, "Somebody did the same at this moment: look again.", messages.ERROR)
        return HttpResponseRedirect(request.path)

    # --- lists --------------------------------------------------------------------------------------------------------
    def changelist_view(self, request, extra_context=None):
        """The list; an address or a form that cannot be read leads back to the whole list."""
        try:
            if request.method != "GET":
                return super().changelist_view(request, extra_context)
            with transaction.atomic():  # what PostgreSQL can't read must not spoil the transaction around it
                return super().changelist_view(request, extra_context)
        except BROKEN:
            self.message_user(request, "That could not be read: here is the whole list.", messages.ERROR)
            return HttpResponseRedirect(request.path)

    def get_search_results(self, request, queryset, search_term):
        """Never let a pasted secret into the SQL."""
        return super().get_search_results(request, queryset, public_part(search_term))

    def lookup_allowed(self, lookup, value, request):
        """Never answer questions about secrets and digests."""
        return not NEVER_ASKED & set(lookup.split("__")) and super().lookup_allowed(lookup, value, request)

    def get_actions(self, request):
        """The verbs, and every list as a file."""
        actions = super().get_actions(request)
        if found := self.get_action("download"):
            actions["download"] = found
        return actions

    @admin.action(description="Download as CSV", permissions=["view"])
    def download(self, request, queryset):
        """What the list shows of these rows and nothing else; who took it is on the trail."""
        columns = list(self.get_list_display(request))
        getattr(self.admin_site, "note_download")(request, self.opts, columns)  # noqa: B009 - OperatorSite's own
        head = [label_for_field(name, self.model, self) for name in columns]
        return csv_file(str(self.opts.model_name), head, self._lines(queryset, columns))

    def _lines(self, queryset, columns):
        for row in queryset.iterator(chunk_size=2000):
            yield [cell_of(self, name, row) for name in columns]

    # --- the trail ----------------------------------------------------------------------------------------------------
    def history_view(self, request, object_id, extra_context=None):
        """The history of a row is its audit trail."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        key = uuid.UUID(int=row.pk) if isinstance(row.pk, int) else row.pk
        trail = reverse("admin:accounts_auditevent_changelist", current_app=self.admin_site.name)
        return HttpResponseRedirect(f"{trail}?{urlencode({'target_id': str(key)})}")

    def log_addition(self, request, obj, message):
        """The audit knows."""

    def log_change(self, request, obj, message):
        """The audit knows."""

    def log_deletions(self, request, queryset):
        """The audit knows."""


def cell_of(page, name: str, row) -> str:
    """What a list's column says of a row, as plain text; times in ISO 8601."""
    _, _, value = lookup_field(name, row, page)
    if isinstance(value, datetime):
        return value.isoformat()
    return strip_tags(str(value)) if value is not None else ""
