"""What the endpoints of this app take and show, a file per noun."""

from apikeys.serializers.alerts import (
    AlertChange,
    AlertQuery,
    AlertSerializer,
    MuteQuery,
    MuteSerializer,
    NewMute,
)
from apikeys.serializers.export import DeveloperExport
from apikeys.serializers.keys import (
    LONGEST_WINDOW,
    STATUSES,
    KeyChange,
    KeyCreate,
    KeyQuery,
    KeySerializer,
    NewKey,
    NewKeySerializer,
    Rotation,
    SelfSerializer,
)
from apikeys.serializers.leaks import Report
from apikeys.serializers.requests import RequestQuery, RequestSerializer
from apikeys.serializers.usage import TeamUsageSerializer, TeamWindowQuery, UsageSerializer, WindowQuery

__all__ = [
    "LONGEST_WINDOW",
    "STATUSES",
    "AlertChange",
    "AlertQuery",
    "AlertSerializer",
    "DeveloperExport",
    "KeyChange",
    "KeyCreate",
    "KeyQuery",
    "KeySerializer",
    "MuteQuery",
    "MuteSerializer",
    "NewKey",
    "NewKeySerializer",
    "NewMute",
    "Report",
    "RequestQuery",
    "RequestSerializer",
    "Rotation",
    "SelfSerializer",
    "TeamUsageSerializer",
    "TeamWindowQuery",
    "UsageSerializer",
    "WindowQuery",
]
