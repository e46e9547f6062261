"""Text that a dump of the database does not tell: mails that wait hold links which open accounts.

`sealed:<Fernet token>` under a key made from SECRET_KEY; SECRET_KEY_FALLBACKS still read. What was written before is
read as it stands.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

PREFIX = "sealed:"


def _cipher() -> MultiFernet:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    made = [hashlib.sha256(f"accounts.models.sealed:{secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])


def sealed(text: str) -> str:
    """`text` as it may be stored."""
    return PREFIX + _cipher().encrypt(text.encode()).decode()


def opened(kept: str) -> str | None:
    """What was sealed; what never was as it stands; None once its SECRET_KEY is gone."""
    if not kept.startswith(PREFIX):
        return kept
    try:
        return _cipher().decrypt(kept.removeprefix(PREFIX).encode()).decode()
    except InvalidToken:
        return None


class SealedTextField(models.TextField):
    """A TextField that is encrypted in the database and nowhere else; None once its SECRET_KEY is gone."""

    def get_prep_value(self, value):
        """Encrypt on the way in."""
        return sealed(super().get_prep_value(value))

    def from_db_value(self, value, expression, connection):
        """Decrypt on the way out."""
        return None if value is None else opened(value)

    def deconstruct(self):
        """To migrations it is the text column that it is."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
