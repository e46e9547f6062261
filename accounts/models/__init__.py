"""The nouns of this app, a file each."""

from accounts.models.alert import Alert, AlertMute
from accounts.models.audit import AuditEvent, AuditSeal
from accounts.models.developer import Developer
from accounts.models.factor import LastCode
from accounts.models.invitation import Invitation
from accounts.models.job import JobRun
from accounts.models.mail import WaitingMail
from accounts.models.session import Session
from accounts.models.team import Membership, Role, Team

__all__ = [
    "Alert",
    "AlertMute",
    "AuditEvent",
    "AuditSeal",
    "Developer",
    "Invitation",
    "JobRun",
    "LastCode",
    "Membership",
    "Role",
    "Session",
    "Team",
    "WaitingMail",
]
