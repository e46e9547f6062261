"""Access tokens: one algorithm, a key set, every claim required with its exact type, good while the session lives."""

import base64
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.models import Session
from tests.accounts.conftest import GONE, NOBODY, claims_of, forge

CLAIMS = {"iss", "aud", "sub", "sid", "iat", "exp", "jti", "token_type", "auth_time"}


@pytest.fixture
def access(tokens):
    return tokens["access_token"]


@pytest.fixture
def refused(api):
    """refused(token): it is the 401 worth a refresh, without a word on what was wrong."""

    def refused(token):
        response = api.with_token(token).call("GET", "/auth/me")
        assert response.status_code == 401, token
        assert response["WWW-Authenticate"] == 'Bearer realm="open-wearables", error="invalid_token"'
        assert response.json()["code"] == "invalid_token"
        return True

    return refused


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_it_holds_the_promised_claims_and_names_its_key(access, ann):
    claims = claims_of(access)
    assert set(claims) == CLAIMS
    assert claims["sub"] == str(ann.pk)
    assert claims["token_type"] == "access"
    assert jwt.get_unverified_header(access) == {"alg": "HS256", "typ": "JWT", "kid": "k2"}


def test_a_token_signed_again_without_a_change_is_good(access, me):
    assert me(forge(access)) == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR "])
def test_the_scheme_is_case_insensitive(api, access, scheme):
    assert api.call("GET", "/auth/me", HTTP_AUTHORIZATION=f"{scheme} {access}").status_code == 200


@pytest.mark.parametrize("header", ["{}", "Basic {}", "Token {}", "Bearer", "Bearer ", "Bearer{}"])
def test_without_a_bearer_nobody_is_signed_in(api, access, header):
    response = api.call("GET", "/auth/me", HTTP_AUTHORIZATION=header.format(access))
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("alg", ["none", "nOnE", "None", "", "HS512", "hs256", "RS256", ["HS256"], None, 1, {}])
def test_the_header_never_chooses_the_algorithm(access, refused, alg):
    head, body, signature = access.split(".")
    for end in (signature, ""):
        assert refused(f"{part({'alg': alg, 'typ': 'JWT', 'kid': 'k2'})}.{body}.{end}")


def test_our_key_under_another_algorithm_is_refused(access, refused):
    assert refused(forge(access, algorithm="HS512"))
    assert refused(forge(access, algorithm="HS384"))


def test_an_rsa_signature_is_refused(access, refused):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    assert refused(forge(access, algorithm="RS256", key=pem))


def test_another_key_is_refused(access, refused):
    assert refused(forge(access, key="x" * 40))


@pytest.mark.parametrize("kid", [GONE, "k9", "", "k1", "../k2", "k2\0", "K2"])
def test_the_header_must_name_the_key_that_signed(access, refused, kid):
    """`k1` is ours, but it is not the one that signed."""
    assert refused(forge(access, header={"kid": kid}))


@pytest.mark.parametrize("kid", [None, 1, ["k2"], {"k2": 1}, True])
def test_a_kid_that_is_no_text_is_refused(access, refused, kid):
    head, body, signature = access.split(".")
    assert refused(f"{part({'alg': 'HS256', 'kid': kid})}.{body}.{signature}")


@pytest.mark.parametrize("crit", [["x"], [], ["exp"], "exp", None, 1, [1]])
def test_a_critical_header_is_refused(access, refused, crit):
    """RFC 7515 §4.1.11: we understand no extension, and an empty list is not allowed either."""
    secret = "tests-Jw3kq0Zr8mWcXv5nB2uJtL7dGhPeQa91"
    head = part({"alg": "HS256", "kid": "k2", "crit": crit, "x": 1})
    body = access.split(".")[1]
    algorithm = jwt.algorithms.get_default_algorithms()["HS256"]
    signature = algorithm.sign(f"{head}.{body}".encode(), algorithm.prepare_key(secret))
    assert refused(f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")


def test_headers_that_point_to_keys_are_never_followed(access, me, refused, monkeypatch):
    def no_connection(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.create_connection", no_connection)
    elsewhere = {"jku": "https://evil.example/keys", "x5u": "https://evil.example/cert", "jwk": {"kty": "oct"}}
    assert me(forge(access, header=elsewhere)) == 200
    assert refused(forge(access, header=elsewhere, key="x" * 40))


@pytest.mark.parametrize("claim", sorted(CLAIMS))
@pytest.mark.parametrize(
    "value",
    [GONE, None, [], {}, True, 1.5, -1, 10**18, 1e18, "", "1\0", "x", ["open-wearables"], "9" * 30],
    ids=lambda value: "gone" if value is GONE else str(value)[:20],
)
def test_a_claim_that_is_missing_or_absurd_is_refused(access, refused, claim, value):
    if claim == "jti" and value in ("x", "1\0", "9" * 30):
        return  # any text names a token
    assert refused(forge(access, **{claim: value}))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "http://127.0.0.1:8001"},
        {"aud": "other"},
        {"sub": NOBODY},
        {"sid": NOBODY},
        {"token_type": "refresh"},
        {"iat": 0},
        {"exp": 0},
        {"auth_time": 0},
        {"auth_time": 2**40},
        {"nbf": 2**40},
        {"nbf": "soon"},
        {"nbf": []},
    ],
    ids=str,
)
def test_a_claim_that_was_changed_is_refused(access, refused, changed):
    assert refused(forge(access, **changed))


def test_a_token_for_somebody_elses_session_is_refused(access, refused, bob, sign_in):
    theirs = claims_of(sign_in(bob)["access_token"])
    assert refused(forge(access, sid=theirs["sid"]))
    assert refused(forge(access, sub=theirs["sub"]))


def test_the_clock_is_forgiven_5_seconds(access, me, refused):
    now = int(time.time())
    assert me(forge(access, exp=now - 2)) == 200
    assert refused(forge(access, exp=now - 10))
    assert me(forge(access, iat=now + 3)) == 200
    assert refused(forge(access, iat=now + 60))
    assert me(forge(access, nbf=now + 3)) == 200
    assert refused(forge(access, nbf=now + 60))


def test_it_ends_when_it_says(clock, tokens, me):
    access = tokens["access_token"]
    clock.shift(3600 - 5)
    assert me(access) == 200
    clock.shift(20)
    assert me(access) == 401


@pytest.mark.parametrize(
    "token", ["x.y.z", "..", "a.b", "eyJ", "é.é.é", "null.null.null", "W10.W10.W10", "bnVsbA.e30.x", "1" * 5000]
)
def test_what_is_no_token_is_refused(api, db, refused, token):
    assert refused(token)


@pytest.mark.parametrize("levels", [500, 5000])
def test_a_header_nested_deeper_than_the_stack_is_refused(access, refused, refresh, levels):
    text = b'{"alg":"HS256","kid":"k2","x":' + b"[" * levels + b"]" * levels + b"}"
    head = base64.urlsafe_b64encode(text).decode().rstrip("=")
    token = f"{head}.{access.split('.')[1]}.eA"
    assert refused(token)
    assert refresh(token).status_code == 401


def test_a_refresh_token_is_no_access_token(tokens, refused, refresh):
    assert refused(tokens["refresh_token"])
    assert refresh(tokens["access_token"]).status_code == 401


def test_every_key_of_the_set_verifies_and_the_first_one_signs(tokens, me, settings, sign_in, ann):
    old = settings.JWT_SIGNING_KEYS
    assert me(forge(tokens["access_token"], header={"kid": "k1"}, key=old["k1"])) == 200
    settings.JWT_SIGNING_KEYS = {"k3": "tests-New3kq0Zr8mWcXv5nB2uJtL7dGhPeQa9", **old}
    assert me(tokens["access_token"]) == 200
    assert jwt.get_unverified_header(sign_in(ann)["access_token"])["kid"] == "k3"


def test_a_key_that_was_removed_verifies_no_more(tokens, me, refresh, settings):
    settings.JWT_SIGNING_KEYS = {"k1": settings.JWT_SIGNING_KEYS["k1"]}
    assert me(tokens["access_token"]) == 401
    assert refresh(tokens["refresh_token"]).status_code == 401


def test_it_is_good_only_while_its_session_lives(tokens, me):
    Session.objects.close(Session.Reason.OPERATOR)
    assert me(tokens["access_token"]) == 401


def test_it_is_good_only_while_its_developer_is_active(tokens, me, ann):
    ann.disable(by=None)
    assert me(tokens["access_token"]) == 401


def test_it_ends_with_its_developer(tokens, me, ann):
    ann.delete()
    assert me(tokens["access_token"]) == 401


def test_one_query_finds_session_and_developer(api, tokens, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):  # and three for the teams, factors and pending address that /auth/me shows
        api.with_token(tokens["access_token"]).call("GET", "/auth/me")


def test_a_portal_cookie_alone_is_401(api, ann):
    api.force_login(ann)
    response = api.call("GET", "/auth/me")
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"
