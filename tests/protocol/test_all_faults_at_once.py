"""A 422 names every fault: in single fields, between fields, in the query and in the body, whoever calls."""

import pytest

from tests.conftest import PASSWORD

LONG = "x" * 101
SOON = "2099-01-01T00:00:00Z"


@pytest.fixture
def all_faults(faults_at):
    """all_faults(response) → the faults of a 422, sorted."""
    return lambda response: sorted(faults_at(response))


@pytest.fixture
def as_key(api, new_key):
    """The API with a key of Ann's team."""
    return api.with_key(new_key()["key"])


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (
            {"scopes": ["nope", 1, None, "users:read"]},
            [("#/scopes/0", "invalid_choice"), ("#/scopes/1", "invalid_choice"), ("#/scopes/2", "null")],
        ),
        (
            {"allowed_ips": ["10.0.0.1/8", "x", "", 5, "::1", "1" * 65]},
            [
                ("#/allowed_ips/0", "invalid"),
                ("#/allowed_ips/1", "invalid"),
                ("#/allowed_ips/2", "blank"),
                ("#/allowed_ips/3", "invalid"),
                ("#/allowed_ips/5", "max_length"),
            ],
        ),
        (
            {"name": LONG, "expires_in": 60, "expires_at": SOON, "zz": 1},
            [("#/expires_in", "invalid"), ("#/name", "max_length"), ("#/zz", "unknown_field")],
        ),
        (
            {"expires_in": 0, "expires_at": "2020-01-01T00:00:00Z"},
            [("#/expires_at", "invalid"), ("#/expires_in", "invalid"), ("#/expires_in", "min_value")],
        ),
        (
            {"rate_limit": {"limit": 10_000, "per_seconds": 60, "burst": 5}},
            [("#/rate_limit/burst", "unknown_field"), ("#/rate_limit/limit", "max_value")],
        ),
    ],
    ids=["scopes", "addresses", "two ends", "two bad ends", "limit"],
)
def test_of_a_new_key(as_ann, all_faults, body, faults):
    assert all_faults(as_ann.call("POST", "/api-keys", body)) == faults


def test_of_a_change_with_half_a_limit(as_ann, new_key, all_faults):
    body = {"name": "", "rate_limit": {"limit": 0}}
    assert all_faults(as_ann.call("PATCH", f"/api-keys/{new_key()['id']}", body)) == [
        ("#/name", "blank"),
        ("#/rate_limit/limit", "min_value"),
        ("#/rate_limit/per_seconds", "required"),
    ]


def test_of_a_new_key_for_a_foreign_team(as_ann, bob, all_faults):
    body = {"name": LONG, "team": str(bob.home_team_id)}
    assert all_faults(as_ann.call("POST", "/api-keys", body)) == [("#/name", "max_length"), ("#/team", "not_found")]


def test_of_a_rotation(as_ann, new_key, all_faults):
    body = {"compromised": True, "overlap_seconds": 5, "zz": 1}
    assert all_faults(as_ann.call("POST", f"/api-keys/{new_key()['id']}/rotate", body)) == [
        ("#/overlap_seconds", "invalid"),
        ("#/zz", "unknown_field"),
    ]


@pytest.mark.parametrize("path", ["/api-keys", "/users"])
def test_of_a_list_of_a_foreign_team(as_ann, bob, all_faults, path):
    response = as_ann.call("GET", f"{path}?team={bob.home_team_id}&limit=0")
    assert all_faults(response) == [("limit", "min_value"), ("team", "not_found")]


def test_of_a_person_in_a_foreign_team(as_ann, bob, all_faults):
    response = as_ann.call("POST", f"/users?team={bob.home_team_id}", {"email": "bad"})
    assert all_faults(response) == [("#/email", "invalid"), ("team", "not_found")]


def test_of_a_key_that_names_its_own_team(as_key, ann, all_faults):
    own = f"/users?team={ann.home_team_id}&environment=live"
    named = [("environment", "invalid"), ("team", "invalid")]
    assert all_faults(as_key.call("POST", own, {"first_name": LONG})) == [("#/first_name", "max_length"), *named]
    assert all_faults(as_key.call("GET", f"{own}&limit=0")) == [named[0], ("limit", "min_value"), named[1]]


def test_of_a_sign_in(api, db, all_faults):
    two_names = {"email": "a@b.c", "username": "x@y.z", "password": ""}
    assert all_faults(api.call("POST", "/auth/login", two_names)) == [("#/email", "invalid"), ("#/password", "blank")]
    assert all_faults(api.call("POST", "/auth/login", {"delivery": "pigeon"})) == [
        ("#/delivery", "invalid_choice"),
        ("#/password", "required"),
        ("#/username", "required"),
    ]


@pytest.mark.parametrize(("path", "name"), [("/token/refresh", "refresh_token"), ("/token/revoke", "token")])
def test_of_a_token_that_is_not_there(api, db, all_faults, path, name):
    response = api.call("POST", path, {"grant_type": "magic"})
    assert all_faults(response) == [("#/grant_type", "unsupported_grant_type"), (f"#/{name}", "required")]


def test_of_a_token_that_comes_both_ways(api, ann, all_faults):
    page = {"HTTP_ORIGIN": "http://127.0.0.1:8000"}
    body = {"username": ann.email, "password": PASSWORD, "delivery": "cookie"}
    assert api.call("POST", "/auth/login", body, **page).status_code == 200
    response = api.call("POST", "/token/refresh", {"refresh_token": "x", "grant_type": "magic"}, **page)
    assert all_faults(response) == [("#/grant_type", "unsupported_grant_type"), ("#/refresh_token", "invalid")]


def test_of_a_change_of_password_which_hashes_nothing_until_all_else_is_right(as_ann, all_faults):
    body = {"current_password": "wrong", "new_password": "short", "confirm_password": "other"}
    assert all_faults(as_ann.call("POST", "/auth/change-password", body)) == [
        ("#/confirm_password", "password_mismatch"),
        ("#/new_password", "password_too_short"),
    ]


def test_of_unknown_fields_that_begin_alike(as_ann, all_faults):
    begin = "x" * 80
    body = {f"{begin}1": 1, f"{begin}2": 1}
    assert all_faults(as_ann.call("PATCH", "/auth/me", body)) == 2 * [(f"#/{begin}", "unknown_field")]
    assert all_faults(as_ann.call("GET", f"/auth/me?{begin}1=1&{begin}2=1")) == 2 * [(begin, "unknown_field")]


def test_a_list_that_is_too_long_is_one_fault_and_a_short_answer(as_ann, all_faults):
    for field in ("scopes", "allowed_ips"):
        response = as_ann.call("POST", "/api-keys", {field: ["?"] * 10_000})
        assert all_faults(response) == [(f"#/{field}", "max_length")]
        assert len(response.content) < 1000
