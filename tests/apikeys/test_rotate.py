"""POST /api-keys/{id}/rotate."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import AuditEvent
from apikeys.models import ApiKey


@pytest.fixture
def rotate(as_ann):
    """rotate(key, **fields) → the answer to Ann's rotation."""
    return lambda key, **fields: as_ann.call("POST", f"/api-keys/{key['id']}/rotate", fields)


@pytest.fixture
def shown(as_ann):
    """shown(key) → the key as it is now."""
    return lambda key: as_ann.call("GET", f"/api-keys/{key['id']}").json()


def moment(text):
    return datetime.fromisoformat(text)


def test_the_successor_is_like_the_key_but_for_its_secret_and_end(new_key, rotate):
    key = new_key(
        name="Server",
        description="Berlin",
        environment="test",
        scopes=["users:read"],
        allowed_ips=["127.0.0.1"],
        rate_limit={"limit": 5, "per_seconds": 1},
        expires_in=3600,
    )
    answer = rotate(key)
    successor = answer.json()
    same = ("name", "description", "environment", "scopes", "allowed_ips", "rate_limit", "team", "created_by")
    assert answer.status_code == 201
    assert {name: successor[name] for name in same} == {name: key[name] for name in same}
    assert successor["rotated_from"] == key["id"]
    assert successor["expires_at"] is None
    assert successor["key"] != key["key"]
    assert answer["Location"] == f"http://127.0.0.1:8000/api/v1/api-keys/{successor['id']}"
    assert answer["Cache-Control"] == "no-store"


def test_both_keys_are_good_during_the_overlap(new_key, rotate, shown, status_of):
    key = new_key()
    successor = rotate(key).json()
    assert (status_of(key), status_of(successor)) == (200, 200)
    assert shown(key)["replaced_by"] == successor["id"]
    assert "key" not in shown(successor)


@pytest.mark.parametrize("overlap", [None, 0, 60, 604800])
def test_the_end_of_the_overlap_is_the_expiry_to_the_second(new_key, rotate, shown, status_of, overlap):
    key = new_key()
    with time_machine.travel(timezone.now(), tick=False):
        now = timezone.now()
        successor = rotate(key, **({} if overlap is None else {"overlap_seconds": overlap})).json()
    end = moment(shown(key)["expires_at"])
    assert end == now + timedelta(seconds=86400 if overlap is None else overlap)
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert status_of(key) == 200
    with time_machine.travel(end, tick=False):
        assert status_of(key) == 401
    with time_machine.travel(end + timedelta(seconds=1), tick=False):
        assert (status_of(key), status_of(successor)) == (401, 200)


def test_the_overlap_never_outlives_the_keys_own_end(new_key, rotate, shown):
    key = new_key(expires_in=600)
    rotate(key, overlap_seconds=3600)
    assert shown(key)["expires_at"] == key["expires_at"]


def test_an_overlap_shorter_than_the_keys_own_end_counts(new_key, rotate, shown):
    key = new_key(expires_in=600)
    rotate(key, overlap_seconds=60)
    assert moment(shown(key)["expires_at"]) < moment(key["expires_at"]) - timedelta(seconds=500)


def test_a_compromised_key_is_revoked_in_the_same_act(new_key, rotate, shown, status_of):
    key = new_key()
    successor = rotate(key, compromised=True).json()
    assert (status_of(key), status_of(successor)) == (401, 200)
    assert (shown(key)["status"], shown(key)["replaced_by"]) == ("revoked", successor["id"])
    event = AuditEvent.objects.get(action="api_key.rotated")
    assert event.data == {"successor": successor["id"], "compromised": True, "overlap": 0}


@pytest.mark.parametrize("body", [{}, {"compromised": True, "overlap_seconds": 0}])
def test_a_second_rotation_names_the_successor(new_key, rotate, body):
    key = new_key()
    successor = rotate(key, **body).json()
    answer = rotate(key)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_rotated")
    assert answer.json()["successor"] == successor["id"]
    assert ApiKey.objects.count() == 2


def test_a_refused_rotation_leaves_the_overlap_as_it_was(new_key, rotate, shown):
    key = new_key()
    rotate(key)
    before = shown(key)
    rotate(key, overlap_seconds=0)
    assert shown(key) == before


def test_a_lost_answer_is_mended_by_rotating_the_successor_with_overlap_0(new_key, rotate, status_of):
    key = new_key()
    lost = rotate(key).json()
    found = rotate({"id": rotate(key).json()["successor"]}, overlap_seconds=0).json()
    assert (status_of(key), status_of(lost), status_of(found)) == (401, 401, 200)


def test_rotating_a_successor_ends_the_predecessor_at_once(new_key, rotate, status_of, shown):
    first = new_key()
    second = rotate(first).json()
    third = rotate(second).json()
    assert [status_of(key) for key in (first, second, third)] == [401, 200, 200]
    assert shown(first)["status"] == "expired"


def test_a_chain_never_has_more_than_two_good_keys(new_key, rotate, status_of):
    chain = [new_key()]
    for _ in range(4):
        chain.append(rotate(chain[-1], overlap_seconds=604800).json())
        assert [status_of(key) for key in chain].count(200) == 2


def test_an_old_end_is_not_moved_by_the_rotation_of_the_successor(new_key, rotate, shown):
    first = new_key()
    second = rotate(first, overlap_seconds=0).json()
    before = shown(first)["expires_at"]
    rotate(second)
    assert shown(first)["expires_at"] == before


@pytest.mark.parametrize("end", [None, "2099-01-01T00:00:00Z"])
def test_the_end_of_a_rotated_key_cannot_be_patched(as_ann, new_key, rotate, shown, end):
    key = new_key()
    successor = rotate(key).json()
    before = shown(key)
    answer = as_ann.call("PATCH", f"/api-keys/{key['id']}", {"expires_at": end, "name": "Longer"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_rotated")
    assert answer.json()["successor"] == successor["id"]
    assert shown(key) == before
    assert as_ann.call("PATCH", f"/api-keys/{key['id']}", {"name": "Other"}).status_code == 200
    assert as_ann.call("PATCH", f"/api-keys/{successor['id']}", {"expires_at": end}).status_code == 200


@pytest.mark.parametrize("state", ["disabled", "expired", "revoked"])
def test_a_key_that_is_not_active_cannot_be_rotated(new_key, rotate, state):
    key = new_key()
    column = {"disabled": "disabled_at", "expired": "expires_at", "revoked": "revoked_at"}[state]
    ApiKey.objects.update(**{column: timezone.now() - timedelta(seconds=1)})
    answer = rotate(key)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_not_active")
    assert state in answer.json()["detail"]
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"overlap_seconds": -1}, ("#/overlap_seconds", "min_value")),
        ({"overlap_seconds": 604801}, ("#/overlap_seconds", "max_value")),
        ({"overlap_seconds": "60"}, ("#/overlap_seconds", "invalid")),
        ({"compromised": "yes"}, ("#/compromised", "invalid")),
        ({"compromised": True, "overlap_seconds": 60}, ("#/overlap_seconds", "invalid")),
        ({"name": "New"}, ("#/name", "unknown_field")),
    ],
)
def test_it_refuses_a_wrong_field_and_rotates_nothing(new_key, rotate, faults_at, body, fault):
    assert faults_at(rotate(new_key(), **body)) == [fault]
    assert ApiKey.objects.count() == 1


def test_rotating_needs_a_recent_sign_in(new_key, rotate, long_after_sign_in):
    key = new_key()
    long_after_sign_in()
    assert rotate(key).json()["code"] == "recent_sign_in_required"
    assert ApiKey.objects.count() == 1


def test_owners_are_told_of_a_live_successor_and_not_of_a_test_one(new_key, rotate, outbox):
    live, test = new_key(), new_key(environment="test")
    with outbox() as sent:
        successor = rotate(live).json()
        rotate(test)
    assert [mail.to for mail in sent] == [["ann@example.com"]]
    assert successor["key_prefix"] in sent[0].body
    assert "to replace an older one" in sent[0].body


def test_a_constraint_that_is_not_about_rotation_is_not_called_one(new_key, monkeypatch):
    new_key()

    def broken(*args, **fields):
        raise IntegrityError("something else")

    monkeypatch.setattr("apikeys.notices.key_made", broken)
    with pytest.raises(IntegrityError):
        ApiKey.objects.get().rotate(by=None)
    assert ApiKey.objects.count() == 1
