"""The operators' pages of this app, a file per noun."""

from apikeys.admin.key import ApiKeyAdmin
from apikeys.admin.request import RequestRecordAdmin

__all__ = ["ApiKeyAdmin", "RequestRecordAdmin"]
