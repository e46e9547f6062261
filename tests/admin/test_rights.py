"""Who may do what: permissions per noun, staff are the superusers' to manage, and nobody raises themselves."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import Developer, Session
from apikeys.models import ApiKey
from tests.admin.conftest import Browser, trail
from tests.conftest import PASSWORD
from wearables.models import EndUser

FLAGS = {"is_staff": "on", "is_superuser": "on"}


@pytest.fixture
def stan(db):
    """Another member of staff."""
    return Developer.objects.create_user("stan@example.com", PASSWORD, first_name="Stan", is_staff=True)


@pytest.mark.parametrize("noun", ["accounts/developer", "accounts/session", "accounts/auditevent", "apikeys/apikey"])
def test_without_a_permission_the_pages_are_closed(noun, sue, key, ann_signed_in):
    support = sue("view_enduser")
    assert support.page("wearables/enduser/").status_code == 200
    assert support.page(f"{noun}/").status_code == 403


def test_looking_gives_no_verbs(sue, key):
    support = sue("view_apikey")
    html = (
        support.page("apikeys/apikey/").content.decode()
        + support.page(f"apikeys/apikey/{key.pk}/change/").content.decode()
    )
    assert key.key_prefix in html
    assert 'value="revoke"' not in html
    for name in ("revoke", "disable"):
        support.press(name, key, sure="yes")
    key.refresh_from_db()
    assert key.status == "active"
    assert support.save(key, rate_limit="5", rate_seconds="60").status_code == 403


def test_support_may_be_given_revoking_alone(sue, key):
    support = sue("view_apikey", "delete_apikey")
    support.press("disable", key)
    key.refresh_from_db()
    assert key.status == "active"
    support.press("revoke", key, sure="yes")
    key.refresh_from_db()
    assert key.status == "revoked"


def test_erasing_needs_its_own_permission(sue, end_user):
    sue("view_enduser", "change_enduser").press("erase", end_user, sure="yes")
    assert EndUser.objects.exists()
    sue("view_enduser", "delete_enduser").press("erase", end_user, sure="yes")
    assert not EndUser.objects.exists()


def test_an_operator_acts_on_developers_but_not_on_staff(sue, ann, stan, olga):
    operator = sue("view_developer", "change_developer")
    operator.press("disable", ann, stan, olga, sure="yes")
    assert set(Developer.objects.filter(is_active=False)) == {ann}
    assert operator.save(stan, first_name="Mallory", last_name="").status_code == 403


def test_a_superuser_acts_on_staff(at_admin, stan):
    at_admin.press("disable", stan, sure="yes")
    stan.refresh_from_db()
    assert not stan.is_active


def test_staff_s_sessions_keys_and_teams_are_the_superusers_too(sue, stan, key):
    Browser(stan)
    session = Session.objects.of(stan).get()
    theirs, _ = ApiKey.objects.issue(team=stan.home_team, by=stan, scopes=["users:read"])
    operator = sue("change_session", "change_apikey", "change_team")
    operator.press("end", session)
    operator.press("revoke", theirs, key, sure="yes")
    operator.press("suspend", stan.home_team)
    session.refresh_from_db()
    stan.home_team.refresh_from_db()
    assert session.is_live()
    assert stan.home_team.suspended_at is None
    assert list(ApiKey.objects.filter(revoked_at=None)) == [theirs]


def test_an_operator_makes_nobody_staff(sue, ann, key):
    operator = sue("view_developer", "change_developer", "add_developer")
    operator.save(ann, first_name="Ann", last_name="", **FLAGS)
    operator.post("/admin/accounts/developer/add/", {"email": "new@example.com", **FLAGS})
    assert Developer.objects.filter(email="new@example.com").exists()
    assert not Developer.objects.filter(is_superuser=True).exists()
    assert Developer.objects.filter(is_staff=True).count() == 1


def test_an_operator_does_not_write_groups(sue):
    group = Group.objects.create(name="Support")
    operator = sue("view_group", "change_group", "add_group", "delete_group")
    assert operator.page("auth/group/").status_code == 200
    assert operator.page("auth/group/add/").status_code == 403
    assert operator.save(group, name="Mine").status_code == 403
    assert operator.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_superuser_makes_staff_and_it_is_audited(at_admin, olga, ann):
    group = Group.objects.create(name="Support")
    at_admin.save(ann, first_name="Ann", last_name="", is_staff="on", groups=[group.pk])
    ann.refresh_from_db()
    assert ann.is_staff
    assert list(ann.groups.all()) == [group]
    [event] = trail("developer.staff_changed", ann)
    assert event.actor_id == olga.pk
    assert event.data == {"is_staff": [False, True], "groups": [[], [group.pk]]}


def test_saving_names_alone_says_nothing_of_staff(at_admin, stan):
    at_admin.save(stan, first_name="Stanley", last_name="", is_staff="on")
    assert trail("developer.staff_changed", stan) == []


def test_nobody_changes_their_own_flags(at_admin, olga):
    html = at_admin.page(f"accounts/developer/{olga.pk}/change/").content.decode()
    assert 'name="is_superuser"' not in html
    at_admin.save(olga, first_name="Olga", last_name="Ivanova")
    olga.refresh_from_db()
    assert olga.last_name == "Ivanova"
    assert olga.is_superuser
    assert olga.is_staff


def test_a_group_s_rights_are_audited(at_admin, olga):
    at_admin.post("/admin/auth/group/add/", {"name": "Support", "permissions": []})
    group = Group.objects.get(name="Support")
    at_admin.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    assert not Group.objects.filter(name="Support").exists()
    history = at_admin.page("accounts/auditevent/", action="developer.staff_changed").content.decode()
    assert history.count("group 00000000") == 2


def test_only_permissions_that_open_something_are_offered(at_admin):
    form = at_admin.page("auth/group/add/").context["adminform"].form
    offered = set(form.fields["permissions"].queryset.values_list("codename", flat=True))
    assert {"delete_apikey", "change_developer", "view_auditevent", "delete_enduser"} <= offered
    assert not {"change_auditevent", "delete_auditevent", "add_apikey", "add_session", "change_enduser"} & offered
