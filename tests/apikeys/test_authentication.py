"""Who is calling, by key: three headers, one SELECT, one refusal for all that is not good."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apikeys import keys
from apikeys.models import ApiKey

REALM = 'Bearer realm="open-wearables"'
FOREIGN_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwcm94eSJ9.c2lnbmF0dXJl"
HEADERS = {
    "X-Open-Wearables-API-Key": "HTTP_X_OPEN_WEARABLES_API_KEY",
    "X-API-Key": "HTTP_X_API_KEY",
    "Authorization": "HTTP_AUTHORIZATION",
}


def in_header(header, text):
    return {HEADERS[header]: f"Bearer {text}" if header == "Authorization" else text}


@pytest.fixture
def me(api):
    """me(**headers) → the answer to GET /api-keys/self."""
    return lambda **headers: api.call("GET", "/api-keys/self", **headers)


def refusal(answer):
    return answer.status_code, answer.json().get("code")


@pytest.mark.parametrize("header", HEADERS)
def test_a_key_is_good_in_each_of_three_headers(me, new_key, header):
    key = new_key()
    assert me(**in_header(header, key["key"])).json()["id"] == key["id"]
    assert refusal(me(**in_header(header, key["key"][:-1]))) == (401, "invalid_api_key")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "BeArEr"])
def test_the_scheme_is_case_insensitive(me, new_key, scheme):
    assert me(HTTP_AUTHORIZATION=f"{scheme} {new_key()['key']}").status_code == 200


def test_the_prefix_of_a_key_is_case_sensitive(me, new_key):
    assert me(HTTP_X_API_KEY=new_key()["key"].replace("ow_live", "OW_LIVE")).status_code == 401


@pytest.mark.parametrize("other", ["Basic c3RhZ2luZzp3YWxs", f"Bearer {FOREIGN_JWT}", "Bearer opaque", "Digest x", ""])
@pytest.mark.parametrize("header", ["X-Open-Wearables-API-Key", "X-API-Key"])
def test_credentials_that_are_not_ours_are_ignored_beside_a_key(me, new_key, header, other):
    assert me(HTTP_AUTHORIZATION=other, **in_header(header, new_key()["key"])).status_code == 200


def test_a_foreign_value_in_the_other_key_header_is_ignored(me, new_key):
    key = new_key()["key"]
    assert me(HTTP_X_API_KEY="a-gateways-own", HTTP_X_OPEN_WEARABLES_API_KEY=key).status_code == 200


def test_a_foreign_value_in_a_key_header_is_ignored_beside_an_access_token(as_ann):
    assert as_ann.call("GET", "/auth/me", HTTP_X_API_KEY="a-gateways-own").status_code == 200


def test_the_same_key_twice_is_one(me, new_key):
    key = new_key()["key"]
    for other in ("X-API-Key", "Authorization"):
        assert me(HTTP_X_OPEN_WEARABLES_API_KEY=key, **in_header(other, key)).status_code == 200
    assert me(HTTP_X_API_KEY=f"{key}, {key}").status_code == 200


@pytest.mark.parametrize(("one", "other"), [("X-API-Key", "X-Open-Wearables-API-Key"), ("X-API-Key", "Authorization")])
def test_two_different_keys_are_ambiguous_and_the_headers_are_named(me, new_key, one, other):
    answer = me(**in_header(one, new_key()["key"]), **in_header(other, new_key()["key"]))
    assert refusal(answer) == (401, "ambiguous_credentials")
    assert one in answer.json()["detail"]
    assert other in answer.json()["detail"]
    assert answer["WWW-Authenticate"] == REALM


def test_two_different_keys_in_one_header_are_ambiguous(me, new_key):
    assert refusal(me(HTTP_X_API_KEY=f"{new_key()['key']},{new_key()['key']}")) == (401, "ambiguous_credentials")


def test_a_key_beside_an_access_token_of_ours_is_ambiguous(as_ann, new_key):
    answer = as_ann.call("GET", "/users", HTTP_X_API_KEY=new_key()["key"])
    assert refusal(answer) == (401, "ambiguous_credentials")
    assert "Authorization and X-API-Key" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["api_key", "key", "access_token", "X-API-Key"])
def test_a_key_in_the_query_string_is_not_read(api, new_key, name):
    key = new_key()["key"]
    answer = api.call("GET", f"/users?{name}={key}")
    assert refusal(answer) == (401, "not_authenticated")
    assert "X-Open-Wearables-API-Key" in answer.json()["detail"]
    assert key not in answer.content.decode()


def test_no_credential_at_all_is_a_plain_challenge(me):
    answer = me()
    assert refusal(answer) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == REALM


def test_a_portal_cookie_alone_is_401(ann):
    browser = Client(HTTP_HOST="127.0.0.1:8000")
    browser.force_login(ann)
    assert browser.get("/api/v1/users").status_code == 401


def test_unknown_wrong_revoked_expired_disabled_and_suspended_get_one_answer(me, as_ann, ann, new_key):
    def body(text):
        answer = me(HTTP_X_API_KEY=text)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == REALM
        return {**answer.json(), "request_id": ""}

    key = new_key()
    unknown = keys.mint("live").text
    forged = key["key"][:21] + keys.mint("live").text[21:64]
    forged += keys.checksum(forged)
    bodies = [body(unknown), body(forged)]
    now = timezone.now()
    for column in ("revoked_at", "disabled_at", "expires_at"):
        ApiKey.objects.update(revoked_at=None, disabled_at=None, expires_at=None)
        assert me(HTTP_X_API_KEY=key["key"]).status_code == 200
        ApiKey.objects.update(**{column: now - timedelta(seconds=1)})
        bodies.append(body(key["key"]))
    ApiKey.objects.update(expires_at=None)
    ann.home_team.suspend(by=None)
    bodies.append(body(key["key"]))
    assert all(other == bodies[0] for other in bodies)
    assert bodies[0]["code"] == "invalid_api_key"


def test_a_key_of_the_other_environment_with_a_right_checksum_is_unknown(me, new_key):
    text = new_key()["key"].replace("ow_live_", "ow_test_")[:64]
    assert refusal(me(HTTP_X_API_KEY=text + keys.checksum(text))) == (401, "invalid_api_key")


def test_a_malformed_key_is_told_what_its_text_shows(me, new_key):
    key = new_key()["key"]
    assert "one character too long" in me(HTTP_X_API_KEY=key + "'").json()["detail"]
    assert "checksum" in me(HTTP_X_API_KEY=key[:-1] + ("a" if key[-1] != "a" else "b")).json()["detail"]
    assert "begin with ow_live_" in me(HTTP_X_API_KEY="sk_live_x").json()["detail"]


@pytest.mark.parametrize(
    "text", ["ow_", "ow_live_\x00", "ow_live_é", "ow_" + "x" * 5000, "ow_live_\udcff", "ow_live_%s%n"]
)
def test_absurd_keys_are_refused_like_any_other(me, db, text):
    assert refusal(me(HTTP_X_API_KEY=text)) == (401, "invalid_api_key")


def test_a_good_key_costs_one_select(api, new_key, django_assert_num_queries):
    caller = api.with_key(new_key(scopes=["data:read"])["key"])
    with django_assert_num_queries(1) as asked:
        assert caller.call("GET", "/users").status_code == 403
    assert asked.captured_queries[0]["sql"].lstrip().startswith("SELECT")


def test_a_wrong_checksum_costs_no_query(api, new_key, django_assert_num_queries):
    caller = api.with_key(new_key()["key"][:-6] + "000000")
    with django_assert_num_queries(0):
        assert caller.call("GET", "/users").status_code == 401


def test_past_a_hundred_bad_keys_only_bad_ones_are_refused_as_too_many(api, me, new_key):
    key = new_key()["key"]
    bad = key[:-6] + "000000"
    for _ in range(100):
        assert me(HTTP_X_API_KEY=bad).status_code == 401
        assert me(HTTP_X_API_KEY=key).status_code == 200
    answer = me(HTTP_X_API_KEY=bad)
    assert refusal(answer) == (429, "too_many_attempts")
    assert 0 < int(answer["Retry-After"]) <= 900
    assert me(HTTP_X_API_KEY=key).status_code == 200
    assert me(HTTP_X_API_KEY=keys.mint("live").text).status_code == 429
    assert me(HTTP_X_API_KEY=bad, REMOTE_ADDR="203.0.113.9").status_code == 401


def test_a_neighbour_is_counted_by_its_ipv6_network(me, db):
    for number in range(100):
        assert me(HTTP_X_API_KEY="ow_x", REMOTE_ADDR=f"2001:db8::{number:x}").status_code == 401
    assert me(HTTP_X_API_KEY="ow_x", REMOTE_ADDR="2001:db8::ffff").status_code == 429
    assert me(HTTP_X_API_KEY="ow_x", REMOTE_ADDR="2001:db8:0:1::1").status_code == 401


def test_a_key_of_an_older_pepper_is_still_good_and_one_of_a_removed_pepper_is_not(me, new_key, settings):
    old = new_key()
    assert ApiKey.objects.get(pk=old["id"]).pepper_id == "p2"
    rotated = {"p3": "a-third-pepper-a-third-pepper-a-third", **settings.API_KEY_PEPPERS}
    settings.API_KEY_PEPPERS = rotated
    new = new_key()
    assert ApiKey.objects.get(pk=new["id"]).pepper_id == "p3"
    assert me(HTTP_X_API_KEY=old["key"]).status_code == me(HTTP_X_API_KEY=new["key"]).status_code == 200
    settings.API_KEY_PEPPERS = {"p3": rotated["p3"]}
    assert me(HTTP_X_API_KEY=old["key"]).status_code == 401
    assert me(HTTP_X_API_KEY=new["key"]).status_code == 200


def test_the_database_keeps_the_peppered_digest_of_the_whole_key_alone(new_key, settings):
    key = new_key()
    row = ApiKey.objects.get()
    assert bytes(row.digest) == keys.digest(keys.parse(key["key"]), settings.API_KEY_PEPPERS["p2"])
    assert bytes(row.digest) != keys.digest(keys.parse(key["key"]), settings.API_KEY_PEPPERS["p1"])


def test_self_shows_the_key_and_what_is_left_of_its_limit(me, new_key):
    key = new_key(rate_limit={"limit": 5, "per_seconds": 60})
    answer = me(HTTP_X_API_KEY=key["key"])
    shown = answer.json()
    del key["key"]
    assert {name: shown.get(name) for name in key} == key
    assert shown["remaining"] == 4
    assert 0 < shown["resets_in"] <= 60
    assert answer["Cache-Control"] == "no-store"


def test_self_is_for_keys_and_not_for_developers(as_ann):
    assert refusal(as_ann.call("GET", "/api-keys/self")) == (403, "api_key_required")


def test_authenticating_writes_nothing(me, new_key):
    key = new_key()
    before = ApiKey.objects.values().get()
    me(HTTP_X_API_KEY=key["key"])
    assert ApiKey.objects.values().get() == before
