"""Switching the members of one team off and on at once."""

import json

import pytest

from tests.races.crowd import progress, rounds

pytestmark = pytest.mark.races

# Run by `manage.py shell`, over the server's own database: two real threads with a connection each.
SCRIPT = """
import json, threading
from django.db import connection
from accounts.models import Developer, Membership, Team

wrong = []
for number in range(ROUNDS):
    pair = [Developer.objects.create_user(f"pair{number}{who}NAME@example.com", None) for who in "xy"]
    team = pair[0].home_team
    Membership.objects.create(team=team, developer=pair[1], role="owner")
    if "VERB" == "enable":
        pair[1].disable(by=None)
    ready = threading.Barrier(2)

    def switch(developer, verb):
        ready.wait()
        getattr(developer, verb)(by=None)
        connection.close()

    threads = [threading.Thread(target=switch, args=args) for args in ((pair[0], "disable"), (pair[1], "VERB"))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    suspended = Team.objects.get(pk=team.pk).suspended_at is not None
    if suspended is not ("VERB" == "disable"):
        wrong.append(number)
print(json.dumps(wrong))
"""


@pytest.mark.parametrize("verb", ["disable", "enable"])
def test_a_team_is_suspended_if_and_only_if_nobody_is_left(server, verb):
    script = SCRIPT.replace("ROUNDS", str(rounds(5, 40))).replace("VERB", verb).replace("NAME", verb)
    said = server.manage("shell", "--no-imports", "-c", script)
    assert json.loads(said.stdout.splitlines()[-1]) == []
    progress(f"members: disable and {verb}")


LEAVING = """
import json, threading
from django.db import connection
from accounts import members
from accounts.models import Developer, Membership
from protocol.problems import Conflict

wrong = []
for number in range(ROUNDS):
    pair = [Developer.objects.create_user(f"leaves{number}{who}@example.com", None) for who in "xy"]
    team = pair[0].home_team
    Membership.objects.create(team=team, developer=pair[1], role="owner")
    mine = [Membership.objects.get(team=team, developer=developer) for developer in pair]
    ready, refused = threading.Barrier(2), []

    def leave(membership):
        ready.wait()
        try:
            members.end(membership, by=membership.developer)
        except Conflict as conflict:
            refused.append(conflict.code)
        connection.close()

    threads = [threading.Thread(target=leave, args=[membership]) for membership in mine]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    if refused != ["last_owner"] or Membership.objects.filter(team=team, role="owner").count() != 1:
        wrong.append([number, refused])
print(json.dumps(wrong))
"""

JOINING = """
import json, threading
from django.db import connection
from accounts import invitations
from accounts.models import Developer, Invitation, Membership, Role
from accounts.models.invitation import digest_of, new_token

wrong = []
owner = Developer.objects.create_user("asks@example.com", None)
for number in range(ROUNDS):
    asked = invitations.invite(owner.home_team, by=owner, email=f"joins{number}@example.com", role="viewer")
    digest = digest_of(new_token())
    Invitation.objects.filter(pk=asked.pk).update(digest=digest)
    ready, joined, refused = threading.Barrier(2), [], []

    def accept():
        ready.wait()
        try:
            joined.append(invitations.accept(digest, password="correct horse battery staple"))
        except invitations.NotGood:
            refused.append(1)
        connection.close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    if (len(joined), len(refused)) != (1, 1):
        wrong.append([number, len(joined), len(refused)])
print(json.dumps(wrong))
"""


@pytest.mark.parametrize(("name", "script"), [("two owners leave", LEAVING), ("two accept", JOINING)])
def test_one_of_two_wins_and_the_other_hears_so(server, name, script):
    said = server.manage("shell", "--no-imports", "-c", script.replace("ROUNDS", str(rounds(5, 40))))
    assert json.loads(said.stdout.splitlines()[-1]) == []
    progress(f"members: {name}")
