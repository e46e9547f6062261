"""A developer's own pages."""

import re

import pytest

from accounts.models import AuditEvent, Session
from apikeys.models import ApiKey
from tests.conftest import PASSWORD
from tests.portal.conftest import secret_in

NEW = "an entirely new sentence"


def change_password(browser, current=PASSWORD, new=NEW, again=None):
    fields = {"current_password": current, "new_password": new, "confirm_password": again or new}
    return browser.post("/profile/", {"form": "password", **fields})


def test_a_name_is_saved_and_audited(anns, ann):
    assert anns.post("/profile/", {"form": "names", "first_name": "Anna", "last_name": "Lee"}).url == "/profile/"
    ann.refresh_from_db()
    assert ann.get_full_name() == "Anna Lee"
    assert AuditEvent.objects.get(action="developer.changed").data == {"fields": ["first_name", "last_name"]}
    assert "Your name is saved." in anns.get("/profile/").text


@pytest.mark.parametrize("name", ["x" * 101, "a\u202eb", "a\0b"])
def test_a_name_that_the_api_refuses_is_refused_here(anns, ann, name):
    assert anns.post("/profile/", {"form": "names", "first_name": name}).status_code == 200
    ann.refresh_from_db()
    assert ann.first_name == "Ann"


def test_a_new_password_ends_every_other_sign_in_and_keeps_this_one(anns, ann, browser_of, api, sign_in, mailoutbox):
    elsewhere = browser_of(ann)
    token = sign_in(ann)["access_token"]
    mailoutbox.clear()
    response = change_password(anns)
    assert response.url == "/profile/password-changed/"
    assert "2 other sign-ins of yours ended" in anns.get(response.url).text
    assert elsewhere.get("/keys/").status_code == 302
    assert api.with_token(token).call("GET", "/auth/me").status_code == 401
    assert anns.get("/keys/").status_code == 200
    ann.refresh_from_db()
    assert ann.check_password(NEW)


def test_after_a_new_password_the_keys_of_the_ended_sign_ins_are_named(anns, ann, browser_of):
    prefix = secret_in(browser_of(ann).make(name="Made elsewhere"))[:20]
    anns.make(name="Made here")
    change_password(anns)
    page = anns.get("/profile/password-changed/").text
    assert "Made elsewhere" in page
    assert prefix in page
    assert "Made here" not in page
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"current": "not the password"}, "This is not your password."),
        ({"again": "another sentence"}, "The two passwords differ."),
        ({"new": "short"}, "too short"),
        ({"new": "password1234"}, "too common"),
        ({"new": "ann@example.co"}, "too similar"),
    ],
)
def test_a_password_is_changed_by_the_rules_only(anns, ann, sent, said):
    response = change_password(anns, **sent)
    assert response.status_code == 200
    assert said in response.text
    for value in sent.values():
        assert f'value="{value}"' not in response.text
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def test_all_faults_of_a_new_password_show_at_once_and_the_current_one_is_not_hashed_for_nothing(anns, monkeypatch):
    monkeypatch.setattr("accounts.serializers.account.password_matches", None)
    page = change_password(anns, current="", new="short", again="another").text
    for said in ("This field is required", "too short", "differ"):
        assert said in page
    assert re.findall(r'name="(\w+)"[^>]* autofocus', page) == ["current_password"]
    assert change_password(anns, again="another sentence").status_code == 200


def test_guessing_the_current_password_meets_the_counter(anns):
    answers = [change_password(anns, current="wrong wrong wrong").status_code for _ in range(10)]
    assert answers == [200] * 9 + [429]


def test_guessing_at_the_confirmation_meets_the_same_counter(anns, ann, grow_old):
    grow_old(ann)
    answers = [anns.post("/confirm/", {"password": "wrong wrong wrong"}).status_code for _ in range(10)]
    assert answers == [200] * 9 + [429]


def test_a_confirmation_moves_the_sign_ins_time_and_changes_the_cookie(anns, ann, grow_old):
    grow_old(ann)
    before = Session.objects.get(developer=ann).auth_time
    cookie = anns.cookies["ow_session"].value
    assert anns.post("/confirm/", {"password": PASSWORD}).url == "/keys/"
    assert Session.objects.get(developer=ann).auth_time > before
    assert anns.cookies["ow_session"].value != cookie


@pytest.mark.parametrize(
    ("address", "said", "mailed"),
    [
        ("ann@new.example.com", "A mail is on its way to ann@new.example.com", 2),
        ("ANN@example.com", "You sign in as ANN@example.com already, so no mail was sent", 0),
    ],
)
def test_a_mail_is_announced_only_where_one_is_sent(anns, letters, address, said, mailed):
    anns.post("/profile/", {"form": "email", "email": address, "current_password": PASSWORD})
    assert said in anns.get("/profile/").text
    assert len(letters()) == mailed


@pytest.mark.parametrize("path", ["/profile/", "/profile/password-changed/", "/confirm/"])
def test_without_a_sign_in_there_is_no_profile(nobody, path):
    assert nobody.get(path).url == f"/sign-in/?next={path}"
    assert nobody.post(path).url == f"/sign-in/?next={path}&unsent=1"


def test_every_field_of_the_page_has_an_id_of_its_own(anns):
    ids = re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', anns.get("/profile/").text)
    assert sorted(ids) == sorted(set(ids))
    assert len(ids) > 5
