"""`leaked`: which keys of ours stand in a text, and an end to them."""

import io
import json
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import terminal
from accounts.models import AuditEvent
from apikeys import keys, usage
from apikeys.models import ApiKey, RequestRecord, UsageHour

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(ann):
    """A live key of Ann's team and its whole text."""
    return ApiKey.objects.issue(team=ann.home_team, by=ann, name="Backend", scopes=["users:read", "data:read"])


@pytest.fixture
def log(tmp_path):
    """log(text) → the path of a file that holds it."""

    def log(text):
        path = tmp_path / "access.log"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return log


def test_it_says_whose_a_key_is_and_never_shows_it(manage, key, log):
    row, text = key
    said = manage("leaked", log(f"first line\nGET /users?api_key={text} 200\n"))
    assert f"{row.key_prefix} in line 2: Backend, of Ann's team" in said.out
    for part in ("active", "live: users:read data:read", "by ann@example.com", "never"):
        assert part in said.out
    assert "With --revoke" in said.err
    assert text[21:] not in said.out + said.err
    assert ApiKey.objects.usable().count() == 1


def test_json_holds_all_that_is_known(manage, key, log, api):
    row, text = key
    api.with_key(text).call("GET", "/users", REMOTE_ADDR="203.0.113.9")
    api.with_key(text).call("GET", "/users", REMOTE_ADDR="198.51.100.7")
    usage.flush()
    now = timezone.now()
    old = now - timedelta(days=10)
    UsageHour.objects.create(key_id=row.pk, hour=old.replace(minute=0, second=0, microsecond=0), outcome="401", count=5)
    RequestRecord.objects.create(
        **{"id": uuid.uuid4(), "request_id": "x", "created_at": old, "team_id": row.team_id, "key_id": row.pk},
        **{"method": "GET", "route": "/", "status": 401, "ms": 1, "ip": "192.0.2.1"},
    )
    stranger, wrong = keys.mint("test"), text[:-1] + ("a" if text[-1] != "a" else "b")
    answer = json.loads(manage("leaked", log(f"{wrong}\n{stranger.text}\n{text}\n{text}"), "--json").out)
    (found,) = answer["keys"]
    assert [place["ip"] for place in found["addresses"]] == ["198.51.100.7", "203.0.113.9", "192.0.2.1"]
    assert found.pop("addresses")[-1]["last_seen_at"] == old.isoformat()
    assert found.pop("first_used_at") <= found.pop("last_used_at") <= timezone.now().isoformat()
    assert found == {
        "id": str(row.pk),
        "key_prefix": row.key_prefix,
        "line": 3,
        "name": "Backend",
        "team": {"id": str(row.team_id), "name": "Ann's team"},
        "created_by": "ann@example.com",
        "environment": "live",
        "scopes": ["users:read", "data:read"],
        "status": "active",
        "usable": True,
        "revoked_now": False,
        "calls": {"24h": 2, "7d": 2, "30d": 7},
    }
    assert answer["unknown"] == [{"key_prefix": stranger.prefix, "line": 2}]
    assert answer["malformed"] == 1


def test_another_team_s_calls_are_not_counted(manage, key, log, api, bob):
    _, others = ApiKey.objects.issue(team=bob.home_team, by=bob)
    api.with_key(others).call("GET", "/users", REMOTE_ADDR="203.0.113.9")
    usage.flush()
    (found,) = json.loads(manage("leaked", log(key[1]), "--json").out)["keys"]
    assert (found["addresses"], found["calls"]) == ([], {"24h": 0, "7d": 0, "30d": 0})


def test_what_is_not_ours_is_told_apart(manage, key, log):
    row, text = key
    forged = text[:21] + keys.mint("live").text[21:64]
    said = manage("leaked", log(f"{forged + keys.checksum(forged)} and {text[:-6]}AAAAAA"))
    assert f"{row.key_prefix} in line 1: not a key of this installation" in said.out
    assert "made up): 1\n" in said.out
    assert "Backend" not in said.out


def test_a_text_without_a_key_says_so(manage, log):
    said = manage("leaked", log("GET /users ow_live_9hXk2QmZt4Rb 200"))
    assert said.out == "There is no key in it.\n"
    assert json.loads(manage("leaked", log(""), "--json").out) == {"keys": [], "unknown": [], "malformed": 0}


@pytest.mark.parametrize("words", [["leaked"], ["leaked", "-"]], ids=["no file", "-"])
def test_it_reads_stdin_as_bytes(key, monkeypatch, capsys, words):
    row, text = key
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe not text " + text.encode())))
    call_command(*words)
    assert row.key_prefix in capsys.readouterr().out


def test_revoke_ends_every_key_found_and_tells(manage, key, log, api, ann, django_capture_on_commit_callbacks):
    other, text = ApiKey.objects.issue(team=ann.home_team, by=ann, environment="test")
    other.disable(by=ann)
    with django_capture_on_commit_callbacks(execute=True):
        said = manage("leaked", log(f"{key[1]} {text}"), "--revoke")
    assert "Revoked 2 keys" in said.err
    assert api.with_key(key[1]).call("GET", "/users").status_code == 401
    assert not ApiKey.objects.filter(revoked_at=None).exists()
    event = AuditEvent.objects.filter(action="api_key.revoked").first()
    assert (event.actor_kind, event.data) == ("command", {"reason": "leaked"})
    assert AuditEvent.objects.filter(action="api_key.leaked").count() == 2
    letters = [letter for letter in mail.outbox if "found where it should not be" in letter.subject]
    assert [letter.to for letter in letters] == [["ann@example.com"]] * 2


def test_revoke_leaves_every_other_key_alone(manage, key, log, ann):
    other, _ = ApiKey.objects.issue(team=ann.home_team, by=ann)
    manage("leaked", log(f"{key[1]} {other.key_prefix}"), "--revoke")
    assert list(ApiKey.objects.usable()) == [other]


def test_revoking_again_changes_nothing(manage, key, log):
    path = log(key[1])
    (first,) = json.loads(manage("leaked", path, "--revoke", "--json").out)["keys"]
    (second,) = json.loads(manage("leaked", path, "--revoke", "--json").out)["keys"]
    assert (first["status"], first["usable"], first["revoked_now"]) == ("revoked", False, True)
    assert (second["status"], second["usable"], second["revoked_now"]) == ("revoked", False, False)
    assert AuditEvent.objects.filter(action="api_key.revoked").count() == 1


def test_it_asks_on_a_terminal_and_revokes_nothing_without_a_yes(refused, manage, key, log, at_a_terminal):
    asked = at_a_terminal("no", "yes")
    said = refused("leaked", log(key[1]), "--revoke")
    assert "Cancelled" in said.error
    assert "This revokes 1 key for good." in asked[0]
    assert ApiKey.objects.usable().count() == 1
    manage("leaked", log(key[1]), "--revoke")
    assert ApiKey.objects.usable().count() == 0


def test_noinput_does_not_ask(manage, key, log, at_a_terminal):
    asked = at_a_terminal()
    manage("leaked", log(key[1]), "--revoke", "--noinput")
    assert (asked, ApiKey.objects.usable().count()) == ([], 0)


def test_a_suspended_team_s_key_opens_nothing_and_says_so(manage, key, log, ann):
    ann.home_team.suspend(by=None)
    assert "its team is suspended" in manage("leaked", log(key[1])).out
    assert json.loads(manage("leaked", log(key[1]), "--json").out)["keys"][0]["usable"] is False


@pytest.mark.parametrize("named", ["missing", "a folder", "a key"])
def test_what_cannot_be_read_is_exit_code_2_and_never_repeats_a_key(key, tmp_path, named):
    file = {"missing": str(tmp_path / "none.log"), "a folder": str(tmp_path), "a key": key[1]}[named]
    with pytest.raises(CommandError, match="cannot be read") as raised:
        call_command("leaked", file)
    assert raised.value.returncode == 2
    assert key[1][21:] not in str(raised.value)


def test_a_large_file_shows_a_bar_on_stderr_alone(key, log, monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(terminal, "SHOWN_AFTER", -1)
    monkeypatch.setattr("sys.stderr", stderr := Terminal())
    call_command("leaked", log(b"noise\n" * 400_000 + key[1].encode()), "--json", verbosity=1)
    assert "Reading, MiB [##########" in stderr.getvalue() and "3/3" in stderr.getvalue()
    assert json.loads(capsys.readouterr().out)["keys"][0]["line"] == 400_001
