"""`rotate_signing_key`. The tests' key set is k2 (signs) and k1."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import key_sets
from accounts.models import AuditEvent, Session

pytestmark = pytest.mark.django_db


def ids(text):
    return [part.partition(":")[0] for part in text.strip().split(",")]


def as_set(text):
    return dict(part.split(":") for part in text.strip().split(","))


def test_it_prints_the_value_with_a_new_key_last_and_nothing_else(manage, settings):
    said = manage("rotate_signing_key")
    assert ids(said.out)[:2] == ["k2", "k1"]
    assert key_sets.made_on(ids(said.out)[2])
    assert said.out.count("\n") == 1
    assert "--promote" in said.err
    assert not any(secret in said.err for secret in as_set(said.out).values())


def test_the_printed_value_verifies_old_tokens_and_signs_as_before(manage, settings, api, ann, sign_in):
    tokens = sign_in(ann)
    settings.JWT_SIGNING_KEYS = as_set(manage("rotate_signing_key").out)
    assert api.with_token(tokens["access_token"]).call("GET", "/auth/me").status_code == 200


def test_three_steps_rotate_without_a_refusal(manage, settings, api, ann, sign_in):
    old = sign_in(ann)
    settings.JWT_SIGNING_KEYS = as_set(manage("rotate_signing_key").out)
    settings.JWT_SIGNING_KEYS = as_set(manage("rotate_signing_key", "--promote").out)
    assert api.with_token(old["access_token"]).call("GET", "/auth/me").status_code == 200
    new = api.call("POST", "/token/refresh", {"refresh_token": old["refresh_token"]}).json()
    first = next(iter(settings.JWT_SIGNING_KEYS))
    settings.JWT_SIGNING_KEYS = {first: settings.JWT_SIGNING_KEYS[first]}
    assert api.with_token(new["access_token"]).call("GET", "/auth/me").status_code == 200
    assert api.with_token(old["access_token"]).call("GET", "/auth/me").status_code == 401


def test_promote_moves_the_one_that_is_named(manage):
    assert ids(manage("rotate_signing_key", "--promote", "k1").out) == ["k1", "k2"]
    assert AuditEvent.objects.get().data == {"kid": "k1"}


def test_promote_does_not_bring_an_old_key_back_unasked(refused):
    said = refused("rotate_signing_key", "--promote")
    assert "No signing key waits" in said.error
    assert said.out == ""


def test_promote_refuses_what_is_unknown_or_first(refused):
    assert "no signing key k9: there are k2, k1" in refused("rotate_signing_key", "--promote", "k9").error
    assert "k2 is first already" in refused("rotate_signing_key", "--promote", "k2").error
    assert not AuditEvent.objects.exists()


def test_status_counts_from_the_promotion_until_none_is_left(manage, settings, api, ann, sign_in):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        tokens = sign_in(ann)
        clock.shift(timedelta(minutes=1))
        manage("rotate_signing_key", "--promote", "k1")
        settings.JWT_SIGNING_KEYS = key_sets.promoted(settings.JWT_SIGNING_KEYS, "k1")
        status = json.loads(manage("rotate_signing_key", "--status", "--json").out)
        assert (status["signs"], status["verify"]) == ("k1", ["k1", "k2"])
        assert (status["live_sessions"], status["signed_before"], status["none_left"]) == (1, 1, False)
        clock.shift(timedelta(minutes=1))
        api.call("POST", "/token/refresh", {"refresh_token": tokens["refresh_token"]})
        status = json.loads(manage("rotate_signing_key", "--status", "--json").out)
        assert (status["signed_before"], status["none_left"]) == (0, False)  # an access token may be under way
        clock.shift(timedelta(seconds=settings.ACCESS_TOKEN_LIFETIME))
        assert json.loads(manage("rotate_signing_key", "--status", "--json").out)["none_left"] is True
        assert "None is left" in manage("rotate_signing_key", "--status").out


def test_status_without_a_promotion_says_what_it_does_not_know(manage, ann, sign_in):
    sign_in(ann)
    status = json.loads(manage("rotate_signing_key", "--status", "--json").out)
    assert (status["since"], status["signed_before"], status["none_left"]) == (None, None, None)
    assert "is not known" in manage("rotate_signing_key", "--status").out


def test_status_counts_since_the_time_that_is_said(manage, ann, sign_in):
    sign_in(ann)
    earlier, later = (timezone.now() + timedelta(hours=hours) for hours in (-2, 2))
    assert "None is left" in manage("rotate_signing_key", "--status", "--since", earlier.isoformat()).out
    assert "1 of them are from before" in manage("rotate_signing_key", "--status", "--since", later.isoformat()).out


def test_status_of_a_single_key_has_nothing_to_wait_for(manage, settings):
    settings.JWT_SIGNING_KEYS = {"k1": settings.JWT_SIGNING_KEYS["k1"]}
    assert "No other key verifies" in manage("rotate_signing_key", "--status").out
    assert json.loads(manage("rotate_signing_key", "--status", "--json").out)["none_left"] is True


def test_compromised_ends_every_session_at_once_and_prints_the_rest(manage, api, ann, bob, sign_in):
    tokens, _ = sign_in(ann), sign_in(bob)
    said = manage("rotate_signing_key", "--compromised", "k2")
    assert ids(said.out) == ["k1"]
    assert "Ended 2 sessions" in said.err
    assert set(Session.objects.values_list("closed_reason", flat=True)) == {"key_compromised"}
    assert api.with_token(tokens["access_token"]).call("GET", "/auth/me").status_code == 401
    event = AuditEvent.objects.get(action="signing_key.compromised")
    assert (event.actor_kind, event.data) == ("command", {"kid": "k2", "ended": 2})


def test_compromised_puts_a_fresh_key_where_none_would_be_left(manage, settings):
    settings.JWT_SIGNING_KEYS = {"k1": settings.JWT_SIGNING_KEYS["k1"]}
    (kid,) = ids(manage("rotate_signing_key", "--compromised", "k1").out)
    assert kid != "k1"


def test_compromised_of_an_unknown_key_ends_nothing(refused, ann, sign_in):
    sign_in(ann)
    assert "no signing key k9" in refused("rotate_signing_key", "--compromised", "k9").error
    assert Session.objects.live().count() == 1


def test_compromised_asks_on_a_terminal(refused, manage, at_a_terminal, ann, sign_in):
    sign_in(ann)
    at_a_terminal("no")
    assert "Cancelled" in refused("rotate_signing_key", "--compromised", "k2").error
    assert Session.objects.live().count() == 1
    manage("rotate_signing_key", "--compromised", "k2", "--noinput")
    assert Session.objects.live().count() == 0


@pytest.fixture
def env(tmp_path, settings):
    """A .env that says the tests' keys."""
    file = tmp_path / ".env"
    file.write_text(f"SECRET_KEY=x\nJWT_SIGNING_KEYS={key_sets.as_text(settings.JWT_SIGNING_KEYS)}\n")
    file.chmod(0o600)
    settings.ENV_FILE = file
    return file


def test_write_changes_the_line_and_prints_no_secret(manage, env):
    said = manage("rotate_signing_key", "--write")
    assert said.out == ""
    assert env.read_text().startswith("SECRET_KEY=x\nJWT_SIGNING_KEYS=k2:")
    assert len(ids(env.read_text())) == 3
    assert "tests-" not in said.err


def test_without_write_the_file_stays(manage, env):
    before = env.read_text()
    manage("rotate_signing_key")
    assert env.read_text() == before


def test_write_refuses_where_the_environment_says_the_value(refused, env):
    env.write_text("JWT_SIGNING_KEYS=k1:other\n")
    assert "does not say the JWT_SIGNING_KEYS that is in use" in refused("rotate_signing_key", "--write").error
    assert env.read_text() == "JWT_SIGNING_KEYS=k1:other\n"


def test_write_refuses_where_there_is_no_file(refused, settings):
    settings.ENV_FILE = None
    assert "no .env here" in refused("rotate_signing_key", "--write").error
