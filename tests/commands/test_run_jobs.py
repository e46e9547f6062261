"""`run_jobs`: every job, each failing alone, and when each last succeeded."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts import jobs, notices
from accounts.models import AuditEvent, JobRun, WaitingMail
from apikeys.models import UsageDay, UsageHour
from openwearables.jobs import JOBS
from protocol.locks import number_of

pytestmark = pytest.mark.django_db
NAMES = [
    "seal",
    "send_mail",
    "roll_up",
    "rank_keys",
    "watch_hours",
    "remind",
    "erase_accounts",
    "prune_usage",
    "prune_accounts",
]


@pytest.fixture
def broken(monkeypatch):
    """broken(name): this job fails from now on."""

    def without_space():
        raise OSError("no\nspace left, said of ow_live_000000000000_secretsecretsecret")

    def broken(name, work=without_space):
        changed = tuple(replace(job, work=work) if job.name == name else job for job in JOBS)
        monkeypatch.setattr("openwearables.management.commands.run_jobs.JOBS", changed)

    return broken


def counts(said):
    return {run["name"]: run["count"] for run in json.loads(said.out)["jobs"]}


def test_everything_that_waits_is_done(manage, ann, mailoutbox):
    notices.password_changed(ann)
    UsageHour.objects.create(key_id=ann.pk, hour=timezone.now().replace(minute=0), outcome="2xx", count=7)
    long_ago = timezone.now() - timedelta(days=400)
    ann.sessions.create(kind="api", expires_at=long_ago, ends_at=long_ago)
    UsageDay.objects.create(key_id=ann.pk, day=long_ago.date() - timedelta(days=1), outcome="2xx", count=1)
    events = AuditEvent.objects.count()
    assert counts(manage("run_jobs", "--json")) == dict(zip(NAMES, [events, 1, 1, 0, 0, 0, 0, 1, 1], strict=True))
    assert not AuditEvent.objects.filter(seal=None).exists()
    assert [message.to for message in mailoutbox] == [[ann.email]]
    assert UsageDay.objects.get().count == 7


def test_again_there_is_nothing_left_to_do(manage, ann):
    notices.password_changed(ann)
    manage("run_jobs")
    assert counts(manage("run_jobs", "--json")) == dict.fromkeys(NAMES, 0)


def test_it_notes_when_each_job_last_succeeded(manage):
    assert jobs.last_successes() == {}
    with time_machine.travel(timezone.now() - timedelta(minutes=20), tick=False):
        manage("run_jobs")
        first = timezone.now()
    assert jobs.last_successes() == dict.fromkeys(NAMES, first)
    manage("run_jobs", "--only", "seal")
    assert {name for name, at in jobs.last_successes().items() if at > first} == {"seal"}


def test_a_job_that_fails_stops_no_other_and_is_told(broken, refused, ann):
    broken("seal")
    notices.password_changed(ann)
    said = refused("run_jobs", "--json")
    assert said.error == "seal failed: OSError: no space left, said of ow_live_000000000000…"
    assert counts(said) == {**dict.fromkeys(NAMES, 0), "send_mail": 1}
    assert json.loads(said.out)["well"] is False
    assert not WaitingMail.objects.exists()


def test_a_failure_is_kept_beside_the_last_success(manage, broken, refused):
    manage("run_jobs")
    before = jobs.last_successes()["seal"]
    broken("seal")
    refused("run_jobs")
    row = JobRun.objects.get(name="seal")
    assert (row.succeeded_at, row.error[:25]) == (before, "OSError: no space left, s")
    assert row.failed_at > before
    assert "secretsecret" not in row.error
    jobs.run(jobs.Job("seal", lambda: 0, "done"))
    after = JobRun.objects.get(name="seal")
    assert (after.error, after.failed_at) == (row.error, row.failed_at), "the last error stays, with its time"
    assert after.succeeded_at > row.failed_at


def test_a_job_whose_sql_fails_takes_no_other_with_it(broken, refused, ann):
    @transaction.atomic
    def fail():
        list(AuditEvent.objects.raw("SELECT id FROM nowhere"))

    broken("seal", fail)
    notices.password_changed(ann)
    assert "nowhere" in refused("run_jobs").error
    assert not WaitingMail.objects.exists()
    assert JobRun.objects.get(name="seal").failed_at


def test_only_what_was_named_is_run(manage, refused, ann):
    assert list(counts(manage("run_jobs", "--json", "--only", "roll_up", "--only", "seal"))) == ["seal", "roll_up"]
    assert "invalid choice: 'everything'" in refused("run_jobs", "--only", "everything").error


def test_it_is_quiet_for_cron(manage):
    said = manage("run_jobs")
    assert (said.out, said.err) == ("", "")


def test_on_a_terminal_it_says_a_line_a_job(ann):
    class Terminal(StringIO):
        def isatty(self):
            return True

    call_command("run_jobs", stdout=(out := Terminal()))
    lines = out.getvalue().splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"✓ {name}" for name in NAMES]
    assert lines[0].startswith(f"✓ seal: {AuditEvent.objects.count()} audit events sealed, ")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time, and no advisory locks")
@pytest.mark.parametrize("name", ["seal", "roll_up", "prune_usage", "prune_accounts"])
def test_a_job_that_another_server_is_at_is_left_to_it(manage, ann, name):
    UsageHour.objects.create(key_id=ann.pk, hour=timezone.now().replace(minute=0), outcome="2xx", count=7)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number_of(name)])
            said = manage("run_jobs", "--json")
            # A session that is only closed lets go of its locks a moment later.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number_of(name)])
    finally:
        other.close()
    assert {run["name"] for run in json.loads(said.out)["jobs"] if run["busy"]} == {name}
    assert name not in jobs.last_successes()
    manage("run_jobs")
    assert name in jobs.last_successes()


def test_a_job_is_late_after_ten_minutes_or_when_it_never_ran(manage):
    manage("run_jobs", "--only", "seal")
    done = jobs.last_successes()["seal"]
    assert jobs.late(["seal", "roll_up"]) == {"roll_up": None}
    assert jobs.late(["seal"], at=done + timedelta(minutes=10)) == {}
    assert jobs.late(["seal"], at=done + timedelta(minutes=10, seconds=1)) == {"seal": done}
