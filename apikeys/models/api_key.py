"""One secret, one row: who owns it, what it may do, until when. The verbs exist here and nowhere else."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Developer, Session, Team, audit
from accounts.teams import require_managing
from accounts.tokens import require_live
from apikeys import keys, notices
from apikeys.models.fields import WordsField
from apikeys.models.queryset import ApiKeyQuerySet
from apikeys.models.usage import LastUse
from protocol.problems import Conflict

LONGEST_OVERLAP = 7 * 86400  # seconds
DEFAULT_OVERLAP = 86400
ROTATE_AFTER = timedelta(days=90)
NAME_LENGTH, DESCRIPTION_LENGTH = 100, 500
STATUS_WORDS = {  # of `status`, as people read them
    "active": _("Active"),
    "disabled": _("Disabled"),
    "expired": _("Expired"),
    "revoked": _("Revoked"),
}
WHAT_CHANGES = ("name", "description", "scopes", "expires_at", "allowed_ips", "rate_limit", "rate_seconds")


class ApiKey(models.Model):
    """A credential that a program carries for a team, in one environment."""

    class Environment(models.TextChoices):
        """Whose people it sees."""

        LIVE = "live", _("Live")
        TEST = "test", _("Test")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_keys")
    created_by = models.ForeignKey(Developer, on_delete=models.SET_NULL, null=True, related_name="+")
    created_in = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, related_name="api_keys")
    name = models.CharField(max_length=NAME_LENGTH, default="Default")
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True, default="")
    environment = models.CharField(max_length=4, choices=Environment, default=Environment.LIVE)
    public_id = models.CharField(max_length=keys.PUBLIC_ID_LENGTH, unique=True, editable=False)
    digest = models.BinaryField(max_length=32, editable=False)
    pepper_id = models.CharField(max_length=16, editable=False, db_index=True)
    scopes = WordsField(default=list)
    allowed_ips = WordsField(default=list, blank=True)
    rate_limit = models.PositiveIntegerField(null=True, blank=True)
    rate_seconds = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    rotated_from = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="successor"
    )

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        indexes = [
            models.Index(fields=["team", "-created_at", "-id"], name="api_key_by_team"),
            models.Index(fields=["expires_at"], name="api_key_by_end", condition=Q(expires_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.name} ({self.key_prefix})"

    @property
    def key_prefix(self) -> str:
        """What may be shown anywhere."""
        return f"{keys.SCHEME}{self.environment}_{self.public_id}"

    @property
    def limit(self) -> tuple[int, int]:
        """(calls, per seconds) that hold for this key."""
        default = settings.API_KEY_RATE_LIMIT
        return (self.rate_limit or default[0], self.rate_seconds or default[1])

    @property
    def status(self) -> str:
        """The first that holds of revoked, expired, disabled; else active."""
        if self.revoked_at:
            return "revoked"
        if self.expires_at and self.expires_at <= timezone.now():
            return "expired"
        return "disabled" if self.disabled_at else "active"

    @cached_property
    def last_used_at(self):
        """When it was last recognised, a few seconds late; lists bring it along by `with_last_use`."""
        return LastUse.objects.filter(pk=self.pk).values_list("last_used_at", flat=True).first()

    def replaced_by(self):
        """The id of the key that this one was rotated to."""
        successor = getattr(self, "successor", None)
        return successor.pk if successor else None

    def rotation_is_due(self, at=None) -> bool:
        """Whether a live key without an end has worked for so long that it should be replaced."""
        age = (at or timezone.now()) - self.created_at
        endless = self.environment == self.Environment.LIVE and self.expires_at is None
        return endless and self.status == "active" and age >= ROTATE_AFTER

    def _mine(self, at=None):
        """This row, as long as it is active: the condition of every verb's UPDATE, on plain columns."""
        at = at or timezone.now()
        return ApiKey.objects.filter(
            Q(expires_at=None) | Q(expires_at__gt=at), pk=self.pk, revoked_at=None, disabled_at=None
        )

    def _not_active(self) -> Conflict:
        self.refresh_from_db()
        return Conflict(f"This key is {self.status}: make a new one.", code="key_not_active")

    def rotate(
        self, *, by, session=None, overlap=DEFAULT_OVERLAP, compromised=False, expires_at=None
    ) -> tuple["ApiKey", str]:
        """Make the successor; this key stays good for `overlap` seconds, or not at all when it is compromised.

        `expires_at` is the successor's, which without it never ends: an end is not inherited.

        The lock of this row's UPDATE decides between simultaneous rotations: one wins, the rest roll back whole. The
        unique `rotated_from` stands behind it.

        Raises:
            Conflict `already_rotated` (with `successor`) or `key_not_active`.
            InvalidToken: the session has ended meanwhile. Forbidden: the role was taken away meanwhile.
        """
        now = timezone.now()
        end = now + timedelta(seconds=overlap)
        soonest = Case(When(expires_at__lt=end, then=F("expires_at")), default=Value(end))
        ending = {"revoked_at": now} if compromised else {"expires_at": soonest}
        try:
            with transaction.atomic():
                require_live(session)
                if session is not None:
                    require_managing(by, self.team_id)
                if not self._mine(now).update(updated_at=now, **ending):
                    raise self._already_rotated() or self._not_active()
                # Looked at under this row's lock. Left to the INSERT below, it would wait for whoever rotates the
                # successor, who waits for this row: a deadlock.
                if rotated := self._already_rotated():
                    raise rotated
                # At most two keys of a chain are good: the one before this ends with its successor's rotation.
                ApiKey.objects.filter(pk=self.rotated_from_id).filter(
                    Q(expires_at=None) | Q(expires_at__gt=now)
                ).update(expires_at=now, updated_at=now)
                self.refresh_from_db()
                successor, text = ApiKey.objects.mint_row(
                    team=self.team,
                    by=by,
                    session=session,
                    rotated_from=self,
                    expires_at=expires_at,
                    environment=self.environment,
                    **{name: getattr(self, name) for name in WHAT_CHANGES if name != "expires_at"},
                )
                audit.record(
                    by,
                    audit.Action.KEY_ROTATED,
                    self,
                    team=self.team_id,
                    successor=str(successor.pk),
                    compromised=compromised,
                    overlap=0 if compromised else overlap,
                )
                notices.key_made(successor)
        except IntegrityError as error:
            raise self._already_rotated() or error from error
        return successor, text

    def _already_rotated(self) -> Conflict | None:
        successor = ApiKey.objects.filter(rotated_from=self).values_list("pk", flat=True).first()
        if successor is None:
            return None
        return Conflict(
            "This key was rotated already: rotate its successor instead.",
            code="already_rotated",
            successor=str(successor),
        )

    def revoke(self, *, by, reason="") -> bool:
        """End this key for good; again changes nothing."""
        return self._switch(
            by, audit.Action.KEY_REVOKED, ApiKey.objects.filter(revoked_at=None), "revoked_at", timezone.now(), reason
        )

    def disable(self, *, by, reason="") -> bool:
        """Stop this key until it is enabled again; again changes nothing."""
        rows = ApiKey.objects.filter(revoked_at=None, disabled_at=None)
        return self._switch(by, audit.Action.KEY_DISABLED, rows, "disabled_at", timezone.now(), reason)

    def enable(self, *, by) -> bool:
        """Let a disabled key open things again; again changes nothing."""
        rows = ApiKey.objects.filter(revoked_at=None, disabled_at__isnull=False)
        return self._switch(by, audit.Action.KEY_ENABLED, rows, "disabled_at", None)

    def _switch(self, by, action, rows, column, value, reason="") -> bool:
        with transaction.atomic():
            changed = rows.filter(pk=self.pk).update(**{column: value, "updated_at": timezone.now()})
            if changed:
                audit.record(by, action, self, team=self.team_id, **({"reason": reason} if reason else {}))
        self.refresh_from_db()
        return bool(changed)

    def change(self, *, by, enabled=None, **fields) -> None:
        """Change what WHAT_CHANGES names, and switch the key on or off.

        Raises:
            Conflict `key_not_active`: it is revoked. `already_rotated`: its end is its overlap's end.
        """
        with transaction.atomic():
            rows = ApiKey.objects.filter(pk=self.pk, revoked_at=None)
            # The UPDATE waits for a rotation under way, so that the look after it sees the successor.
            touched = {**fields, "updated_at": timezone.now()} if fields else {"revoked_at": None}
            if not rows.update(**touched):
                raise self._not_active()
            if "expires_at" in fields and (rotated := self._already_rotated()):
                raise rotated
            if fields:
                audit.record(by, audit.Action.KEY_CHANGED, self, team=self.team_id, fields=sorted(fields))
            if enabled is not None:
                (self.enable if enabled else self.disable)(by=by)
        self.refresh_from_db()
