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
