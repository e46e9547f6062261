"""POST /token/refresh: each use gives the next generation; nothing but the row's own token opens anything."""

import pytest

from accounts.models import Session
from tests.accounts.conftest import GONE, HOME, NOBODY, claims_of, forge


def rejected(response):
    assert response.status_code == 401, response.content
    body = response.json()
    assert body["code"] == "refresh_rejected"
    assert (body["error"], body["error_description"]) == ("invalid_grant", body["detail"])
    assert response["WWW-Authenticate"] == 'Bearer realm="open-wearables"'
    return True


def test_it_answers_in_the_shape_of_a_sign_in(refresh, tokens, me):
    response = refresh(tokens["refresh_token"])
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    found = response.json()
    assert set(found) == set(tokens)
    assert found["refresh_token"] != tokens["refresh_token"]
    claims = claims_of(found["access_token"])
    assert found["expires_in"] == claims["exp"] - claims["iat"]
    assert me(found["access_token"]) == 200


def test_the_old_access_token_stays_good_until_its_end(refresh, tokens, me):
    refresh(tokens["refresh_token"])
    assert me(tokens["access_token"]) == 200


def test_a_form_may_carry_what_oauth_clients_send(api, tokens):
    response = api.form(
        "/token/refresh", grant_type="refresh_token", refresh_token=tokens["refresh_token"], client_id="x", scope="y"
    )
    assert response.status_code == 200


def test_it_never_looks_at_authorization(refresh, tokens):
    assert refresh(tokens["refresh_token"], HTTP_AUTHORIZATION="Bearer a.b.c").status_code == 200


def test_a_refresh_token_is_at_most_1024_bytes(ann, sign_in, refresh):
    token = sign_in(ann)["refresh_token"]
    for _ in range(12):
        assert len(token.encode()) <= 1024
        token = refresh(token).json()["refresh_token"]


def test_it_names_its_session_and_generation(refresh, tokens):
    first = claims_of(tokens["refresh_token"])
    second = claims_of(refresh(tokens["refresh_token"]).json()["refresh_token"])
    assert (first["gen"], second["gen"]) == (1, 2)
    assert first["sid"] == second["sid"] == claims_of(tokens["access_token"])["sid"]
    assert first["jti"] != second["jti"]


def test_auth_time_is_kept_across_refreshes(clock, refresh, tokens):
    first = claims_of(tokens["access_token"])
    clock.shift(1000)
    second = claims_of(refresh(tokens["refresh_token"]).json()["access_token"])
    assert second["auth_time"] == first["auth_time"]
    assert second["iat"] >= first["iat"] + 1000


@pytest.mark.parametrize("body", [{}, {"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": 7}])
def test_a_missing_token_is_422(api, db, body):
    response = api.call("POST", "/token/refresh", body)
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == ["#/refresh_token"]
    assert response.json()["error"] == "invalid_request"


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "x" * 2000, "..", " ", "eyJ.eyJ.eyJ"])
def test_what_is_no_refresh_token_is_rejected(refresh, db, token):
    assert rejected(refresh(token))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "gen", "iat", "exp", "jti", "token_type"])
@pytest.mark.parametrize(
    "value",
    [GONE, None, [], {}, True, 1.5, 1e18, "", "1\0", ["open-wearables"]],
    ids=lambda value: "gone" if value is GONE else str(value),
)
def test_a_claim_that_is_missing_or_absurd_is_rejected_and_ends_nothing(refresh, tokens, me, claim, value):
    if (claim, value) != ("jti", "1\0"):
        assert rejected(refresh(forge(tokens["refresh_token"], **{claim: value})))
    assert me(tokens["access_token"]) == 200
    assert refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [{"iss": "x"}, {"aud": "x"}, {"sub": NOBODY}, {"sid": NOBODY}, {"token_type": "access"},
     {"exp": 0}, {"exp": 10**18}, {"iat": 2**40}],
    ids=str,
)  # fmt: skip
def test_a_claim_that_was_changed_is_rejected(refresh, tokens, changed):
    token = forge(tokens["refresh_token"], **changed)
    if changed != {"exp": 10**18}:
        assert rejected(refresh(token))
    else:
        assert refresh(token).status_code in (200, 401)


def test_a_token_signed_again_without_a_change_is_good(refresh, tokens):
    assert refresh(forge(tokens["refresh_token"])).status_code == 200


def test_a_browser_session_has_no_refresh(refresh, tokens):
    Session.objects.update(kind="browser")
    assert rejected(refresh(tokens["refresh_token"]))


def test_a_disabled_developer_is_rejected(refresh, tokens, ann):
    ann.disable(by=None)
    assert rejected(refresh(tokens["refresh_token"]))
    ann.enable(by=None)
    assert rejected(refresh(tokens["refresh_token"])), "the session is over for good"


def test_a_developer_made_inactive_behind_our_back_is_rejected(refresh, tokens, ann):
    type(ann).objects.filter(pk=ann.pk).update(is_active=False)
    assert rejected(refresh(tokens["refresh_token"]))


def test_a_deleted_developer_is_rejected(refresh, tokens, ann):
    ann.delete()
    assert rejected(refresh(tokens["refresh_token"]))


def test_a_session_idles_out_after_14_days(clock, ann, sign_in, refresh):
    first, second = (sign_in(ann)["refresh_token"] for _ in range(2))
    clock.shift(14 * 86400 - 60)
    assert refresh(first).status_code == 200
    clock.shift(120)
    assert rejected(refresh(second))


def test_each_use_puts_the_idle_end_off_but_never_past_90_days(clock, ann, sign_in, refresh, me):
    token, started = sign_in(ann)["refresh_token"], Session.objects.get().created_at.timestamp()
    for _ in range(8):
        clock.shift(11 * 86400)
        found = refresh(token).json()
        token = found["refresh_token"]
        assert claims_of(token)["exp"] <= started + 90 * 86400 + 1
    clock.shift(2 * 86400 - 600)
    found = refresh(token).json()
    assert 1 <= found["expires_in"] <= 601, "an access token ends with its session"
    clock.shift(700)
    assert rejected(refresh(found["refresh_token"]))
    assert me(found["access_token"]) == 401


def test_a_database_row_holds_no_token(tokens, refresh):
    refresh(tokens["refresh_token"])
    row = str(Session.objects.values().get())
    assert not any(token in row for token in tokens.values() if isinstance(token, str) and len(token) > 20)


def test_the_session_remembers_the_last_rotation(refresh, tokens):
    refresh(tokens["refresh_token"], REMOTE_ADDR="198.51.100.9", HTTP_USER_AGENT="New/2")
    session = Session.objects.get()
    assert (session.rotated_ip, session.rotated_user_agent) == ("198.51.100.9", "New/2")
    assert (session.ip, session.user_agent) == (HOME["REMOTE_ADDR"], HOME["HTTP_USER_AGENT"])


def test_refreshing_does_not_make_a_sign_in_recent(clock, ann, sign_in, refresh, api):
    """RFC 9470: a stolen refresh token can't mint a lasting key; signing in again can."""
    token = sign_in(ann)["refresh_token"]
    clock.shift(3590)
    found = refresh(token).json()
    assert api.with_token(found["access_token"]).call("POST", "/api-keys", {}).status_code == 201
    clock.shift(20)
    found = refresh(found["refresh_token"]).json()
    response = api.with_token(found["access_token"]).call("POST", "/api-keys", {})
    assert response.status_code == 401
    assert response.json()["code"] == "recent_sign_in_required"
    challenge = 'Bearer realm="open-wearables", error="insufficient_user_authentication", max_age=3600'
    assert response["WWW-Authenticate"] == challenge
    assert api.with_token(sign_in(ann)["access_token"]).call("POST", "/api-keys", {}).status_code == 201
