"""One-time codes, of an authenticator app (RFC 6238) or from the list of recovery codes: each is good once."""

import secrets
import time

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction

from accounts import encryption, notices
from accounts.models import Developer, LastCode, audit

Type = Authenticator.Type
LONGEST = 40  # characters of a code as it is typed, with blanks and dashes


def plain(code: str) -> str:
    """The digits of a code, which people write in groups."""
    return "".join(code.split()).replace("-", "")


def step_of(secret: str, code: str) -> int | None:
    """The time step, now or one beside it, whose code this is; None for no code of this secret."""
    if not code.isascii():
        return None
    now = int(time.time()) // app_settings.TOTP_PERIOD
    steps = range(now - app_settings.TOTP_TOLERANCE, now + app_settings.TOTP_TOLERANCE + 1)
    matching = [step for step in steps if secrets.compare_digest(format_hotp_value(hotp_value(secret, step)), code)]
    return matching[-1] if matching else None


def spend(developer: Developer, code: str) -> bool:
    """Whether this is a good code of the developer's; it is good no more afterwards.

    The length tells which kind it is: 6 digits are an app's, 10 a recovery code. Callers count it as a guess.
    """
    code = plain(code)
    kind = Type.RECOVERY_CODES if len(code) == app_settings.RECOVERY_CODE_DIGITS else Type.TOTP
    authenticator = Authenticator.objects.filter(user_id=developer.pk, type=kind).first()
    if authenticator is None:
        return False
    good = _spend_recovery if kind == Type.RECOVERY_CODES else _spend_totp
    if not good(developer, authenticator, code):
        return False
    authenticator.record_usage()
    return True


def _spend_totp(developer: Developer, authenticator: Authenticator, code: str) -> bool:
    step = step_of(encryption.decrypt(authenticator.data["secret"]), code)
    return step is not None and LastCode.take(authenticator, step)


@transaction.atomic
def _spend_recovery(developer: Developer, authenticator: Authenticator, code: str) -> bool:
    """allauth locks the row, so that two at once don't both get through."""
    codes = RecoveryCodes(authenticator)
    if not codes.validate_code(code):
        return False
    authenticator.data = codes.instance.data
    left = len(codes.get_unused_codes())
    audit.record(developer, audit.Action.RECOVERY_CODE_USED, developer, left=left)
    notices.recovery_code_used(developer, left)
    return True
