"""The nouns of this app, a file each."""

from accounts.models.audit import AuditEvent, AuditSeal
from accounts.models.developer import Developer
from accounts.models.session import Session
from accounts.models.team import Membership, Role, Team

__all__ = ["AuditEvent", "AuditSeal", "Developer", "Membership", "Role", "Session", "Team"]
