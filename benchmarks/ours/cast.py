"""Make developers, sessions and keys by the product's own verbs, and print them as JSON.

python -m benchmarks.ours.cast DEVELOPERS CREDENTIALS PASSWORD, after `manage.py migrate`.
"""

import json
import sys

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 - only once Django is set up

from accounts.models import Developer, Session  # noqa: E402
from accounts.tokens import pair_for  # noqa: E402
from apikeys.models import DEFAULT_SCOPES, ApiKey  # noqa: E402
from wearables.models import EndUser  # noqa: E402

CALLER = ("127.0.0.1", "benchmark")


def make(developers: int, credentials: int, password: str) -> dict[str, list[str]]:
    """`credentials` keys and sessions, dealt to the developers and their home teams; one person in each team."""
    people = [Developer.objects.create_user(f"dev-{n}@example.com") for n in range(developers)]
    Developer.objects.update(password=make_password(password))
    for person in people:
        EndUser.objects.register(
            team_id=person.home_team_id, environment="live", by=person, first_name="Ann", email="ann@example.com"
        )
    dealt = [people[n % developers] for n in range(credentials)]
    pairs = [pair_for(Session.open(person, Session.Kind.API, CALLER)) for person in dealt]
    issue = ApiKey.objects.issue
    return {
        "emails": [person.email for person in people],
        "teams": [str(person.home_team_id) for person in people],
        "keys": [issue(team=person.home_team, by=person, scopes=DEFAULT_SCOPES)[1] for person in dealt],
        "access": [pair.access for pair in pairs],
        "refresh": [pair.refresh for pair in pairs],
    }


if __name__ == "__main__":
    json.dump(make(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]), sys.stdout)
