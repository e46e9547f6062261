"""Real starts in production: a good environment sets Django up, a refused setting is said on one line."""

import os
import subprocess
import sys

import pytest

from tests.test_environment import NOT_SAID, PRODUCTION, ROOT, STRONG, without_silence


def run(*arguments, **environment):
    """A real start, with Django set up."""
    return subprocess.run(
        [sys.executable, *arguments],
        check=False,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "openwearables.settings"}
        | without_silence(PRODUCTION | environment),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )


def test_django_sets_up_in_production():
    done = run("-c", "import django; django.setup()")
    assert done.returncode == 0, done.stderr


def test_django_does_not_set_up_on_a_refused_setting():
    done = run("-c", "import django; django.setup()", TRUSTED_PROXIES=NOT_SAID)
    assert done.returncode != 0
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith("django.core.exceptions.ImproperlyConfigured: TRUSTED_PROXIES: ")
    )


@pytest.mark.parametrize("command", [["migrate"], ["doctor"], ["check", "--deploy"]], ids=" ".join)
def test_a_command_says_a_refused_setting_on_one_line_and_fails(command):
    done = run("manage.py", *command, EMAIL_URL=NOT_SAID)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("EMAIL_URL: ")
    assert "Traceback" not in done.stderr


def test_check_deploy_is_clean_in_production():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_environment_wins_over_the_file(tmp_path):
    file = tmp_path / "env"
    file.write_text(f"SITE_URL=https://file.example.com\nAUDIT_KEY=f-{STRONG}\n")
    show = "from openwearables import settings as s; print(s.SITE_URL, s.AUDIT_KEY, s.ENV_FILE)"
    done = run("-c", show, OW_ENV_FILE=str(file), AUDIT_KEY=NOT_SAID)
    assert done.stdout.split() == ["https://api.example.com", f"f-{STRONG}", str(file)]
