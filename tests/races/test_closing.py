"""Two owners of one team close their accounts at once: one stays, for a team with others keeps an owner.

And an address that is proved while its account is given up: one of both happened, and nothing of the other.
"""

import json

import pytest

from tests.races.crowd import progress, rounds

pytestmark = pytest.mark.races

# Run by `manage.py shell`, over the server's own database: two real threads with a connection each.
SCRIPT = """
import json, threading
from django.db import connection
from accounts import closing
from accounts.models import Developer, Membership
from protocol.problems import Conflict

wrong = []
for number in range(ROUNDS):
    one, two, three = [Developer.objects.create_user(f"owner{number}{who}@example.com", None) for who in "abc"]
    Membership.objects.create(team=one.home_team, developer=two, role="owner")
    Membership.objects.create(team=one.home_team, developer=three, role="viewer")
    ready, said = threading.Barrier(2), []

    def close(developer):
        ready.wait()
        try:
            closing.close(developer, by=developer)
            said.append("closed")
        except Conflict as conflict:
            said.append(conflict.code)
        connection.close()

    threads = [threading.Thread(target=close, args=(developer,)) for developer in (one, two)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    if sorted(said) != ["closed", "last_owner"]:
        wrong.append([number, said])
print("WRONG", json.dumps(wrong))
"""


def test_one_of_two_last_owners_stays(server):
    said = server.manage("shell", "--no-imports", "-c", SCRIPT.replace("ROUNDS", str(rounds(5, 40))))
    (line,) = [line for line in said.stdout.splitlines() if line.startswith("WRONG ")]
    assert json.loads(line.removeprefix("WRONG ")) == []
    progress("closing: two last owners")


GIVEN_UP = """
import json, threading
from datetime import timedelta
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone
from accounts import closing, emails
from accounts.models import Developer
from protocol.problems import InvalidToken

wrong, proved = [], 0
for number in range(ROUNDS):
    nora = Developer.objects.create_user(f"nora{number}@example.com", None, verified=False)
    Developer.objects.update(updated_at=timezone.now() - timedelta(days=8))
    nora.refresh_from_db()
    ready, said = threading.Barrier(2), []

    def run(verb):
        mine = Developer.objects.get(pk=nora.pk)
        ready.wait()
        try:
            said.append((verb.__name__, verb(mine)))
        except InvalidToken:
            said.append((verb.__name__, False))
        connection.close()

    def prove(mine):
        return emails.prove(mine)

    def erase(mine):
        return closing.erase(mine, by=None)

    threads = [threading.Thread(target=run, args=(verb,)) for verb in (prove, erase)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    now, said = Developer.objects.get(pk=nora.pk), dict(said)
    addresses = [*EmailAddress.objects.filter(user=nora).values_list("verified", flat=True)]
    good = (True, False, True, [True]), (False, True, False, [])
    if (said.get("prove"), said.get("erase"), now.is_active, addresses) not in good:
        wrong.append([number, said, now.is_active, addresses])
    proved += now.is_active
print("WRONG", json.dumps(wrong))
print("PROVED", proved)
"""


def test_an_address_is_proved_or_its_account_given_up(server):
    said = server.manage("shell", "--no-imports", "-c", GIVEN_UP.replace("ROUNDS", str(rounds(10, 100))))
    (line,) = [line for line in said.stdout.splitlines() if line.startswith("WRONG ")]
    assert json.loads(line.removeprefix("WRONG ")) == []
    progress("closing: proved or given up")
