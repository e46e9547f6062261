"""The recent requests of a team: what was asked, and why it was refused. No bodies, no query values, no secrets."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Team
from apikeys.models.usage import ROUTE_LENGTH
from protocol.current import AGENT_LENGTH

REFUSED_FROM = 400  # the least status that is no answer as asked


class RequestQuerySet(models.QuerySet["RequestRecord"]):
    """Requests, read as sentences."""

    def of(self, developer):
        """The requests of a developer's teams."""
        return self.filter(team_id__in=Team.objects.of(developer).values("pk"))

    def behind(self, request_id: str):
        """The requests that were answered under this id: the server's own, or one that callers chose (not unique)."""
        try:
            return self.filter(Q(request_id=request_id) | Q(pk=uuid.UUID(request_id)))
        except ValueError:
            return self.filter(request_id=request_id)

    def asked(self, *, key=None, status=None, code=None, since=None, until=None):
        """Those that fit, for every surface that filters: by a key's id, a status, a code, `since` ≤ then < `until`.

        Args:
            status: an HTTP status, or two: the least and the greatest.
        """
        least, greatest = status if isinstance(status, tuple) else (status, status)
        if code is not None:
            least = max(least or 0, REFUSED_FROM)  # only refusals have a code, and they have an index
        wanted = {
            "key_id": key,
            "status__gte": least,
            "status__lte": greatest,
            "code": code,
            "created_at__gte": since,
            "created_at__lt": until,
        }
        return self.filter(**{name: value for name, value in wanted.items() if value is not None})

    def refused(self):
        """What was not answered as asked."""
        return self.filter(status__gte=REFUSED_FROM)


class RequestRecord(models.Model):
    """One answered request.

    It belongs to a team only if its credential was proved (digest or signature matched); else `team_id` is null and
    only operators see it. `request_id` is what the answer said in X-Request-ID, which the caller may have chosen;
    `id` is the server's own, a UUIDv7 of that moment.
    """

    id = models.UUIDField(primary_key=True)
    request_id = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    team_id = models.UUIDField(null=True)
    key_id = models.UUIDField(null=True)
    developer_id = models.UUIDField(null=True)
    method = models.CharField(max_length=10)
    route = models.CharField(max_length=ROUTE_LENGTH)
    status = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40, default="")
    failed_rule = models.CharField(max_length=200, default="")
    ms = models.FloatField()
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=AGENT_LENGTH, default="")

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = "request"
        indexes = [
            models.Index(fields=["team_id", "-created_at", "-id"], name="request_by_team"),
            models.Index(fields=["request_id"], name="request_by_request_id"),
            models.Index(
                fields=["key_id", "-created_at", "-id"], name="request_by_key", condition=Q(key_id__isnull=False)
            ),
            # Refusals are what people look for, and rare: without it each look reads the whole log of the team.
            models.Index(
                fields=["team_id", "-created_at", "-id"], name="request_refused", condition=Q(status__gte=REFUSED_FROM)
            ),
        ]

    def __str__(self):
        return f"{self.method} {self.route} → {self.status}"
