"""Accounts that somebody signed up for and nobody proved the address of: after a week they are nobody's.

They open nothing, but hold an address, a name and a password's hash, perhaps of somebody who never asked. What an
operator made is proved from the start, and what others count on stays: an account that an invitation waits for or that
is in another's team, and one whose team has anything at all, such as a key that an operator made.
"""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Exists, ForeignObjectRel, OuterRef, Q

from accounts.models import Invitation, Membership, Team

KEPT = timedelta(days=7)  # after the last sign-up or mail asked for: longer than its link lives (`accounts.links`)


def never_proved(at) -> Q:
    """Which developers these are, by conditions on each one's own row and on what does or does not exist beside it."""
    unverified = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=False)
    waiting = Invitation.objects.pending(at).filter(email=OuterRef("email"))
    elsewhere = Membership.objects.filter(developer=OuterRef("pk")).exclude(team=OuterRef("home_team"))
    own = Q(is_active=True, is_staff=False, is_superuser=False, updated_at__lt=at - KEPT, home_team__isnull=False)
    return own & Q(Exists(unverified), ~Exists(waiting), ~Exists(elsewhere)) & _alone()


def _alone() -> Q:
    """The home team has its one member and nothing else, of whichever app: keys, people, invitations."""
    nothing = []
    for relation in Team._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is models.CASCADE:
            rows = relation.field.model._base_manager.filter(**{relation.field.name: OuterRef("home_team")})
            if relation.field.model is Membership:
                rows = rows.exclude(developer=OuterRef("pk"))
            nothing.append(~Exists(rows))
    return Q(*nothing)
