"""GET, PATCH, DELETE /api-keys/{id}: each change bites on the next request."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys.models import ApiKey

LATER = (timezone.now() + timedelta(days=300)).strftime("%Y-%m-%dT%H:%M:%SZ")
SOON = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def change(as_ann):
    """change(key, **fields) → the answer to Ann's PATCH."""
    return lambda key, **fields: as_ann.call("PATCH", f"/api-keys/{key['id']}", fields)


def test_what_is_left_out_of_a_patch_stays(as_ann, new_key, change):
    key = new_key(name="Old", description="Stays", scopes=["data:read"])
    changed = change(key, name="New").json()
    assert changed == {
        **{name: key[name] for name in key if name != "key"},
        "name": "New",
        "updated_at": changed["updated_at"],
    }
    assert changed["updated_at"] > key["updated_at"]
    assert as_ann.call("GET", f"/api-keys/{key['id']}").json() == changed


def test_every_field_that_can_change_does(new_key, change):
    fields = {
        "name": "New",
        "description": "Said",
        "scopes": ["users:read"],
        "expires_at": LATER,
        "allowed_ips": ["127.0.0.1"],
        "rate_limit": {"limit": 5, "per_seconds": 10},
    }
    changed = change(new_key(), **fields).json()
    assert {name: changed[name] for name in fields} == fields


def test_null_takes_an_end_and_a_limit_away(new_key, change):
    key = new_key(expires_at=LATER, rate_limit={"limit": 5, "per_seconds": 10})
    changed = change(key, expires_at=None, rate_limit=None).json()
    assert changed["expires_at"] is None
    assert changed["rate_limit"] == {"limit": 600, "per_seconds": 60}


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("scopes", [], ("#/scopes", "empty")),
        ("name", "", ("#/name", "blank")),
        ("name", None, ("#/name", "null")),
        ("expires_at", "2020-01-01T00:00:00Z", ("#/expires_at", "invalid")),
        ("rate_limit", {"limit": 5}, ("#/rate_limit/per_seconds", "required")),
        ("rate_limit", {}, ("#/rate_limit/limit", "required")),
        ("rate_limit", {"limit": 10**6, "per_seconds": 1}, ("#/rate_limit/limit", "max_value")),
        ("allowed_ips", ["10.0.0.1/8"], ("#/allowed_ips/0", "invalid")),
        ("enabled", "yes", ("#/enabled", "invalid")),
        ("enabled", None, ("#/enabled", "null")),
        ("environment", "test", ("#/environment", "unknown_field")),
        ("team", "0192f1aa-0000-7000-8000-000000000000", ("#/team", "unknown_field")),
        ("expires_in", 5, ("#/expires_in", "unknown_field")),
        ("revoked_at", None, ("#/revoked_at", "unknown_field")),
    ],
)
def test_a_patch_refuses_a_wrong_field_and_changes_nothing(new_key, change, faults_at, field, value, fault):
    key = new_key()
    assert faults_at(change(key, **{"name": "Changed", field: value}))[0] == fault
    assert ApiKey.objects.get().name == "Default"


def test_an_empty_patch_changes_nothing(new_key, change, audited):
    key = new_key()
    assert change(key).json()["updated_at"] == key["updated_at"]
    assert audited(key) == ["api_key.issued"]


def test_a_disabled_key_is_refused_until_it_is_enabled(new_key, change, status_of, audited):
    key = new_key()
    assert change(key, enabled=False).json()["status"] == "disabled"
    assert status_of(key) == 401
    assert change(key, enabled=True).json()["disabled_at"] is None
    assert status_of(key) == 200
    assert audited(key) == ["api_key.issued", "api_key.disabled", "api_key.enabled"]


def test_switching_twice_changes_nothing_more(new_key, change, audited):
    key = new_key()
    first = change(key, enabled=False).json()
    assert change(key, enabled=False).json()["disabled_at"] == first["disabled_at"]
    assert audited(key) == ["api_key.issued", "api_key.disabled"]


def test_narrowed_scopes_bite_on_the_next_request(api, new_key, change):
    key = new_key()
    caller = api.with_key(key["key"])
    assert caller.call("GET", "/users").status_code == 200
    change(key, scopes=["data:read"])
    assert caller.call("GET", "/users").json()["code"] == "insufficient_scope"


def test_a_narrowed_address_list_bites_on_the_next_request(new_key, change, status_of):
    key = new_key()
    assert status_of(key) == 200
    change(key, allowed_ips=["203.0.113.7"])
    assert status_of(key) == 403


def test_a_revoked_key_is_refused_at_once(as_ann, new_key, status_of, audited):
    key = new_key()
    assert status_of(key) == 200
    answer = as_ann.call("DELETE", f"/api-keys/{key['id']}")
    assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    assert status_of(key) == 401
    assert audited(key) == ["api_key.issued", "api_key.revoked"]


def test_revoking_again_answers_the_same(as_ann, new_key, audited):
    key = new_key()
    first = as_ann.call("DELETE", f"/api-keys/{key['id']}")
    second = as_ann.call("DELETE", f"/api-keys/{key['id']}")
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert audited(key) == ["api_key.issued", "api_key.revoked"]


@pytest.mark.parametrize("fields", [{"name": "x"}, {"enabled": True}, {"enabled": False}, {"expires_at": LATER}])
def test_a_revoked_key_cannot_be_changed(as_ann, new_key, change, fields):
    key = new_key()
    as_ann.call("DELETE", f"/api-keys/{key['id']}")
    answer = change(key, **fields)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_not_active")


def test_a_suspended_team_stops_its_keys_at_once(new_key, ann, status_of):
    key = new_key()
    ann.home_team.suspend(by=None)
    assert status_of(key) == 401
    ann.home_team.resume(by=None)
    assert status_of(key) == 200


def test_a_viewer_reads_a_key_and_changes_nothing(as_vera, new_key, status_of):
    key = new_key()
    path = f"/api-keys/{key['id']}"
    assert as_vera.call("GET", path).json()["id"] == key["id"]
    for method, where, body in (("PATCH", path, {"name": "x"}), ("DELETE", path, None), ("POST", f"{path}/rotate", {})):
        answer = as_vera.call(method, where, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_role")
    assert status_of(key) == 200


def test_malformed_unknown_and_foreign_ids_get_the_same_404(as_ann, as_bob, new_key):
    foreign = as_bob.call("GET", f"/api-keys/{new_key()['id']}")
    bodies = [foreign.json()]
    for other in ("0192f1aa-0000-7000-8000-000000000000", "nonsense", "0", "%00"):
        answer = as_bob.call("GET", f"/api-keys/{other}")
        assert answer.status_code == 404
        bodies.append(answer.json())
    assert len({str({**body, "request_id": ""}) for body in bodies}) == 1


NARROWER = [
    {"scopes": ["users:read"]},
    {"allowed_ips": ["10.1.0.0/16"]},
    {"expires_at": SOON},
    {"rate_limit": {"limit": 5, "per_seconds": 60}},
    {"name": "Renamed", "description": "New"},
    {"enabled": False},
]
WIDER = [
    {"scopes": ["users:read", "data:read", "users:write"]},
    {"allowed_ips": ["10.0.0.0/8", "192.0.2.1"]},
    {"allowed_ips": ["2001:db8::/32"]},
    {"allowed_ips": []},
    {"expires_at": LATER},
    {"expires_at": None},
    {"rate_limit": {"limit": 11, "per_seconds": 60}},
    {"rate_limit": None},
]


@pytest.fixture
def narrow_key(new_key):
    """A key in the middle of everything: it can be narrowed and widened in every way."""
    return new_key(
        scopes=["users:read", "data:read"],
        allowed_ips=["10.0.0.0/8"],
        expires_in=30 * 86400,
        rate_limit={"limit": 10, "per_seconds": 60},
    )


@pytest.mark.parametrize("fields", NARROWER)
def test_narrowing_never_needs_a_recent_sign_in(narrow_key, change, long_after_sign_in, fields):
    long_after_sign_in()
    assert change(narrow_key, **fields).status_code == 200


@pytest.mark.parametrize("fields", WIDER)
def test_widening_needs_a_recent_sign_in(narrow_key, change, long_after_sign_in, fields):
    assert change(narrow_key, name="Recent", **fields).status_code == 200
    ApiKey.objects.update(
        scopes=["users:read", "data:read"],
        allowed_ips=["10.0.0.0/8"],
        rate_limit=10,
        rate_seconds=60,
        expires_at=timezone.now() + timedelta(days=30),
    )
    long_after_sign_in()
    answer = change(narrow_key, name="Late", **fields)
    assert (answer.status_code, answer.json()["code"]) == (401, "recent_sign_in_required")
    assert 'error="insufficient_user_authentication", max_age=3600' in answer["WWW-Authenticate"]
    assert ApiKey.objects.get().name == "Recent"


def test_an_end_set_on_an_endless_key_is_no_widening(new_key, change, long_after_sign_in):
    key = new_key()
    long_after_sign_in()
    assert change(key, expires_at=LATER, allowed_ips=["10.0.0.0/8"]).status_code == 200


def test_revoking_needs_no_recent_sign_in(as_ann, new_key, long_after_sign_in):
    key = new_key()
    long_after_sign_in()
    assert as_ann.call("DELETE", f"/api-keys/{key['id']}").status_code == 200


def test_a_key_changes_no_key_not_even_itself(api, new_key):
    key = new_key()
    for method in ("GET", "PATCH", "DELETE"):
        answer = api.with_key(key["key"]).call(method, f"/api-keys/{key['id']}")
        assert (answer.status_code, answer.json()["code"]) == (403, "developer_session_required")


def test_a_revoked_key_is_not_changed_even_by_nothing(as_ann, new_key):
    key = new_key()
    before = as_ann.call("GET", f"/api-keys/{key['id']}").json()
    assert as_ann.call("PATCH", f"/api-keys/{key['id']}", {}).json() == before
    as_ann.call("DELETE", f"/api-keys/{key['id']}")
    answer = as_ann.call("PATCH", f"/api-keys/{key['id']}", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "key_not_active")


@pytest.mark.parametrize("field", ["name", "description"])
def test_a_key_is_no_name(as_ann, new_key, faults_at, field):
    key = new_key()
    answer = as_ann.call("PATCH", f"/api-keys/{key['id']}", {field: f"was {key['key']}"})
    assert faults_at(answer) == [(f"#/{field}", "secret")]
    assert as_ann.call("PATCH", f"/api-keys/{key['id']}", {field: "ow_live_server_backup"}).status_code == 200
