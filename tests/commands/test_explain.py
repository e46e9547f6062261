"""`explain`: why a request was refused, for operators: of every team, and of nobody."""

import json

import pytest

from apikeys import keys, usage

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(api, new_key):
    """asked(key's fields) → a refused request “mine-1” of Ann's team."""
    key = new_key(name="Backend", scopes=["users:read"])
    api.with_key(key["key"]).call("POST", "/users", {}, HTTP_X_REQUEST_ID="mine-1", HTTP_USER_AGENT="Job\x1b[2J")
    assert usage.flush()


def test_it_says_who_asked_what_why_it_was_refused_and_what_to_do(manage, asked):
    said = manage("explain", "mine-1").out
    for part in ("POST /api/v1/users → 403 insufficient_scope", "Backend", "Ann's team", "lacks the scope users:write"):
        assert part in said
    assert "curl --request POST" in said
    assert "\x1b" not in said


def test_a_request_that_nobody_proved_is_explained_too(manage, api, db):
    api.with_key(keys.mint("live").text).call("GET", "/users", HTTP_X_REQUEST_ID="nobody-1")
    usage.flush()
    said = manage("explain", "nobody-1").out
    assert "By: no credential that was recognised" in said
    assert "nothing here knows it" in said


def test_json_is_one_object(manage, asked):
    found = json.loads(manage("explain", "mine-1", "--json").out)["requests"]
    assert [(each["code"], each["failed_rule"], each["proved"]) for each in found] == [
        ("insufficient_scope", "scope users:write", True)
    ]


@pytest.mark.parametrize("request_id", ["never", "no/id", "0192f1aa-0000-7000-8000-000000000000"])
def test_an_id_that_nothing_has_fails_with_a_code_of_its_own(request_id):
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="No request has this id") as raised:
        call_command("explain", request_id)
    assert raised.value.returncode == 3


def test_a_key_in_its_place_is_not_repeated(refused):
    text = keys.mint("live").text
    said = refused("explain", text)
    assert "This is a key or a token" in said.error
    assert text[21:] not in said.error + said.out + said.err
