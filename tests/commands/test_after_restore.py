"""`after_restore`: what a backup brought back must not open anything. tests/faults drills it with a real one."""

import json
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts import factors, invitations
from accounts.models import AuditEvent, Session, WaitingMail
from apikeys.models import ApiKey
from tests.codes import SECRET, app_code

pytestmark = pytest.mark.django_db

AN_HOUR_AGO = timedelta(hours=1)


def issue(ann, ago=timedelta(0), **fields):
    with time_machine.travel(timezone.now() - ago, tick=False):
        return ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"], **fields)


def since(ago=AN_HOUR_AGO):
    return (timezone.now() - ago).isoformat()


def test_it_ends_every_session_and_disables_what_changed_since(manage, api, ann, bob, sign_in):
    tokens = sign_in(ann)
    sign_in(bob)
    (_, old_text), (new, new_text) = issue(ann, timedelta(days=1)), issue(ann)
    said = json.loads(manage("after_restore", "--since", since(), "--json").out)
    assert said["ended_sessions"] == 2
    assert said["disabled_keys"] == [
        {"id": str(new.pk), "key_prefix": new.key_prefix, "team_id": str(ann.home_team_id)}
    ]
    assert api.with_token(tokens["access_token"]).call("GET", "/auth/me").status_code == 401
    assert api.call("POST", "/token/refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 401
    assert api.with_key(new_text).call("GET", "/users").status_code == 401
    assert api.with_key(old_text).call("GET", "/users").status_code == 200


def test_a_key_that_was_changed_since_is_disabled_however_old_it_is(manage, ann):
    key, _ = issue(ann, timedelta(days=1))
    key.change(by=ann, name="Other")
    manage("after_restore", "--since", since())
    key.refresh_from_db()
    assert key.status == "disabled"


def test_a_key_of_a_suspended_team_would_wake_up_and_is_disabled_too(manage, ann):
    key, _ = issue(ann)
    ann.home_team.suspend(by="command")
    manage("after_restore", "--since", since())
    ann.home_team.resume(by="command")
    key.refresh_from_db()
    assert key.status == "disabled"


def test_revoked_and_expired_keys_stay_as_they_are(manage, ann):
    revoked, _ = issue(ann)
    revoked.revoke(by=ann)
    expired, _ = issue(ann, timedelta(minutes=30), expires_at=timezone.now() - timedelta(minutes=10))
    said = json.loads(manage("after_restore", "--since", since(), "--json").out)
    assert said["disabled_keys"] == []
    for key in (revoked, expired):
        key.refresh_from_db()
        assert key.disabled_at is None


def test_each_act_is_audited_once_and_again_changes_nothing(manage, ann, sign_in):
    sign_in(ann)
    key, _ = issue(ann)
    before = AuditEvent.objects.count()
    manage("after_restore", "--since", since())
    manage("after_restore", "--since", since())
    events = list(AuditEvent.objects.order_by("pk")[before:].values_list("actor_kind", "action", "target_id", "data"))
    assert events == [
        ("command", "session.all_closed", None, {"ended": 1, "reason": "restored"}),
        ("command", "api_key.disabled", key.pk, {"reason": "restored"}),
    ]


def test_an_invitation_that_may_have_been_taken_back_since_is_taken_back(manage, ann):
    invitation = invitations.invite(ann.home_team, by=ann, email="guest@example.com", role="viewer")
    for wanted in (1, 0):
        assert json.loads(manage("after_restore", "--since", since(), "--json").out)["revoked_invitations"] == wanted
    invitation.refresh_from_db()
    assert invitation.status == "revoked"


def test_recovery_codes_that_may_have_been_used_since_are_void_and_their_owner_sees_it(manage, ann):
    code, *_ = factors.add_totp(ann, SECRET, app_code(ahead=-1), by=ann)
    factors.codes.spend(ann, code)
    used = Authenticator.objects.get(type="recovery_codes").data
    Authenticator.objects.filter(type="recovery_codes").update(data={**used, "used_mask": 0})  # as the backup has it
    sent = WaitingMail.objects.count()
    for wanted in (1, 0):
        assert json.loads(manage("after_restore", "--since", since(), "--json").out)["voided_recovery_codes"] == wanted
    assert factors.codes.spend(ann, code) is False
    assert factors.asks(ann), "the app stays"
    assert factors.recovery_codes_left(ann) == 0
    (event,) = AuditEvent.objects.filter(action="recovery_codes.voided")
    assert (event.actor_kind, event.target_id, event.data) == ("command", ann.pk, {"reason": "restored"})
    assert WaitingMail.objects.count() == sent, "a drill mails nobody"
    assert len(factors.make_recovery_codes(ann, by=ann)) == 10


def test_it_says_whom_to_tell_of_the_recovery_codes(manage, ann):
    assert "recovery codes" not in manage("after_restore", "--since", since()).out
    factors.add_totp(ann, SECRET, app_code(), by=ann)
    assert "Voided the recovery codes of 1 people" in manage("after_restore", "--since", since()).out


def test_it_asks_on_a_terminal_and_anything_but_yes_changes_nothing(refused, manage, at_a_terminal, ann, sign_in):
    sign_in(ann)
    key, _ = issue(ann)
    asked = at_a_terminal("no", "yes")
    assert "nothing was changed" in refused("after_restore", "--since", since()).error
    assert Session.objects.live().count() == 1 and ApiKey.objects.usable().count() == 1
    said = manage("after_restore", "--since", since())
    assert "disables 1 keys" in asked[0]
    assert "Ended 1 sessions, took 0 invitations back and disabled 1 keys." in said.out and key.key_prefix in said.out
    assert Session.objects.live().count() == 0 and ApiKey.objects.usable().count() == 0


def test_noinput_never_asks(manage, at_a_terminal):
    asked = at_a_terminal()
    manage("after_restore", "--since", since(), "--noinput")
    assert asked == []


@pytest.mark.parametrize("time", ["tomorrow", "", "2999-01-01T00:00Z"])
def test_a_time_that_is_none_or_lies_ahead_is_refused(refused, ann, time):
    issue(ann)
    assert "--since" in refused("after_restore", "--since", time).error
    assert ApiKey.objects.usable().count() == 1
