"""The kinds of field, each with what it takes and what it refuses."""

import pytest
from rest_framework import serializers

from protocol.serializers import StrictSerializer, TextField


def faults(response):
    assert response.status_code == 422, response.content
    return {fault["pointer"]: fault["code"] for fault in response.json()["errors"]}


@pytest.mark.parametrize("value", ["3600", 1.5, True, [], {}, "x", 10**30, -1])
def test_a_whole_number_is_a_json_number_within_its_bounds(as_ann, value):
    assert list(faults(as_ann.call("POST", "/api-keys", {"expires_in": value}))) == ["#/expires_in"]
    assert as_ann.call("POST", "/api-keys", {"expires_in": 3600}).status_code == 201


@pytest.mark.parametrize("value", ["true", 1, 0, "yes", None, []])
def test_a_flag_is_true_or_false_and_nothing_like_it(as_ann, new_key, value):
    path = f"/api-keys/{new_key()['id']}"
    assert list(faults(as_ann.call("PATCH", path, {"enabled": value}))) == ["#/enabled"]
    assert as_ann.call("PATCH", path, {"enabled": False}).json()["status"] == "disabled"


@pytest.mark.parametrize(
    "value",
    [
        "2030-01-01T00:00:00",
        "2030-01-01",
        "tomorrow",
        4102444800,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2030-13-01T00:00:00Z",
        "2030-01-01T00:00:00Z\0",
        "",
        True,
    ],
)
def test_a_time_is_iso_8601_with_its_offset(as_ann, value):
    assert list(faults(as_ann.call("POST", "/api-keys", {"expires_at": value}))) == ["#/expires_at"]


@pytest.mark.parametrize("value", ["2030-01-01T00:00:00Z", "2030-01-01T02:00:00+02:00", "2029-12-31T19:00:00.000-0500"])
def test_a_time_is_answered_in_utc_with_z(as_ann, value):
    response = as_ann.call("POST", "/api-keys", {"expires_at": value})
    assert response.json()["expires_at"] == "2030-01-01T00:00:00Z"


def test_a_fault_inside_a_list_or_object_has_its_whole_pointer(as_ann):
    body = {"allowed_ips": ["192.0.2.1", "nonsense", "::1"], "rate_limit": {"limit": "x", "per_seconds": 60}}
    found = faults(as_ann.call("POST", "/api-keys", body))
    assert list(found) == ["#/allowed_ips/1", "#/rate_limit/limit"]


@pytest.mark.parametrize("value", ["staging", 1, None, ["live"]])
def test_a_choice_names_what_may_be_chosen_and_repeats_nothing(as_ann, value):
    response = as_ann.call("POST", "/api-keys", {"environment": value})
    assert list(faults(response)) == ["#/environment"]
    assert "staging" not in response.content.decode()


class Thing(StrictSerializer):
    """One field to send, one to see."""

    name = TextField()
    made_at = serializers.DateTimeField(read_only=True)


def test_a_read_only_field_is_as_unknown_as_any_other():
    thing = Thing(data={"name": "a", "made_at": "2030-01-01T00:00:00Z"})
    assert not thing.is_valid()
    assert [(name, fault[0].code) for name, fault in thing.errors.items()] == [("made_at", "unknown_field")]
    assert Thing(data={"name": "a"}).is_valid()
