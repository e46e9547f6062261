"""What was done, by whom, to what: append-only rows, sealed in batches (`accounts.audit`).

`record(actor, action, target)` is the only writer. Rows hold ids. Address and agent come from the request at hand, so
that no verb has to carry them, and enter the digest as salted hashes, so that they can be erased without breaking the
chain.
"""

import hashlib
import hmac
import json
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from uuid_utils.compat import uuid7

from protocol.current import caller_of, current_request


class Action(models.TextChoices):
    """Every kind of act, in one place."""

    DEVELOPER_CREATED = "developer.created"
    DEVELOPER_CHANGED = "developer.changed"
    DEVELOPER_DISABLED = "developer.disabled"
    DEVELOPER_ENABLED = "developer.enabled"
    DEVELOPER_DELETED = "developer.deleted"
    DEVELOPER_CLOSED = "developer.closed"
    DEVELOPER_REOPENED = "developer.reopened"
    STAFF_CHANGED = "developer.staff_changed"
    LIST_DOWNLOADED = "list.downloaded"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - not a password
    FACTOR_ADDED = "factor.added"
    FACTOR_RENAMED = "factor.renamed"
    FACTOR_REMOVED = "factor.removed"
    FACTORS_REMOVED = "factor.all_removed"
    RECOVERY_CODES_MADE = "recovery_codes.made"
    RECOVERY_CODES_VOIDED = "recovery_codes.voided"
    RECOVERY_CODE_USED = "recovery_codes.used"
    EMAIL_VERIFIED = "email.verified"
    EMAIL_CHANGE_ASKED = "email.change_asked"
    EMAIL_CHANGE_CANCELLED = "email.change_cancelled"
    EMAIL_CHANGED = "email.changed"
    SIGN_INS_LIMITED = "sign_in.limited"
    SESSION_OPENED = "session.opened"
    SESSION_CLOSED = "session.closed"
    SESSION_REPLAYED = "session.replayed"
    SESSIONS_CLOSED = "session.all_closed"
    TEAM_CREATED = "team.created"
    TEAM_CHANGED = "team.changed"
    MEMBER_INVITED = "member.invited"
    INVITATION_RESENT = "invitation.resent"
    INVITATION_REVOKED = "invitation.revoked"
    MEMBER_JOINED = "member.joined"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    MEMBER_REMOVED = "member.removed"
    MEMBER_LEFT = "member.left"
    TEAM_SUSPENDED = "team.suspended"
    TEAM_RESUMED = "team.resumed"
    TEAM_REMOVED = "team.removed"
    SIGNING_KEY_PROMOTED = "signing_key.promoted"
    SIGNING_KEY_COMPROMISED = "signing_key.compromised"
    KEY_ISSUED = "api_key.issued"
    KEY_CHANGED = "api_key.changed"
    KEY_ROTATED = "api_key.rotated"
    KEY_DISABLED = "api_key.disabled"
    KEY_ENABLED = "api_key.enabled"
    KEY_REVOKED = "api_key.revoked"
    KEY_SENT_IN_CLEAR = "api_key.sent_in_clear"
    KEY_REPORTED = "api_key.reported"
    KEY_LEAKED = "api_key.leaked"
    KEY_IN_URL = "api_key.in_url"
    ALERT_MUTED = "alert.muted"
    ALERT_UNMUTED = "alert.unmuted"
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    USER_DELETED = "user.deleted"


class AuditSeal(models.Model):
    """A batch of events closed by an HMAC that chains to the batch before."""

    number = models.PositiveIntegerField(primary_key=True)
    sealed_at = models.DateTimeField(default=timezone.now)
    events = models.PositiveIntegerField()
    previous = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    def __str__(self):
        return f"Seal {self.number}"


class AuditEvent(models.Model):
    """One act. Holds ids, never names or e-mails, and no foreign key but the one to its seal.

    UPDATE and DELETE are refused by a trigger, but for two: seal null → value, and address or agent → '' (erasure).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=40)
    target_kind = models.CharField(max_length=12)
    target_id = models.UUIDField(null=True)
    team_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    agent = models.CharField(max_length=200, blank=True, default="")
    salt = models.CharField(max_length=32)
    address_hash = models.CharField(max_length=64)
    agent_hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)
    seal = models.ForeignKey(
        AuditSeal, on_delete=models.PROTECT, null=True, blank=True, related_name="sealed", db_constraint=True
    )

    class Meta:
        indexes = [
            models.Index(fields=["target_id", "at"], name="audit_by_target"),
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
            models.Index(fields=["team_id", "at"], name="audit_by_team"),
            models.Index(fields=["team_id", "action", "at"], name="audit_by_action"),
        ]

    def __str__(self):
        return f"{self.action} at {self.at:%Y-%m-%d %H:%M:%S}"


# What may never change in a row; `mac` is over all of it.
KEPT: tuple[str, ...] = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "action",
    "target_kind",
    "target_id",
    "team_id",
    "data",
    "request_id",
)
KEPT += ("salt", "address_hash", "agent_hash")


def mac_of(event: AuditEvent) -> str:
    """HMAC-SHA-256 under AUDIT_KEY over what may never change: names a row that was changed or slipped in."""
    values = [getattr(event, name) for name in KEPT]
    canonical = json.dumps(values, default=str, sort_keys=True, separators=(",", ":"))
    return hmac.new(settings.AUDIT_KEY.encode(), canonical.encode(), hashlib.sha256).hexdigest()


def salted(salt: str, value: str) -> str:
    """How an erasable value enters the digest."""
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


def _named(thing) -> tuple[str, object]:
    """(kind, id) of an actor or target; None is the system, a str a command or operator tool."""
    if thing is None or isinstance(thing, str):
        return (thing or "system")[:12], None
    kind = getattr(thing, "audit_kind", None) or thing._meta.model_name
    return kind[:12], thing.pk


def record(actor, action: Action, target, *, team=None, **data) -> None:
    """Write one event.

    Args:
        actor: a developer, a key's principal, "command", or None for the system.
        action: what was done.
        target: the row it was done to.
        team: id of the team whose members may see it.
        data: facts that name nobody: ids, numbers, codes.
    """
    request = current_request.get()
    address, agent = caller_of(request)
    actor_kind, actor_id = _named(actor)
    target_kind, target_id = _named(target)
    salt = secrets.token_hex(16)
    event = AuditEvent(
        actor_kind=actor_kind,
        actor_id=actor_id,
        action=action,
        target_kind=target_kind,
        target_id=target_id,
        team_id=team,
        data=data,
        request_id=getattr(request, "request_id", ""),
        address=address or "",
        agent=agent,
        salt=salt,
        address_hash=salted(salt, address or ""),
        agent_hash=salted(salt, agent),
    )
    event.mac = mac_of(event)
    event.save(force_insert=True)
