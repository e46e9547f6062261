"""Inviting somebody into a team: sent by mail, accepted once by whoever reads that mailbox.

The token stands in the mail and nowhere else; the row holds its digest, and sending again makes a new one. What holds
when it is accepted: the inviter still leads the team and stands at least as high as the role they gave.
"""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import emails, members, notices
from accounts.models import Developer, Invitation, Membership, Team, audit
from accounts.models.invitation import LIFE, digest_of, new_token
from accounts.models.team import LEADING, rank
from protocol.counters import counters
from protocol.problems import Conflict, Forbidden, TooManyAttempts

MAILS_A_DAY = 100  # that one team may send: an invitation goes to a stranger


class NotGood(Exception):
    """No invitation that can be accepted: unknown, used, revoked, too late, or its inviter may invite no more."""


class NeedsAccount(Exception):
    """Nobody has this address yet: a password is needed."""


def invite(team: Team, *, by: Developer, email: str, role: str) -> Invitation:
    """Ask an address into a team.

    Raises:
        Forbidden: `by` does not lead the team, or the role stands above their own.
        Conflict `already_exists`: the address is in the team, or was asked and has not answered.
        TooManyAttempts: the team sent MAILS_A_DAY.
    """
    email = Developer.objects.normalize_email(email)
    _require_reach(by, team.pk, role)
    _count_mail(team)
    token, now = new_token(), timezone.now()
    try:
        with transaction.atomic():
            members.lock(team.pk)
            if Membership.objects.filter(team=team, developer__email=email).exists():
                raise Conflict("Whoever has this address is in the team already.")
            late = Invitation.objects.filter(team=team, email=email).with_status("expired")
            late.update(revoked_at=now)
            invitation = Invitation.objects.create(
                team=team, email=email, role=role, digest=digest_of(token), invited_by=by, expires_at=now + LIFE
            )
            audit.record(by, audit.Action.MEMBER_INVITED, invitation, team=team.pk, role=role)
            notices.invited(invitation, _link(token))
    except IntegrityError as error:
        raise Conflict("This address was asked already and has not answered: send it again instead.") from error
    return invitation


def resend(invitation: Invitation, *, by: Developer) -> bool:
    """Send a new link, good for another LIFE; the old one opens nothing any more. False when nobody waits for it.

    Raises: as `invite`.
    """
    _require_reach(by, invitation.team_id, invitation.role)
    _count_mail(invitation.team)
    token, now = new_token(), timezone.now()
    with transaction.atomic():
        waiting = Invitation.objects.filter(pk=invitation.pk).open()
        fresh = {"digest": digest_of(token), "expires_at": now + LIFE, "sent_at": now, "invited_by": by}
        if not waiting.update(**fresh):
            return False
        invitation.refresh_from_db()
        audit.record(by, audit.Action.INVITATION_RESENT, invitation, team=invitation.team_id)
        notices.invited(invitation, _link(token))
    return True


def revoke(invitation: Invitation, *, by) -> bool:
    """Take an invitation back; again changes nothing. Raises Forbidden for who does not lead."""
    if isinstance(by, Developer):
        members.require_leading(by, invitation.team_id)
    with transaction.atomic():
        changed = Invitation.objects.filter(pk=invitation.pk).open().update(revoked_at=timezone.now())
        if changed:
            audit.record(by, audit.Action.INVITATION_REVOKED, invitation, team=invitation.team_id)
    invitation.refresh_from_db()
    return bool(changed)


def revoke_all(*, by) -> int:
    """Take every open invitation back, as after a restore; answers how many."""
    with transaction.atomic():
        rows = list(Invitation.objects.open())
        return sum(revoke(row, by=by) for row in rows)


def find(digest: str) -> Invitation | None:
    """The invitation that the token with this digest can accept now; None for any other."""
    found = Invitation.objects.pending().select_related("team", "invited_by").filter(digest=digest).first()
    return found if found and _still_backed(found) else None


def holder(invitation: Invitation) -> Developer | None:
    """Who has the address and has proved it; None when accepting makes the account, or takes over an unproved one."""
    owner = Developer.objects.filter(email=invitation.email).first()
    return owner if owner and emails.is_proved(owner) else None


def accept(digest: str, *, password: str | None = None, **names: str) -> tuple[Developer, Team]:
    """Join the team, with a new account where the address has none; the mail has proved the address.

    Args:
        digest: of the token in the mail (`digest_of`), which is so never kept between the steps of a page.

    An account under the address that never proved it may be a stranger's who came first: its password, sign-ins and
    second factors go, and the new password takes their place.

    Raises:
        NotGood: also where the account of the address is disabled. NeedsAccount.
    """
    with transaction.atomic():
        invitation = find(digest)
        if invitation is None:
            raise NotGood
        members.lock(invitation.team_id)
        # The lock's holder before us may have revoked it, sent the inviter away, or let somebody else accept it.
        taken = Invitation.objects.filter(pk=invitation.pk, digest=digest).pending()
        if not _still_backed(invitation) or not taken.update(accepted_at=timezone.now()):
            raise NotGood
        developer = holder(invitation) or _make_account(invitation, password, names)
        if not developer.is_active:
            raise NotGood
        Membership.objects.get_or_create(team=invitation.team, developer=developer, defaults={"role": invitation.role})
        audit.record(developer, audit.Action.MEMBER_JOINED, developer, team=invitation.team_id, role=invitation.role)
        notices.member_joined(developer, invitation.team)
    return developer, invitation.team


def _make_account(invitation: Invitation, password: str | None, names: dict[str, str]) -> Developer:
    if not password:
        raise NeedsAccount
    unproved = Developer.objects.filter(email=invitation.email).select_for_update(no_key=True).first()
    if unproved is None:
        return Developer.objects.create_user(invitation.email, password, **names)
    unproved.set_password(password)
    for name, value in names.items():
        setattr(unproved, name, value)
    unproved.save(update_fields=["password", *names, "updated_at"])
    emails.prove(unproved)
    return unproved


def _still_backed(invitation: Invitation) -> bool:
    inviter = invitation.invited_by
    if inviter is None or not inviter.is_active:
        return False
    role = inviter.role_in(invitation.team_id)
    return role in LEADING and rank(role) >= rank(invitation.role)


def _require_reach(by: Developer, team_id, role: str) -> None:
    if rank(role) > rank(members.require_leading(by, team_id)):
        raise Forbidden(members.NOT_ABOVE)


def _count_mail(team: Team) -> None:
    count, left = counters().hit(f"invitations:{team.pk}", 86400)
    if count > MAILS_A_DAY:
        raise TooManyAttempts(left)


def _link(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('invitation', args=[token])}"
