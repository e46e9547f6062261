"""End users whom many make, change and delete at once: one wins, the others hear so, and nobody a 503."""

from collections import Counter

import pytest

from tests.races.crowd import CALLERS, progress, rounds

pytestmark = pytest.mark.races


@pytest.mark.parametrize("field", ["email", "external_user_id"])
def test_of_fifty_simultaneous_creations_of_one_user_one_succeeds(crowd, new_key, field):
    key = {"X-API-Key": new_key()["key"]}
    for number in range(rounds(2, 10)):
        texts = [f"Eve{number}@example.com", f"eve{number}@EXAMPLE.com"] if field == "email" else [f"eve-{number}"] * 2
        answers = crowd.at_once(*[("POST", "/users", {field: text}, key) for text in texts] * (CALLERS // 2))
        assert Counter(answer.status for answer in answers) == {201: 1, 409: CALLERS - 1}, answers
        assert {answer.code for answer in answers if answer.status == 409} == {"already_exists"}
        progress(f"one user by {field} {number + 1}")


def test_of_fifty_simultaneous_deletions_of_one_user_one_succeeds(crowd, as_ann, hers):
    user = as_ann.call("POST", "/users", {"first_name": "Eve"}).json()
    calls = [
        ("DELETE", f"/users/{user['id']}", None, hers),
        ("PATCH", f"/users/{user['id']}", {"last_name": "X"}, hers),
    ]
    answers = crowd.at_once(*calls * (CALLERS // 2))
    assert Counter(answer.status for answer in answers[::2]) == {200: 1, 404: CALLERS // 2 - 1}, answers
    assert {answer.status for answer in answers[1::2]} <= {200, 404}


def test_users_who_swap_their_addresses_at_once_get_a_200_or_a_409(crowd, as_ann, hers):
    """Each waits for the address that the other holds: a deadlock must not become a 503."""
    users = [as_ann.call("POST", "/users", {"email": f"swap{n}@example.com"}).json() for n in range(2)]
    for number in range(rounds(3, 15)):
        calls = [("PATCH", f"/users/{users[n]['id']}", {"email": f"swap{1 - n}@example.com"}, hers) for n in range(2)]
        answers = crowd.at_once(*calls * (CALLERS // 2))
        assert {answer.status for answer in answers} <= {200, 409}, answers
        progress(f"swap {number + 1}")


def test_a_new_user_who_meets_a_changing_one_gets_no_503(crowd, as_ann, hers):
    """One holds an id and wants an e-mail, the other the reverse: a deadlock, were they not queued."""
    for number in range(rounds(3, 15)):
        user = as_ann.call(
            "POST", "/users", {"email": f"d{number}@example.com", "external_user_id": f"d{number}"}
        ).json()
        wanted = {"email": f"e{number}@example.com", "external_user_id": f"e{number}"}
        change = ("PATCH", f"/users/{user['id']}", wanted, hers)
        make = ("POST", "/users", {"email": wanted["email"], "external_user_id": f"d{number}"}, hers)
        answers = crowd.at_once(*[change, make] * (CALLERS // 2))
        assert {answer.status for answer in answers} <= {200, 201, 409}, answers
        progress(f"new meets changing {number + 1}")
