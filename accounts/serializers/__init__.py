"""What the account endpoints take and show, a file per subject."""

from accounts.serializers.account import (
    LONGEST_NAME,
    Closed,
    Closing,
    Ended,
    Me,
    MeChange,
    Message,
    MyTeam,
    PasswordChange,
    SessionSerializer,
    require_password,
)
from accounts.serializers.oauth import (
    Login,
    OAuthSerializer,
    Refresh,
    Revoke,
    Tokens,
    TokenSerializer,
)
from accounts.serializers.passwords import MAX_PASSWORD
from accounts.serializers.registration import Forgotten, Registration, Reset

__all__ = [
    "Closed",
    "Closing",
    "Ended",
    "Forgotten",
    "LONGEST_NAME",
    "Login",
    "MAX_PASSWORD",
    "Me",
    "MeChange",
    "Message",
    "MyTeam",
    "OAuthSerializer",
    "PasswordChange",
    "Refresh",
    "Registration",
    "Reset",
    "Revoke",
    "SessionSerializer",
    "TokenSerializer",
    "Tokens",
    "require_password",
]
