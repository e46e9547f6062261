"""GET /users/{id}/export: all that is held about one person."""

import json

import pytest


def test_it_is_a_file_with_the_person_and_what_was_done(as_ann, as_vera, ann, person):
    made = person(first_name="Zoe", email="zoe@example.com")
    as_ann.call("PATCH", f"/users/{made['id']}", {"last_name": "Neil"})
    answer = as_ann.call("GET", f"/users/{made['id']}/export")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="person-{made["id"]}.json"'
    found = json.loads(answer.getvalue())
    assert found["user"] == {**made, "last_name": "Neil"}
    assert [(event["action"], event["data"]) for event in found["history"]] == [
        ("user.changed", {"fields": ["last_name"]}),
        ("user.created", {}),
    ]
    assert str(ann.pk) not in json.dumps(found["history"]), "who acted is not the person's data"
    path = f"/users/{made['id']}/export?team={ann.home_team_id}"
    assert as_vera.call("GET", path).status_code == 200


def test_a_key_may_not(live, person):
    answer = live.call("GET", f"/users/{person()['id']}/export")
    assert (answer.status_code, answer.json()["code"]) == (403, "developer_session_required")


@pytest.mark.parametrize("query", ["", "?environment=test"])
def test_a_person_elsewhere_is_not_there(as_bob, as_ann, person, query):
    made = person()
    assert as_bob.call("GET", f"/users/{made['id']}/export{query}").status_code == 404
    assert as_ann.call("GET", f"/users/{made['id']}/export{query}").status_code == (404 if query else 200)
