"""POST /users: what a person may be, and when they exist already."""

import pytest

from accounts.models import AuditEvent, Membership, Role
from wearables.models import EndUser

EMPTY = {
    "environment": "live",
    "first_name": None,
    "last_name": None,
    "email": None,
    "external_user_id": None,
    "last_synced_at": None,
    "last_synced_provider": None,
    "has_active_connection": False,
}


def test_a_person_needs_nothing_said(live, ann):
    answer = live.call("POST", "/users", {})
    person = answer.json()
    assert answer.status_code == 201
    assert {name: person[name] for name in person if name not in ("id", "created_at")} == {
        **EMPTY,
        "team": str(ann.home_team_id),
    }
    assert person["created_at"].endswith("Z")
    assert answer["Location"] == f"http://127.0.0.1:8000/api/v1/users/{person['id']}"


def test_everything_can_be_said(person):
    fields = {"first_name": "Zoë", "last_name": "O'Neil", "email": "zoe@example.com", "external_user_id": "u/1"}
    made = person(**fields)
    assert {name: made[name] for name in fields} == fields


@pytest.mark.parametrize("field", ["first_name", "last_name", "email", "external_user_id"])
@pytest.mark.parametrize("blank", ["", "   ", None])
def test_a_blank_is_null_and_collides_with_nothing(person, field, blank):
    assert person(**{field: blank})[field] is None
    assert person(**{field: blank})[field] is None


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"first_name": "x" * 101}, ("#/first_name", "max_length")),
        ({"last_name": "x" * 101}, ("#/last_name", "max_length")),
        ({"first_name": "a\nb"}, ("#/first_name", "not_plain")),
        ({"last_name": "a\u2066b"}, ("#/last_name", "not_plain")),
        ({"first_name": 5}, ("#/first_name", "invalid")),
        ({"email": "nobody"}, ("#/email", "invalid")),
        ({"email": "x" * 250 + "@example.com"}, ("#/email", "max_length")),
        ({"email": ["a@example.com"]}, ("#/email", "invalid")),
        ({"external_user_id": "x" * 256}, ("#/external_user_id", "max_length")),
        ({"external_user_id": "a\x00b"}, ("#/external_user_id", "not_plain")),
        ({"team": "0192f1aa-0000-7000-8000-000000000000"}, ("#/team", "unknown_field")),
        ({"environment": "test"}, ("#/environment", "unknown_field")),
        ({"last_synced_at": None}, ("#/last_synced_at", "unknown_field")),
    ],
)
def test_it_refuses_a_wrong_field_at_its_pointer(live, faults_at, body, fault):
    assert fault in faults_at(live.call("POST", "/users", body))
    assert EndUser.objects.count() == 0


def test_the_longest_values_fit(person):
    person(first_name="x" * 100, last_name="é" * 100, external_user_id="漢" * 255)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ({"email": "Zoe@Example.com"}, {"email": "zoe@example.COM"}),
        ({"external_user_id": "u1"}, {"external_user_id": "u1"}),
    ],
)
def test_an_email_or_external_id_exists_once_per_team_and_environment(live, test, bobs, person, one, same):
    person(**one)
    answer = live.call("POST", "/users", same)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    person(test, **same)
    person(bobs, **same)
    assert EndUser.objects.count() == 3


def test_external_ids_differ_by_case(person):
    assert person(external_user_id="u1")["id"] != person(external_user_id="U1")["id"]


def test_a_refused_person_leaves_no_trace(live, person):
    person(email="zoe@example.com")
    before = AuditEvent.objects.count()
    live.call("POST", "/users", {"email": "zoe@example.com"})
    assert AuditEvent.objects.count() == before


def test_making_a_person_is_audited_with_the_key_that_did_it(person, api, new_key):
    key = new_key()
    made = person(api.with_key(key["key"]), first_name="Zoe")
    event = AuditEvent.objects.get(action="user.created")
    assert (event.actor_kind, str(event.actor_id), str(event.target_id)) == ("api_key", key["id"], made["id"])
    assert "Zoe" not in str(event.data)


def test_a_developer_makes_a_person_in_the_team_and_environment_of_the_query(as_ann, ann):
    made = as_ann.call("POST", f"/users?team={ann.home_team_id}&environment=test", {"first_name": "Zoe"}).json()
    assert (made["team"], made["environment"]) == (str(ann.home_team_id), "test")
    assert as_ann.call("POST", "/users", {}).json()["environment"] == "live"


def test_whoever_made_a_person_finds_them_where_the_answer_says(as_ann, as_bob, live, ann, bob):
    Membership.objects.create(team=ann.home_team, developer=bob, role=Role.DEVELOPER)
    for caller, query in (
        (as_ann, ""),
        (as_ann, "?environment=test"),
        (as_bob, f"?team={ann.home_team_id}&environment=test"),
        (live, ""),
    ):
        answer = caller.call("POST", f"/users{query}", {})
        base, _, path = answer["Location"].partition("/api/v1")
        assert base == "http://127.0.0.1:8000"
        found = caller.call("GET", path)
        assert (found.status_code, found.json()) == (200, answer.json())


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["team", "environment"])
def test_a_key_may_not_name_a_team_or_environment_not_even_its_own(live, ann, faults_at, method, name):
    value = {"team": ann.home_team_id, "environment": "live"}[name]
    answer = live.call(method, f"/users?{name}={value}", {} if method == "POST" else None)
    assert faults_at(answer) == [(name, "invalid")]


def test_a_viewer_only_reads(as_vera, ann, person):
    made = person(first_name="Zoe")
    where = f"?team={ann.home_team_id}"
    assert as_vera.call("GET", f"/users{where}").json()["total"] == 1
    assert as_vera.call("GET", f"/users/{made['id']}{where}").status_code == 200
    for method, path, body in (("POST", "/users", {}), ("PATCH", f"/users/{made['id']}", {"first_name": "X"})):
        answer = as_vera.call(method, path + where, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_role")
    assert as_vera.call("DELETE", f"/users/{made['id']}{where}").status_code == 403
    assert EndUser.objects.get().first_name == "Zoe"
