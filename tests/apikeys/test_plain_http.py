"""An API call over plain HTTP in production: refused, and a live key in it is flagged if it is really that key."""

import pytest
from django.core import mail
from django.db import DatabaseError
from django.test import override_settings

from accounts.models import Membership, Role
from apikeys import keys
from apikeys.models import ApiKey

HTTPS = {"wsgi.url_scheme": "https"}


@pytest.fixture
def in_the_clear(api, outbox):
    """in_the_clear(text) → (answer, mails) of a call with this key over plain HTTP in production."""

    def in_the_clear(text, header="HTTP_X_API_KEY", **extra):
        with override_settings(LOCAL_MODE=False), outbox() as sent:
            answer = api.call("GET", "/users", **{header: text}, **extra)
        return answer, sent

    return in_the_clear


def test_it_is_refused_without_a_redirect(in_the_clear, new_key):
    answer, _ = in_the_clear(new_key()["key"])
    assert (answer.status_code, answer.json()["code"]) == (403, "https_required")
    assert answer["Content-Type"] == "application/problem+json"
    assert "Location" not in answer
    assert answer["X-Request-ID"] == answer.json()["request_id"]


def test_https_is_let_through(in_the_clear, new_key, audited):
    key = new_key()
    answer, sent = in_the_clear(key["key"], **HTTPS)
    assert (answer.status_code, sent) == (200, [])
    assert audited(key) == ["api_key.issued"]


@override_settings(TRUSTED_PROXIES=())
def test_a_stranger_cannot_say_that_it_was_https(in_the_clear, new_key):
    assert in_the_clear(new_key()["key"], HTTP_X_FORWARDED_PROTO="https")[0].status_code == 403


def test_local_mode_has_no_such_rule(status_of, new_key):
    assert status_of(new_key()) == 200


@pytest.mark.parametrize("header", ["HTTP_X_API_KEY", "HTTP_X_OPEN_WEARABLES_API_KEY", "HTTP_AUTHORIZATION"])
def test_a_live_key_is_flagged_and_its_owners_are_told(in_the_clear, new_key, audited, header):
    key = new_key(name="Server")
    text = f"Bearer {key['key']}" if header == "HTTP_AUTHORIZATION" else key["key"]
    _, sent = in_the_clear(text, header)
    assert [mail.to for mail in sent] == [["ann@example.com"]]
    assert key["key_prefix"] in sent[0].body
    assert key["key"][21:64] not in sent[0].body
    assert audited(key) == ["api_key.issued", "api_key.sent_in_clear"]


def test_the_key_stays_good_unless_the_setting_says_otherwise(in_the_clear, new_key, status_of):
    key = new_key()
    in_the_clear(key["key"])
    assert status_of(key) == 200


def test_the_setting_revokes_it_at_once(in_the_clear, new_key, status_of, audited, settings):
    key = new_key()
    settings.REVOKE_KEYS_SENT_OVER_HTTP = True
    _, sent = in_the_clear(key["key"])
    assert status_of(key) == 401
    assert "revoked at once" in sent[0].body
    assert audited(key) == ["api_key.issued", "api_key.sent_in_clear", "api_key.revoked"]


def test_it_is_revoked_even_when_its_owners_were_told_before(in_the_clear, new_key, status_of, settings):
    key = new_key()
    in_the_clear(key["key"])
    settings.REVOKE_KEYS_SENT_OVER_HTTP = True
    in_the_clear(key["key"])
    assert status_of(key) == 401


def test_a_stranger_cannot_flag_a_key_by_its_public_id(in_the_clear, new_key, status_of, audited, settings):
    key = new_key()
    settings.REVOKE_KEYS_SENT_OVER_HTTP = True
    forged = key["key"][:21] + keys.mint("live").text[21:64]
    answer, sent = in_the_clear(forged + keys.checksum(forged))
    assert (answer.status_code, sent) == (403, [])
    assert status_of(key) == 200
    assert audited(key) == ["api_key.issued"]


@pytest.mark.parametrize(
    "text", ["ow_live_x", keys.mint("live").text, "nonsense", ""], ids=["cut", "unknown", "nonsense", "none"]
)
def test_what_is_no_key_of_ours_is_refused_all_the_same(in_the_clear, db, text):
    answer, sent = in_the_clear(text)
    assert (answer.json()["code"], sent) == ("https_required", [])


def test_a_test_key_and_one_that_opens_nothing_are_not_worth_a_mail(in_the_clear, as_ann, new_key):
    revoked, disabled = new_key(), new_key()
    as_ann.call("DELETE", f"/api-keys/{revoked['id']}")
    as_ann.call("PATCH", f"/api-keys/{disabled['id']}", {"enabled": False})
    for key in (new_key(environment="test"), revoked, disabled):
        assert in_the_clear(key["key"])[1] == []


def test_a_chatty_program_is_one_mail_an_hour(in_the_clear, new_key):
    key = new_key()
    for _ in range(3):
        in_the_clear(key["key"])
    assert len(mail.outbox) == 1


def test_every_owner_is_told_and_no_viewer(in_the_clear, new_key, ann, bob, vera):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.OWNER)
    _, sent = in_the_clear(new_key()["key"])
    assert sorted(mail.to for mail in sent) == [["ann@example.com"], ["bob@example.com"]]


def test_the_answer_is_the_same_when_the_database_is_away(in_the_clear, new_key, monkeypatch):
    key = new_key()

    def away(*args, **kwargs):
        raise DatabaseError("away")

    monkeypatch.setattr(ApiKey.objects.__class__, "usable", away)
    assert in_the_clear(key["key"])[0].json()["code"] == "https_required"


def test_health_answers_over_plain_http(api, db):
    with override_settings(LOCAL_MODE=False):
        assert api.get("/healthz").status_code == 200
