"""POST /api-keys."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts import factors
from accounts.models import Membership, Role, Session
from apikeys.models import ApiKey
from protocol.problems import Forbidden, InvalidToken
from tests.codes import SECRET, app_code
from tests.conftest import PASSWORD

ALL_SCOPES = ["users:read", "users:write", "data:read", "data:write"]
UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"


def test_an_empty_body_makes_a_live_key_with_every_default(as_ann, ann):
    answer = as_ann.call("POST", "/api-keys", {})
    key = answer.json()
    assert answer.status_code == 201
    assert {name: key[name] for name in key if name not in ("id", "key", "key_prefix", "created_at", "updated_at")} == {
        "name": "Default",
        "description": "",
        "environment": "live",
        "scopes": ALL_SCOPES,
        "status": "active",
        "team": str(ann.home_team_id),
        "created_by": str(ann.pk),
        "expires_at": None,
        "last_used_at": None,
        "disabled_at": None,
        "revoked_at": None,
        "rotated_from": None,
        "replaced_by": None,
        "allowed_ips": [],
        "rate_limit": {"limit": 600, "per_seconds": 60},
    }
    assert key["key"].startswith(key["key_prefix"] + "_")
    assert key["created_at"].endswith("Z")


def test_no_body_at_all_is_an_empty_object(as_ann):
    assert as_ann.call("POST", "/api-keys").status_code == 201


def test_every_field_can_be_said(as_ann, ann):
    end = (timezone.now() + timedelta(days=30)).replace(microsecond=0)
    sent = {
        "name": "Production server",
        "description": "The one in Berlin",
        "environment": "test",
        "scopes": ["users:read", "data:read"],
        "expires_at": end.isoformat().replace("+00:00", "Z"),
        "allowed_ips": ["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"],
        "rate_limit": {"limit": 10, "per_seconds": 1},
        "team": str(ann.home_team_id),
    }
    key = as_ann.call("POST", "/api-keys", sent).json()
    assert {name: key[name] for name in sent} == sent
    assert key["key"].startswith("ow_test_")


def test_the_answer_says_where_the_key_is_and_must_not_be_stored(as_ann):
    answer = as_ann.call("POST", "/api-keys", {})
    location = answer["Location"]
    assert location == f"http://127.0.0.1:8000/api/v1/api-keys/{answer.json()['id']}"
    assert answer["Cache-Control"] == "no-store"
    assert as_ann.call("GET", location.partition("/api/v1")[2]).json()["id"] == answer.json()["id"]


def test_the_key_is_shown_once_only(as_ann, new_key):
    key = new_key()
    assert "key" not in as_ann.call("GET", f"/api-keys/{key['id']}").json()
    assert "key" not in as_ann.call("GET", "/api-keys").json()[0]


def test_names_need_not_be_unique(new_key):
    assert new_key(name="Twin")["id"] != new_key(name="Twin")["id"]


def test_expires_in_counts_seconds_from_now(new_key):
    end = datetime.fromisoformat(new_key(expires_in=3600)["expires_at"])
    assert abs(end - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=30)


def test_scopes_are_kept_by_name_once_each_in_one_order(new_key):
    assert new_key(scopes=["data:read", "users:read", "data:read"])["scopes"] == ["users:read", "data:read"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("2001:0db8:0:0::1", "2001:db8::1"),
        ("203.0.113.7/32", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
    ],
)
def test_addresses_are_kept_in_one_spelling(new_key, given, kept):
    assert new_key(allowed_ips=[given, given])["allowed_ips"] == [kept]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"name": ""}, ("#/name", "blank")),
        ({"name": "x" * 101}, ("#/name", "max_length")),
        ({"name": 7}, ("#/name", "invalid")),
        ({"name": "a\u202eb"}, ("#/name", "not_plain")),
        ({"name": "a\x07b"}, ("#/name", "not_plain")),
        ({"description": "x" * 501}, ("#/description", "max_length")),
        ({"environment": "prod"}, ("#/environment", "invalid_choice")),
        ({"scopes": []}, ("#/scopes", "empty")),
        ({"scopes": ["users:delete"]}, ("#/scopes/0", "invalid_choice")),
        ({"scopes": "users:read"}, ("#/scopes", "not_a_list")),
        ({"expires_at": "2020-01-01T00:00:00Z"}, ("#/expires_at", "invalid")),
        ({"expires_at": "2099-01-01T00:00:00"}, ("#/expires_at", "naive")),
        ({"expires_at": "2999-01-01T00:00:00Z"}, ("#/expires_at", "max_value")),
        ({"expires_at": 4102444800}, ("#/expires_at", "invalid")),
        ({"expires_in": 0}, ("#/expires_in", "min_value")),
        ({"expires_in": "60"}, ("#/expires_in", "invalid")),
        ({"expires_in": True}, ("#/expires_in", "invalid")),
        ({"expires_in": 10**30}, ("#/expires_in", "max_value")),
        ({"expires_in": 60, "expires_at": "2099-01-01T00:00:00Z"}, ("#/expires_in", "invalid")),
        ({"allowed_ips": ["10.0.0.1/8"]}, ("#/allowed_ips/0", "invalid")),
        ({"allowed_ips": ["10.0.0.0/8", "home"]}, ("#/allowed_ips/1", "invalid")),
        ({"allowed_ips": ["fe80::1%eth0"]}, ("#/allowed_ips/0", "invalid")),
        ({"allowed_ips": ["fe80::1%a b"]}, ("#/allowed_ips/0", "invalid")),
        ({"allowed_ips": [f"10.0.0.{i}" for i in range(51)]}, ("#/allowed_ips", "max_length")),
        ({"rate_limit": {"limit": 6001, "per_seconds": 60}}, ("#/rate_limit/limit", "max_value")),
        ({"rate_limit": {"limit": 101, "per_seconds": 1}}, ("#/rate_limit/limit", "max_value")),
        ({"rate_limit": {"limit": 0, "per_seconds": 60}}, ("#/rate_limit/limit", "min_value")),
        ({"rate_limit": {"limit": 5}}, ("#/rate_limit/per_seconds", "required")),
        ({"rate_limit": 600}, ("#/rate_limit", "invalid")),
        ({"nmae": "typo"}, ("#/nmae", "unknown_field")),
        ({"id": UNKNOWN}, ("#/id", "unknown_field")),
        ({"key": "mine"}, ("#/key", "unknown_field")),
        ({"status": "active"}, ("#/status", "unknown_field")),
        ({"enabled": True}, ("#/enabled", "unknown_field")),
        ({"team": "home"}, ("#/team", "invalid")),
    ],
)
def test_it_refuses_a_wrong_field_at_its_pointer(as_ann, faults_at, body, fault):
    assert faults_at(as_ann.call("POST", "/api-keys", body)) == [fault]
    assert ApiKey.objects.count() == 0


def test_it_reports_all_faults_at_once(as_ann, faults_at):
    found = faults_at(as_ann.call("POST", "/api-keys?x=1", {"name": "", "scopes": [], "y": 1}))
    assert sorted(found) == [
        ("#/name", "blank"),
        ("#/scopes", "empty"),
        ("#/y", "unknown_field"),
        ("x", "unknown_field"),
    ]


def test_fifty_addresses_and_the_highest_limit_are_allowed(new_key):
    key = new_key(allowed_ips=[f"10.0.0.{i}" for i in range(50)], rate_limit={"limit": 6000, "per_seconds": 60})
    assert len(key["allowed_ips"]) == 50
    assert key["rate_limit"] == {"limit": 6000, "per_seconds": 60}


def test_a_foreign_team_and_an_unknown_one_are_refused_alike(as_ann, bob, faults_at):
    foreign = as_ann.call("POST", "/api-keys", {"team": str(bob.home_team_id)})
    unknown = as_ann.call("POST", "/api-keys", {"team": UNKNOWN})
    assert faults_at(foreign) == faults_at(unknown) == [("#/team", "not_found")]
    assert {**foreign.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


@pytest.mark.parametrize(
    "odd", [int, lambda given: True, "urn:uuid:{}".format, "{{{}}}".format, lambda g: g.hex, " {}".format]
)
def test_a_team_is_named_in_one_spelling(as_ann, ann, faults_at, odd):
    given = odd(ann.home_team_id)
    assert faults_at(as_ann.call("POST", "/api-keys", {"team": given})) == [("#/team", "invalid")]
    assert faults_at(as_ann.call("GET", f"/api-keys?team={given}")) == [("team", "invalid")]
    assert faults_at(as_ann.call("GET", f"/users?team={given}")) == [("team", "invalid")]


def test_who_has_left_the_home_team_must_say_a_team(as_ann, ann, bob, faults_at):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.OWNER)
    Membership.objects.create(team=bob.home_team, developer=ann, role=Role.DEVELOPER)
    Membership.objects.get(team=ann.home_team, developer=ann).delete()
    assert faults_at(as_ann.call("POST", "/api-keys", {})) == [("#/team", "required")]
    assert as_ann.call("POST", "/api-keys", {"team": str(bob.home_team_id)}).status_code == 201


def test_an_invitation_does_not_change_the_home_team(as_ann, ann, bob):
    Membership.objects.create(team=bob.home_team, developer=ann, role=Role.OWNER)
    assert as_ann.call("POST", "/api-keys", {}).json()["team"] == str(ann.home_team_id)


@pytest.mark.parametrize(("role", "status"), [(r, 201) for r in ("owner", "admin", "developer")] + [("viewer", 403)])
def test_every_role_but_viewer_makes_keys(api, ann, bob, sign_in, role, status):
    Membership.objects.create(team=ann.home_team, developer=bob, role=role)
    as_bob = api.with_token(sign_in(bob)["access_token"])
    answer = as_bob.call("POST", "/api-keys", {"team": str(ann.home_team_id)})
    assert answer.status_code == status
    assert answer.json().get("code") == ("forbidden_role" if status == 403 else None)


def test_a_key_may_not_make_keys(api, new_key):
    answer = api.with_key(new_key()["key"]).call("POST", "/api-keys", {})
    assert (answer.status_code, answer.json()["code"]) == (403, "developer_session_required")


def test_an_old_sign_in_may_not_make_keys(as_ann, long_after_sign_in):
    long_after_sign_in()
    answer = as_ann.call("POST", "/api-keys", {})
    assert (answer.status_code, answer.json()["code"]) == (401, "recent_sign_in_required")
    assert answer["WWW-Authenticate"] == (
        'Bearer realm="open-wearables", error="insufficient_user_authentication", max_age=3600'
    )
    assert as_ann.call("GET", "/api-keys").status_code == 200


def test_refreshing_does_not_make_a_sign_in_recent_but_signing_in_does(api, ann, sign_in, long_after_sign_in):
    tokens = sign_in(ann)
    long_after_sign_in()
    fresh = api.call("POST", "/token/refresh", {"refresh_token": tokens["refresh_token"]}).json()
    refused = api.with_token(fresh["access_token"]).call("POST", "/api-keys", {})
    assert refused.json()["code"] == "recent_sign_in_required"
    assert api.with_token(sign_in(ann)["access_token"]).call("POST", "/api-keys", {}).status_code == 201


def test_a_sign_in_from_before_the_second_factor_gives_no_key_more_however_young_it_is(as_ann, api, ann, new_key):
    key = new_key(scopes=["users:read"])
    path = f"/api-keys/{key['id']}"
    factors.add_totp(ann, SECRET, app_code(ahead=-1), by=ann)
    for call in (("POST", "/api-keys", {}), ("POST", f"{path}/rotate", {}), ("PATCH", path, {"scopes": ["data:read"]})):
        answer = as_ann.call(*call)
        assert (answer.status_code, answer.json()["code"]) == (401, "recent_sign_in_required"), call
        assert "older than your second factor" in answer.json()["detail"]
        assert 'error="insufficient_user_authentication"' in answer["WWW-Authenticate"]
    assert ApiKey.objects.count() == 1
    assert as_ann.call("PATCH", path, {"name": "Less is free", "allowed_ips": ["10.0.0.0/8"]}).status_code == 200
    assert as_ann.call("DELETE", path).status_code == 200
    known = {"username": ann.email, "password": PASSWORD, "otp": app_code()}
    token = api.call("POST", "/auth/login", known).json()["access_token"]
    assert api.with_token(token).call("POST", "/api-keys", {}).status_code == 201
    assert as_ann.call("POST", "/api-keys", {}).status_code == 401


def test_without_a_second_factor_any_more_the_young_sign_in_is_enough_again(as_ann, ann):
    factors.add_totp(ann, SECRET, app_code(), by=ann)
    factors.remove(factors.of(ann).get(type="totp"), by=ann)
    assert as_ann.call("POST", "/api-keys", {}).status_code == 201


def test_the_setting_says_what_recent_is(as_ann, settings, long_after_sign_in):
    long_after_sign_in()
    settings.KEY_REAUTH_SECONDS = 7300
    assert as_ann.call("POST", "/api-keys", {}).status_code == 201


def test_every_owner_is_told_of_a_new_live_key(as_ann, ann, bob, vera, outbox):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.OWNER)
    with outbox() as sent:
        key = as_ann.call("POST", "/api-keys", {"name": "Server"}).json()
    assert sorted(mail.to for mail in sent) == [["ann@example.com"], ["bob@example.com"]]
    assert key["key_prefix"] in sent[0].body
    assert key["key"][21:] not in sent[0].body


def test_nobody_is_told_of_a_new_test_key(as_ann, outbox):
    with outbox() as sent:
        assert as_ann.call("POST", "/api-keys", {"environment": "test"}).status_code == 201
    assert sent == []


def test_a_key_remembers_the_session_that_made_it_and_is_audited(new_key, ann, audited):
    key = new_key()
    assert ApiKey.objects.get(pk=key["id"]).created_in == Session.objects.of(ann).get()
    assert audited(key) == ["api_key.issued"]


def test_a_team_has_at_most_so_many_keys(as_ann, new_key, settings):
    settings.API_KEYS_PER_TEAM = 2
    first, _ = new_key(), new_key()
    answer = as_ann.call("POST", "/api-keys", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_keys")
    as_ann.call("DELETE", f"/api-keys/{first['id']}")
    assert as_ann.call("POST", "/api-keys", {}).status_code == 201


def test_the_number_is_counted_per_team(as_ann, as_bob, new_key, settings):
    settings.API_KEYS_PER_TEAM = 1
    new_key()
    assert as_bob.call("POST", "/api-keys", {}).status_code == 201


def test_a_chain_of_rotations_counts_once(as_ann, new_key, settings):
    settings.API_KEYS_PER_TEAM = 2
    key = new_key()
    for _ in range(3):
        key = as_ann.call("POST", f"/api-keys/{key['id']}/rotate", {}).json()
    assert as_ann.call("POST", "/api-keys", {}).status_code == 201
    assert as_ann.call("POST", "/api-keys", {}).status_code == 409


def test_an_overlap_counts_when_the_successor_is_revoked(as_ann, new_key, settings):
    settings.API_KEYS_PER_TEAM = 1
    successor = as_ann.call("POST", f"/api-keys/{new_key()['id']}/rotate", {}).json()
    as_ann.call("DELETE", f"/api-keys/{successor['id']}")
    assert as_ann.call("POST", "/api-keys", {}).json()["code"] == "too_many_keys"


def test_a_revoked_chain_counts_no_more(as_ann, new_key, settings):
    settings.API_KEYS_PER_TEAM = 1
    successor = as_ann.call("POST", f"/api-keys/{new_key()['id']}/rotate", {"overlap_seconds": 0}).json()
    as_ann.call("DELETE", f"/api-keys/{successor['id']}")
    assert as_ann.call("POST", "/api-keys", {}).status_code == 201


def test_expires_at_and_expires_in_are_one_too_many_even_when_one_is_null(as_ann, faults_at):
    answer = as_ann.call("POST", "/api-keys", {"expires_at": None, "expires_in": 60})
    assert faults_at(answer) == [("#/expires_in", "invalid")]


@pytest.mark.parametrize("text", ["10.0.0.0/255.0.0.0", "1.2.3.0/0.0.0.255", "10.0.0.0/"])
def test_a_mask_of_addresses_is_refused_for_it_reads_two_ways(as_ann, faults_at, text):
    assert faults_at(as_ann.call("POST", "/api-keys", {"allowed_ips": [text]})) == [("#/allowed_ips/0", "invalid")]


def test_a_session_that_has_ended_meanwhile_makes_no_key(ann):
    """Authentication was a moment ago; the sign-out came before the team's lock was ours."""
    session = Session.open(ann, Session.Kind.API, (None, ""))
    key, _ = ApiKey.objects.issue(team=ann.home_team, by=ann, session=session)
    session.close(Session.Reason.LOGOUT)
    with pytest.raises(InvalidToken):
        ApiKey.objects.issue(team=ann.home_team, by=ann, session=session)
    with pytest.raises(InvalidToken):
        key.rotate(by=ann, session=session)
    key.refresh_from_db()
    assert (ApiKey.objects.count(), key.expires_at) == (1, None)


def test_a_role_that_was_taken_away_meanwhile_makes_no_key(ann):
    """The view's look was a moment ago; the change of role came before the team's lock was ours."""
    session = Session.open(ann, Session.Kind.API, (None, ""))
    key, _ = ApiKey.objects.issue(team=ann.home_team, by=ann, session=session)
    Membership.objects.filter(developer=ann).update(role=Role.VIEWER)
    with pytest.raises(Forbidden):
        ApiKey.objects.issue(team=ann.home_team, by=ann, session=session)
    with pytest.raises(Forbidden):
        key.rotate(by=ann, session=session)
    key.refresh_from_db()
    assert (ApiKey.objects.count(), key.expires_at) == (1, None)
