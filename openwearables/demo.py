"""A team to look around in: people who may sign in, test keys in every state, end users.

Everything hangs on three fixed e-mail addresses under a domain that nobody can own (RFC 2606), so that `remove` takes
away exactly what `make` made. Only the audit trail, which forgets nothing, keeps its lines.
"""

import random
import secrets
from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Developer, Membership, Role, Team, audit
from apikeys import scopes
from apikeys.models import ApiKey
from wearables.models import EndUser

DOMAIN = "demo.example.com"
TEAM = "Demo Health"
CAST = (("Ada", "Owens", Role.OWNER), ("Devi", "Rao", Role.DEVELOPER), ("Vik", "Lund", Role.VIEWER))
EMAILS = tuple(f"{first.lower()}@{DOMAIN}" for first, _, _ in CAST)
END_USERS = 40
TEST_SHARE = 4  # every fourth end user is in the test environment
BY = "command"
FIRST = (
    "Alma Ben Chloé Dmitri Esra Femi Grace Hiro Inès Jonas Kemal Lucía Mei Noor Otto Priya Quinn Rosa Sam Tove".split()
)
LAST = "Adeyemi Berg Costa Dubois Eriksen Fischer Gupta Haddad Ito Jansen".split()


class InTheWay(Exception):
    """Somebody else's things hang on the demo team; the message says whose."""


def people():
    """The demo's developers, as far as they exist."""
    return Developer.objects.filter(email__in=EMAILS)


def make() -> list[tuple[Developer, str]]:
    """The team with its people and keys, in one transaction; answers each developer with the password."""
    with transaction.atomic():
        found = []
        for first, last, _ in CAST:
            password = secrets.token_urlsafe(15)
            email = f"{first.lower()}@{DOMAIN}"
            developer = Developer.objects.create_user(email, password, by=BY, first_name=first, last_name=last)
            found.append((developer, password))
        team = found[0][0].home_team
        team.name = TEAM
        team.save(update_fields=["name", "updated_at"])
        for (developer, _), (_, _, role) in zip(found[1:], CAST[1:], strict=True):
            Membership.objects.create(team=team, developer=developer, role=role)
        _make_keys(team)
    return found


def _make_keys(team: Team) -> None:
    """Test keys only, one in each state; what they open is not kept."""
    now = timezone.now()
    reading = scopes.in_order(scopes.READING)
    everything = scopes.in_order(scopes.ALL)

    def issue(name: str, days_old: int, *, expires_in: int | None = None, scopes=everything) -> ApiKey:
        end = now + timedelta(days=expires_in) if expires_in is not None else None
        key, _ = ApiKey.objects.issue(
            team=team, by=BY, environment="test", name=name, scopes=scopes, expires_at=end, description="Demo"
        )
        ApiKey.objects.filter(pk=key.pk).update(created_at=now - timedelta(days=days_old))
        return key

    issue("Ingest worker", 60)
    issue("Dashboard, reads only", 45, scopes=reading)
    issue("Trial of a partner", 84, expires_in=6)
    issue("Last year's prototype", 200, expires_in=-20)
    issue("Night job, paused", 30).disable(by=BY)
    issue("Laptop that was lost", 25).revoke(by=BY, reason="compromised")
    issue("Mobile backend", 90).rotate(by=BY)


def fill() -> Iterator[EndUser]:
    """The end users, one after the other, live and test."""
    team = people().get(email=EMAILS[0]).home_team
    dice = random.Random(7)  # noqa: S311 - names, not secrets
    now = timezone.now()
    for number in range(END_USERS):
        first, last = FIRST[number % len(FIRST)], dice.choice(LAST)
        user = EndUser.objects.register(
            team_id=team.pk,
            environment="live" if number % TEST_SHARE else "test",
            by=BY,
            first_name=first,
            last_name=last,
            email=f"user{number + 1}@{DOMAIN}" if number % 5 else None,
            external_user_id=f"demo-{number + 1:03}",
        )
        EndUser.objects.filter(pk=user.pk).update(created_at=now - timedelta(days=dice.randrange(1, 120)))
        yield user


@transaction.atomic
def remove() -> int:
    """Take the demo away again; answers how many developers there were.

    Raises:
        InTheWay: a demo team has a member who is not of the demo.
    """
    gone = list(people())
    teams = Team.objects.filter(pk__in=[developer.home_team_id for developer in gone])
    guest = Membership.objects.filter(team__in=teams).exclude(developer__in=gone).select_related("developer").first()
    if guest is not None:
        raise InTheWay(f"{guest.developer.email} is a member of a demo team: take them out of it first.")
    names = list(teams)
    for developer in gone:
        audit.record(BY, audit.Action.DEVELOPER_DELETED, developer, team=developer.home_team_id)
        developer.delete()
    for team in names:
        team.delete()
    return len(gone)
