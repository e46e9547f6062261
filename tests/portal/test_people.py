"""ux.md, “people”: found, looked at, changed, handed out, deleted."""

import csv
import json
from io import StringIO

import pytest

from accounts.models import AuditEvent
from wearables.models import EndUser


@pytest.fixture
def make(ann):
    """make(**fields) → a person of Ann's team, in live unless said."""

    def make(environment="live", **fields):
        return EndUser.objects.register(team_id=ann.home_team_id, environment=environment, by=ann, **fields)

    return make


def names_on(page):
    return [str(person) for person in page.context["people"]]


def test_while_there_is_nobody_it_says_how_the_first_comes(anns):
    page = anns.get("/people/").text
    assert "curl -X POST http://127.0.0.1:8000/api/v1/users" in page
    assert "<table" not in page


def test_the_people_of_ones_team_in_one_environment_newest_first(anns, make, bob):
    make(first_name="Zoe", email="zoe@example.com", external_user_id="u-1"), make(first_name="Max")
    make("test", first_name="Tess")
    EndUser.objects.register(team_id=bob.home_team_id, environment="live", by=bob, first_name="Bea")
    page = anns.get("/people/")
    assert names_on(page) == ["Max", "Zoe"]
    for said in ("2 people in the live environment of Ann&#x27;s team", "zoe@example.com", "u-1", "<time datetime="):
        assert said in page.text
    assert names_on(anns.get("/people/?environment=test")) == ["Tess"]
    assert names_on(anns.get("/people/?environment=odd&cursor=odd")) == ["Max", "Zoe"]


@pytest.mark.parametrize(("q", "found"), [("ZOE", ["Zoe Neil"]), ("u-1", ["Zoe Neil"]), ("x@", ["Max"]), ("!", [])])
def test_search_reads_names_addresses_and_ids(anns, make, q, found):
    make(first_name="Zoe", last_name="Neil", external_user_id="u-1"), make(first_name="Max", email="max@example.com")
    page = anns.get("/people/", {"q": q})
    assert names_on(page) == found
    assert ("Nobody fits this search." in page.text) == (not found)


def test_a_pasted_key_leaves_the_address_bar(anns, new_key):
    key = new_key()["key"]
    assert key.split("_")[3] not in anns.get("/people/", {"q": key}).url


def test_many_people_come_in_pages_with_as_many_queries(anns, make, ann, django_assert_max_num_queries):
    EndUser.objects.bulk_create(
        EndUser(team=ann.home_team, environment="live", first_name=f"P{number}") for number in range(120)
    )
    seen, path = [], "/people/?q=P"
    while path:
        with django_assert_max_num_queries(10):
            page = anns.get(path)
        seen += names_on(page)
        path = page.context["next"] and f"/people/{page.context['next']}"
    assert len(set(seen)) == len(seen) == 120
    assert "120 people" in anns.get("/people/").text


def test_one_person_with_all_that_is_held_and_what_was_done(anns, make):
    person = make(first_name="Zoe", email="zoe@example.com")
    page = anns.get(f"/people/{person.pk}/").text
    for said in (str(person.pk), "zoe@example.com", "Ann&#x27;s team", f'href="/audit/?target={person.pk}"'):
        assert said in page
    assert f'href="/people/{person.pk}/"' in anns.get("/audit/").text


def test_a_person_is_changed_by_the_apis_rules(anns, make):
    make(email="max@example.com")
    person = make(first_name="Zoe", email="zoe@example.com")
    path = f"/people/{person.pk}/edit/"
    assert 'value="Zoe"' in anns.get(path).text
    assert "Enter a valid e-mail address." in anns.post(path, {"email": "odd"}).text
    assert "exists already" in anns.post(path, {"email": "MAX@example.com"}).text
    assert "not allowed" in anns.post(path, {"first_name": "a\u202eb"}).text
    person.refresh_from_db()
    assert (person.first_name, person.email) == ("Zoe", "zoe@example.com")
    assert anns.post(path, {"first_name": "Zoë", "email": "zoe@example.com"}).url == f"/people/{person.pk}/"
    person.refresh_from_db()
    assert (person.first_name, person.last_name, person.email) == ("Zoë", None, "zoe@example.com")
    assert AuditEvent.objects.get(action="user.changed").data == {"fields": ["first_name"]}


def test_saving_what_is_the_same_changes_nothing(anns, make):
    person = make(first_name="Zoe")
    anns.post(f"/people/{person.pk}/edit/", {"first_name": "Zoe"})
    assert not AuditEvent.objects.filter(action="user.changed").exists()


def test_a_person_is_deleted_after_one_question(anns, make):
    person = make(first_name="Zoe")
    path = f"/people/{person.pk}/delete/"
    assert "can’t be undone" in anns.get(path).text
    assert EndUser.objects.exists()
    assert anns.post(path).url == "/people/"
    assert not EndUser.objects.exists()
    assert anns.post(path).status_code == 404
    assert AuditEvent.objects.get(action="user.deleted").target_id == person.pk


def test_a_persons_data_is_a_file(anns, make):
    person = make(first_name="Zoe")
    answer = anns.get(f"/people/{person.pk}/export/")
    assert answer["Content-Disposition"] == f'attachment; filename="person-{person.pk}.json"'
    assert json.loads(answer.getvalue())["user"]["first_name"] == "Zoe"


def test_the_list_is_a_file_whose_cells_run_in_no_spreadsheet(anns, make, bob):
    make(first_name="=1+1", email="zoe@example.com"), make(external_user_id="@x"), make("test", first_name="Tess")
    EndUser.objects.register(team_id=bob.home_team_id, environment="live", by=bob, first_name="Bea")
    answer = anns.get("/people/download/")
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'
    rows = list(csv.DictReader(StringIO(answer.getvalue().decode())))
    assert [(row["first_name"], row["email"], row["external_user_id"]) for row in rows] == [
        ("", "", "'@x"),
        ("'=1+1", "zoe@example.com", ""),
    ]
    found = anns.get("/people/download/?q=zoe@&environment=live").getvalue().decode()
    assert found.count("\r\n") == 2


def test_the_file_has_everybody(anns, make, monkeypatch):
    monkeypatch.setattr("wearables.portal.listing.AT_ONCE", 2)
    for number in range(5):
        make(first_name=f"P{number}")
    lines = anns.get("/people/download/").getvalue().decode().splitlines()
    assert [line.split(",")[3] for line in lines] == ["first_name", "P4", "P3", "P2", "P1", "P0"]


def test_a_viewer_looks_and_changes_nothing(veras, make, ann):
    person = make(first_name="Zoe")
    page = veras.get(f"/people/{person.pk}/")
    assert "as a viewer" in page.text
    assert "/edit/" not in page.text
    for verb in ("edit", "delete"):
        assert veras.get(f"/people/{person.pk}/{verb}/").status_code == 403
        assert veras.post(f"/people/{person.pk}/{verb}/", {"first_name": "X"}).status_code == 403
    person.refresh_from_db()
    assert person.first_name == "Zoe"


@pytest.mark.parametrize("verb", ["", "edit/", "delete/", "export/"])
def test_another_teams_person_is_not_there(bobs, nobody, make, verb):
    person = make(first_name="Zoe")
    path = f"/people/{person.pk}/{verb}"
    assert bobs.get(path).status_code == bobs.post(path, {"first_name": "X"}).status_code == 404
    assert nobody.get(path).url == f"/sign-in/?next={path}"
    person.refresh_from_db()
    assert person.first_name == "Zoe"


@pytest.mark.parametrize("path", ["/people/", "/people/download/"])
def test_without_a_sign_in_there_is_nobody(nobody, path):
    assert nobody.get(path).url == f"/sign-in/?next={path}"


def test_it_is_about_the_team_one_has_chosen(veras, vera, make, ann):
    make(first_name="Zoe")
    assert names_on(veras.get("/people/")) == []
    veras.post("/team/switch/", {"team": str(ann.home_team_id)})
    assert names_on(veras.get("/people/")) == ["Zoe"]


def test_who_left_every_team_sees_nobody(ann, anns, make):
    make(first_name="Zoe")
    ann.memberships.all().delete()
    assert names_on(anns.get("/people/")) == []
    assert anns.get("/audit/").status_code == 200
