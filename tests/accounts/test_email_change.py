"""Another e-mail address: it waits for its link, and the old one is told."""

import re

import pytest

from accounts import emails
from accounts.models import Developer
from protocol.problems import Conflict
from tests.conftest import PASSWORD

WANTED = {"email": "Ann@new.example.com", "current_password": PASSWORD}


def token_in(mail):
    return re.search(r"/profile/email/change/([^/]+)/", mail.body)[1]


def test_it_changes_only_once_the_link_is_opened(as_ann, ann, letters):
    me = as_ann.call("PATCH", "/auth/me", WANTED).json()
    assert (me["email"], me["pending_email"]) == ("ann@example.com", "ann@new.example.com")
    assert [mail.recipient for mail in letters()] == ["ann@example.com", "ann@new.example.com"]
    emails.change(token_in(letters()[-1]))
    me = as_ann.call("GET", "/auth/me").json()
    assert (me["email"], me["pending_email"]) == ("ann@new.example.com", None)
    assert (letters()[-1].recipient, "was changed" in letters()[-1].subject) == ("ann@example.com", True)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"email": "a@new.example.com"}, ("#/current_password", "required")),
        ({"email": "a@new.example.com", "current_password": "wrong"}, ("#/current_password", "incorrect_password")),
        ({"current_password": PASSWORD}, ("#/current_password", "unknown_field")),
        ({"email": "x", "current_password": PASSWORD}, ("#/email", "invalid")),
    ],
)
def test_it_needs_an_address_and_the_password(as_ann, faults_at, body, fault):
    assert faults_at(as_ann.call("PATCH", "/auth/me", body)) == [fault]


def test_a_taken_address_gets_the_same_answer_and_its_owner_is_told(as_ann, bob, letters):
    me = as_ann.call("PATCH", "/auth/me", {**WANTED, "email": bob.email}).json()
    assert me["pending_email"] == bob.email
    assert ("bob@example.com", "Somebody asked to use your address") in [(m.recipient, m.subject) for m in letters()]
    assert not any("/profile/email/change/" in mail.body for mail in letters())


def test_a_changed_password_voids_what_waits(as_ann, ann, letters):
    as_ann.call("PATCH", "/auth/me", WANTED)
    token = token_in(letters()[-1])
    ann.change_password("another password of hers", by=ann)
    assert emails.change(token) is None
    assert emails.pending(ann) is None


def test_of_two_who_want_one_address_the_first_to_open_the_link_gets_it(as_ann, as_bob, letters):
    as_ann.call("PATCH", "/auth/me", {**WANTED, "email": "both@example.com"})
    anns = token_in(letters()[-1])
    as_bob.call("PATCH", "/auth/me", {**WANTED, "email": "both@example.com"})
    bobs = token_in(letters()[-1])
    assert emails.change(bobs).email == "both@example.com"
    with pytest.raises(Conflict):
        emails.change(anns)
    assert Developer.objects.filter(email="ann@example.com").exists()


def test_asking_for_ones_own_address_takes_the_other_back(as_ann, ann):
    as_ann.call("PATCH", "/auth/me", WANTED)
    me = as_ann.call("PATCH", "/auth/me", {**WANTED, "email": ann.email}).json()
    assert me["pending_email"] is None
