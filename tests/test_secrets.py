"""The secret of a key is in exactly one response and nowhere else; passwords and tokens likewise.

One journey with every right and wrong use, forced 500s included. Afterwards everything it left behind is searched:
responses, log lines as they are written, mails, every row of every table.
"""

import io
import logging

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings
from django.utils.log import configure_logging

from accounts.models import AuditEvent
from apikeys import keys
from tests.conftest import PASSWORD
from wearables.api import EndUserListView

NEW_PASSWORD = "a wholly different staple battery"
WRONG_PASSWORD = "the wrong horse battery staple"


class Trail:
    """What a journey leaves behind, each thing as (what it is, its text)."""

    def __init__(self, responses, log):
        self.responses, self.log = responses, log

    def rows(self):
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                for row in cursor.fetchall():
                    values = [bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row]
                    yield f"a row of {table}", " | ".join(values)

    def elsewhere(self):
        """Everything but the responses."""
        yield from (("a log line", line) for line in self.log.getvalue().splitlines())
        yield from (("a mail", str(sent.message())) for sent in mail.outbox)
        yield from self.rows()

    def places_of(self, secret):
        return [place for place, text in self.elsewhere() if secret in text]

    def responses_with(self, secret):
        return [call for call, text in self.responses if secret in text]


@pytest.fixture
def trail(api, db, monkeypatch, settings):
    """Records from now on; the log is formatted as production writes it, at the most talkative level."""
    responses = []
    generic = type(api).generic

    def recorded(self, method, path, *args, **extra):
        response = generic(self, method, path, *args, **extra)
        head = "\n".join(f"{name}: {value}" for name, value in response.items())
        cookies = response.cookies.output()
        responses.append((f"{method} {path[:40]}", f"{head}\n{cookies}\n{response.getvalue().decode()}"))
        return response

    monkeypatch.setattr(type(api), "generic", recorded)
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    formatter = logging.getLogger().handlers[0].formatter
    handler = logging.StreamHandler(log := io.StringIO())
    handler.setFormatter(formatter)
    root, django = logging.getLogger(), logging.getLogger("django")
    levels = root.level, django.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG), django.setLevel(logging.DEBUG)
    yield Trail(responses, log)
    root.removeHandler(handler)
    root.setLevel(levels[0]), django.setLevel(levels[1])


def misuse(api, key, secret_holders):
    """Every place in which somebody may put a key by mistake; none of them may repeat it."""
    as_ann, caller = secret_holders
    for path in (
        f"/users?api_key={key}",
        f"/users?search={key}",
        f"/{key}",
        f"/{key}/",
        f"/users/{key}",
        f"/users/{key}/",
    ):
        api.call("GET", path)
        as_ann.call("GET", path)
    for query in ("cursor", "status", "environment", "limit", key):
        as_ann.call("GET", f"/api-keys?{query}={key}")
    for query in ("sort_by", "page", "email", "external_user_id"):
        as_ann.call("GET", f"/users?{query}={key}")
    for body in ({"environment": key}, {key: key}, {"scopes": [key]}, {"allowed_ips": [key]}, {"expires_at": key}):
        assert as_ann.call("POST", "/api-keys", body).status_code == 422
    assert as_ann.call("POST", "/api-keys", {"team": key, "rate_limit": key}).status_code == 422
    assert caller.call("POST", "/users", {"email": key, key: 1}).status_code == 422
    as_ann.generic("POST", "/api/v1/api-keys", f'{{"{key}": 1, "{key}": 2}}', content_type="application/json")
    as_ann.generic("POST", "/api/v1/api-keys", f"name={key}", content_type=f"text/{key}")
    api.call("POST", "/auth/login", {"username": key, "password": key})
    api.call("POST", "/auth/login", {"username": "ann@example.com", "password": key})
    api.form("/auth/login", grant_type=key, username=key, password=key)
    api.call("POST", "/token/refresh", {"refresh_token": key})
    api.call("POST", "/token/revoke", {"token": key})
    report_wrongly(api, key)
    api.call("GET", "/users", HTTP_AUTHORIZATION=f"Basic {key}")
    api.call("GET", "/users", HTTP_AUTHORIZATION=f"Bearer {key}x")
    api.call("GET", "/users", HTTP_X_API_KEY=key[:-1])
    api.call("GET", "/users", HTTP_X_API_KEY=key, HTTP_AUTHORIZATION=f"Bearer {keys.mint('live').text}")
    known = {"username": "ann@example.com", "password": PASSWORD}
    assert api.call("POST", "/auth/login", known, HTTP_USER_AGENT=f"script with {key}").status_code == 200
    api.call("GET", "/users", HTTP_X_REQUEST_ID=key, HTTP_HOST=f"{key}.example.com")
    api.call(key[:8], "/users")
    with override_settings(LOCAL_MODE=False):
        assert api.call("GET", f"/users?key={key}", HTTP_X_API_KEY=key).status_code == 403


def report_wrongly(api, key):
    """Reports that are refused, or that name another key: this one must stay good for the rest of the journey."""
    stranger = keys.mint("live").text
    for body in ({"key": stranger, "source": f"seen with {key}"}, {"key": f"{key[:-1]}! {stranger}"}):
        assert api.call("POST", "/api-keys/report", body).status_code == 202
    for body in ({"key": [key]}, {"key": {key: 1}}, {"key": key, key: 1}, {"key": f"{key}\0"}, {"source": key * 9}):
        assert api.call("POST", "/api-keys/report", body).status_code == 422
    api.form("/api-keys/report", key=key)
    api.call("POST", f"/api-keys/report?key={key}", {"key": key})


def break_down(monkeypatch, caller, key):
    """500s with the key in header, body, query, a local variable and the exception's own text."""

    def broken(self, request):
        local = request.data.get("external_user_id") or key  # before validation, which refuses a key as an id
        raise RuntimeError(f"no place for {local} of {request.META.get('HTTP_AUTHORIZATION')}")

    with monkeypatch.context() as patched:
        patched.setattr(EndUserListView, "validate", broken)
        assert caller.call("GET", f"/users?search={key}").status_code == 500
        assert caller.call("POST", "/users", {"external_user_id": key}).status_code == 500
    assert caller.call("POST", "/users", {"external_user_id": key, "first_name": key}).status_code == 422


def hand_out(as_ann):
    """What people may take with them holds no secret either."""
    person = as_ann.call("GET", "/users").json()["items"][0]
    assert as_ann.call("GET", f"/users/{person['id']}/export").status_code == 200
    assert as_ann.call("GET", "/auth/me/export").status_code == 200


def test_no_secret_is_anywhere_but_in_the_one_response(
    trail, api, ann, monkeypatch, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        api.call("POST", "/auth/login", {"username": "ann@example.com", "password": WRONG_PASSWORD})
        first = api.call("POST", "/auth/login", {"username": "ann@example.com", "password": PASSWORD}).json()
        tokens = api.form("/token/refresh", refresh_token=first["refresh_token"]).json()
        as_ann = api.with_token(tokens["access_token"])
        made = as_ann.call("POST", "/api-keys", {"name": "Server"}).json()
        caller = api.with_key(made["key"])
        assert caller.call("POST", "/users", {"first_name": "Zoe"}).status_code == 201
        assert caller.call("GET", "/api-keys/self").status_code == 200
        assert caller.call("GET", "/api-keys").status_code == 403
        misuse(api, made["key"], (as_ann, caller))
        break_down(monkeypatch, caller, made["key"])
        break_down(monkeypatch, as_ann, made["key"])
        rotated = as_ann.call("POST", f"/api-keys/{made['id']}/rotate", {}).json()
        assert as_ann.call("POST", f"/api-keys/{made['id']}/rotate", {}).status_code == 409
        last = as_ann.call("POST", f"/api-keys/{rotated['id']}/rotate", {"compromised": True}).json()
        as_ann.call("GET", "/api-keys?status=all"), as_ann.call("GET", f"/api-keys/{last['id']}")
        as_ann.call("PATCH", f"/api-keys/{last['id']}", {"enabled": False})
        assert api.call("POST", "/api-keys/report", {"key": last["key"], "source": last["key"]}).status_code == 202
        as_ann.call("DELETE", f"/api-keys/{last['id']}")
        hand_out(as_ann)
        body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        assert (
            as_ann.call("POST", "/auth/change-password", {**body, "current_password": WRONG_PASSWORD}).status_code
            == 422
        )
        assert as_ann.call("POST", "/auth/change-password", body).status_code == 200
        as_ann.call("POST", "/auth/logout", {})
    for key in (made, rotated, last):
        assert trail.responses_with(key["key"]) == trail.responses_with(key["key"][21:64])
        assert len(trail.responses_with(key["key"])) == 1
        assert trail.places_of(key["key"][21:64]) == []
    for text in (first["access_token"], first["refresh_token"], tokens["access_token"], tokens["refresh_token"]):
        assert len(trail.responses_with(text)) == 1
        assert trail.places_of(text) == trail.places_of(text.rpartition(".")[2]) == []
    for password in (PASSWORD, NEW_PASSWORD, WRONG_PASSWORD):
        assert trail.responses_with(password) == trail.places_of(password) == []
    # The search would have found them: their public halves are in all the places that were searched.
    found = set(trail.places_of(made["key_prefix"].removeprefix("ow_live_")))
    assert {"a log line", "a mail", "a row of apikeys_apikey"} <= found
    assert any("no place for" in line and "eyJ…" in line for _, line in trail.elsewhere())
    assert AuditEvent.objects.filter(action="api_key.sent_in_clear").count() == 1
    assert AuditEvent.objects.filter(action="api_key.reported").count() == 1


def test_the_search_finds_what_is_there(trail, api, ann):
    answer = api.call("POST", "/auth/login", {"username": "ann@example.com", "password": PASSWORD}).json()
    logging.getLogger("somewhere").error("a line with plain text, and with %s", keys.mint("live").text)
    assert len(trail.responses_with(answer["access_token"])) == 1
    assert trail.places_of("ann@example.com") != []
    assert trail.places_of("a line with plain text, and with ow_live_") == ["a log line"]
