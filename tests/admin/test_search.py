"""Searching: by what an operator has at hand, and never by a secret."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from tests.admin.conftest import Browser


def found(browser, noun, text):
    response = browser.get(f"/admin/{noun}/", {"q": text}, follow=True)
    assert response.status_code == 200
    return [str(row.pk) for row in response.context["cl"].result_list]


def test_a_key_is_found_by_prefix_public_id_name_id_team_and_maker(at_admin, key, bob):
    for text in (key.key_prefix, key.public_id, "server", str(key.pk), key.team.name, "ann@example.com"):
        assert found(at_admin, "apikeys/apikey", text) == [str(key.pk)], text
    assert found(at_admin, "apikeys/apikey", "bob@example.com") == []


def test_people_teams_and_sessions_are_found(at_admin, ann, bob, ann_signed_in, end_user):
    assert found(at_admin, "accounts/developer", "Ann@Example") == [str(ann.pk)]
    assert found(at_admin, "accounts/developer", str(ann.pk)) == [str(ann.pk)]
    assert found(at_admin, "accounts/team", "ann@example.com") == [str(ann.home_team_id)]
    assert found(at_admin, "accounts/session", "ann@example.com") == [str(ann_signed_in.pk)]
    assert found(at_admin, "wearables/enduser", "eve@") == [str(end_user.pk)]


def test_the_trail_is_found_by_actor_target_and_e_mail(at_admin, key, ann):
    issued = str(AuditEvent.objects.get(action="api_key.issued").pk)
    for text in (str(key.pk), str(ann.pk), "ann@example.com", str(ann.home_team_id)):
        assert issued in found(at_admin, "accounts/auditevent", text), text
    assert found(at_admin, "accounts/auditevent", "nobody@example.com") == []


@pytest.mark.parametrize("before", ["", " ", '"', "Authorization: Bearer "])
def test_a_pasted_key_is_cut_before_anything_else(before, at_admin, key, whole_key):
    secret = whole_key[len(key.key_prefix) + 1 :]
    with CaptureQueriesContext(connection) as queries:
        response = at_admin.get("/admin/apikeys/apikey/", {"q": before + whole_key})
        assert response.status_code == 302
        assert secret not in response["Location"]
        page = at_admin.get(response["Location"])
    assert page.status_code == 200
    assert key.key_prefix in page.content.decode()
    assert secret not in page.content.decode()
    assert [query for query in queries if secret in query["sql"]] == []


def test_a_pasted_key_still_finds_its_row(at_admin, key, whole_key):
    assert found(at_admin, "apikeys/apikey", whole_key) == [str(key.pk)]


@pytest.mark.parametrize("path", ["accounts/developer/?q={}", "apikeys/apikey/{}/change/", "{}/", "?x={}", "?{}=1"])
def test_a_key_is_cut_wherever_in_the_address_it_stands(path, at_admin, whole_key):
    response = at_admin.get("/admin/" + path.format(whole_key), follow=True)
    assert whole_key[30:] not in response.content.decode()
    assert whole_key[30:] not in str(response.redirect_chain)


def test_a_key_is_cut_before_the_sign_in_page_could_repeat_it(db, whole_key):
    response = Browser().get("/admin/apikeys/apikey/", {"q": whole_key})
    assert whole_key[30:] not in response["Location"]


def test_a_pasted_token_is_cut(at_admin):
    response = at_admin.get("/admin/accounts/session/", {"q": "eyJhbGciOi.eyJzdWIi.c2VjcmV0"}, follow=True)
    assert "c2VjcmV0" not in response.content.decode()
