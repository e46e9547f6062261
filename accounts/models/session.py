"""One sign-in, one row. It holds no secret: a refresh token is a signed claim of (session, generation)."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from protocol.current import AGENT_LENGTH

SEEN_EVERY = timedelta(minutes=1)  # how exact a browser session's "last seen" is


class SessionQuerySet(models.QuerySet):
    """Sessions, read as sentences."""

    def of(self, developer):
        """A developer's sessions."""
        return self.filter(developer=developer)

    def live(self, at=None):
        """Sessions that are neither closed nor past their idle or absolute end."""
        at = at or timezone.now()
        return self.filter(closed_at=None, expires_at__gt=at, ends_at__gt=at)

    def close(self, reason, *, but=None) -> int:
        """End these sessions at once, access tokens included; answers how many were live."""
        sessions = self.exclude(pk=but.pk) if but is not None else self
        return sessions.live().update(closed_at=timezone.now(), closed_reason=reason)


class Session(models.Model):
    """A sign-in over the API or in a browser.

    `expires_at` is the idle end, moved by each refresh, and never past `ends_at`, the absolute end.
    """

    class Kind(models.TextChoices):
        """Which door was used."""

        API = "api", "API"
        BROWSER = "browser", "Browser"

    class Reason(models.TextChoices):
        """Why a session ended before its time."""

        LOGOUT = "logout", "Signed out"
        REVOKED = "revoked", "Ended by its developer"
        REPLAY = "replay", "An old refresh token was used again"
        PASSWORD_CHANGED = "password_changed", "The password was changed"
        DEVELOPER_DISABLED = "developer_disabled", "The account was disabled"
        REMOVED = "removed", "Removed from a team"
        OPERATOR = "operator", "Ended by an operator"
        KEY_COMPROMISED = "key_compromised", "The signing key was compromised"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    developer = models.ForeignKey("accounts.Developer", on_delete=models.CASCADE, related_name="sessions")
    kind = models.CharField(max_length=10, choices=Kind)
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    rotated_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    auth_time = models.DateTimeField(default=timezone.now)
    factor_at = models.DateTimeField(null=True, blank=True)  # when a second factor was last given in it
    expires_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=20, choices=Reason, blank=True, default="")
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=AGENT_LENGTH, blank=True, default="")
    rotated_ip = models.GenericIPAddressField(null=True, blank=True)
    rotated_user_agent = models.CharField(max_length=AGENT_LENGTH, blank=True, default="")

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["developer", "closed_at"], name="session_by_developer")]

    def __str__(self):
        return f"{self.kind} session {self.pk}"

    @classmethod
    def open(cls, developer, kind, caller, *, factor: bool = False) -> "Session":
        """A new sign-in of `developer` by `caller` (`protocol.current.caller_of`: address and agent).

        `factor`: whether a second factor was given.
        """
        now = timezone.now()
        ends_at = now + timedelta(seconds=settings.SESSION_ABSOLUTE_LIFETIME)
        ip, agent = caller
        return cls.objects.create(
            developer=developer,
            kind=kind,
            rotated_at=now,
            last_used_at=now,
            auth_time=now,
            factor_at=now if factor else None,
            expires_at=cls.idle_end(now, ends_at),
            ends_at=ends_at,
            ip=ip,
            user_agent=agent,
            rotated_ip=ip,
            rotated_user_agent=agent,
        )

    @staticmethod
    def idle_end(now, ends_at=None):
        """When a session that is not used any more ends; never past its absolute end, where that is said."""
        end = now + timedelta(seconds=settings.REFRESH_TOKEN_LIFETIME)
        return min(end, ends_at) if ends_at else end

    def is_live(self, at=None) -> bool:
        """Whether the session is good now."""
        at = at or timezone.now()
        return self.closed_at is None and self.expires_at > at and self.ends_at > at

    def close(self, reason, **conditions) -> bool:
        """End the session at once; False when it was over already or a condition (a column) no longer holds."""
        return Session.objects.filter(pk=self.pk, **conditions).close(reason) == 1

    def touch(self) -> bool:
        """Note that a browser session is in use, at most once a minute; keeps it from idling out."""
        now = timezone.now()
        if now - self.last_used_at <= SEEN_EVERY:
            return False
        expires_at = self.idle_end(now, self.ends_at)
        return Session.objects.filter(pk=self.pk).live().update(last_used_at=now, expires_at=expires_at) == 1
