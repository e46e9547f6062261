"""The operators' pages of this app, a file per noun."""

from accounts.admin.alert import AlertAdmin
from accounts.admin.audit import AuditEventAdmin, AuditSealAdmin
from accounts.admin.developer import DeveloperAdmin
from accounts.admin.group import GroupAdmin
from accounts.admin.invitation import InvitationAdmin
from accounts.admin.mail import WaitingMailAdmin
from accounts.admin.session import SessionAdmin
from accounts.admin.team import TeamAdmin

__all__ = [
    "AlertAdmin",
    "AuditEventAdmin",
    "AuditSealAdmin",
    "DeveloperAdmin",
    "GroupAdmin",
    "InvitationAdmin",
    "SessionAdmin",
    "TeamAdmin",
    "WaitingMailAdmin",
]
