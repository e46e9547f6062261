"""One key rotated by many at once, and keys made when there is one place left."""

from collections import Counter

import pytest

from tests.live import GENEROUS
from tests.races.crowd import CALLERS, progress, rounds

pytestmark = pytest.mark.races

MOST_KEYS = int(GENEROUS["API_KEYS_PER_TEAM"])


@pytest.mark.parametrize("body", [{}, {"overlap_seconds": 0}, {"compromised": True}], ids=str)
def test_of_fifty_simultaneous_rotations_of_one_key_one_makes_the_successor(server, crowd, as_ann, hers, new_key, body):
    total = Counter()
    line = server.line()
    share = rounds(10, 200) if not body else rounds(2, 10)
    for number in range(share):
        old = new_key(name=f"key {number}")
        answers = crowd.at_once(("POST", f"/api-keys/{old['id']}/rotate", body, hers))
        statuses = Counter(answer.status for answer in answers)
        assert statuses == {201: 1, 409: CALLERS - 1}, (number, statuses, answers)
        new = next(answer.json() for answer in answers if answer.status == 201)
        refusals = [answer.json() for answer in answers if answer.status == 409]
        assert {refusal["code"] for refusal in refusals} == {"already_rotated"}
        assert {refusal["successor"] for refusal in refusals} == {new["id"]}
        assert line.call("GET", "/api-keys/self", **{"X-API-Key": new["key"]}).status == 200
        still = line.call("GET", "/api-keys/self", **{"X-API-Key": old["key"]})
        assert still.refuses_the_key if body else still.status == 200
        assert server.sql(
            "SELECT count(*) FROM apikeys_apikey WHERE rotated_from_id = %s", server.key_of(old["id"])
        ) == [(1,)]
        for key in (old, new):  # a team has so many places
            assert as_ann.call("DELETE", f"/api-keys/{key['id']}").status == 200
        total += statuses
        progress(f"rotation {number + 1} {body or ''}: {dict(statuses)}; in all {dict(total)}")
    line.close()


def test_a_rotation_that_meets_changes_and_a_revocation_leaves_no_good_key_behind(server, crowd, as_ann, hers, new_key):
    for number in range(rounds(5, 25)):
        old = new_key()
        path = f"/api-keys/{old['id']}"
        answers = crowd.at_once(
            *[("POST", f"{path}/rotate", {}, hers)] * 10,
            ("DELETE", path, None, hers),
            *[("PATCH", path, {"expires_at": "2090-01-01T00:00:00Z"}, hers)] * 5,
            *[("PATCH", path, {"enabled": False}, hers), ("PATCH", path, {"enabled": True}, hers)] * 2,
        )
        assert {answer.status for answer in answers} <= {200, 201, 409}, answers
        assert answers[10].status == 200
        made = [answer.json() for answer in answers[:10] if answer.status == 201]
        assert len(made) <= 1
        now = as_ann.call("GET", path).json()
        assert (now["status"], now["replaced_by"]) == ("revoked", made[0]["id"] if made else None)
        # Whoever got 200 for a new end before the rotation lost it to the overlap's end, never the other way round.
        assert not made or not now["expires_at"].startswith("2090"), now
        for key in made:
            as_ann.call("DELETE", f"/api-keys/{key['id']}")
        progress(f"mixed {number + 1}: {'rotated' if made else 'revoked first'}")


def test_two_ends_of_a_chain_rotated_at_once_leave_at_most_two_good_keys(crowd, as_ann, hers, new_key):
    for number in range(rounds(5, 25)):
        first = new_key()
        second = as_ann.call("POST", f"/api-keys/{first['id']}/rotate", {}).json()
        answers = crowd.at_once(
            *[("POST", f"/api-keys/{key['id']}/rotate", {}, hers) for key in (first, second)] * (CALLERS // 2)
        )
        assert Counter(answer.status for answer in answers) == {201: 1, 409: CALLERS - 1}, answers
        third = [answer.json() for answer in answers if answer.status == 201]
        assert third[0]["rotated_from"] == second["id"]
        statuses = [as_ann.call("GET", f"/api-keys/{key['id']}").json()["status"] for key in (first, second, *third)]
        assert statuses == ["expired", "active", "active"]
        for key in (first, second, *third):
            as_ann.call("DELETE", f"/api-keys/{key['id']}")
        progress(f"chain {number + 1}")


def test_fifty_simultaneous_creations_fill_the_last_place_and_no_more(crowd, as_ann, hers, new_key):
    for _ in range(MOST_KEYS - 1):
        new_key()
    for number in range(rounds(2, 10)):
        answers = crowd.at_once(("POST", "/api-keys", {"environment": "test"}, hers))
        assert Counter(answer.status for answer in answers) == {201: 1, 409: CALLERS - 1}, answers
        assert {answer.code for answer in answers if answer.status == 409} == {"too_many_keys"}
        made = next(answer.json() for answer in answers if answer.status == 201)
        assert as_ann.call("DELETE", f"/api-keys/{made['id']}").status == 200
        progress(f"last place {number + 1}")
    assert len(as_ann.call("GET", "/api-keys").json()) == MOST_KEYS - 1
