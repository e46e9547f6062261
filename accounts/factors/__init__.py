"""Second factors: an authenticator app, passkeys, and recovery codes for the day when neither is at hand.

The rows and the cryptography are allauth's. Here are the verbs: each is one transaction, is on the audit trail and is
told to the owner by mail. None ends a sign-in.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from accounts import notices
from accounts.factors import codes
from accounts.models import Developer, LastCode, audit
from protocol.problems import Conflict

Type = Authenticator.Type
MOST_PASSKEYS = 20
LONGEST_NAME = 60  # characters of a passkey's name

__all__ = [
    "LONGEST_NAME",
    "Type",
    "add_passkey",
    "add_totp",
    "asks",
    "generate_totp_secret",
    "make_recovery_codes",
    "of",
    "passkeys_of",
    "recovery_codes_left",
    "remove",
    "remove_all",
    "rename_passkey",
    "void_recovery_codes",
]


def of(developer: Developer):
    """A developer's factors, recovery codes beside them."""
    return Authenticator.objects.filter(user_id=developer.pk).order_by("created_at", "pk")


def passkeys_of(developer: Developer):
    """A developer's passkeys, oldest first."""
    return of(developer).filter(type=Type.WEBAUTHN)


def asks(developer: Developer) -> bool:
    """Whether signing in takes a second factor."""
    return owes(developer.pk)


def owes(developer_id) -> bool:
    """The same by id."""
    return Authenticator.objects.filter(user_id=developer_id).exclude(type=Type.RECOVERY_CODES).exists()


def recovery_codes_left(developer: Developer) -> int:
    """How many recovery codes were not used yet."""
    kept = of(developer).filter(type=Type.RECOVERY_CODES).first()
    return len(RecoveryCodes(kept).get_unused_codes()) if kept else 0


def _lock(developer: Developer) -> None:
    """One change of a developer's factors at a time: whether recovery codes are needed depends on the others."""
    Developer.objects.select_for_update(no_key=True).get(pk=developer.pk)


def _note_added(developer: Developer, kind: str, *, by) -> list[str]:
    """Audit, mail, and the first recovery codes; [] for somebody who has some."""
    audit.record(by, audit.Action.FACTOR_ADDED, developer, kind=str(kind))
    notices.factor_added(developer, kind)
    if of(developer).filter(type=Type.RECOVERY_CODES).exists():
        return []
    return RecoveryCodes.activate(developer).generate_codes()


@transaction.atomic
def add_totp(developer: Developer, secret: str, code: str, *, by) -> list[str] | None:
    """Ask for an authenticator app's codes from now on.

    Args:
        secret: base32, as the app was given it.
        code: what the app shows, which proves that it has the secret; it is spent.

    Returns:
        the recovery codes to show once, [] where there are some already; None for a wrong code.

    Raises:
        Conflict: there is an app already.
    """
    _lock(developer)
    step = codes.step_of(secret, codes.plain(code))
    if step is None:
        return None
    if of(developer).filter(type=Type.TOTP).exists():
        raise Conflict("There is an authenticator app already: remove it first.")
    made = TOTP.activate(developer, secret).instance
    LastCode.objects.create(authenticator=made, step=step)
    return _note_added(developer, Type.TOTP, by=by)


@transaction.atomic
def add_passkey(developer: Developer, name: str, credential: dict, *, by) -> list[str]:
    """Keep a passkey whose registration allauth's form has verified; answers the recovery codes to show once, or [].

    Raises:
        Conflict: there are MOST_PASSKEYS.
    """
    _lock(developer)
    if passkeys_of(developer).count() >= MOST_PASSKEYS:
        raise Conflict(f"{MOST_PASSKEYS} passkeys are the most: remove one first.")
    WebAuthn.add(developer, name, credential)
    return _note_added(developer, Type.WEBAUTHN, by=by)


@transaction.atomic
def rename_passkey(passkey: Authenticator, name: str, *, by) -> None:
    """Call a passkey something else."""
    passkey.data["name"] = name
    passkey.save(update_fields=["data"])
    audit.record(by, audit.Action.FACTOR_RENAMED, passkey.user, kind=passkey.type)


@transaction.atomic
def make_recovery_codes(developer: Developer, *, by) -> list[str]:
    """New recovery codes to show once; the old ones are good no more.

    Raises:
        Conflict: there is no factor that they could stand in for.
    """
    _lock(developer)
    if not asks(developer):
        raise Conflict("Recovery codes stand in for an authenticator app or a passkey: add one first.")
    of(developer).filter(type=Type.RECOVERY_CODES).delete()
    made = RecoveryCodes.activate(developer).generate_codes()
    audit.record(by, audit.Action.RECOVERY_CODES_MADE, developer)
    notices.recovery_codes_made(developer)
    return made


@transaction.atomic
def void_recovery_codes(*, by, reason: str) -> int:
    """Take the recovery codes of everybody away; answers of how many people. Again changes nothing.

    After a restore nobody can say which of them were used since the backup, and each is good once. Their owners see it
    on the security page and make new ones; nobody is written to, for a drill must not mail real people.

    Args:
        reason: a word for the audit.
    """
    kept = Authenticator.objects.filter(type=Type.RECOVERY_CODES)
    owners = list(Developer.objects.filter(pk__in=kept.values("user_id")).order_by("pk"))
    kept.delete()
    for developer in owners:
        audit.record(by, audit.Action.RECOVERY_CODES_VOIDED, developer, reason=reason)
    return len(owners)


@transaction.atomic
def remove(factor: Authenticator, *, by) -> bool:
    """Take one factor away, and with the last one the recovery codes; again changes nothing."""
    developer = factor.user
    _lock(developer)
    gone, _ = Authenticator.objects.filter(pk=factor.pk).delete()
    if not gone:
        return False
    if not asks(developer):
        of(developer).delete()
    audit.record(by, audit.Action.FACTOR_REMOVED, developer, kind=factor.type)
    notices.factor_removed(developer, factor.type, still_asks=asks(developer))
    return True


@transaction.atomic
def remove_all(developer: Developer, *, by) -> int:
    """Take every factor and the recovery codes away; answers how many factors. Again changes nothing.

    For an operator whose developer lost them, and for a proof of the address, which must leave nothing behind that
    somebody else may have set up before.
    """
    _lock(developer)
    kinds = sorted(of(developer).exclude(type=Type.RECOVERY_CODES).values_list("type", flat=True))
    of(developer).delete()
    if kinds:
        audit.record(by, audit.Action.FACTORS_REMOVED, developer, kinds=kinds)
        notices.factors_removed(developer)
    return len(kinds)
