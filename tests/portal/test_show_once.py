"""ux.md, “show once”: the key is in one answer, and in no other."""

import pytest

from apikeys.models import ApiKey
from protocol.counters import reset_counters
from tests.portal.conftest import secret_in


def test_a_new_key_is_shown_in_the_answer_itself_and_opens_the_api(anns, api, ann):
    response = anns.make(name="Dashboard", access="read")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "You will not see it again" in response.text
    text = secret_in(response)
    assert f">OW_API_KEY={text}<" in response.text
    assert "/api/v1/users<" in response.text
    itself = api.with_key(text).call("GET", "/api-keys/self").json()
    assert itself["name"] == "Dashboard"
    assert itself["scopes"] == ["users:read", "data:read"]
    assert ApiKey.objects.get().created_in == ann.sessions.get()


def test_a_key_that_may_not_read_users_is_tried_on_itself(anns):
    assert "/api/v1/api-keys/self<" in anns.make(access="chosen", scopes=["data:read"]).text


def test_the_whole_key_is_nowhere_but_in_that_answer(anns):
    response = anns.make()
    text = secret_in(response)
    key = ApiKey.objects.get()
    secret = text.rpartition("_")[2]
    assert secret not in str(response.headers) + str(response.cookies)
    assert secret not in str(dict(anns.session.items()))
    for path in ("/keys/", f"/keys/{key.pk}/", f"/keys/{key.pk}/edit/", f"/keys/{key.pk}/rotate/"):
        assert secret not in anns.get(path).text


def test_a_form_that_is_sent_twice_makes_one_key(anns):
    number = anns.number()
    fields = {"name": "Once", "environment": "live", "access": "all", "expiry": "usual", "form": number}
    assert anns.post("/keys/new/", fields).status_code == 200
    again = anns.post("/keys/new/", fields)
    assert again.url == "/keys/"
    assert "sent already" in anns.messages()[0]
    assert ApiKey.objects.count() == 1


def test_a_form_stays_spent_after_a_restart_and_for_a_session_that_was_read_before(anns):
    number, before = anns.number(), dict(anns.session)
    anns.make(form=number)
    reset_counters()
    assert anns.make(form=number).url == "/keys/"
    session = anns.session
    session.update(before)
    session.save()
    assert anns.make(form=number).status_code == 200
    session.update(before)
    session.save()
    assert anns.make(form=number).url == "/keys/"


@pytest.mark.parametrize("number", ["", "made-up", "0" * 5000])
def test_a_form_of_ones_own_making_makes_nothing(anns, number):
    assert anns.make(form=number).url == "/keys/"
    assert not ApiKey.objects.exists()


def test_a_form_that_was_refused_can_be_sent_again(anns):
    number = anns.number()
    assert "This field is required" in anns.make(name="", form=number).text
    assert anns.make(form=number).status_code == 200
    assert ApiKey.objects.count() == 1
