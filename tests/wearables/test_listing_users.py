"""GET /users: pages, order, search and filters."""

import pytest
from django.db import connection

from wearables.models import EndUser

UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"


@pytest.fixture
def found(live):
    """found(query) → the first names that a list shows, in its order."""

    def found(query=""):
        answer = live.call("GET", f"/users{query}")
        assert answer.status_code == 200, answer.content
        return [person["first_name"] for person in answer.json()["items"]]

    return found


def test_an_empty_list_is_a_page_without_pages(live):
    assert live.call("GET", "/users").json() == {
        "items": [],
        "total": 0,
        "page": 1,
        "limit": 20,
        "pages": 0,
        "has_next": False,
        "has_prev": False,
    }


def test_the_pages_hold_everybody_once(live, person):
    for number in range(5):
        person(first_name=str(number))
    seen = []
    for page, (has_prev, has_next) in enumerate([(False, True), (True, True), (True, False)], start=1):
        body = live.call("GET", f"/users?limit=2&page={page}").json()
        assert (body["total"], body["pages"], body["page"], body["limit"]) == (5, 3, page, 2)
        assert (body["has_prev"], body["has_next"]) == (has_prev, has_next)
        seen += [item["first_name"] for item in body["items"]]
    assert seen == ["4", "3", "2", "1", "0"]


def test_a_page_past_the_end_is_empty(live, person):
    person()
    body = live.call("GET", "/users?page=1000000&limit=100").json()
    assert (body["items"], body["total"], body["has_next"], body["has_prev"]) == ([], 1, False, True)


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("page=0", ("page", "min_value")),
        ("page=-1", ("page", "min_value")),
        ("page=99999999999999999999", ("page", "max_value")),
        ("limit=0", ("limit", "min_value")),
        ("limit=101", ("limit", "max_value")),
        ("limit=x", ("limit", "invalid")),
        ("sort_by=id", ("sort_by", "invalid_choice")),
        ("sort_by=team__name", ("sort_by", "invalid_choice")),
        ("sort_order=up", ("sort_order", "invalid_choice")),
        ("q=zoe", ("q", "unknown_field")),
        ("search=%00", ("search", "null_characters_not_allowed")),
        ("email=" + "x" * 255, ("email", "max_length")),
    ],
)
def test_it_refuses_a_wrong_parameter_by_name(live, faults_at, query, fault):
    assert faults_at(live.call("GET", f"/users?{query}")) == [fault]


def test_limits_from_one_to_a_hundred_are_taken(live):
    assert live.call("GET", "/users?limit=1").json()["limit"] == 1
    assert live.call("GET", "/users?limit=100").json()["limit"] == 100


@pytest.mark.parametrize("field", ["email", "first_name", "last_name"])
def test_nulls_come_last_in_either_order(live, person, field):
    values = {"email": ("a@example.com", "b@example.com")}.get(field, ("a", "b"))
    person()
    for value in values:
        person(**{field: value})
    person()

    def order(way):
        return [item[field] for item in live.call("GET", f"/users?sort_by={field}&sort_order={way}").json()["items"]]

    assert order("asc") == [*values, None, None]
    assert order("desc") == [*reversed(values), None, None]


def test_the_default_order_is_newest_first_and_can_be_turned(person, found):
    person(first_name="old"), person(first_name="new")
    assert found() == found("?sort_by=created_at&sort_order=desc") == ["new", "old"]
    assert found("?sort_order=asc") == ["old", "new"]


def test_people_who_never_synced_are_in_order_of_creation(person, found):
    person(first_name="old"), person(first_name="new")
    assert found("?sort_by=last_synced_at") == ["new", "old"]
    assert found("?sort_by=last_synced_at&sort_order=asc") == ["old", "new"]


def test_equal_names_keep_one_order_over_the_pages(live, person):
    for _ in range(4):
        person(last_name="Same")
    ids = []
    for page in (1, 2, 3, 4):
        ids += [
            item["id"] for item in live.call("GET", f"/users?sort_by=last_name&limit=1&page={page}").json()["items"]
        ]
    assert len(set(ids)) == 4


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("zoe", ["zoe"]),
        ("ZOE", ["zoe"]),
        ("eil", ["zoe"]),
        ("example.com", ["max", "zoe"]),
        ("u-7", ["max"]),
        ("%25", ["percent"]),
        ("_", ["under"]),
        ("100%25", ["percent"]),
        ("%5C", []),
        ("'", ["zoe"]),
        ("nobody", []),
    ],
)
def test_a_search_finds_its_text_and_nothing_by_wildcard(person, found, search, names):
    person(first_name="zoe", last_name="O'Neil", email="z@example.com")
    person(first_name="max", email="m@example.com", external_user_id="u-7")
    person(first_name="percent", last_name="100%")
    person(first_name="under", external_user_id="a_b")
    assert sorted(found(f"?search={search}")) == names


def test_the_filters_match_whole_values(person, found):
    person(first_name="zoe", email="Zoe@example.com", external_user_id="u1")
    person(first_name="max", email="xzoe@example.com", external_user_id="u11")
    assert found("?email=zoe@EXAMPLE.com") == ["zoe"]
    assert found("?external_user_id=u1") == ["zoe"]
    assert found("?external_user_id=U1") == []
    assert found("?email=z_e@example.com") == []
    assert found("?email=zoe@example.com&external_user_id=u11") == []


def test_the_total_counts_what_the_filters_leave(live, person):
    person(first_name="zoe"), person(first_name="max")
    assert live.call("GET", "/users?search=zoe").json()["total"] == 1


def test_a_key_sees_its_own_team_and_environment_alone(live, test, bobs, person):
    for caller, name in ((live, "live"), (test, "test"), (bobs, "bob's")):
        person(caller, first_name=name)
    for caller, name in ((live, "live"), (test, "test"), (bobs, "bob's")):
        assert [item["first_name"] for item in caller.call("GET", "/users").json()["items"]] == [name]


def test_a_developer_says_team_and_environment_and_means_the_home_team_and_live(as_ann, ann, test, person):
    person(first_name="live"), person(test, first_name="test")

    def names(query):
        return [item["first_name"] for item in as_ann.call("GET", f"/users{query}").json()["items"]]

    assert names("") == names(f"?team={ann.home_team_id}") == names("?environment=live") == ["live"]
    assert names("?environment=test") == ["test"]


def test_a_foreign_team_and_an_unknown_one_are_refused_alike(as_ann, bob, faults_at):
    for team in (bob.home_team_id, UNKNOWN):
        assert faults_at(as_ann.call("GET", f"/users?team={team}")) == [("team", "not_found")]


def test_a_page_of_any_length_costs_the_same_queries(live, person, django_assert_num_queries):
    for _ in range(5):
        person()
    with django_assert_num_queries(3):  # the key; the count; the page
        live.call("GET", "/users")


def test_a_filter_left_blank_is_no_filter(live, person):
    person(first_name="Ada", email="ada@example.com")
    assert live.call("GET", "/users?search=&email=&external_user_id=").json()["total"] == 1


def test_the_total_is_right_whoever_writes(as_ann, ann):
    """Nobody counts: triggers do, for what goes past our own verbs too."""

    def total(environment="live"):
        return as_ann.call("GET", f"/users?limit=1&environment={environment}").json()["total"]

    EndUser.objects.bulk_create(EndUser(team=ann.home_team, environment="live") for _ in range(5))
    EndUser.objects.bulk_create(EndUser(team=ann.home_team, environment="test") for _ in range(2))
    assert (total(), total("test")) == (5, 2)
    EndUser.objects.filter(environment="live")[:1].get().erase(by=ann)
    EndUser.objects.filter(environment="test").delete()
    assert (total(), total("test")) == (4, 0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM wearables_enduser")
    assert total() == 0
