"""GET /auth/me/export: all that is held about a developer, and nothing of anybody else."""

import json
import re
from unittest.mock import Mock

import pytest
from django.test import RequestFactory
from uuid_utils.compat import uuid7

from accounts import factors, invitations, tokens
from accounts.models import Alert, AuditEvent, Membership, Role, audit
from accounts.models.invitation import digest_of
from apikeys import usage
from apikeys.models import ApiKey
from apikeys.serializers import RequestSerializer
from protocol.address import resolve
from protocol.current import current_request
from protocol.downloads import json_pieces
from tests.accounts.conftest import ELSEWHERE, HOME
from tests.codes import SECRET, app_code

WHAT = {"exported_at", "account", "email_addresses", "second_factors", "memberships", "sessions", "audit_events"}
WHAT |= {"invitations_sent", "invitations_received", "api_keys", "alerts", "requests"}


def export_of(caller):
    answer = caller.call("GET", "/auth/me/export")
    assert answer.status_code == 200
    return json.loads(answer.getvalue())


def test_it_is_a_file_of_all_that_is_held(as_ann, ann, new_key):
    key = new_key(name="Server")
    usage.flush()
    answer = as_ann.call("GET", "/auth/me/export")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == 'attachment; filename="my-open-wearables-data.json"'
    assert answer["Cache-Control"] == "no-store"
    found = json.loads(answer.getvalue())
    assert set(found) == WHAT
    assert found["account"]["email"] == "ann@example.com"
    assert found["account"]["created_at"].endswith("Z")
    assert found["email_addresses"] == [{"email": "ann@example.com", "verified": True, "primary": True}]
    assert [(team["team"], team["role"]) for team in found["memberships"]] == [(str(ann.home_team_id), "owner")]
    assert [session["ip"] for session in found["sessions"]] == ["127.0.0.1"]
    assert [(one["id"], one["name"]) for one in found["api_keys"]] == [(key["id"], "Server")]
    assert "api_key.issued" in [event["action"] for event in found["audit_events"]]
    assert "/api/v1/api-keys" in [call["route"] for call in found["requests"]]


def test_a_long_log_is_written_by_one_serializer(as_ann, db, monkeypatch):
    for _ in range(5):
        as_ann.call("GET", "/auth/me")
    usage.flush()
    made = Mock(wraps=RequestSerializer)
    monkeypatch.setattr("apikeys.export.RequestSerializer", made)
    assert len(export_of(as_ann)["requests"]) >= 5
    assert made.call_count == 1


def test_no_secret_is_in_it(as_ann, ann, new_key, sign_in):
    key, pair = new_key()["key"], sign_in(ann)
    recovery = factors.add_totp(ann, SECRET, app_code(), by=ann)
    text = as_ann.call("GET", "/auth/me/export").getvalue().decode()
    assert json.loads(text)["second_factors"][0]["type"] == "totp"
    for secret in (
        SECRET,
        *recovery,
        key,
        key.split("_")[3],
        pair["access_token"],
        pair["refresh_token"],
        ann.password,
        "digest",
    ):
        assert secret not in text


def test_what_is_somebody_elses_is_not_in_it(as_ann, ann, bob, vera, sign_in, api):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.ADMIN)
    as_bob = api.with_token(sign_in(bob, **ELSEWHERE)["access_token"])
    as_bob.call("POST", "/api-keys", {"team": str(ann.home_team_id), "name": "Bob's"}, **ELSEWHERE)
    text = json.dumps(export_of(as_ann))
    assert "Bob's" not in text
    assert "bob@example.com" not in text
    assert ELSEWHERE["REMOTE_ADDR"] not in text


def test_the_address_of_who_acted_on_the_account_is_theirs(as_ann, ann, bob):
    request = RequestFactory().get("/", **ELSEWHERE)
    request.caller = resolve(request.META, ())
    token = current_request.set(request)
    audit.record(bob, audit.Action.DEVELOPER_ENABLED, ann)
    current_request.reset(token)
    assert AuditEvent.objects.get(action="developer.enabled").address == ELSEWHERE["REMOTE_ADDR"]
    (event,) = [event for event in export_of(as_ann)["audit_events"] if event["action"] == "developer.enabled"]
    assert (event["actor_id"], event["address"], event["agent"]) == (str(bob.pk), "", "")


def test_ended_sign_ins_are_in_it_too(as_ann, ann, sign_in):
    session = tokens.open_session(ann, RequestFactory().get("/", **HOME))
    tokens.close(session, by=ann)
    ended = [one for one in export_of(as_ann)["sessions"] if one["closed_at"]]
    assert [(one["id"], one["closed_reason"]) for one in ended] == [(str(session.pk), "revoked")]


def test_invitations_that_were_sent_and_received_are_in_it_without_their_links(as_ann, ann, bob, vera, letters):
    invitations.invite(ann.home_team, by=ann, email="zoe@example.com", role=Role.VIEWER)
    invitations.invite(bob.home_team, by=bob, email=ann.email, role=Role.ADMIN)
    invitations.invite(bob.home_team, by=bob, email=vera.email, role=Role.ADMIN)
    found = export_of(as_ann)
    sent, received = found["invitations_sent"], found["invitations_received"]
    assert [(one["email"], one["team"], one["role"]) for one in sent] == [
        ("zoe@example.com", str(ann.home_team_id), "viewer")
    ]
    assert [(one["email"], one["team"], one["status"]) for one in received] == [
        ("ann@example.com", str(bob.home_team_id), "pending")
    ]
    tokens_in_mails = re.findall(r"/invitations/accept/([0-9a-f]{64})", "".join(letter.body for letter in letters()))
    assert len(tokens_in_mails) == 3
    text = json.dumps(found)
    for token in tokens_in_mails:
        assert token not in text
        assert digest_of(token) not in text


def test_alerts_about_own_sign_ins_and_own_keys_are_in_it_and_a_colleagues_are_not(as_ann, ann, bob, new_key):
    mine = new_key(name="Server")
    theirs = ApiKey.objects.issue(by=bob, team=ann.home_team, name="Bob's", environment="live")[0]
    Alert.objects.all().delete()
    about = {"team_id": ann.home_team_id, "kind": Alert.Kind.NEW_NETWORK}
    for key_id in (mine["id"], theirs.pk):
        Alert.of_today(subject_id=key_id, key_id=key_id, **about).save()
    for who in (ann, bob):
        replayed = {"kind": Alert.Kind.SESSION_REPLAYED, "subject_id": uuid7(), "developer_id": who.pk}
        Alert.of_today(team_id=bob.home_team_id, **replayed).save()
    found = export_of(as_ann)["alerts"]
    assert [(one["kind"], one["key"], one["developer"]) for one in found] == [
        ("new_network", mine["id"], None),
        ("session_replayed", None, str(ann.pk)),
    ]
    assert found[0]["what"] and "mail" not in found[0]


def test_a_list_is_written_as_it_is_read():
    pieces = "".join(json_pieces({"a": 1, "none": iter([]), "some": iter([{"x": "é"}, 2]), "list": []}))
    assert json.loads(pieces) == {"a": 1, "none": [], "some": [{"x": "é"}, 2], "list": []}


def test_many_events_cost_a_few_queries(as_ann, ann, django_assert_max_num_queries):
    for _ in range(150):
        audit.record(ann, audit.Action.TEAM_CHANGED, ann.home_team, team=ann.home_team_id)
    with django_assert_max_num_queries(15):
        assert len(export_of(as_ann)["audit_events"]) > 150


@pytest.mark.parametrize("path", ["/auth/me/export?team=x", "/auth/me/export?limit=1"])
def test_a_query_is_refused(as_ann, path, faults_at):
    assert faults_at(as_ann.call("GET", path))[0][1] == "unknown_field"
