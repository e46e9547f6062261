"""What the tests of accounts share: tokens forged with our own key, callers from elsewhere, and a watch on hashing."""

import contextlib
import json
import warnings
from datetime import UTC, datetime

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from tests.conftest import PASSWORD

GONE = object()  # a claim or header to leave out

NOBODY = "01920000-0000-7000-8000-000000000000"  # an id that nothing has

HOME = {"REMOTE_ADDR": "203.0.113.5", "HTTP_USER_AGENT": "Home/1"}
NEIGHBOUR = {"REMOTE_ADDR": "203.0.113.99", "HTTP_USER_AGENT": "Other/9"}  # the same /24
TRAVELLING = {"REMOTE_ADDR": "198.51.100.7", "HTTP_USER_AGENT": "Home/1"}  # the same agent
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7", "HTTP_USER_AGENT": "Other/9"}


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def forge(token, *, header=None, key=None, algorithm="HS256", **claims):
    """`token` signed again, with other claims and header members."""
    payload = {k: v for k, v in {**claims_of(token), **claims}.items() if v is not GONE}
    members = {"kid": next(iter(settings.JWT_SIGNING_KEYS)), **(header or {})}
    secret = key if key is not None else next(iter(settings.JWT_SIGNING_KEYS.values()))
    with warnings.catch_warnings(action="ignore"):  # a key of 256 bits is short for HS512, and that is the point
        return jwt.PyJWS().encode(
            json.dumps(payload).encode(), secret, algorithm, {k: v for k, v in members.items() if v is not GONE}
        )


@pytest.fixture
def tokens(ann, sign_in):
    """Ann's tokens, from home."""
    return sign_in(ann, **HOME)


@pytest.fixture
def refresh(api):
    """refresh(token, **where from) → the answer."""

    def refresh(token, **extra):
        return api.call("POST", "/token/refresh", {"refresh_token": token}, **{**HOME, **extra})

    return refresh


@pytest.fixture
def me(api):
    """me(access token) → the status of GET /auth/me with it."""
    return lambda token: api.with_token(token).call("GET", "/auth/me").status_code


@pytest.fixture
def guess(api):
    """guess(email, password, **where from) → the answer of a sign-in."""

    def guess(email, password="wrong", **extra):
        return api.call("POST", "/auth/login", {"username": email, "password": password}, **{**HOME, **extra})

    return guess


@pytest.fixture
def clock(time_machine):
    """The clock, going on from now; `clock.shift(seconds)` moves it."""
    time_machine.move_to(datetime.now(UTC))
    return time_machine


@pytest.fixture
def hashes(monkeypatch):
    """The passwords that are hashed from now on, in order."""
    seen = []
    encode = Argon2PasswordHasher.encode
    verify = Argon2PasswordHasher.verify
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *a: seen.append(a[1]) or encode(*a))
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda *a: seen.append(a[1]) or verify(*a))
    return seen


@pytest.fixture
def after_commit(django_capture_on_commit_callbacks):
    """`with after_commit():` — what waits for the commit (mail) happens at its end."""

    @contextlib.contextmanager
    def after_commit():
        with django_capture_on_commit_callbacks(execute=True):
            yield

    return after_commit


__all__ = ["ELSEWHERE", "GONE", "HOME", "NEIGHBOUR", "NOBODY", "PASSWORD", "TRAVELLING", "claims_of", "forge"]
