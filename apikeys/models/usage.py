"""What keys were used for, in numbers. Written by `apikeys.usage` in batches, off the request path, by id alone.

No foreign keys: a batch that was counted before its key was deleted must still be written. Rows of keys that are gone
age out like all others (`apikeys.retention`).
"""

from django.db import models
from django.utils import timezone

from protocol.current import AGENT_LENGTH

ROUTE_LENGTH = 120  # characters of a route template


class Outcome(models.TextChoices):
    """How an answer is counted; 401 is of a key that was recognised: proved, and not good any more."""

    SUCCESS = "2xx"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    INVALID = "422"
    LIMITED = "429"
    REFUSED = "4xx"
    FAILED = "5xx"

    @classmethod
    def of(cls, status: int) -> "Outcome":
        """The outcome of an HTTP status; 4xx and 5xx are what has no line of its own."""
        try:
            return cls(str(status))
        except ValueError:
            return cls.SUCCESS if status < 400 else cls.REFUSED if status < 500 else cls.FAILED


class UsageHour(models.Model):
    """So many answers of one outcome to one key in one hour (UTC)."""

    pk = models.CompositePrimaryKey("key_id", "hour", "outcome")
    key_id = models.UUIDField()
    hour = models.DateTimeField()
    outcome = models.CharField(max_length=3, choices=Outcome)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["hour"], name="usage_hour_by_hour")]

    def __str__(self):
        return f"{self.count} × {self.outcome} at {self.hour:%Y-%m-%d %H}h"


class UsageDay(models.Model):
    """The same by the day (UTC): rolled up from the hours by `manage.py run_jobs`, and kept longer."""

    pk = models.CompositePrimaryKey("key_id", "day", "outcome")
    key_id = models.UUIDField()
    day = models.DateField()
    outcome = models.CharField(max_length=3, choices=Outcome)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["day"], name="usage_day_by_day")]

    def __str__(self):
        return f"{self.count} × {self.outcome} on {self.day}"


class EndpointDay(models.Model):
    """How often one key called one endpoint on one day (UTC)."""

    pk = models.CompositePrimaryKey("key_id", "day", "method", "route")
    key_id = models.UUIDField()
    day = models.DateField()
    method = models.CharField(max_length=10)
    route = models.CharField(max_length=ROUTE_LENGTH)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["day"], name="endpoint_day_by_day")]

    def __str__(self):
        return f"{self.count} × {self.method} {self.route} on {self.day}"


class TeamHour(models.Model):
    """What all keys of a team had in one hour (UTC): the sum of their `UsageHour`s, written in the same transaction.

    So that a team's page adds up some thousand rows, however many keys it has. Kept for the longest window (`reading`).
    """

    pk = models.CompositePrimaryKey("team_id", "hour", "outcome")
    team_id = models.UUIDField()
    hour = models.DateTimeField()
    outcome = models.CharField(max_length=3, choices=Outcome)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["hour"], name="team_hour_by_hour")]

    def __str__(self):
        return f"{self.count} × {self.outcome} at {self.hour:%Y-%m-%d %H}h"


class TeamEndpointDay(models.Model):
    """How often all keys of a team called one endpoint on one day (UTC): the sum of their `EndpointDay`s."""

    pk = models.CompositePrimaryKey("team_id", "day", "method", "route")
    team_id = models.UUIDField()
    day = models.DateField()
    method = models.CharField(max_length=10)
    route = models.CharField(max_length=ROUTE_LENGTH)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["day"], name="team_endpoint_by_day")]

    def __str__(self):
        return f"{self.count} × {self.method} {self.route} on {self.day}"


class BusiestKeys(models.Model):
    """Which keys of a team with very many were called most in a window, the most first (`apikeys.ranking`)."""

    pk = models.CompositePrimaryKey("team_id", "window")
    team_id = models.UUIDField()
    window = models.CharField(max_length=3)
    key_ids = models.JSONField()
    ranked_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"the busiest of {self.window}, {self.ranked_at:%Y-%m-%d %H:%M}"


class LastUse(models.Model):
    """When a key was first and last recognised, and where the last call came from."""

    key_id = models.UUIDField(primary_key=True)
    first_used_at = models.DateTimeField()
    last_used_at = models.DateTimeField(db_index=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=AGENT_LENGTH, default="")

    def __str__(self):
        return f"last used {self.last_used_at:%Y-%m-%d %H:%M}"


class UsageBatch(models.Model):
    """One batch that was written: when its COMMIT was lost on the way, it is tried again and not counted twice."""

    id = models.UUIDField(primary_key=True)
    written_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return str(self.pk)
