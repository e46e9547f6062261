"""The admin's first page: what needs a look, with the list that shows it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Session
from apikeys.models import ApiKey


def looks_on(browser):
    """{the list's address: the number said}."""
    html = browser.page().content.decode()
    return dict(re.findall(r'<li><a href="([^"]+)"><strong>([^<]+)</strong>', html))


def test_a_quiet_house_says_so(at_admin):
    assert looks_on(at_admin) == {}
    assert "Nothing: no key expires soon" in at_admin.page().content.decode()


@pytest.mark.parametrize("why", ["expiring", "never", "unused"])
def test_keys_that_need_a_look_are_counted_and_the_list_shows_as_many(at_admin, key, ann, why):
    ApiKey.objects.filter(pk=key.pk).update(
        expires_at=timezone.now() + timedelta(days=3), created_at=timezone.now() - timedelta(days=91)
    )
    ApiKey.objects.issue(team=ann.home_team, by=ann, scopes=["users:read"])[0].revoke(by=ann)
    path = f"/admin/apikeys/apikey/?use={why}"
    assert looks_on(at_admin)[path] == "1"
    listed = at_admin.get(path).content.decode()
    assert key.key_prefix in listed
    assert "1 API key" in listed


def test_a_stolen_sign_in_and_a_suspended_team_are_told(at_admin, ann, ann_signed_in):
    Session.objects.of(ann).update(closed_at=timezone.now(), closed_reason=Session.Reason.REPLAY)
    ann.home_team.suspend(by=None)
    found = looks_on(at_admin)
    assert {path.partition("?")[0]: said for path, said in found.items()} == {
        "/admin/accounts/session/": "1",
        "/admin/accounts/team/": "1",
    }
    for path in found:
        assert "ann" in at_admin.get(path.replace("&amp;", "&")).content.decode().lower(), path


def test_an_operator_is_told_only_of_what_they_may_see(sue, key):
    assert looks_on(sue("view_enduser")) == {}
    assert "/admin/apikeys/apikey/?use=never" in looks_on(sue("view_apikey"))


def test_many_are_not_counted_to_their_end(at_admin, key, monkeypatch):
    monkeypatch.setattr("openwearables.attention.MOST", 0)
    assert looks_on(at_admin)["/admin/apikeys/apikey/?use=never"] == "0+"
