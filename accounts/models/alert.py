"""Something unusual about a key or a sign-in: one row per subject, kind and day (UTC), and who wants no mail of it."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models.team import Team
from protocol.current import AGENT_LENGTH
from protocol.pruning import id_at

DETAIL_LENGTH = 200
WRITTEN_WITHIN = timedelta(days=1)  # of the moment that an alert is about; one that is later is not counted as new


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts, read as sentences."""

    def of(self, developer):
        """The alerts of a developer's teams."""
        return self.filter(team_id__in=Team.objects.of(developer).values("pk"))

    def with_mutes(self):
        """The same, with `muted_here` (for the alert's own key) and `muted_for_team`: nobody gets mail of its kind."""
        same = AlertMute.objects.filter(kind=OuterRef("kind"))
        return self.annotate(
            muted_here=Exists(same.filter(subject_id=OuterRef("subject_id"))),
            muted_for_team=Exists(same.filter(subject_id=OuterRef("team_id"))),
        )

    def new_since(self, seen):
        """Those that were written since, but for muted ones, of which nobody wants to hear.

        The id tells when one was written, which is after the moment that it is about: by seconds, while nothing stands
        still. The second condition lets the index find them.
        """
        found = self.filter(pk__gt=id_at(seen), created_at__gt=seen - WRITTEN_WITHIN)
        return found.with_mutes().filter(muted_here=False, muted_for_team=False)


class Alert(models.Model):
    """What was unusual, about which key or session of a team, and from where.

    `subject_id` is the key's id, or the session's of a replay, which has no key; ids and no foreign keys, for the
    keys' step lies above this one.
    """

    class Kind(models.TextChoices):
        """What was unusual."""

        NEW_NETWORK = "new_network", _("Used from a new network")
        OUTSIDE_LIST = "outside_list", _("Tried from outside its addresses")
        IN_BROWSER = "in_browser", _("Live key in a browser")
        SENT_IN_CLEAR = "sent_in_clear", _("Sent over plain HTTP")
        IN_URL = "in_url", _("Sent in a URL")
        AFTER_SILENCE = "after_silence", _("Used again after 30 days")
        BUSY_HOUR = "busy_hour", _("Ten times its usual hour")
        REFUSED_OFTEN = "refused_often", _("Refused often")
        SESSION_REPLAYED = "session_replayed", _("Old refresh token used again")
        KEY_MADE = "key_made", _("New live key")
        KEY_ROTATED = "key_rotated", _("Live key rotated")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    day = models.DateField()
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    subject_id = models.UUIDField()
    key_id = models.UUIDField(null=True)
    developer_id = models.UUIDField(null=True)
    detail = models.CharField(max_length=DETAIL_LENGTH, blank=True, default="")
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=AGENT_LENGTH, blank=True, default="")

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_id", "kind", "day"], name="one_alert_a_day")]
        indexes = [
            models.Index(fields=["team", "-created_at", "-id"], name="alert_by_team"),
            models.Index(
                fields=["key_id", "-created_at", "-id"], name="alert_by_key", condition=Q(key_id__isnull=False)
            ),
            models.Index(fields=["day"], name="alert_by_day"),
        ]

    def __str__(self):
        return f"{self.kind} on {self.day}"

    @classmethod
    def of_today(cls, **fields) -> "Alert":
        """An alert of this moment, or of `created_at`, not yet written."""
        at = fields.pop("created_at", None) or timezone.now()
        day: date = at.date()
        return cls(created_at=at, day=day, **fields)


class AlertMute(models.Model):
    """No mail about this kind of alert: of one key (or session), or of a whole team, where `subject_id` is the team."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    subject_id = models.UUIDField()
    kind = models.CharField(max_length=20, choices=Alert.Kind)
    created_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_id", "kind"], name="one_mute_per_kind")]

    def __str__(self):
        return f"no mail about {self.kind}"

    @property
    def key_id(self):
        """The key it is for; None for the whole team."""
        return None if self.subject_id == self.team_id else self.subject_id
