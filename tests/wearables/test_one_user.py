"""GET, PATCH, DELETE /users/{id}."""

import pytest

from accounts.models import AuditEvent
from wearables.api import EndUserView
from wearables.models import EndUser

UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"


def test_a_key_reads_one_of_its_people(live, person):
    made = person(first_name="Zoe")
    answer = live.call("GET", f"/users/{made['id']}")
    assert (answer.status_code, answer.json()) == (200, made)


@pytest.mark.parametrize("caller", ["test", "bobs", "as_bob"])
def test_people_of_another_team_or_environment_are_not_there(request, person, caller):
    made = person()
    answer = request.getfixturevalue(caller).call("GET", f"/users/{made['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_malformed_unknown_and_foreign_ids_get_the_same_404(bobs, person):
    bodies = [bobs.call("GET", f"/users/{other}").json() for other in (person()["id"], UNKNOWN, "nonsense", "%00")]
    assert len({str({**body, "request_id": ""}) for body in bodies}) == 1
    assert bodies[0]["status"] == 404


@pytest.mark.parametrize(
    "odd",
    [
        lambda given: f"%20{given[1:]}",
        lambda given: f"+{given[1:]}",
        lambda given: given.replace("-", "") + "----",
        lambda given: f"{given[:4]}-{given[4:8]}{given[9:]}",
        lambda given: given.replace("-", ""),
        lambda given: given.replace("0", "\u0660", 1),
        lambda given: f"{given}%0A",
    ],
    ids=["space", "plus", "hyphens at the end", "a hyphen elsewhere", "no hyphens", "another zero", "a line break"],
)
def test_only_the_usual_spelling_of_an_id_finds_a_person(live, person, odd):
    made = person()["id"]
    assert live.call("GET", f"/users/{odd(made)}").status_code == 404
    assert live.call("GET", f"/users/{made.upper()}").status_code == 200


def test_a_developer_changes_a_person_and_what_is_left_out_stays(as_ann, person):
    made = person(first_name="Zoe", email="zoe@example.com", external_user_id="u1")
    path = f"/users/{made['id']}"
    answer = as_ann.call("PATCH", path, {"first_name": "Zoë", "external_user_id": ""})
    assert (answer.status_code, answer.json()) == (200, {**made, "first_name": "Zoë", "external_user_id": None})
    assert as_ann.call("GET", path).json() == answer.json()
    event = AuditEvent.objects.get(action="user.changed")
    assert event.data == {"fields": ["external_user_id", "first_name"]}


def test_an_empty_patch_changes_nothing(as_ann, person):
    made = person(first_name="Zoe")
    assert as_ann.call("PATCH", f"/users/{made['id']}", {}).json() == made
    assert not AuditEvent.objects.filter(action="user.changed").exists()


def test_a_patch_refuses_what_a_post_refuses(as_ann, person, faults_at):
    path = f"/users/{person(first_name='Zoe')['id']}"
    assert faults_at(as_ann.call("PATCH", path, {"email": "nobody", "team": UNKNOWN})) == [
        ("#/email", "invalid"),
        ("#/team", "unknown_field"),
    ]


def test_a_patch_onto_an_existing_email_is_a_conflict_and_changes_nothing(as_ann, person):
    person(email="zoe@example.com")
    made = person(first_name="Max", email="max@example.com")
    answer = as_ann.call("PATCH", f"/users/{made['id']}", {"first_name": "X", "email": "ZOE@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    assert as_ann.call("GET", f"/users/{made['id']}").json() == made
    assert as_ann.call("PATCH", f"/users/{made['id']}", {"email": "MAX@example.com"}).status_code == 200


def test_a_developer_deletes_a_person_for_good(as_ann, live, person):
    made = person(email="zoe@example.com")
    answer = as_ann.call("DELETE", f"/users/{made['id']}")
    assert (answer.status_code, answer.json()) == (200, made)
    assert live.call("GET", f"/users/{made['id']}").status_code == 404
    assert as_ann.call("DELETE", f"/users/{made['id']}").status_code == 404
    assert person(email="zoe@example.com")["id"] != made["id"]
    event = AuditEvent.objects.get(action="user.deleted")
    assert str(event.target_id) == made["id"]


def test_a_test_person_is_reached_by_saying_the_environment(as_ann, test, person):
    path = f"/users/{person(test)['id']}"
    for method, body in (("GET", None), ("PATCH", {"first_name": "X"}), ("DELETE", None)):
        assert as_ann.call(method, path, body).status_code == 404
    for method, body in (("GET", None), ("PATCH", {"first_name": "X"}), ("DELETE", None)):
        assert as_ann.call(method, f"{path}?environment=test", body).status_code == 200


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"first_name": "X"}), ("DELETE", None)])
def test_a_key_neither_changes_nor_deletes(live, person, method, body):
    made = person(first_name="Zoe")
    answer = live.call(method, f"/users/{made['id']}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "developer_session_required")
    assert live.call("GET", f"/users/{made['id']}").json() == made


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"first_name": "X"}), ("DELETE", None)])
def test_who_comes_second_to_a_deletion_gets_404(as_ann, person, monkeypatch, method, body):
    made = person()
    find = EndUserView.user

    def overtaken(self, request, user_id, **kwargs):
        user = find(self, request, user_id, **kwargs)
        EndUser.objects.all().delete()  # somebody else is quicker
        return user

    monkeypatch.setattr(EndUserView, "user", overtaken)
    assert as_ann.call(method, f"/users/{made['id']}", body).status_code == 404
    assert not AuditEvent.objects.filter(action__in=("user.changed", "user.deleted")).exists()


def test_a_person_in_words_is_a_name_or_an_id(person):
    named, nameless = person(first_name="Zoe", last_name="Neil"), person()
    assert str(EndUser.objects.get(pk=named["id"])) == "Zoe Neil"
    assert str(EndUser.objects.get(pk=nameless["id"])) == nameless["id"]
