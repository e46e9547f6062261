"""The one-time link that makes the first account."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import owner_link
from accounts.models import Developer
from protocol.masking import mask
from tests.portal.conftest import Browser

OWNER = {
    "email": "Olga@Example.com",
    "first_name": "Olga",
    "last_name": "Ek",
    "password": "four words in a row",
    "password_again": "four words in a row",
}


def test_the_link_makes_the_first_owner_and_signs_them_in(nobody):
    path = owner_link.make()
    assert nobody.get(path).url == "/first-owner/"
    assert "Make the first account" in nobody.get("/first-owner/").text
    assert nobody.post("/first-owner/", OWNER).url == "/keys/"
    olga = Developer.objects.get()
    assert (olga.email, olga.is_staff, olga.is_superuser) == ("olga@example.com", True, True)
    assert nobody.get("/keys/").status_code == 200
    assert nobody.get("/keys/new/").status_code == 200


def test_the_link_works_once(nobody):
    path = owner_link.make()
    other = Browser()
    other.get(path)
    nobody.get(path)
    nobody.post("/first-owner/", OWNER)
    for response in (
        Browser().get(path),
        other.get("/first-owner/"),
        other.post("/first-owner/", {**OWNER, "email": "mallory@example.com"}),
        nobody.post("/first-owner/", {**OWNER, "email": "again@example.com"}),
    ):
        assert response.status_code == 404
        assert "used or too old" in response.text
    assert Developer.objects.count() == 1


def test_there_is_no_link_once_there_is_a_developer(ann):
    assert owner_link.make() is None


def test_of_two_that_hold_a_good_link_the_database_lets_one_win(db):
    first, second = (owner_link.make().rpartition("/first-owner/")[2].strip("/") for _ in range(2))
    assert owner_link.consume(first, email="a@example.com", password="four words in a row")
    assert owner_link.consume(second, email="b@example.com", password="four words in a row") is None
    assert Developer.objects.count() == 1


@pytest.mark.parametrize("token", ["x", "eyJ9:x:y", "a:b", "0" * 3000, "%00"])
def test_a_link_of_ones_own_making_opens_nothing(nobody, token):
    assert nobody.get(f"/first-owner/{token}/").status_code == 404
    assert nobody.post("/first-owner/", OWNER).status_code == 404
    assert not Developer.objects.exists()


def test_the_link_is_good_for_a_day(nobody):
    path = owner_link.make()
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert nobody.get(path).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "nobody"}, "valid e-mail"),
        ({"password": "short", "password_again": "short"}, "too short"),
        ({"password_again": "another"}, "differ"),
        ({"first_name": "a\u202eb"}, "bidirectional"),
        ({"email": "a\0@example.com"}, "Null characters"),
    ],
)
def test_the_form_has_the_rules_of_every_account(nobody, wrong, said):
    nobody.get(owner_link.make())
    response = nobody.post("/first-owner/", {**OWNER, **wrong})
    assert response.status_code == 200
    assert said in response.text
    assert OWNER["password"] not in response.text
    assert not Developer.objects.exists()


def test_all_faults_of_the_first_owner_show_at_once_and_the_first_has_the_focus(nobody):
    nobody.get(owner_link.make())
    wrong = {"email": "nobody", "first_name": "a\u202eb", "password": "short", "password_again": "another"}
    page = nobody.post("/first-owner/", wrong).text
    for said in ("valid e-mail", "bidirectional", "too short", "differ"):
        assert said in page
    assert re.findall(r'name="(\w+)"[^>]* autofocus', page) == ["email"]


def test_what_a_log_keeps_of_the_link_opens_nothing(nobody):
    path = owner_link.make()
    kept = mask(path)
    assert kept != path
    assert nobody.get(kept).status_code == 404
    assert re.fullmatch(r"/first-owner/eyJ….*/", kept)


def test_the_door_says_where_the_first_account_comes_from_while_there_is_none(nobody):
    assert "first_owner_link" in nobody.get("/sign-in/").text
    Developer.objects.create_user("ann@example.com", "four words in a row")
    assert "first_owner_link" not in nobody.get("/sign-in/").text
