"""What a change of MFA_ENCRYPTION_KEYS means for the factors in the table (`accounts.key_sets` writes the setting)."""

from collections import Counter

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from accounts import encryption

FIELDS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}  # what of a row is encrypted


def _kept():
    return Authenticator.objects.filter(type__in=FIELDS)


def needed() -> dict[str, int]:
    """Key id → how many secrets need it, the one in use first; 0 for a key that nothing needs any more."""
    found = Counter(encryption.key_of(row.data[FIELDS[row.type]]) for row in _kept().iterator())
    order = [*settings.MFA_ENCRYPTION_KEYS, *sorted(set(found) - set(settings.MFA_ENCRYPTION_KEYS))]
    return {ident: found[ident] for ident in order}


def missing() -> dict[str, int]:
    """Key id → how many secrets nothing can decrypt."""
    return {ident: count for ident, count in needed().items() if ident not in settings.MFA_ENCRYPTION_KEYS}


def encrypt_anew() -> int:
    """Put every secret under the key in use; answers how many moved. What no key decrypts stays as it is."""
    first = next(iter(settings.MFA_ENCRYPTION_KEYS))
    return sum(_move(pk, first) for pk in _kept().values_list("pk", flat=True))


@transaction.atomic
def _move(pk: int, first: str) -> bool:
    row = _kept().select_for_update().filter(pk=pk).first()
    if row is None:
        return False
    field = FIELDS[row.type]
    ident = encryption.key_of(row.data[field])
    if ident == first or ident not in settings.MFA_ENCRYPTION_KEYS:
        return False
    row.data[field] = encryption.encrypt(encryption.decrypt(row.data[field]))
    row.save(update_fields=["data"])
    return True
