"""Developers and their teams: made whole, disabled and enabled whole, safe to repeat."""

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts import notices
from accounts.models import AuditEvent, Developer, Membership, Role
from accounts.models.team import SuspendedReason
from accounts.teams import require_managing
from protocol.problems import Forbidden, InvalidToken
from tests.accounts.conftest import PASSWORD


def actions(target):
    return list(AuditEvent.objects.filter(target_id=target.pk).order_by("pk").values_list("action", flat=True))


def test_a_developer_comes_with_a_team_a_role_and_a_verified_address(ann):
    assert ann.role_in(ann.home_team_id) == Role.OWNER
    assert ann.home_team.name == "Ann's team"
    address = EmailAddress.objects.get(user=ann)
    assert (address.email, address.primary, address.verified) == ("ann@example.com", True, True)
    assert actions(ann) == ["developer.created"]


def test_an_email_is_kept_in_lower_case_and_is_unique_without_case(ann):
    assert Developer.objects.create_user(" New@Example.COM ", PASSWORD).email == "new@example.com"
    with pytest.raises(IntegrityError), transaction.atomic():
        Developer.objects.create_user("ANN@example.com", PASSWORD)
    with pytest.raises(IntegrityError), transaction.atomic():
        Developer.objects.filter(pk=ann.pk).update(email="NEW@example.com")
    assert Developer.objects.get_by_natural_key("ANN@Example.com") == ann


def test_a_developer_needs_an_email(db):
    with pytest.raises(ValueError, match="e-mail"):
        Developer.objects.create_user("  ", PASSWORD)
    assert not Developer.objects.exists()


def test_an_operator_may_do_everything(db):
    operator = Developer.objects.create_superuser("op@example.com", PASSWORD)
    assert operator.is_staff
    assert operator.is_superuser


def test_a_name_is_shown_or_the_email(ann, db):
    assert ann.get_full_name() == "Ann"
    assert str(ann) == "ann@example.com"
    assert Developer.objects.create_user("x@example.com").get_full_name() == "x@example.com"


def test_disabling_ends_sessions_and_suspends_a_team_left_without_anybody(ann, bob, tokens, me):
    assert ann.disable(by=bob)
    assert me(tokens["access_token"]) == 401
    ann.home_team.refresh_from_db()
    assert ann.home_team.suspended_reason == "no_active_member"
    assert not ann.disable(by=bob)
    assert actions(ann)[1:] == ["developer.disabled"]
    assert actions(ann.home_team) == ["team.suspended"]


def test_a_team_with_somebody_left_is_not_suspended(ann, vera):
    ann.disable(by=None)
    ann.home_team.refresh_from_db()
    assert ann.home_team.suspended_at is None
    vera.disable(by=None)
    ann.home_team.refresh_from_db()
    assert ann.home_team.suspended_at is not None


def test_enabling_lifts_what_disabling_made(ann, guess):
    ann.disable(by=None)
    assert ann.enable(by=None)
    ann.home_team.refresh_from_db()
    assert (ann.home_team.suspended_at, ann.home_team.suspended_reason) == (None, "")
    assert guess(ann.email, PASSWORD).status_code == 200
    assert not ann.enable(by=None)


def test_enabling_does_not_lift_what_an_operator_suspended(ann):
    ann.home_team.suspend(by=None)
    ann.disable(by=None)
    ann.enable(by=None)
    ann.home_team.refresh_from_db()
    assert ann.home_team.suspended_reason == "operator"


def test_an_operators_reason_outranks_the_other(ann):
    team = ann.home_team
    assert team.suspend(by=None, reason=SuspendedReason.NO_ACTIVE_MEMBER)
    assert team.suspend(by=None)
    assert not team.suspend(by=None)
    assert not team.suspend(by=None, reason=SuspendedReason.NO_ACTIVE_MEMBER)
    assert not team.resume(by=None, reason=SuspendedReason.NO_ACTIVE_MEMBER)
    assert team.resume(by=None)
    assert not team.resume(by=None)


def test_a_viewer_manages_nothing(ann, vera):
    require_managing(ann, ann.home_team_id)
    with pytest.raises(Forbidden):
        require_managing(vera, ann.home_team_id)
    assert str(vera.memberships.get(team=ann.home_team)) == f"viewer of {ann.home_team_id}"
    assert str(ann.home_team) == "Ann's team"


def test_only_owners_who_can_sign_in_are_told(ann, vera, bob):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.OWNER)
    assert notices.owners_of(ann.home_team) == ["ann@example.com", "bob@example.com"]
    bob.disable(by=None)
    assert notices.owners_of(ann.home_team) == ["ann@example.com"]


def test_a_password_that_was_changed_meanwhile_is_not_changed_by_the_old_one(ann):
    """Two sessions, both of which proved the old password: the second is over by then."""
    one, other = Developer.objects.get(), Developer.objects.get()
    one.change_password("the first new password", by=one)
    with pytest.raises(InvalidToken):
        other.change_password("the second new password", by=other)
    assert Developer.objects.get().check_password("the first new password")
