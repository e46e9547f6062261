"""POST /auth/login: the password grant of OAuth 2 by form or JSON, and one answer for every wrong guess."""

import logging

import pytest
from django.contrib.auth.hashers import get_hasher

from accounts import attempts
from accounts.hashers import OwaspArgon2
from accounts.models import AuditEvent, Developer, Session
from tests.accounts.conftest import HOME, PASSWORD, claims_of


def stripped(response):
    """What must be alike: status, body and headers, less the request's own id."""
    body = {name: value for name, value in response.json().items() if name != "request_id"}
    return response.status_code, body, {k: v for k, v in response.items() if k != "X-Request-ID"}


@pytest.mark.parametrize("name", ["username", "email"])
@pytest.mark.parametrize("kind", ["form", "json"])
def test_it_signs_in_by_form_and_json_under_either_name(api, ann, name, kind):
    fields = {name: ann.email, "password": PASSWORD}
    response = api.form("/auth/login", **fields) if kind == "form" else api.call("POST", "/auth/login", fields)
    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "token_type", "refresh_token", "expires_in"}
    assert response.json()["token_type"] == "bearer"
    assert response["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response
    assert not response.cookies


def test_expires_in_is_exp_minus_iat(tokens):
    claims = claims_of(tokens["access_token"])
    assert tokens["expires_in"] == claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize("setting", ["REFRESH_TOKEN_LIFETIME", "SESSION_ABSOLUTE_LIFETIME"])
def test_an_access_token_never_outlives_its_session(ann, sign_in, settings, setting):
    setattr(settings, setting, 100)
    found = sign_in(ann)
    assert 98 <= found["expires_in"] <= 100
    assert claims_of(found["access_token"])["exp"] - claims_of(found["access_token"])["iat"] == found["expires_in"]


@pytest.mark.parametrize("typed", ["ANN@example.com", "Ann@Example.COM", " ann@example.com "])
def test_an_email_matches_whatever_its_case(guess, ann, typed):
    assert guess(typed, PASSWORD).status_code == 200


@pytest.fixture
def cast(ann, bob, vera):
    """One developer of each class of failure: e-mail → password to try."""
    bob.disable(by=None)
    vera.set_unusable_password()
    vera.save()
    return {
        "nobody@example.com": PASSWORD,
        ann.email: "wrong",
        bob.email: PASSWORD,
        vera.email: PASSWORD,
        "é@example.com": PASSWORD,
    }


def test_every_class_of_failure_gets_the_same_answer(guess, cast):
    answers = [stripped(guess(email, password)) for email, password in cast.items()]
    assert all(answer == answers[0] for answer in answers)
    status, body, headers = answers[0]
    assert status == 401
    assert body["code"] == "invalid_credentials"
    assert body["detail"] == body["error_description"] == "Incorrect email or password"
    assert body["error"] == "invalid_grant"
    assert headers["WWW-Authenticate"] == 'Bearer realm="open-wearables"'


@pytest.mark.parametrize("number", range(5))
def test_every_class_of_failure_hashes_exactly_once(guess, cast, hashes, number):
    """Equal time without a clock: the hash is what takes the time."""
    email, password = list(cast.items())[number]
    guess(email, password)
    assert len(hashes) == 1


def test_a_success_hashes_exactly_once_too(guess, ann, hashes):
    assert guess(ann.email, PASSWORD).status_code == 200
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({}, {"#/username": "required", "#/password": "required"}),
        ({"username": "a@example.com"}, {"#/password": "required"}),
        ({"password": "x"}, {"#/username": "required"}),
        ({"username": "", "password": ""}, {"#/username": "blank", "#/password": "blank"}),
        ({"username": None, "password": None}, {"#/username": "null", "#/password": "null"}),
        ({"username": 1, "password": []}, {"#/username": "invalid", "#/password": "invalid"}),
        ({"username": "a", "email": "b", "password": "x"}, {"#/email": "invalid"}),
        ({"username": "x" * 255, "password": "x" * 4097}, {"#/username": "max_length", "#/password": "max_length"}),
        (
            {"username": "a\0", "password": "b\0"},
            dict.fromkeys(["#/username", "#/password"], "null_characters_not_allowed"),
        ),
        ({"username": "a", "password": "b", "delivery": "pigeon"}, {"#/delivery": "invalid_choice"}),
        ({"delivery": 7}, {"#/username": "required", "#/password": "required", "#/delivery": "invalid_choice"}),
    ],
)
def test_it_names_every_field_that_is_missing_or_wrong(api, db, fields, pointers):
    response = api.call("POST", "/auth/login", fields)
    assert response.status_code == 422
    assert {fault["pointer"]: fault["code"] for fault in response.json()["errors"]} == pointers
    assert response.json()["error"] == "invalid_request"


def test_an_empty_form_field_counts_as_missing(api, db):
    response = api.form("/auth/login", username="", password="")
    assert {fault["pointer"] for fault in response.json()["errors"]} == {"#/username", "#/password"}


def test_username_and_email_may_say_the_same(api, ann):
    fields = {"username": "ANN@example.com", "email": ann.email, "password": PASSWORD}
    assert api.call("POST", "/auth/login", fields).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"username=a&username=b&password=c",
        b"username=%ff&password=c",
        b"username=\xff&password=c",
        b"password=%ED%A0%80",
    ],
)
def test_a_form_is_read_strictly(api, db, raw):
    response = api.generic("POST", "/api/v1/auth/login", raw, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#"


def test_a_form_in_utf_8_is_taken_raw_and_escaped(api, ann):
    ann.set_password("pässword with spaces + plus")
    ann.save()
    for raw in ("pässword+with+spaces+%2B+plus", "p%C3%A4ssword%20with%20spaces%20%2b%20plus"):
        body = f"username={ann.email}&password={raw}".encode()
        response = api.generic("POST", "/api/v1/auth/login", body, content_type="application/x-www-form-urlencoded")
        assert response.status_code == 200


def test_a_form_has_at_most_50_fields(api, db):
    assert api.form("/auth/login", **{f"f{n}": "1" for n in range(51)}).status_code == 422


@pytest.mark.parametrize("grant_type", ["password", "refresh_token"])
def test_a_grant_type_that_we_know_is_taken(api, ann, grant_type):
    assert api.form("/auth/login", username=ann.email, password=PASSWORD, grant_type=grant_type).status_code == 200


@pytest.mark.parametrize("path", ["/auth/login", "/token/refresh"])
@pytest.mark.parametrize("grant_type", ["authorization_code", "client_credentials", "PASSWORD"])
def test_another_grant_type_is_refused_as_oauth_says(api, db, path, grant_type):
    response = api.form(path, username="a", password="b", refresh_token="c", grant_type=grant_type)
    assert response.status_code == 422
    assert response.json()["error"] == "unsupported_grant_type"
    assert response.json()["errors"][0]["pointer"] == "#/grant_type"


def test_parameters_that_oauth_does_not_know_are_ignored_in_body_and_query(api, ann):
    fields = {
        "username": ann.email,
        "password": PASSWORD,
        "scope": "x",
        "client_id": "y",
        "client_secret": "z",
        "foo": "1",
    }
    assert api.form("/auth/login", **fields).status_code == 200
    assert api.call("POST", "/auth/login", {**fields, "foo": {"deep": [1]}}).status_code == 200
    assert api.call("POST", "/auth/login?audience=x", fields).status_code == 200


def test_credentials_in_the_query_are_not_read(api, ann):
    response = api.call("POST", f"/auth/login?username={ann.email}&password=x")
    assert response.status_code == 422
    assert {fault["pointer"] for fault in response.json()["errors"]} == {"#/username", "#/password"}


@pytest.mark.parametrize("header", ["Bearer a.b.c", "Bearer ow_live_x", "Basic eDp5", "nonsense", "\xff"])
def test_it_never_looks_at_authorization(api, ann, header):
    fields = {"username": ann.email, "password": PASSWORD}
    assert api.call("POST", "/auth/login", fields, HTTP_AUTHORIZATION=header).status_code == 200
    assert api.call("POST", "/auth/login", fields, HTTP_X_API_KEY="ow_live_x").status_code == 200


def test_a_long_password_counts_to_its_last_character(guess, ann):
    long = "x" * 72 + "A" + "y" * 27
    ann.set_password(long)
    ann.save()
    assert guess(ann.email, "x" * 72 + "B" + "y" * 27).status_code == 401
    assert guess(ann.email, long[:72]).status_code == 401
    assert guess(ann.email, long).status_code == 200


def test_a_password_is_neither_trimmed_nor_changed(guess, ann):
    ann.set_password(" spaced password ")
    ann.save()
    assert guess(ann.email, "spaced password").status_code == 401
    assert guess(ann.email, " spaced password ").status_code == 200


def test_a_password_past_1024_bytes_is_not_hashed(guess, ann, hashes):
    response = guess(ann.email, "ä" * 513)
    assert (response.status_code, response.json()["code"]) == (401, "invalid_credentials")
    assert hashes == [""]
    assert guess("nobody@example.com", "ä" * 513).status_code == 401
    assert hashes == ["", ""]


def test_the_real_hash_is_argon2id_as_owasp_sets_it(ann, guess, settings):
    settings.PASSWORD_HASHERS = ["accounts.hashers.OwaspArgon2"]
    ann.set_password(PASSWORD)
    ann.save()
    assert ann.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert isinstance(get_hasher(), OwaspArgon2)
    assert guess(ann.email, PASSWORD).status_code == 200
    assert guess(ann.email, "wrong").status_code == 401


def test_no_password_and_no_token_is_logged(guess, ann, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        token = guess(ann.email, PASSWORD).json()["refresh_token"]
        for password in ("hunter2-unmistakable", "hunter2-unmistakable" * 100):
            guess(ann.email, password)
    written = caplog.text + "".join(capfd.readouterr())
    for secret in (PASSWORD, "hunter2-unmistakable", token):
        assert secret not in written


def test_a_success_is_audited_and_a_failure_is_not(guess, ann):
    guess(ann.email)
    assert not AuditEvent.objects.filter(action="session.opened").exists()
    guess(ann.email, PASSWORD, HTTP_X_REQUEST_ID="trace-1")
    event = AuditEvent.objects.get(action="session.opened")
    assert event.actor_id == ann.pk
    assert (event.request_id, event.address, event.agent) == ("trace-1", HOME["REMOTE_ADDR"], HOME["HTTP_USER_AGENT"])


def test_a_hash_that_waits_too_long_is_429(guess, ann, monkeypatch):
    monkeypatch.setattr(attempts, "HASH_WAIT", 0.01)
    taken = [attempts._turns.acquire(blocking=False) for _ in range(attempts.HASHES_AT_ONCE)]
    assert all(taken)
    try:
        for _ in range(12):
            response = guess(ann.email, PASSWORD)
            assert response.status_code == 429
            assert response["Retry-After"].isdigit()
            assert response.json()["code"] == "too_many_attempts"
    finally:
        for _ in taken:
            attempts._turns.release()
    assert guess(ann.email, PASSWORD).status_code == 200, "waiting for a turn is no bad guess"


def test_a_bug_while_hashing_is_no_bad_guess(guess, ann, monkeypatch):
    def broken(*args):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(Developer, "check_password", broken)
        assert [guess(ann.email).status_code for _ in range(12)] == [500] * 12
    assert guess(ann.email, PASSWORD).status_code == 200


def test_it_opens_one_session_that_remembers_where_from(guess, ann):
    guess(ann.email, PASSWORD)
    session = Session.objects.get(developer=ann)
    assert (session.ip, session.user_agent, session.kind) == (HOME["REMOTE_ADDR"], HOME["HTTP_USER_AGENT"], "api")
