"""One code, sent twice at once."""

import json

import pytest

from tests.races.crowd import progress, rounds

pytestmark = pytest.mark.races

# Run by `manage.py shell`, over the server's own database: two real threads with a connection each.
SCRIPT = """
import json, threading
from django.db import connection
from accounts import factors
from accounts.factors import codes
from accounts.models import Developer
from tests.codes import SECRET, app_code

wrong = []
for number in range(ROUNDS):
    developer = Developer.objects.create_user(f"codes{number}KIND@example.com", None)
    recovery = factors.add_totp(developer, SECRET, app_code(ahead=-1), by=developer)
    otp = app_code() if "KIND" == "app" else recovery[0]
    ready, answers = threading.Barrier(2), []

    def send():
        ready.wait()
        answers.append(codes.spend(developer, otp))
        connection.close()

    threads = [threading.Thread(target=send) for _ in "xy"]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    if sorted(answers) != [False, True]:
        wrong.append(answers)
print(json.dumps(wrong))
"""


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_two_that_send_one_code_at_once_one_comes_in(server, kind):
    script = SCRIPT.replace("ROUNDS", str(rounds(10, 200))).replace("KIND", kind)
    said = server.manage("shell", "--no-imports", "-c", script)
    assert json.loads(said.stdout.splitlines()[-1]) == []
    progress(f"codes: {kind}")
