"""ux.md, “audit”: who, what, which, when, where; for the team and for oneself."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import AuditEvent, Membership, Role, audit
from accounts.models.audit import Action
from accounts.trail import WORDS, words_for
from protocol.downloads import neutral
from tests.conftest import PASSWORD
from wearables.models import EndUser

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"


def rows_of(page):
    """The lines of the table, without their marks."""
    return [line["what"] for line in page.context["lines"]]


def file_of(browser, query=""):
    """The rows of the CSV, each as a dictionary."""
    answer = browser.get(f"/audit/download/{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    return list(csv.DictReader(StringIO(answer.getvalue().decode())))


def test_it_says_who_did_what_to_which_when_and_from_where(ann, browser_of, key):
    browser = browser_of(ann)
    browser.post(f"/keys/{key.pk}/revoke/", REMOTE_ADDR="203.0.113.5", HTTP_USER_AGENT=CHROME)
    page = browser.get("/audit/")
    line = page.context["lines"][0]
    assert (line["what"], line["which"], line["who"]) == ("Revoked a key", str(key), "ann@example.com")
    for said in (
        "Revoked a key",
        "You",
        f'href="/keys/{key.pk}/"',
        "203.0.113.5",
        "Chrome on Linux",
        "<time datetime=",
    ):
        assert said in page.text


def test_a_member_without_the_right_role_sees_their_own_acts_only(vera, veras, ann, key):
    assert "Made a key" not in rows_of(veras.get("/audit/"))
    key.revoke(by=vera)
    assert "Revoked a key" in rows_of(veras.get("/audit/"))
    vera.home_team.memberships.all().delete()
    member = vera.memberships.get(team=ann.home_team)
    assert "Made a key" not in rows_of(veras.get("/audit/?about=team"))
    Membership.objects.filter(pk=member.pk).update(role=Role.ADMIN)
    assert "Made a key" in rows_of(veras.get("/audit/?about=team"))


@pytest.mark.parametrize("path", ["/audit/", "/audit/?about=team", "/audit/?target={key}", "/audit/?actor={ann}"])
def test_another_teams_audit_is_not_there(bobs, ann, key, path):
    path = path.format(key=key.pk, ann=ann.pk)
    assert "Ann&#x27;s server" not in (page := bobs.get(path)).text
    assert not [line for line in page.context["lines"] if line["event"].team_id == ann.home_team_id]
    assert str(key.pk) not in [row["which id"] for row in file_of(bobs, path.removeprefix("/audit/"))]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?action=api_key.revoked", ["Revoked a key"]),
        ("?action=api_key.revoked&actor=VERA@example.com", []),
        ("?action=api_key.revoked&actor=ann@example.com", ["Revoked a key"]),
        ("?actor=stranger@example.com", []),
        ("?about=mine&action=user.created", []),
        ("?about=team&action=user.created", ["Added a person"]),
        ("?action=api_key.issued&until=2026-01-01", []),
        ("?action=api_key.issued&since=2026-01-01&until=2026-01-02", ["Made a key"]),
        ("?action=api_key.issued&since=2026-01-03", []),
        ("?action=api_key.issued&since=0001-01-01&until=9999-12-31", ["Made a key"]),
        ("?action=nonsense&actor=&since=x&until=2026-99-01&target=1&cursor=odd", None),
    ],
)
def test_filters(anns, ann, vera, time_machine, query, found):
    now = datetime.now(UTC)
    time_machine.move_to(datetime(2026, 1, 2, 23, 59, tzinfo=UTC))
    key, _ = ann.home_team.api_keys.issue(team=ann.home_team, by=None)
    time_machine.move_to(now)
    EndUser.objects.register(team_id=ann.home_team_id, environment="live", by=vera)
    key.revoke(by=ann)
    page = anns.get(f"/audit/{query}")
    assert page.status_code == 200
    assert rows_of(page) == found if found is not None else len(rows_of(page)) > 3
    assert [row["what"] for row in file_of(anns, query)] == rows_of(page)


def test_what_was_done_to_one_thing_can_be_asked_for(anns, ann, key):
    key.disable(by=ann)
    page = anns.get(f"/audit/?target={key.pk}")
    assert rows_of(page) == ["Disabled a key", "Made a key"]
    assert f'name="target" value="{key.pk}"' in page.text, "the filter keeps it"


def test_many_events_come_in_pages_and_the_file_has_them_all(anns, ann, time_machine, monkeypatch):
    time_machine.move_to(datetime.now(UTC), tick=False)  # in one moment, so that only the ids order them
    for number in range(120):
        audit.record(ann, Action.TEAM_CHANGED, ann.home_team, team=ann.home_team_id, number=number)
    seen, path = [], "/audit/?action=team.changed"
    while path:
        page = anns.get(path)
        seen += [line["event"].data["number"] for line in page.context["lines"]]
        path = page.context["next"] and f"/audit/{page.context['next']}"
    assert seen == list(range(119, -1, -1))
    monkeypatch.setattr("accounts.trail.AT_ONCE", 50)
    assert len(file_of(anns, "?action=team.changed")) == 120


def test_the_number_of_queries_does_not_grow_with_the_events(anns, ann, key, django_assert_max_num_queries):
    anns.get("/audit/")
    for number in range(60):
        person = EndUser.objects.register(team_id=ann.home_team_id, environment="live", by=ann, first_name=str(number))
        person.change(by=ann, last_name="Neil")
    key.disable(by=None)
    with django_assert_max_num_queries(15):
        assert len(anns.get("/audit/").context["lines"]) == 50
    with django_assert_max_num_queries(15):
        assert len(file_of(anns)) > 120


def test_what_is_gone_keeps_its_id(anns, ann):
    person = EndUser.objects.register(team_id=ann.home_team_id, environment="live", by=ann, first_name="Zoe")
    pk = str(person.pk)
    assert "Zoe" in anns.get("/audit/").text
    person.erase(by=ann)
    assert "Zoe" not in (page := anns.get("/audit/").text)
    assert f'title="{pk}">Person …{pk[-8:]}' in page
    assert {row["which id"] for row in file_of(anns, "?action=user.deleted")} == {pk}


def test_who_is_in_no_team_of_ones_own_is_an_id_and_no_name(anns, ann, bob, key):
    key.disable(by=bob)
    page = anns.get("/audit/")
    assert "bob@example.com" not in page.text
    assert f'title="{bob.pk}">Developer …' in page.text


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", " =", "\uff1d"])
def test_a_cell_that_a_spreadsheet_would_run_is_neutralised(anns, ann, begin):
    assert neutral(f"{begin}cmd|' /C calc'!A0") == f"'{begin}cmd|' /C calc'!A0"
    assert (neutral(-5), neutral(None), neutral("a=b"), neutral("Zoe")) == ("-5", "", "a=b", "Zoe")


def test_no_cell_of_the_file_runs_in_a_spreadsheet(anns, ann):
    EndUser.objects.register(team_id=ann.home_team_id, environment="live", by=ann, first_name='=HYPERLINK("http://x")')
    (row,) = file_of(anns, "?action=user.created")
    assert row["which"] == '\'=HYPERLINK("http://x")'
    anns.post("/sign-out/")
    anns.post("/sign-in/", {"login": ann.email, "password": PASSWORD}, HTTP_USER_AGENT="@SUM(1+1)")
    assert file_of(anns, "?action=session.opened")[0]["agent"] == "'@SUM(1+1)"


def test_every_action_has_words():
    assert [action for action in Action if action not in WORDS] == []
    assert words_for("gone.long_ago") == "Gone long ago"


def test_only_reading_it_changes_nothing_and_the_chain_verifies(anns):
    before = AuditEvent.objects.count()
    anns.get("/audit/")
    file_of(anns)
    assert AuditEvent.objects.count() == before
    call_command("verify_audit", verbosity=0)


@pytest.mark.parametrize("path", ["/audit/", "/audit/download/"])
def test_without_a_sign_in_there_is_no_audit(nobody, path):
    assert nobody.get(path).url == f"/sign-in/?next={path}"
