"""Every page of every noun: it opens, it obeys the CSP, it shows no secret, it costs a fixed number of queries."""

import base64

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import audit, invitations
from accounts.models import Developer, WaitingMail
from apikeys.models import ApiKey
from tests.admin.conftest import inline_code

NOUNS = {
    "accounts/developer",
    "accounts/team",
    "accounts/session",
    "accounts/alert",
    "accounts/auditevent",
    "accounts/auditseal",
    "accounts/waitingmail",
    "accounts/invitation",
    "auth/group",
    "apikeys/apikey",
    "apikeys/requestrecord",
    "wearables/enduser",
}
LONG_LISTS = ("accounts/developer", "accounts/team", "accounts/session", "accounts/auditevent", "apikeys/apikey")
LONG_LISTS += ("apikeys/requestrecord",)


def model_of(noun):
    return apps.get_model(*noun.split("/"))


@pytest.fixture
def filled(key, end_user, ann_signed_in, vera, asked):
    """At least one row of each noun, and one that was rotated, closed, suspended."""
    asked(key_id=key.pk, team_id=key.team_id)
    Group.objects.create(name="Support")
    successor, _ = key.rotate(by=vera)
    successor.disable(by=None)
    invitations.invite(key.team, by=key.created_by, email="guest@example.com", role="viewer")
    vera.home_team.suspend(by=None)
    list(audit.seal_all())


def test_only_our_nouns_have_pages():
    assert {f"{m._meta.app_label}/{m._meta.model_name}" for m in site._registry} == NOUNS


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_every_page_opens_without_inline_code_and_without_a_digest(noun, filled, at_admin, whole_key, key):
    rows = model_of(noun).objects.all()
    assert rows
    paths = [f"{noun}/", *(f"{noun}/{row.pk}/change/" for row in rows)]
    if noun in ("accounts/developer", "auth/group"):
        paths.append(f"{noun}/add/")
    digest = bytes(ApiKey.objects.get(pk=key.pk).digest)
    secrets = [whole_key[20:], digest.hex(), base64.b64encode(digest).decode(), repr(digest), "argon2"]
    for path in paths:
        response = at_admin.page(path)
        html = response.content.decode()
        assert response.status_code == 200, path
        assert "unsafe-inline" not in response["Content-Security-Policy"]
        assert inline_code(html) == [], path
        assert "Open Wearables" in html
        assert [secret for secret in secrets if secret in html] == [], path


def test_times_say_their_zone(filled, at_admin, key):
    for path in ("apikeys/apikey/", f"apikeys/apikey/{key.pk}/change/"):
        assert f"{key.created_at:%Y-%m-%d %H:%M:%S} UTC" in at_admin.page(path).content.decode()


def test_no_bar_beside_a_list_takes_its_room(at_admin):
    assert 'id="nav-sidebar"' not in at_admin.page("apikeys/apikey/").content.decode()


@pytest.mark.parametrize("path", ["", "accounts/", "apikeys/", "wearables/", "auth/"])
def test_every_index_opens_without_inline_code(path, at_admin):
    response = at_admin.page(path)
    assert response.status_code == 200
    assert inline_code(response.content.decode()) == []


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_no_list_offers_to_delete_what_is_selected(noun, filled, at_admin):
    row = model_of(noun).objects.first()
    assert "delete_selected" not in at_admin.page(f"{noun}/").content.decode()
    at_admin.press("delete_selected", row)
    assert model_of(noun).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("noun", sorted(NOUNS - {"auth/group"}))
def test_nothing_is_deleted_by_a_form(noun, filled, at_admin):
    row = model_of(noun).objects.first()
    assert at_admin.post(f"/admin/{noun}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert model_of(noun).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("noun", sorted(NOUNS - {"auth/group", "accounts/developer"}))
def test_nothing_but_developers_and_groups_is_added_by_a_form(noun, at_admin):
    assert at_admin.page(f"{noun}/add/").status_code == 403


@pytest.mark.parametrize("noun", ["accounts/auditevent", "accounts/auditseal", "apikeys/requestrecord"])
def test_history_cannot_be_written_even_by_a_superuser(noun, filled, at_admin):
    row = model_of(noun).objects.first()
    before = model_of(noun).objects.filter(pk=row.pk).values().get()
    response = at_admin.save(row, action="forged", number="7", events="7", at_0="2001-01-01", at_1="00:00")
    assert response.status_code == 403
    assert model_of(noun).objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("noun", LONG_LISTS)
def test_a_longer_list_costs_no_more_queries(noun, filled, at_admin, asked):
    at_admin.page(f"{noun}/")
    with CaptureQueriesContext(connection) as few:
        at_admin.page(f"{noun}/")
    for number in range(5):
        developer = Developer.objects.create_user(f"d{number}@example.com", None)
        ApiKey.objects.issue(team=developer.home_team, by=developer, scopes=["users:read"])
        asked(key_id=developer.home_team.api_keys.get().pk, team_id=developer.home_team_id, code=f"code_{number}")
        developer.sessions.create(kind="api", expires_at=developer.created_at, ends_at=developer.created_at)
    with CaptureQueriesContext(connection) as many:
        at_admin.page(f"{noun}/")
    assert len(many) == len(few), [query["sql"][:150] for query in many]


def test_the_digest_is_not_even_fetched(filled, at_admin, key):
    with CaptureQueriesContext(connection) as queries:
        at_admin.page("apikeys/apikey/")
        for row in ApiKey.objects.defer("digest"):
            at_admin.page(f"apikeys/apikey/{row.pk}/change/")
    assert [q["sql"] for q in queries if q["sql"].startswith("SELECT") and "digest" in q["sql"]] == []


def test_what_a_waiting_mail_says_is_not_even_fetched(filled, at_admin):
    waiting = WaitingMail.objects.first()
    with CaptureQueriesContext(connection) as queries:
        pages = [at_admin.page(f"accounts/waitingmail/{path}") for path in ("", f"{waiting.pk}/change/")]
    assert all(waiting.recipient in page.content.decode() for page in pages)
    assert [q["sql"] for q in queries if '"accounts_waitingmail"."body"' in q["sql"]] == []


def test_the_history_of_a_row_is_its_audit_trail(at_admin, key):
    response = at_admin.get(f"/admin/apikeys/apikey/{key.pk}/history/", follow=True)
    assert response.request["PATH_INFO"] == "/admin/accounts/auditevent/"
    assert "api_key.issued" in response.content.decode()
    assert str(key.pk) in response.content.decode()


def test_the_own_log_of_django_stays_empty(at_admin, ann):
    at_admin.save(ann, first_name="Anna", last_name="")
    assert Developer.objects.get(pk=ann.pk).first_name == "Anna"
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "apikeys/apikey/?q=%00",
        "apikeys/apikey/?q=%ED%A0%80",
        "apikeys/apikey/?environment__exact=%00",
        "apikeys/apikey/?created_at__gte=0001-01-01T00:00%2B23:59",
        "apikeys/apikey/?created_at__gte=99999-01-01",
        "apikeys/apikey/?p=99999999999999999999",
        "apikeys/apikey/?o=7.-99",
        "apikeys/apikey/?status=nonsense&team__id__exact=nonsense",
        "apikeys/apikey/%00/change/",
        "apikeys/apikey/nonsense/change/",
        "accounts/auditseal/99999999999999999999999/change/",
        "accounts/auditseal/1e9/change/",
        "accounts/auditseal/?number=99999999999999999999999",
        "accounts/auditevent/?target_id=nonsense",
        "accounts/auditevent/?q=%F0%9F%92%A9",
        "accounts/session/?q=999.999.999.999",
        "apikeys/requestrecord/?q=999.999.999.999",
        "apikeys/requestrecord/?q=10.0.0.0/8",
        "apikeys/requestrecord/?q=%00",
        "apikeys/requestrecord/?q=%25%25%25%25%25",
        "apikeys/requestrecord/?status=%C2%B2&code=%00&team=x",
        "apikeys/requestrecord/?code=nonsense",
        "apikeys/requestrecord/nonsense/change/",
        "apikeys/apikey/?use=nonsense",
        "accounts/developer/nonsense/history/",
        "auth/group/99999999999999999999/change/",
        "nonsense/",
    ],
)
def test_no_address_gives_a_5xx(address, filled, at_admin):
    assert at_admin.get(f"/admin/{address}", follow=True).status_code < 500


@pytest.mark.parametrize("selected", ["nonsense", "\0", "1" * 500])
def test_no_selection_gives_a_5xx(selected, key, at_admin):
    data = {"action": "disable", "_selected_action": [selected], "index": "0"}
    assert at_admin.post("/admin/apikeys/apikey/", data, follow=True).status_code < 500


@pytest.mark.parametrize(
    "question",
    [
        "apikeys/apikey/?digest__startswith=a",
        "accounts/developer/?password__startswith=a",
        "accounts/auditevent/?salt=a",
        "accounts/waitingmail/?body__startswith=a",
        "accounts/invitation/?digest__startswith=a",
    ],
)
def test_no_filter_asks_about_secrets(question, filled, at_admin):
    assert at_admin.get(f"/admin/{question}").status_code == 400
