"""Verbs: they work, are audited as the operator's, and what cannot be taken back is asked about first."""

import re

import pytest
from django.utils.html import escape

from accounts.models import Developer, Session, Team
from apikeys.models import ApiKey
from tests.admin.conftest import inline_code, said, trail
from wearables.models import EndUser


def by_olga(action, row, olga):
    events = trail(action, row)
    assert [(event.actor_kind, event.actor_id) for event in events] == [("developer", olga.pk)]


def test_a_key_is_disabled_and_enabled(at_admin, olga, key):
    at_admin.press("disable", key)
    key.refresh_from_db()
    assert key.status == "disabled"
    by_olga("api_key.disabled", key, olga)
    at_admin.press("enable", key)
    key.refresh_from_db()
    assert key.status == "active"
    by_olga("api_key.enabled", key, olga)


def test_revoking_is_asked_about_first_and_then_stops_the_key_at_once(at_admin, olga, key, whole_key, api):
    caller = api.with_key(whole_key)
    question = at_admin.press("revoke", key)
    assert "for good" in question.content.decode()
    assert inline_code(question.content.decode()) == []
    assert caller.call("GET", "/users").status_code == 200
    at_admin.press("revoke", key, sure="Revoke")
    assert caller.call("GET", "/users").status_code == 401
    by_olga("api_key.revoked", key, olga)


def test_a_verb_pressed_twice_does_it_once(at_admin, key):
    at_admin.press("revoke", key, sure="Revoke")
    again = at_admin.press("revoke", key, sure="Revoke")
    assert len(trail("api_key.revoked", key)) == 1
    assert [(m.level_tag, str(m)) for m in again.wsgi_request._messages][-1] == ("warning", "Nothing to do for 1.")


def test_a_revoked_key_cannot_be_enabled(at_admin, key):
    key.revoke(by=None)
    at_admin.press("enable", key)
    key.refresh_from_db()
    assert key.status == "revoked"


def test_several_keys_are_revoked_together(at_admin, ann, key):
    other, _ = ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"])
    question = at_admin.press("revoke", key, other).content.decode()
    assert key.key_prefix in question
    assert other.key_prefix in question
    at_admin.press("revoke", key, other, sure="Revoke")
    assert not ApiKey.objects.filter(revoked_at=None).exists()


def test_an_operator_raises_a_limit_above_the_maximum(at_admin, olga, key):
    at_admin.save(key, rate_limit="90000", rate_seconds="60")
    key.refresh_from_db()
    assert key.limit == (90000, 60)
    by_olga("api_key.changed", key, olga)


@pytest.mark.parametrize("limit", [("5", ""), ("", "60"), ("0", "60"), ("-1", "60"), ("5", "86401"), ("9" * 30, "60")])
def test_half_a_limit_and_an_absurd_one_are_refused(limit, at_admin, key):
    response = at_admin.save(key, rate_limit=limit[0], rate_seconds=limit[1])
    assert response.status_code == 200
    assert "Please correct" in response.content.decode()
    key.refresh_from_db()
    assert key.rate_limit is None


def test_nothing_else_of_a_key_is_typed(at_admin, key):
    at_admin.save(
        key, rate_limit="5", rate_seconds="60", name="Mallory's", scopes="users:write", public_id="x", digest="x"
    )
    key.refresh_from_db()
    assert (key.name, key.scopes) == ("Ann's server", ["users:read"])
    assert len(key.public_id) == 12


def test_a_revoked_key_has_no_limit_to_change(at_admin, key):
    key.revoke(by=None)
    assert at_admin.save(key, rate_limit="5", rate_seconds="60").status_code == 403


def test_a_developer_is_disabled_and_enabled(at_admin, olga, ann, ann_signed_in):
    at_admin.press("disable", ann, sure="yes")
    ann.refresh_from_db()
    assert not ann.is_active
    assert not Session.objects.of(ann).live().exists()
    assert Team.objects.get(pk=ann.home_team_id).suspended_at
    by_olga("developer.disabled", ann, olga)
    at_admin.press("enable", ann)
    ann.refresh_from_db()
    assert ann.is_active
    by_olga("developer.enabled", ann, olga)


def test_disabling_a_developer_is_asked_about_first_and_names_the_teams_that_would_stop(at_admin, ann, vera):
    shared = ann.home_team
    question = at_admin.press("disable", ann).content.decode()
    assert "No team would stop." in question, "Vera is in it too"
    question = at_admin.press("disable", ann, vera).content.decode()
    assert "requests with their keys get 401" in question
    assert [team.name for team in (shared, vera.home_team) if escape(team.name) not in question] == []
    vera.disable(by=None)
    question = at_admin.press("disable", ann).content.decode()
    assert escape(shared.name) in question
    assert escape(vera.home_team.name) not in question, "nobody asked about Vera"
    shared.suspend(by=None)
    assert "No team would stop." in at_admin.press("disable", ann).content.decode(), "it stands still already"
    assert Developer.objects.filter(is_active=True, pk=ann.pk).exists()


def test_what_would_be_left_alone_is_not_asked_about(at_admin, olga):
    assert any("Left 1 alone" in message for message in said(at_admin.press("disable", olga)))


def test_nobody_disables_themselves(at_admin, olga):
    at_admin.press("disable", olga, sure="yes")
    olga.refresh_from_db()
    assert olga.is_active


def test_a_developer_is_made_whole_and_without_a_password(at_admin, olga):
    at_admin.post(
        "/admin/accounts/developer/add/", {"email": "New@Example.com", "first_name": "Nia", "password": "x" * 20}
    )
    new = Developer.objects.get(email="new@example.com")
    assert not new.has_usable_password()
    assert new.role_in(new.home_team_id) == "owner"
    assert not new.is_staff
    by_olga("developer.created", new, olga)


def test_that_a_new_developer_has_no_password_yet_is_said_with_the_command_that_sets_one(at_admin):
    response = at_admin.post("/admin/accounts/developer/add/", {"email": "New@Example.com"})
    assert any("./run manage set_password new@example.com" in message for message in said(response))


@pytest.mark.parametrize("email", ["ANN@example.com", "", "nonsense", "a\0@example.com"])
def test_a_taken_or_broken_address_is_refused(email, ann, at_admin):
    response = at_admin.post("/admin/accounts/developer/add/", {"email": email})
    assert response.status_code == 200
    assert "Please correct" in response.content.decode()
    assert Developer.objects.count() == 2


def test_a_taken_address_is_told_at_its_field(ann, at_admin):
    html = at_admin.post("/admin/accounts/developer/add/", {"email": "ANN@example.com"}).content.decode()
    assert "Somebody has this e-mail already." in html
    assert "developer_email_without_case" not in html
    assert html.count('<ul class="errorlist"') == 1


def test_a_wrong_address_is_spelled_e_mail(at_admin):
    html = at_admin.post("/admin/accounts/developer/add/", {"email": "nonsense"}).content.decode()
    assert "Enter a valid e-mail address." in html
    assert ">E-mail:<" in html


def test_names_are_changed_and_the_rest_is_not(at_admin, olga, ann):
    html = at_admin.page(f"accounts/developer/{ann.pk}/change/").content.decode()
    assert 'name="first_name"' in html
    assert 'name="email"' not in html
    assert 'name="is_active"' not in html
    at_admin.save(ann, first_name="Anna", last_name="Lee", email="mallory@example.com", password="x", is_active="")
    ann.refresh_from_db()
    assert (ann.first_name, ann.last_name, ann.email, ann.is_active) == ("Anna", "Lee", "ann@example.com", True)
    by_olga("developer.changed", ann, olga)


def test_a_name_with_bidirectional_characters_is_refused(at_admin, ann):
    assert "not allowed" in at_admin.save(ann, first_name="Ann\u202e", last_name="").content.decode()
    assert "not allowed" in at_admin.save(ann.home_team, name="Team\u202e").content.decode()


def test_a_team_is_renamed_suspended_and_resumed(at_admin, olga, ann, whole_key, api):
    team = ann.home_team
    at_admin.save(team, name="Ann & friends")
    at_admin.press("suspend", team)
    team.refresh_from_db()
    assert team.name == "Ann & friends"
    assert api.with_key(whole_key).call("GET", "/users").status_code == 401
    at_admin.press("resume", team)
    assert api.with_key(whole_key).call("GET", "/users").status_code == 200
    for action in ("team.changed", "team.suspended", "team.resumed"):
        by_olga(action, team, olga)


def test_members_are_shown_and_not_typed(at_admin, ann, vera):
    html = at_admin.page(f"accounts/team/{ann.home_team_id}/change/").content.decode()
    assert "ann@example.com" in html
    assert "vera@example.com" in html
    assert 'name="memberships-0-role"' not in html


def test_a_session_is_ended_at_once(at_admin, olga, as_ann, ann):
    session = Session.objects.of(ann).get()
    assert as_ann.call("GET", "/auth/me").status_code == 200
    at_admin.press("end", session)
    assert as_ann.call("GET", "/auth/me").status_code == 401
    by_olga("session.closed", session, olga)
    session.refresh_from_db()
    assert session.closed_reason == Session.Reason.OPERATOR


def test_an_end_user_is_erased_after_the_question(at_admin, olga, end_user):
    assert "cannot be taken back" in at_admin.press("erase", end_user).content.decode()
    assert EndUser.objects.exists()
    at_admin.press("erase", end_user, sure="Erase")
    assert not EndUser.objects.exists()
    by_olga("user.deleted", end_user, olga)


def verbs_on(browser, row):
    """The verbs on a row's own page."""
    html = browser.page(f"{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/").content.decode()
    return re.findall(r'name="action" value="(\w+)"', html)


def test_a_row_s_page_has_the_verbs_that_fit_it(at_admin, olga, key, ann, ann_signed_in, end_user):
    assert verbs_on(at_admin, key) == ["revoke", "disable"]
    key.disable(by=None)
    assert verbs_on(at_admin, key) == ["revoke", "enable"]
    key.revoke(by=None)
    assert verbs_on(at_admin, key) == []
    assert verbs_on(at_admin, ann) == ["disable"]
    assert verbs_on(at_admin, ann_signed_in) == ["end"]
    assert verbs_on(at_admin, ann.home_team) == ["suspend"]
    ann.disable(by=None)
    assert verbs_on(at_admin, ann) == ["enable"]
    assert verbs_on(at_admin, ann_signed_in) == []
    assert verbs_on(at_admin, ann.home_team) == ["suspend", "resume"], "an operator's reason outranks"
    ann.home_team.suspend(by=olga)
    assert verbs_on(at_admin, ann.home_team) == ["resume"]
    assert verbs_on(at_admin, end_user) == ["erase"]
    assert verbs_on(at_admin, olga) == [], "nobody disables themselves"


def test_a_verb_leads_back_to_where_it_was_pressed(at_admin, key, end_user):
    page = f"/admin/apikeys/apikey/{key.pk}/change/"
    assert 'name="on_page"' in at_admin.get(page).content.decode()
    assert at_admin.press("disable", key, on_page="1").url == page
    assert at_admin.press("enable", key).url == "/admin/apikeys/apikey/"
    question = at_admin.press("revoke", key, on_page="1").content.decode()
    assert 'name="on_page"' in question
    assert f'href="{page}">Take me back' in question
    assert at_admin.press("revoke", key, on_page="1", sure="Revoke").url == page
    assert at_admin.press("erase", end_user, on_page="1", sure="Erase").url == "/admin/wearables/enduser/"
