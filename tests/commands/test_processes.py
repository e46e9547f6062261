"""Commands as processes of their own, over a database of their own: exit codes, and stdout with nothing beside."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from apikeys import keys
from tests.conftest import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "Zr8mWcXv5nB2uJtL7dGhPeQa91fY3kq0"


class Installation:
    """A `.env` and a SQLite file in a folder."""

    def __init__(self, folder):
        self.env = folder / ".env"
        self.env.write_text(
            f"SECRET_KEY=s-{SECRET}\nJWT_SIGNING_KEYS=k1:j-{SECRET}\nAPI_KEY_PEPPERS=p1:p-{SECRET}\nAUDIT_KEY=a-{SECRET}\n"
            f"DATABASE_URL=sqlite:///{folder / 'db.sqlite3'}\nSITE_URL=http://127.0.0.1:1\n"
        )
        self.env.chmod(0o600)

    def run(self, *words, stdin="", **environment):
        """python …, with this installation's environment."""
        return subprocess.run(
            [sys.executable, *words],
            check=False,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "OW_ENV_FILE": str(self.env), **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            umask=0o077,
        )

    def manage(self, *words, **extra):
        return self.run("manage.py", *words, **extra)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A migrated installation with one developer, shared by this module."""
    found = Installation(tmp_path_factory.mktemp("installation"))
    assert found.manage("migrate", "-v0").returncode == 0
    made = found.manage("create_developer", "--email", "ann@example.com", "--password", "-", stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    return found


def test_a_key_made_in_the_shell_is_all_that_stdout_holds(here):
    done = here.manage("create_api_key", "--email", "ann@example.com")
    assert done.returncode == 0
    assert keys.parse(done.stdout.removesuffix("\n"))
    assert "A new live API key" in done.stderr  # the mail is printed, and not in the middle of the answer
    again = here.manage("revoke_api_key", done.stdout.strip(), "--json")
    assert json.loads(again.stdout)["changed"] is True


def test_a_refusal_is_one_line_and_exit_code_1(here):
    done = here.manage("create_developer", "--email", "ann@example.com", "--noinput", OW_PASSWORD=PASSWORD)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: ann@example.com exists already.\n"


def test_doctor_finds_a_fresh_installation_well(here):
    done = here.manage("doctor", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert answer["well"] is True


def test_doctor_fails_on_a_file_that_others_may_read(here):
    here.env.chmod(0o644)
    try:
        done = here.manage("doctor")
    finally:
        here.env.chmod(0o600)
    assert done.returncode == 1
    assert f"✗ env file: {here.env} has mode 0644\n  → chmod 600 {here.env}\n" in done.stdout


def test_the_server_does_not_start_without_the_pepper_of_a_usable_key(here):
    text = here.manage("create_api_key", "--email", "ann@example.com").stdout.strip()
    start = ("-c", "import openwearables.wsgi")
    lost = {"API_KEY_PEPPERS": f"p9:q-{SECRET}"}
    done = here.run(*start, **lost)
    assert done.returncode != 0
    assert "ImproperlyConfigured: API_KEY_PEPPERS: missing p1 (usable keys: 1)" in done.stderr.splitlines()[-1]
    assert here.manage("rotate_pepper", "--lost", "p1", **lost).returncode == 0
    assert here.run(*start, **lost).returncode == 0
    assert text not in done.stderr


def test_the_server_starts_while_the_database_is_away(here):
    away = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    done = here.run("-c", "import openwearables.wsgi", **away)
    assert done.returncode == 0, done.stderr
    assert "was not checked" in done.stderr


def test_a_new_signing_key_is_written_into_the_file(here):
    done = here.manage("rotate_signing_key", "--write")
    assert (done.returncode, done.stdout) == (0, "")
    assert re.search(rf"^JWT_SIGNING_KEYS=k1:j-{SECRET},k\d{{8}}:\S{{64}}$", here.env.read_text(), re.M)
    assert here.env.stat().st_mode & 0o777 == 0o600
