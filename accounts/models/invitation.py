"""An invitation into a team: for one address, accepted once, known by the digest of the token in its mail."""

import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models.team import Role, Team

LIFE = timedelta(days=7)
TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits in hex: no filter takes that for a key or a JWT."""
    return secrets.token_hex(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """SHA-256 in hex. Without a salt: 256 random bits can't be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet):
    """Invitations, read as sentences."""

    def open(self):
        """Neither accepted nor revoked; the expired among them."""
        return self.filter(accepted_at=None, revoked_at=None)

    def pending(self, at=None):
        """Those that can be accepted now."""
        return self.open().filter(expires_at__gt=at or timezone.now())

    def with_status(self, status, at=None):
        """Those whose `status` is this one."""
        at = at or timezone.now()
        return self.filter(
            {
                "accepted": Q(accepted_at__isnull=False),
                "revoked": Q(accepted_at=None, revoked_at__isnull=False),
                "expired": Q(accepted_at=None, revoked_at=None, expires_at__lte=at),
                "pending": Q(accepted_at=None, revoked_at=None, expires_at__gt=at),
            }[status]
        )


class Invitation(models.Model):
    """Who is asked into which team, as what, by whom."""

    STATUSES = ("pending", "accepted", "expired", "revoked")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        "accounts.Developer", on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_team_and_address",
            )
        ]
        indexes = [models.Index(fields=["team", "-created_at", "-id"], name="invitation_by_team")]

    def __str__(self):
        return f"{self.email} as {self.role}"

    @property
    def status(self) -> str:
        """accepted, revoked, expired or pending."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "pending" if self.expires_at > timezone.now() else "expired"

    @property
    def status_in_words(self):
        """The same, for a page."""
        return {
            "accepted": _("Accepted"),
            "revoked": _("Revoked"),
            "expired": _("Expired"),
            "pending": _("Waiting"),
        }[self.status]
