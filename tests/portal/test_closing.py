"""Deleting one's account in the portal."""

from django.utils import timezone

from accounts import factors
from accounts.models import Developer, Membership, Session
from tests.codes import SECRET, app_code
from tests.conftest import PASSWORD


def test_the_page_says_what_happens_to_each_team(vera, veras):
    page = veras.get("/profile/delete/").text
    assert "<strong>Vera&#x27;s team</strong> stands still" in page
    assert "<strong>Vera&#x27;s team</strong> is deleted with its keys and its people" in page
    assert "<strong>Ann&#x27;s team</strong> goes on without you" in page
    assert 'href="/profile/delete/"' in veras.get("/profile/").text


def test_the_last_owner_of_others_is_told_what_to_do_first(ann, anns, vera):
    page = anns.get("/profile/delete/").text
    assert "Make somebody else an owner first" in page
    assert "<li>Ann&#x27;s team</li>" in page
    assert 'name="password"' not in page
    assert anns.post("/profile/delete/", {"password": PASSWORD}).url == "/profile/delete/"
    assert "make somebody else an owner first" in anns.messages()[0]
    ann.refresh_from_db()
    assert ann.closing_at is None


def test_the_password_closes_it_and_the_browser_is_signed_out(ann, anns, nobody, mailoutbox):
    answer = anns.post("/profile/delete/", {"password": PASSWORD})
    assert answer.status_code == 200
    assert "Your account is closed" in answer.text
    assert "ann@example.com" in answer.text
    assert answer["Clear-Site-Data"]
    assert anns.get("/keys/").status_code == 302
    assert nobody.sign_in(ann).status_code == 200, "the door stays shut"


def test_a_wrong_password_closes_nothing(ann, anns):
    answer = anns.post("/profile/delete/", {"password": "not the password"})
    assert "This is not your password." in answer.text
    ann.refresh_from_db()
    assert ann.is_active


def test_with_a_second_factor_a_sign_in_that_lies_back_proves_itself_first(ann, anns, grow_old):
    factors.add_totp(ann, SECRET, app_code(), by=ann)
    grow_old(ann)
    for answer in (anns.get("/profile/delete/"), anns.post("/profile/delete/", {"password": PASSWORD})):
        assert answer.url == "/confirm/?next=%2Fprofile%2Fdelete%2F"
    ann.refresh_from_db()
    assert ann.is_active


def test_who_has_no_password_needs_a_fresh_proof_and_none(ann, anns, grow_old, monkeypatch):
    monkeypatch.setattr(Developer, "has_usable_password", lambda self: False)
    grow_old(ann)
    assert anns.post("/profile/delete/").url == "/confirm/?next=%2Fprofile%2Fdelete%2F"
    Session.objects.filter(developer=ann).update(auth_time=timezone.now())
    assert 'name="password"' not in anns.get("/profile/delete/").text
    assert "Your account is closed" in anns.post("/profile/delete/").text
    ann.refresh_from_db()
    assert ann.closing_at


def test_looking_closes_nothing(ann, anns):
    Membership.objects.exclude(developer=ann).delete()
    anns.get("/profile/delete/", {"password": PASSWORD})
    ann.refresh_from_db()
    assert ann.is_active


def test_without_a_sign_in_there_is_nothing_to_delete(nobody):
    assert nobody.get("/profile/delete/").url == "/sign-in/?next=/profile/delete/"
    assert nobody.get("/keep-account/anything/").status_code == 404
