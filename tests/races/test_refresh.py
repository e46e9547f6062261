"""One refresh token in many hands at once: one successor, whoever wins."""

from collections import Counter

import pytest

from tests.live import PASSWORD
from tests.races.crowd import CALLERS, progress, rounds

pytestmark = pytest.mark.races

NEW_PASSWORD = "quite another battery staple"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_fifty_simultaneous_refreshes_of_one_token_all_get_the_same_successor(server, crowd, ann):
    total = Counter()
    line = server.line()
    token = server.sign_in(ann)["refresh_token"]
    for number in range(rounds(10, 200)):
        if number % 20 == 19:
            token = server.sign_in(ann)["refresh_token"]
        answers = crowd.at_once(("POST", "/token/refresh", {"refresh_token": token}))
        statuses = Counter(answer.status for answer in answers)
        assert set(statuses) <= {200, 401}, (number, statuses, answers)
        good = [answer.json() for answer in answers if answer.status == 200]
        assert len({body["refresh_token"] for body in good}) == 1, number
        # Every winner can work with what it got, and the session goes on.
        assert line.call("GET", "/auth/me", **bearer(good[-1]["access_token"])).status == 200, number
        token = good[0]["refresh_token"]
        total += statuses
        progress(f"refresh {number + 1}: {dict(statuses)}; in all {dict(total)}")
    assert total[200] + total[401] == CALLERS * rounds(10, 200)
    assert line.call("POST", "/token/refresh", {"refresh_token": token}).status == 200
    line.close()


def test_a_refresh_leaves_one_live_token_and_not_two(server, crowd, ann):
    first = server.sign_in(ann)["refresh_token"]
    second = crowd.at_once(("POST", "/token/refresh", {"refresh_token": first}))[0].json()["refresh_token"]
    third = crowd.at_once(("POST", "/token/refresh", {"refresh_token": second}))[0].json()["refresh_token"]
    answers = crowd.at_once(("POST", "/token/refresh", {"refresh_token": first}))
    assert {(answer.status, answer.code) for answer in answers} == {(401, "refresh_rejected")}
    assert crowd.at_once(("POST", "/token/refresh", {"refresh_token": third}))[0].status == 401
    rows = server.sql(
        "SELECT count(*) FROM accounts_auditevent WHERE action = %s AND target_id = %s",
        "session.replayed",
        server.sql("SELECT id FROM accounts_session WHERE closed_reason = 'replay' ORDER BY closed_at DESC")[0][0],
    )
    assert rows == [(1,)], "fifty replays of one session are one event"


def test_nothing_lives_on_when_a_logout_meets_refreshes(server, crowd, ann):
    line = server.line()
    for number in range(rounds(5, 50)):
        pair = server.sign_in(ann)
        refresh = ("POST", "/token/refresh", {"refresh_token": pair["refresh_token"]})
        logout = ("POST", "/auth/logout", None, bearer(pair["access_token"]))
        answers = crowd.at_once(*[refresh] * 10, logout, *[refresh] * 10)
        assert answers[10].status == 200, answers[10]
        for answer in answers[:10] + answers[11:]:
            assert answer.status in (200, 401), answer
            if answer.status == 200:
                body = answer.json()
                assert line.call("GET", "/auth/me", **bearer(body["access_token"])).status == 401
                token = {"refresh_token": body["refresh_token"]}
                assert line.call("POST", "/token/refresh", token).status == 401
        progress(f"logout {number + 1}")
    line.close()


def test_a_sign_in_with_the_old_password_does_not_outlive_its_change(server, crowd):
    """The password is checked, then the session is made: a change between the two must be noticed."""
    line = server.line()
    for number in range(rounds(3, 20)):
        email = server.new_developer()
        pair = server.sign_in(email)
        login = ("POST", "/auth/login", {"username": email, "password": PASSWORD})
        change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        answers = crowd.at_once(
            *[login] * 4, ("POST", "/auth/change-password", change, bearer(pair["access_token"])), *[login] * 4
        )
        if answers[4].status == 429:  # too many hashes at once for a busy machine
            continue
        assert answers[4].status == 200, answers[4]
        for answer in answers[:4] + answers[5:]:
            assert answer.status in (200, 401, 429), answer
            if answer.status == 200:
                assert line.call("GET", "/auth/me", **bearer(answer.json()["access_token"])).status == 401, number
        assert line.call("GET", "/auth/me", **bearer(pair["access_token"])).status == 200
        progress(f"password {number + 1}")
    line.close()
