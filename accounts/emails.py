"""Whose address this is: signing up, proving an address, changing it. One rule for API and portal.

Nobody learns here whether an address has an account: the answer is the same, and what differs is in the mail. The
address is proved by the link in its mail *and* the password of the sign-up, given again or by the browser that just
signed up: else whoever signs up with a stranger's address could have the stranger's click open their own account.
"""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts import attempts, factors, links, notices
from accounts.links import Purpose
from accounts.models import Developer, Session, audit
from protocol.counters import counters
from protocol.current import current_request
from protocol.problems import Conflict, Forbidden, InvalidToken, TooManyAttempts

MAILS_TO_ONE = (5, 3600)  # to one address in so many seconds, whether it has an account or not
MAILS_FROM_ONE = (30, 3600)  # asked for from one network address


def count_mail(email: str) -> None:
    """Note that a mail is asked for. Raises TooManyAttempts past a limit, alike for known and unknown addresses."""
    caller = getattr(current_request.get(), "caller", None)
    windows = [(f"mail:{attempts.hashed(email)}", *MAILS_TO_ONE)]
    if caller is not None and caller.counted is not None:
        windows.append((f"mail-from:{caller.counted}", *MAILS_FROM_ONE))
    counted = counters().hit_each(*((name, seconds) for name, _, seconds in windows)).windows
    for (_, most, _), (count, left) in zip(windows, counted, strict=True):
        if count > most:
            raise TooManyAttempts(left)


def is_proved(developer: Developer) -> bool:
    """Whether the address that the developer signs in with is proved."""
    return EmailAddress.objects.filter(user=developer, email=developer.email, verified=True).exists()


def require_proved(developer: Developer) -> None:
    """Raise Forbidden `email_not_verified`: such an account can do nothing but prove its address."""
    if not is_proved(developer):
        raise Forbidden(
            "Your e-mail address is not verified yet: open the link in our mail, or ask for a new one.",
            code="email_not_verified",
        )


# --- signing up -------------------------------------------------------------------------------------------------------


def require_open() -> None:
    """Raise Forbidden `signup_closed` unless SIGNUP_OPEN."""
    if not settings.SIGNUP_OPEN:
        raise Forbidden("Signing up is closed here: ask for an invitation.", code="signup_closed")


def register(*, email: str, password: str, **names: str) -> Developer | None:
    """Make an account whose address is still to be proved; None for a taken address, whose owner is told by mail.

    Signing up again before the address is proved begins anew: the last password counts and the older links are void.

    Raises:
        Forbidden `signup_closed`. TooManyAttempts.
    """
    require_open()
    email = Developer.objects.normalize_email(email)
    count_mail(email)
    with attempts.a_turn():
        hashed = make_password(password)
    try:
        with transaction.atomic():
            return _register(email, hashed, names)
    except IntegrityError:  # somebody signed up with this address at the same moment, and has the mail
        return None


def _register(email: str, hashed: str, names: dict[str, str]) -> Developer | None:
    known = Developer.objects.select_for_update(no_key=True).filter(email=email).first()
    if known is None:
        known = Developer.objects.create_user(email, hashed=hashed, verified=False, **names)
    else:
        _write_in_vain(hashed, names)
        if is_proved(known) or not known.is_active:
            notices.address_taken(email if known.is_active else "")
            return None
        known.password = hashed
        for name, value in names.items():
            setattr(known, name, value)
        known.save(update_fields=["password", *names, "updated_at"])
    notices.prove_address(known, _link(Purpose.VERIFY, known, _unproved(known)))
    return known


def _write_in_vain(hashed: str, names: dict[str, str]) -> None:
    """What a new account writes, and none of it kept: the time must not tell who has one."""
    with transaction.atomic():
        Developer.objects.create_user(f"{uuid7()}@unused.invalid", hashed=hashed, verified=False, **names)
        transaction.set_rollback(True)


def _unproved(developer: Developer) -> str | None:
    """The state that a verification link is about; None for an account that needs none."""
    if not developer.is_active or is_proved(developer):
        return None
    return f"{developer.email}.{developer.password}"


def send_again(email: str) -> None:
    """Send the verification link again, where one is waited for; the same answer for every address.

    The account is kept longer for it (`accounts.unproved`): the link must not die with it.

    Raises:
        TooManyAttempts.
    """
    email = Developer.objects.normalize_email(email)
    count_mail(email)
    developer = Developer.objects.filter(email=email).first()
    state = _unproved(developer) if developer else None
    with transaction.atomic():
        Developer.objects.filter(email=email if state else "").update(updated_at=timezone.now())
        if developer is None or state is None:
            notices.nothing_to_send()
        else:
            notices.prove_address(developer, _link(Purpose.VERIFY, developer, state))


def registered_by(token: str) -> Developer | None:
    """Whose address a verification link proves; None for a link that is no good any more."""
    return links.read(Purpose.VERIFY, token, _unproved)


def prove(developer: Developer) -> bool:
    """The address is proved; nothing that was set up before that stays. Again changes nothing.

    Raises:
        InvalidToken: the account was given up since it was read here (`accounts.unproved`).
    """
    with transaction.atomic():
        if Developer.objects.select_for_update(no_key=True).get(pk=developer.pk).email != developer.email:
            raise InvalidToken("This account is deleted: sign up again.")
        if is_proved(developer):
            return False
        EmailAddress.objects.filter(user=developer).exclude(email=developer.email).delete()
        found = {"verified": True, "primary": True}
        EmailAddress.objects.update_or_create(user=developer, email=developer.email, defaults=found)
        Session.objects.of(developer).close(Session.Reason.PASSWORD_CHANGED)
        factors.remove_all(developer, by=developer)
        audit.record(developer, audit.Action.EMAIL_VERIFIED, developer, team=developer.home_team_id)
    return True


# --- another address --------------------------------------------------------------------------------------------------


def pending(developer: Developer) -> str | None:
    """The address that waits for its link to be opened."""
    waiting = EmailAddress.objects.filter(user=developer, verified=False).exclude(email=developer.email)
    return waiting.order_by("-pk").values_list("email", flat=True).first()


def ask_change(developer: Developer, email: str, *, by) -> bool:
    """Let another address wait for its proof, in place of one that waits already; the old one is told.

    A taken address gets the same answer; its owner is told, and nobody else. Answers whether a mail goes out: none
    does to the address that they have, which only ends the waiting.

    Raises:
        TooManyAttempts.
    """
    email = Developer.objects.normalize_email(email)
    if email == developer.email:
        cancel_change(developer, by=by)
        return False
    count_mail(email)
    with transaction.atomic():
        Developer.objects.select_for_update(no_key=True).get(pk=developer.pk)  # one address waits, and no second one
        cancel_change(developer, by=None)
        EmailAddress.objects.create(user=developer, email=email, verified=False, primary=False)
        audit.record(by, audit.Action.EMAIL_CHANGE_ASKED, developer, team=developer.home_team_id)
        notices.change_asked(developer, email)
        if Developer.objects.filter(email=email).exists():
            notices.address_taken(email)
        else:
            notices.prove_change(developer, email, _link(Purpose.CHANGE, developer, _changing(developer)))
    return True


def _changing(developer: Developer) -> str | None:
    wanted = pending(developer)
    return f"{developer.email}.{wanted}.{developer.password}" if wanted and developer.is_active else None


def cancel_change(developer: Developer, *, by) -> bool:
    """Let no other address wait any more; `by` None where something else is the reason."""
    gone, _ = EmailAddress.objects.filter(user=developer, verified=False).exclude(email=developer.email).delete()
    if gone and by:
        audit.record(by, audit.Action.EMAIL_CHANGE_CANCELLED, developer, team=developer.home_team_id)
    return bool(gone)


def changing_by(token: str) -> tuple[Developer, str] | None:
    """(whose address changes, to what) for a link that is good; None for any other."""
    developer = links.read(Purpose.CHANGE, token, _changing)
    wanted = pending(developer) if developer else None
    return (developer, wanted) if developer and wanted else None


def change(token: str) -> Developer | None:
    """Sign in with the new address from now on; None for a link that is no good.

    Raises:
        Conflict: somebody else has proved the address meanwhile; the unique e-mail decides.
    """
    try:
        with transaction.atomic():
            found = changing_by(token)
            if found is None:
                return None
            developer, wanted = found
            old = developer.email
            moved = Developer.objects.filter(pk=developer.pk, email=old)
            if not moved.update(email=wanted, updated_at=timezone.now()):
                return None
            EmailAddress.objects.filter(user=developer).exclude(email=wanted).delete()
            EmailAddress.objects.filter(user=developer, email=wanted).update(verified=True, primary=True)
            audit.record(developer, audit.Action.EMAIL_CHANGED, developer, team=developer.home_team_id)
            developer.email = wanted
            notices.address_changed(developer, old)
    except IntegrityError as error:
        raise Conflict("Somebody else signs in with this address now: nothing was changed.") from error
    return developer


PAGES = {Purpose.VERIFY: "verify", Purpose.RESET: "reset", Purpose.CHANGE: "email-change"}


def _link(purpose: Purpose, developer: Developer, state: str | None) -> str:
    return link_to(purpose, links.make(purpose, developer, state or ""))


def link_to(purpose: Purpose, token: str) -> str:
    """The address of the page that a token opens, for a mail."""
    return f"{settings.SITE_URL}{reverse(PAGES[purpose], args=[token])}"
