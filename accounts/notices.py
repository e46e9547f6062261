"""The only sender of mail: one function per notice, one template pair per notice.

A notice is written into the outbox in the transaction of its act and leaves after the commit, on another thread: a slow
or broken mail server must not slow or break a request, nor tell by its time whether an account exists. For the same
reason whoever tells nothing where there is no account sends to "" instead, which writes as much and goes nowhere.
"""

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from accounts import outbox
from accounts.models import Developer, Invitation, Role, Session, Team, WaitingMail
from accounts.models.mail import SUBJECT_LENGTH
from protocol.masking import mask


def send(template: str, recipients: list[str], **context) -> None:
    """Send `email/<template>.txt` (its first line is the subject) to each recipient alone, after the commit."""
    context |= {"site_url": settings.SITE_URL}
    subject, _, body = render_to_string(f"email/{template}.txt", context).partition("\n")
    letter = {"subject": mask(subject.strip())[:SUBJECT_LENGTH], "body": mask(body.strip()) + "\n"}
    mails = WaitingMail.objects.bulk_create(WaitingMail(recipient=recipient, **letter) for recipient in recipients)
    transaction.on_commit(lambda: outbox.send_now(mail.pk for mail in mails))


def owners_of(team: Team) -> list[str]:
    """The addresses of a team's owners who can sign in."""
    owners = Developer.objects.filter(memberships__team=team, memberships__role=Role.OWNER, is_active=True)
    return sorted(owners.values_list("email", flat=True))


def session_replayed(session: Session) -> None:
    """An old refresh token was used again: its developer should look."""
    send("session_replayed", [session.developer.email], session=session, developer=session.developer)


def account_closing(developer: Developer, link: str) -> None:
    """The account was closed: how to take that back, and until when."""
    send("account_closing", [developer.email], developer=developer, link=link)


def account_erased(address: str) -> None:
    """The account is emptied: the last mail that goes to its address."""
    send("account_erased", [address])


def member_closing(developer: Developer, team: Team) -> None:
    """A member closed their account: the team's owners look after what they knew."""
    send("member_closing", owners_of(team), developer=developer, team=team)


def password_changed(developer: Developer) -> None:
    """The password was changed: its owner should know."""
    send("password_changed", [developer.email], developer=developer)


KINDS = {"totp": "an authenticator app", "webauthn": "a passkey"}


def factor_added(developer: Developer, kind: str) -> None:
    """A second factor was added: its owner should know who did."""
    send("factor_added", [developer.email], developer=developer, kind=KINDS[kind])


def factor_removed(developer: Developer, kind: str, *, still_asks: bool) -> None:
    """A second factor was removed."""
    send("factor_removed", [developer.email], developer=developer, kind=KINDS[kind], still_asks=still_asks)


def factors_removed(developer: Developer) -> None:
    """Every second factor was removed at once, by an operator, a command or a proof of the address."""
    send("factors_removed", [developer.email], developer=developer)


def recovery_codes_made(developer: Developer) -> None:
    """There are new recovery codes."""
    send("recovery_codes_made", [developer.email], developer=developer)


def recovery_code_used(developer: Developer, left: int) -> None:
    """A recovery code opened the account: its owner should know, and how many are left."""
    send("recovery_code_used", [developer.email], developer=developer, left=left)


def new_sign_in(session: Session) -> None:
    """Somebody signed in from a network and an agent that this account had never seen."""
    send("new_sign_in", [session.developer.email], session=session, developer=session.developer)


def invited(invitation: Invitation, link: str) -> None:
    """Somebody is asked into a team: the only place of the link."""
    send("invited", [invitation.email], invitation=invitation, link=link)


def member_joined(developer: Developer, team: Team) -> None:
    """Somebody accepted: the team's owners should know."""
    send(
        "member_joined",
        [address for address in owners_of(team) if address != developer.email],
        developer=developer,
        team=team,
    )


def member_removed(developer: Developer, team: Team) -> None:
    """Somebody was removed from a team: they should hear it from us."""
    send("member_removed", [developer.email], developer=developer, team=team)


def prove_address(developer: Developer, link: str) -> None:
    """Somebody signed up with this address: the link proves that it is theirs."""
    send("prove_address", [developer.email], developer=developer, link=link)


def address_taken(email: str) -> None:
    """Somebody wants to use an address that has an account: its owner hears of it, and nobody else."""
    send("address_taken", [email])


def nothing_to_send() -> None:
    """The mail of an address that gets none: it costs the same and goes nowhere."""
    send("address_taken", [""])


def reset_asked(developer: Developer, link: str) -> None:
    """The password was forgotten: the link sets another."""
    send("reset_asked", [developer.email], developer=developer, link=link)


def change_asked(developer: Developer, wanted: str) -> None:
    """Another address was asked for: the old one is told before anything changes."""
    send("change_asked", [developer.email], developer=developer, wanted=wanted)


def prove_change(developer: Developer, wanted: str, link: str) -> None:
    """The link to the new address, which makes it the one to sign in with."""
    send("prove_change", [wanted], developer=developer, link=link)


def address_changed(developer: Developer, old: str) -> None:
    """The address is another now: the old one is told."""
    send("address_changed", [old], developer=developer)
