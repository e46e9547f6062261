"""What second factors are kept by, encrypted at rest under MFA_ENCRYPTION_KEYS: a dump of the database opens nothing.

`<key id>:<Fernet token>`: AES-128-CBC with HMAC-SHA-256 (cryptography's Fernet), each key made by SHA-256 from its
secret, which has at least 256 bits. The first key encrypts, all decrypt, so that they can rotate.
"""

import base64
import hashlib

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def _cipher(ident: str) -> Fernet:
    secret = settings.MFA_ENCRYPTION_KEYS.get(ident)
    if secret is None:
        raise ImproperlyConfigured(
            f"MFA_ENCRYPTION_KEYS: missing {ident}: put it back, or if it is lost remove what needs it with "
            "manage.py remove_factors"
        )
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))


def encrypt(text: str) -> str:
    """`text` under the first key."""
    ident = next(iter(settings.MFA_ENCRYPTION_KEYS))
    return f"{ident}:{_cipher(ident).encrypt(text.encode()).decode()}"


def decrypt(kept: str) -> str:
    """What `encrypt` was given.

    Raises:
        ImproperlyConfigured: the key is not configured any more.
        cryptography.fernet.InvalidToken: this is nothing that `encrypt` made.
    """
    ident, _, token = kept.partition(":")
    return _cipher(ident).decrypt(token).decode()


def key_of(kept: str) -> str:
    """The id of the key that something was encrypted under."""
    return kept.partition(":")[0]
