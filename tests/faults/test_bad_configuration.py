"""Production does not start on a bad configuration: gunicorn ends, not with 0, and says which setting it was."""

import os
import subprocess
import sys

import pytest

from tests.faults.callers import until
from tests.live import ROOT, free_port
from tests.test_environment import NOT_SAID, PRODUCTION, STRONG, without_silence

WITHIN = 60  # seconds

# Every item of the table "When parts fail" (docs/operations.md); tests/test_environment.py has many more of each.
REFUSED = [
    ("DEBUG", "on"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", f"django-insecure-{STRONG}"),
    ("JWT_SIGNING_KEYS", "k1:short"),
    ("AUDIT_KEY", NOT_SAID),
    ("API_KEY_PEPPERS", NOT_SAID),
    ("MFA_ENCRYPTION_KEYS", NOT_SAID),
    ("ALLOWED_HOSTS", "*"),
    ("DATABASE_URL", NOT_SAID),  # SQLite, with two workers
    ("REDIS_URL", NOT_SAID),  # counters in memory, with two workers
    ("TRUSTED_PROXIES", NOT_SAID),
    ("EMAIL_URL", NOT_SAID),
]


def serve(environment):
    """(exit code, what it said) of the server that this environment starts; it must end by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "openwearables.wsgi", "--bind", f"127.0.0.1:{free_port()}"],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def case_id(case):
    return f"{case[0]} {'not said' if case[1] is NOT_SAID else case[1].replace(STRONG, '…')}"


@pytest.mark.parametrize("case", REFUSED, ids=case_id)
def test_production_does_not_start(case):
    name, value = case
    code, said = serve(without_silence(PRODUCTION | {name: value}))
    assert code != 0
    assert f"{name}: " in said
    assert STRONG not in said


def test_a_server_does_not_start_without_the_pepper_of_a_usable_key(on_sqlite):
    server = on_sqlite()
    email = server.new_developer()
    server.manage("create_api_key", "--email", email)
    server.end()
    code, said = serve(server.env | {"API_KEY_PEPPERS": f"p2:{STRONG}"})
    assert code != 0
    assert "API_KEY_PEPPERS: missing p1 (usable keys: 1)" in said
    server.start(migrate=False)
    until(lambda: server.get("/readyz").status == 200, 5)
