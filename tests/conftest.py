"""The cast, and the doors they come through.

Ann owns a team; Vera is a viewer in it; Bob has a team of his own and must see nothing of Ann's.
"""

import json

import pytest
from django.db import connection
from django.test import Client, TransactionTestCase

from accounts import attempts, audit_triggers
from accounts.models import Developer, Membership, Role, WaitingMail
from protocol.counters import reset_counters, shared

PASSWORD = "correct horse battery staple"
shared.TIMEOUT = 5.0  # seconds: a machine that is busy with tests is no Redis that is away

_teardown = TransactionTestCase._fixture_teardown


def _flush_without_triggers(self):
    """Audit rows refuse DELETE and TRUNCATE, so the triggers step aside for the flush, and for nothing else."""
    audit_triggers.remove(connection)
    try:
        _teardown(self)
    finally:
        audit_triggers.install(connection)


TransactionTestCase._fixture_teardown = _flush_without_triggers


@pytest.fixture(autouse=True)
def fresh_counters():
    """Every test starts with nobody having guessed or called."""
    reset_counters()
    attempts.forget()


class Api(Client):
    """The API as a program sees it: JSON in, JSON out, errors as answers rather than exceptions."""

    prefix = "/api/v1"

    def __init__(self, enforce_csrf_checks=False, **headers):
        super().__init__(enforce_csrf_checks, raise_request_exception=False, HTTP_HOST="127.0.0.1:8000", **headers)

    def call(self, method, path, body=None, **extra):
        data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.generic(method, self.prefix + path, **data, **extra)

    def form(self, path, **fields):
        from urllib.parse import urlencode

        return self.generic(
            "POST", self.prefix + path, urlencode(fields), content_type="application/x-www-form-urlencoded"
        )

    def with_token(self, token):
        return type(self)(HTTP_AUTHORIZATION=f"Bearer {token}")

    def with_key(self, key):
        return type(self)(HTTP_X_OPEN_WEARABLES_API_KEY=key)


@pytest.fixture
def api():
    """A caller without any credential."""
    return Api()


@pytest.fixture
def ann(db):
    return Developer.objects.create_user("ann@example.com", PASSWORD, first_name="Ann")


@pytest.fixture
def bob(db):
    return Developer.objects.create_user("bob@example.com", PASSWORD, first_name="Bob")


@pytest.fixture
def vera(ann):
    """Reads in Ann's team, and owns a team of her own."""
    vera = Developer.objects.create_user("vera@example.com", PASSWORD, first_name="Vera")
    Membership.objects.create(team=ann.home_team, developer=vera, role=Role.VIEWER)
    return vera


@pytest.fixture
def sign_in(api):
    """sign_in(developer) → the tokens of a new session."""

    def sign_in(developer, **extra):
        response = api.call("POST", "/auth/login", {"username": developer.email, "password": PASSWORD}, **extra)
        assert response.status_code == 200, response.content
        return response.json()

    return sign_in


@pytest.fixture
def as_ann(api, ann, sign_in):
    """The API with Ann's access token."""
    return api.with_token(sign_in(ann)["access_token"])


@pytest.fixture
def as_bob(api, bob, sign_in):
    return api.with_token(sign_in(bob)["access_token"])


@pytest.fixture
def as_vera(api, vera, sign_in):
    return api.with_token(sign_in(vera)["access_token"])


@pytest.fixture
def new_key(as_ann):
    """new_key(**fields) → the answer to Ann's creation of a key, whole key included."""

    def new_key(**fields):
        response = as_ann.call("POST", "/api-keys", fields)
        assert response.status_code == 201, response.content
        return response.json()

    return new_key


@pytest.fixture
def faults_at():
    """faults_at(response) → [(pointer or parameter, code)] of a 422."""

    def faults_at(response):
        assert response.status_code == 422, response.content
        return [(fault.get("pointer") or fault["parameter"], fault["code"]) for fault in response.json()["errors"]]

    return faults_at


@pytest.fixture
def letters(db):
    """letters() → the mails that wait for this test's end to be sent, the oldest first."""

    def letters():
        return list(WaitingMail.objects.order_by("pk"))

    return letters
