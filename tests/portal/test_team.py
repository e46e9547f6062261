"""ux.md, “team”: members, roles, invitations, leaving; and joining by the mail's link."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from accounts.forms.teams import JoinForm
from accounts.models import Developer, Invitation, Membership, Role
from apikeys.models import ApiKey
from tests.portal.conftest import Browser


@pytest.fixture
def invited(anns, letters):
    """The path of the link in the mail to somebody new."""
    answer = anns.post("/team/invite/", {"email": "nora@example.com", "role": "developer"})
    assert answer.status_code == 302, answer.text
    return re.search(r"http://[^/]+(/invitations/accept/\S+)", letters()[-1].body)[1]


def test_the_page_shows_who_is_in_the_team_and_as_what(anns, vera):
    page = anns.get("/team/").text
    assert "vera@example.com" in page
    assert "Viewer: only reads" in page
    assert '<option value="viewer" selected>Viewer</option>' in page
    assert '<option value="admin">Admin</option>' in page


def test_a_viewer_sees_the_members_and_changes_nothing(veras, ann, vera):
    veras.post("/team/switch/", {"team": str(ann.home_team_id)})
    page = veras.get("/team/").text
    assert "ann@example.com" in page
    assert "Invite somebody" not in page
    assert veras.post("/team/", {"name": "Mine"}).status_code == 403
    assert veras.post("/team/invite/", {"email": "x@example.com", "role": "viewer"}).status_code == 403
    assert veras.post(f"/team/members/{vera.pk}/role/", {"role": "owner"}).status_code == 403
    assert veras.post(f"/team/members/{ann.pk}/remove/").status_code == 403


@pytest.fixture
def asked(ann):
    """Five who were asked into Ann's team, the newest last; and one who was asked by another team."""
    bob = Developer.objects.create_user("rob@example.com", None)
    late = timezone.now() + timedelta(days=7)
    for number, team in enumerate([*[ann.home_team] * 5, bob.home_team]):
        Invitation.objects.create(
            team=team,
            email=f"guest{number}@example.com",
            role=Role.VIEWER,
            digest=number,
            invited_by=ann,
            expires_at=late,
        )


def guests_on(page):
    return re.findall(r'scope="row">(guest\d)@', page)


def test_open_invitations_are_shown_page_by_page_the_newest_first(anns, asked, monkeypatch):
    monkeypatch.setattr("accounts.portal.teams.PEOPLE", 2)
    pages, at = [], "/team/"
    while at:
        page = anns.get(at).text
        pages.append(guests_on(page))
        assert len(pages) < 5, pages
        assert page.count('aria-label="Pages of invitations"') == 1
        assert ('">First page</a>' in page) == (len(pages) > 1)
        at = (found := re.search(r'href="([^"]+)" rel="next">Next page', page)) and f"/team/{unescape(found[1])}"
    assert pages == [["guest4", "guest3"], ["guest2", "guest1"], ["guest0"]]


def test_a_page_whose_last_invitation_was_taken_back_still_leads_to_the_first(anns, asked, monkeypatch):
    monkeypatch.setattr("accounts.portal.teams.PEOPLE", 4)
    path = unescape(re.search(r'href="([^"]+)" rel="next">Next page', anns.get("/team/").text)[1])
    Invitation.objects.filter(email="guest0@example.com").update(revoked_at=timezone.now())
    page = anns.get(f"/team/{path}").text
    assert guests_on(page) == []
    assert '<a href="?page=1#invite">First page</a>' in page


def test_the_pages_of_invitations_and_members_do_not_turn_each_other(anns, ann, vera, asked, monkeypatch):
    monkeypatch.setattr("accounts.portal.teams.PEOPLE", 1)
    page = anns.get("/team/?page=2").text
    assert "vera@example.com" in page and guests_on(page) == ["guest4"]
    turned = re.search(r'href="(\?page=2&amp;cursor=[^"]+#invite)" rel="next"', page)[1]
    page = anns.get(f"/team/{unescape(turned)}").text
    assert "vera@example.com" in page and guests_on(page) == ["guest3"]


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=%00", "cursor=&page=999999999999999999999", "page=x&cursor=AAAA"]
)
def test_a_page_that_there_is_not_is_the_first(anns, asked, query):
    page = anns.get(f"/team/?{query}")
    assert page.status_code == 200
    assert guests_on(page.text) == ["guest4", "guest3", "guest2", "guest1", "guest0"]
    assert "Pages of invitations" not in page.text


def test_a_link_leaves_the_address_bar_and_looking_joins_nobody(invited):
    stranger = Browser()
    answer = stranger.get(invited)
    assert (answer.status_code, answer["Location"]) == (302, "/invitations/accept/")
    assert "Choose a password" in stranger.get("/invitations/accept/").text
    assert Invitation.objects.get().status == "pending"


def test_somebody_new_joins_and_is_signed_in_and_looks_at_the_team(invited, ann):
    stranger = Browser()
    stranger.get(invited)
    password = "a password of her own"
    answer = stranger.post("/invitations/accept/", {"password": password, "password_again": password})
    assert answer.status_code == 302, answer.text
    page = stranger.get("/keys/").text
    assert f'<option value="{ann.home_team_id}" selected>' in page
    assert stranger.get("/invitations/accept/").status_code == 404


def test_an_account_that_comes_while_its_owner_joins_is_not_opened_by_the_link(invited, monkeypatch):
    stranger, looked = Browser(), JoinForm.is_valid
    stranger.get(invited)

    def meanwhile(form):
        Developer.objects.create_user("nora@example.com", "the password of another browser")
        return looked(form)

    monkeypatch.setattr(JoinForm, "is_valid", meanwhile)
    stranger.post("/invitations/accept/", {"password": "one of the link's", "password_again": "one of the link's"})
    assert stranger.get("/keys/")["Location"].startswith("/sign-in/")
    assert Invitation.objects.get().status == "accepted"


def test_somebody_known_joins_by_one_button(anns, bobs, bob, ann, letters):
    anns.post("/team/invite/", {"email": "bob@example.com", "role": "viewer"})
    path = re.search(r"http://[^/]+(/invitations/accept/\S+)", letters()[-1].body)[1]
    bobs.get(path)
    assert bobs.post("/invitations/accept/").status_code == 302
    assert bob.role_in(ann.home_team_id) == "viewer"


def test_an_invitation_is_sent_again_and_taken_back(anns, invited, letters):
    invitation = Invitation.objects.get()
    anns.post(f"/team/invitations/{invitation.pk}/resend/")
    assert "A new mail is on its way" in anns.get("/team/").text
    anns.post(f"/team/invitations/{invitation.pk}/revoke/")
    invitation.refresh_from_db()
    assert invitation.status == "revoked"
    assert Browser().get(invited, follow=True).status_code == 404


def test_removing_a_member_asks_what_becomes_of_the_keys_they_saw(anns, ann, vera):
    Membership.objects.filter(developer=vera, team=ann.home_team).update(role=Role.DEVELOPER)
    key, _ = ApiKey.objects.issue(team=ann.home_team, by=vera, scopes=["users:read"], name="Vera's")
    path = f"/team/members/{vera.pk}/remove/"
    assert key.key_prefix in anns.get(path).text
    assert "This field is required" in anns.post(path).text
    assert vera.role_in(ann.home_team_id)
    anns.post(path, {"keys": "revoke", "overlap": "604800"})
    key.refresh_from_db()
    assert (key.status, vera.role_in(ann.home_team_id)) == ("revoked", None)


@pytest.mark.parametrize(
    ("fate", "became"),
    [
        ("expire", "Keys that will expire: 1 of 1."),
        ("revoke", "Keys that are revoked: 1 of 1."),
        ("keep", "Keys that go on working: 1."),
        (None, ""),
    ],
)
def test_what_removing_a_member_did_is_said_as_it_was(anns, ann, vera, browser_of, fate, became):
    browser_of(vera)
    if fate:
        ApiKey.objects.issue(team=ann.home_team, by=vera, scopes=["users:read"], name="Vera's")
    anns.post(f"/team/members/{vera.pk}/remove/", {"keys": fate, "overlap": "604800"} if fate else {})
    said = f"Vera is no longer in Ann&#x27;s team. 1 sign-in ended. {became}".strip()
    assert f">{said}</p>" in anns.get("/team/").text.replace("&#39;", "&#x27;")


def test_leaving_is_refused_to_the_last_owner_with_the_way_out(anns, ann):
    answer = anns.get(f"/team/members/{ann.pk}/remove/", follow=True)
    assert "make somebody else an owner first" in answer.text


def test_another_team_is_made_and_looked_at(anns):
    anns.post("/team/new/", {"name": "Night shift"})
    page = anns.get("/team/").text
    assert "<h1>Night shift</h1>" in page


def test_who_is_in_no_team_is_led_to_make_one(anns, ann, bob):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.OWNER)
    anns.post(f"/team/members/{ann.pk}/remove/")
    assert Developer.objects.get(pk=ann.pk).memberships.count() == 0
    assert anns.get("/team/")["Location"] == "/team/new/"
    for path in ("/keys/", "/audit/", "/people/"):
        assert anns.get(path).status_code in (200, 302), path
