"""POST /api-keys/report: whoever finds a key says so, and learns nothing by it."""

import pytest
from django.core import mail

from accounts.models import AuditEvent, Membership, Role, Team
from apikeys import keys, leaks
from apikeys.models import ApiKey

STRANGER = keys.mint("live").text


@pytest.fixture
def report(api, outbox):
    """report(text, **fields) → (answer, mails so far)."""

    def report(text, path="/api-keys/report", **extra):
        fields = {"source": extra.pop("source")} if "source" in extra else {}
        with outbox() as sent:
            answer = api.call("POST", path, {"key": text, **fields}, **extra)
        return answer, sent

    return report


def forged(key):
    """A well-formed key with this one's public id and another secret."""
    text = key["key"][:21] + STRANGER[21:64]
    return text + keys.checksum(text)


@pytest.mark.parametrize("path", ["/api-keys/report", "/developer/api-keys/report"])
@pytest.mark.parametrize("environment", ["live", "test"])
def test_a_reported_key_is_revoked_at_once(report, new_key, status_of, audited, path, environment):
    key = new_key(environment=environment)
    answer, _ = report(key["key"], path)
    assert answer.status_code == 202
    assert status_of(key) == 401
    assert audited(key) == ["api_key.issued", "api_key.reported", "api_key.revoked"]
    assert AuditEvent.objects.get(action="api_key.revoked").data == {"reason": "reported"}


def test_the_answer_is_the_same_whatever_the_text_was(report, as_ann, new_key):
    revoked = new_key()
    as_ann.call("DELETE", f"/api-keys/{revoked['id']}")
    texts = [new_key()["key"], revoked["key"], STRANGER, forged(new_key()), STRANGER[:-1], "ow_live_", "no key", " "]
    answers = [report(text, HTTP_X_REQUEST_ID="the-same")[0] for text in [*texts, "x" * 60_000, "ключ", "🔑\n"]]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.items())) for answer in answers}) == 1


def test_the_answer_says_nothing_but_thanks(report, db):
    answer, _ = report(STRANGER)
    assert list(answer.json()) == ["message"]
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"


def test_nobody_can_have_a_key_revoked_by_its_public_id(report, new_key, status_of, audited):
    key = new_key()
    for text in (forged(key), key["key_prefix"], key["key"][:-1], key["key"][:-1] + "!"):
        assert report(text)[1] == []
    assert status_of(key) == 200
    assert audited(key) == ["api_key.issued"]


@pytest.mark.parametrize("around", ["  {}\n", '"{}"', "X-API-Key: {}", "https://api.example.com/?api_key={}"])
def test_what_was_pasted_around_the_key_does_no_harm(report, new_key, status_of, around):
    key = new_key()
    report(around.format(key["key"].replace("_", "%5F")))
    assert status_of(key) == 401


def test_its_owners_and_its_maker_are_told_with_the_source(report, as_bob, bob, ann, new_key):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.DEVELOPER)
    made = as_bob.call("POST", "/api-keys", {"name": "Server", "team": str(ann.home_team_id)}).json()
    mail.outbox.clear()
    _, sent = report(made["key"], source="https://github.com/acme/app/blob/main/.env <b>now</b>")
    assert sorted(letter.to for letter in sent) == [["ann@example.com"], ["bob@example.com"]]
    for letter in sent:
        assert "is revoked" in letter.subject
        assert "https://github.com/acme/app/blob/main/.env <b>now</b>" in letter.body
        assert made["key_prefix"] in letter.body and "Server" in letter.body
        assert made["key"][21:64] not in str(letter.message())


def test_neither_a_viewer_nor_a_maker_who_left_is_told(report, as_bob, bob, ann, vera):
    place = Membership.objects.create(team=ann.home_team, developer=bob, role=Role.DEVELOPER)
    made = as_bob.call("POST", "/api-keys", {"team": str(ann.home_team_id)}).json()
    place.delete()
    mail.outbox.clear()
    assert [letter.to for letter in report(made["key"])[1]] == [["ann@example.com"]]


def test_without_a_source_the_mail_names_none(report, new_key):
    _, sent = report(new_key()["key"])
    assert "Where they saw it" not in sent[0].body


def test_a_second_report_changes_nothing_and_tells_nobody(report, new_key, audited):
    key = new_key()
    report(key["key"])
    assert len(report(key["key"])[1]) == 1
    assert audited(key).count("api_key.revoked") == audited(key).count("api_key.reported") == 1


@pytest.mark.parametrize("asleep", ["disabled", "suspended", "expired"])
def test_a_key_that_could_be_woken_up_is_revoked_too(report, as_ann, ann, new_key, asleep):
    key = new_key()
    if asleep == "disabled":
        as_ann.call("PATCH", f"/api-keys/{key['id']}", {"enabled": False})
    elif asleep == "suspended":
        Team.objects.get(pk=ann.home_team_id).suspend(by=None)
    else:
        ApiKey.objects.update(expires_at="2020-01-01T00:00:00Z")
    report(key["key"])
    assert ApiKey.objects.get().revoked_at is not None


def test_where_the_setting_is_off_the_team_is_only_told(report, new_key, status_of, audited, settings):
    settings.REVOKE_REPORTED_KEYS = False
    key = new_key()
    answer, sent = report(key["key"])
    assert (answer.status_code, status_of(key)) == (202, 200)
    assert "still good" in sent[0].body and "revoked" not in sent[0].body
    assert audited(key) == ["api_key.issued", "api_key.reported"]


def test_where_the_setting_is_off_a_key_is_one_mail_an_hour(report, new_key, audited, settings):
    settings.REVOKE_REPORTED_KEYS = False
    key = new_key()
    for _ in range(3):
        report(key["key"])
    assert len(mail.outbox) == 1
    assert audited(key).count("api_key.reported") == 1


def test_no_credential_is_looked_at(report, as_bob, new_key):
    key = new_key()
    for headers in (
        {"HTTP_AUTHORIZATION": "Bearer nonsense"},
        {"HTTP_X_API_KEY": STRANGER, "HTTP_AUTHORIZATION": as_bob.defaults["HTTP_AUTHORIZATION"]},
        {"HTTP_X_API_KEY": key["key"]},
    ):
        answer, _ = report(STRANGER, **headers)
        assert answer.status_code == 202
        assert "RateLimit" not in answer


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, [("#/key", "required")]),
        ({"key": None}, [("#/key", "null")]),
        ({"key": ""}, [("#/key", "blank")]),
        ({"key": 1, "source": ["x"]}, [("#/key", "invalid"), ("#/source", "invalid")]),
        ({"key": "a\0b"}, [("#/key", "null_characters_not_allowed")]),
        ({"key": "x", "source": "x" * 201}, [("#/source", "max_length")]),
        ({"key": "x", "source": "a\nTo: b"}, [("#/source", "not_plain")]),
        ({"key": "x", "token": "y"}, [("#/token", "unknown_field")]),
    ],
    ids=["nothing", "null", "blank", "other types", "NUL", "long source", "two lines", "unknown field"],
)
def test_what_is_no_report_is_refused_with_every_fault(api, db, faults_at, body, faults):
    assert faults_at(api.call("POST", "/api-keys/report", body)) == faults


def test_it_takes_json_alone(api, db):
    answer = api.form("/api-keys/report", key=STRANGER)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_key_in_the_source_is_cut_out_of_the_mail(report, new_key):
    key = new_key()
    answer, sent = report(key["key"], source=f"https://paste.example.com/?k={key['key']}")
    assert answer.status_code == 202
    assert f"https://paste.example.com/?k={key['key_prefix']}…" in sent[0].body


def test_one_address_may_report_so_often_and_no_more(report, new_key, status_of):
    most, seconds = leaks.REPORTS
    for _ in range(most):
        assert report("x")[0].status_code == 202
    key = new_key()
    answer, _ = report(key["key"])
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(answer["Retry-After"]) <= seconds
    assert status_of(key) == 200
    assert report(key["key"], REMOTE_ADDR="203.0.113.9")[0].status_code == 202
    assert status_of(key) == 401
