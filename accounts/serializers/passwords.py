"""The rules that every new password is held to, whichever endpoint takes it."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from accounts.models import Developer

MAX_PASSWORD = 4096  # characters read; the hash's own bound is 1,024 bytes


def require_good(password: str, developer: Developer | None = None) -> str:
    """The password. Raises ValidationError with all that AUTH_PASSWORD_VALIDATORS have against it.

    Args:
        developer: whose it will be, saved or not: it may not be made of their address or name.
    """
    try:
        validate_password(password, developer)
    except DjangoValidationError as error:
        faults = [serializers.ErrorDetail(each.messages[0], each.code or "invalid") for each in error.error_list]
        raise serializers.ValidationError(faults) from error
    return password


def newcomer(sent: Mapping[str, Any], **known: str) -> Developer:
    """Whoever would have the account that is asked for, not saved, for `require_good`.

    Args:
        sent: the body as it came: what is no text in it says nothing of them.
        known: what we know better.
    """
    texts = {name: sent[name] for name in ("email", "first_name") if isinstance(sent.get(name), str)}
    return Developer(**{**texts, **known})
