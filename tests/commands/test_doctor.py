"""`doctor`: each part seen well, and seen ill with its fix."""

import json
import re
import smtplib
import ssl
import urllib.error
from datetime import timedelta
from io import BytesIO
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
import redis
import time_machine
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts import audit_triggers, notices
from accounts.models import AuditEvent, Session, WaitingMail
from apikeys.models import ApiKey
from openwearables import doctor

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(monkeypatch):
    """site(answer): what the site itself answers; a status, (status, body), or an error."""
    asked = []

    def site(answer):
        def open_(url, timeout):
            asked.append(url)
            if isinstance(answer, Exception):
                raise answer
            status, body = answer if isinstance(answer, tuple) else (answer, b"")
            if status < 400:
                return SimpleNamespace(status=status)
            raise urllib.error.HTTPError(url, status, "", {}, BytesIO(body))

        monkeypatch.setattr(doctor.urllib.request, "build_opener", lambda *handlers: SimpleNamespace(open=open_))
        return asked

    site(401)
    return site


@pytest.fixture
def production(settings):
    settings.LOCAL_MODE = False
    settings.SITE_URL = "https://api.example.com"


def seen(part):
    """The finding about one part."""
    return next(finding for finding in doctor.examine() if finding.part == part)


def test_every_line_has_a_mark_and_all_is_well(manage, site, settings, ann):
    said = manage("doctor")
    lines = said.out.splitlines()
    assert {line[0] for line in lines} <= {"✓", "–"}
    parts = [line[2:].partition(":")[0] for line in lines]
    assert {"settings", "env file", "secrets", "database", "migrations", "clock", "peppers", "audit", "address"} < set(
        parts
    )
    assert {"Redis", "mail", "scheme", "static files", "JWT_SIGNING_KEYS", "API_KEY_PEPPERS"} < set(parts)


def test_json_says_the_same_and_no_secret(manage, site, settings):
    said = manage("doctor", "--json")
    answer = json.loads(said.out)
    assert answer["well"] is True
    assert {"part": "scheme", "good": True, "seen": "called by http, the server saw http", "fix": None} in answer[
        "findings"
    ]
    for secret in (settings.SECRET_KEY, settings.AUDIT_KEY, *settings.JWT_SIGNING_KEYS.values()):
        assert secret not in said.out


def test_one_ill_part_fails_and_says_the_fix(refused, site, settings, tmp_path):
    settings.ENV_FILE = tmp_path / ".env"
    settings.ENV_FILE.write_text("")
    settings.ENV_FILE.chmod(0o640)
    said = refused("doctor")
    assert f"✗ env file: {settings.ENV_FILE} has mode 0640\n  → chmod 600 {settings.ENV_FILE}" in said.out
    assert "1 of" in said.error
    answer = json.loads(refused("doctor", "--json").out)
    assert answer["well"] is False
    assert [finding["part"] for finding in answer["findings"] if finding["good"] is False] == ["env file"]


def test_a_database_that_is_away_is_ill_and_the_rest_is_still_looked_at(site, monkeypatch):
    def away():
        raise DatabaseError("connection refused\non port 5432")

    monkeypatch.setattr(connection, "cursor", away)
    findings = {finding.part: finding for finding in doctor.examine()}
    assert findings["database"].good is False
    assert findings["database"].seen == "no answer: connection refused on port 5432"
    assert "migrations" not in findings
    assert findings["mail"].good is True


def test_a_migration_that_waits_is_named(site):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'apikeys'")
    finding = seen("migrations")
    assert finding.good is False
    assert "apikeys.0001_initial" in finding.seen
    assert finding.fix == "./run manage migrate"


def test_a_clock_that_went_back_is_ill(site, ann):
    assert seen("clock").good is True
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        assert seen("clock").good is False


def test_a_key_without_its_pepper_is_ill(site, ann):
    key, _ = ApiKey.objects.issue(team=ann.home_team, by=ann)
    assert seen("peppers").good is True
    ApiKey.objects.filter(pk=key.pk).update(pepper_id="p0")
    assert seen("peppers").good is False
    assert "--lost p0" in seen("peppers").fix


def test_an_audit_trail_without_triggers_is_ill(site):
    audit_triggers.remove(connection)
    assert seen("audit").good is False
    audit_triggers.install(connection)
    assert seen("audit").good is True


def test_events_that_wait_long_for_a_seal_are_ill_in_production(site, settings, ann):
    assert AuditEvent.objects.filter(seal=None).exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert seen("audit").good is True  # ./run seals at its start
        settings.LOCAL_MODE = False
        assert seen("audit").good is False


def test_jobs_that_are_late_are_ill_in_production(manage, site, settings, ann):
    assert seen("jobs").seen.startswith("seal never ran, ")
    assert seen("jobs").good is True  # ./run runs them at its start
    settings.LOCAL_MODE = False
    assert seen("jobs").good is False
    manage("run_jobs")
    assert (seen("jobs").good, seen("jobs").seen) == (True, "all ran within ten minutes")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert seen("jobs").good is False
        assert "run_jobs every minute" in seen("jobs").fix
        manage("run_jobs", "--only", "seal", "--only", "prune_usage")
        assert re.fullmatch(r"send_mail last ran [-\d: ]+ UTC, roll_up .*, prune_accounts .* UTC", seen("jobs").seen)


def test_mail_that_waits_for_long_is_ill_and_says_why(site, ann):
    assert seen("waiting mail").seen == "none waits"
    notices.password_changed(ann)
    WaitingMail.objects.get().postpone("ConnectionRefusedError: nobody there")
    assert seen("waiting mail").good is True
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert seen("waiting mail").good is False
    assert re.fullmatch(r"1 wait, the oldest since .* UTC: ConnectionRefusedError: .*", seen("waiting mail").seen)


@pytest.mark.parametrize(
    ("address", "good"), [("203.0.113.9", True), ("10.0.0.5", False), ("127.0.0.1", False), ("2001:db8::1", True)]
)
def test_sign_ins_that_seem_to_come_from_the_proxy_are_ill(site, production, settings, ann, address, good):
    assert seen("address").good is None
    settings.TRUSTED_PROXIES = (ip_network("10.0.0.0/24"),)
    Session.open(ann, Session.Kind.API, (address, "curl"))
    assert seen("address").good is good
    assert address in seen("address").seen


def test_redis_answers_or_is_ill(site, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert seen("Redis").good is False


def test_redis_that_answers_is_well(site, settings, monkeypatch):
    settings.REDIS_URL = "redis://redis.example.com"
    monkeypatch.setattr(redis.Redis, "ping", lambda self: True)
    assert seen("Redis").seen == "answers"


def test_mail_connects_or_is_ill(site, settings, monkeypatch):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    finding = seen("mail")
    assert finding.good is False
    assert finding.seen == "127.0.0.1:1: ConnectionRefusedError"

    def refuse(*args):
        raise smtplib.SMTPAuthenticationError(535, b"no")

    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", refuse)
    assert seen("mail").seen == "127.0.0.1:1: SMTPAuthenticationError"
    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", lambda self: True)
    assert seen("mail").good is True


def test_it_asks_the_site_how_it_sees_a_call(site, settings, production):
    asked = site(401)
    assert seen("scheme").seen == "called by https, the server saw https"
    assert asked == ["https://api.example.com/api/v1/auth/me"]


@pytest.mark.parametrize(
    ("answer", "good", "said"),
    [
        ((403, b'{"code":"https_required"}'), False, "TRUSTED_PROXIES"),
        (200, False, "ALLOWED_HOSTS"),
        (400, False, "ALLOWED_HOSTS"),
        (urllib.error.URLError(ssl.SSLCertVerificationError(1, "self-signed")), False, "certificate"),
        (urllib.error.URLError(ConnectionRefusedError()), None, ""),
        (TimeoutError(), None, ""),
    ],
    ids=["plain HTTP", "another site", "a bad host", "a bad certificate", "nothing there", "no answer"],
)
def test_a_site_that_is_seen_otherwise_is_ill_and_one_that_is_not_there_is_not_judged(
    site, production, answer, good, said
):
    site(answer)
    assert seen("scheme").good is good
    assert said in seen("scheme").fix


def test_production_needs_its_static_files(site, production, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    assert seen("static files").good is False
    (tmp_path / "staticfiles.json").write_text("{}")
    assert seen("static files").good is True


def test_a_signing_key_of_last_year_is_ill_and_one_without_a_date_is_not_judged(site, settings):
    assert seen("JWT_SIGNING_KEYS").seen == "k2 is in use, of unknown age; k1 only verify"
    secret = next(iter(settings.JWT_SIGNING_KEYS.values()))
    settings.JWT_SIGNING_KEYS = {f"k{timezone.now() - timedelta(days=3):%Y%m%d}": secret}
    assert "3 days old" in seen("JWT_SIGNING_KEYS").seen
    settings.JWT_SIGNING_KEYS = {f"k{timezone.now() - timedelta(days=400):%Y%m%d}": secret}
    assert seen("JWT_SIGNING_KEYS").good is False
