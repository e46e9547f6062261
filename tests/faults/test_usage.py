"""What keys were used for is counted beside the request: what a dying worker takes along, and what it may not.

The measure is what callers saw: each 200 of a key is one `2xx` of it in the database.
"""

import time

import pytest

from tests.faults.callers import Callers, amount, statuses, until

FLUSH = 1  # seconds, USAGE_FLUSH_SECONDS of the fragile server
SLACK = 0.8  # seconds that a flush may come late on a busy machine


def counted(server, key) -> int:
    """The successes of a key in the database."""
    rows = server.sql(
        "SELECT coalesce(sum(count), 0) FROM apikeys_usagehour WHERE key_id = %s AND outcome = '2xx'",
        server.key_of(key["id"]),
    )
    return int(rows[0][0])


def settles(server, key, expected):
    """Wait until everything is written; more than expected never comes."""
    until(lambda: counted(server, key) >= expected, 3 * FLUSH + 5)
    time.sleep(FLUSH + SLACK)
    assert counted(server, key) == expected


def calling(server, ann, threads=8):
    return Callers(server, (threads, ("GET", "/users", None, ann.program)), rest=0.005)


def test_a_server_that_ends_loses_nothing(fragile, ann):
    for _ in range(amount(2, 10)):
        before = counted(fragile, ann.key)
        with calling(fragile, ann) as callers:
            time.sleep(1.3)
        assert fragile.end() == 0
        assert counted(fragile, ann.key) - before == statuses(callers.seen)[200] > 0
        fragile.start(migrate=False)


def test_a_reload_loses_nothing(fragile, ann):
    with calling(fragile, ann) as callers:
        for _ in range(amount(1, 10)):
            old = set(fragile.pids())
            time.sleep(0.7)
            fragile.reload()
            until(lambda old=old: not old & set(fragile.pids()) and len(fragile.pids()) == 2, 40)
    print(statuses(callers.seen))
    assert set(statuses(callers.seen)) == {200}, "a deploy drops no request"
    settles(fragile, ann.key, statuses(callers.seen)[200])


def test_a_killed_worker_takes_at_most_one_flush_along_and_nothing_is_counted_twice(fragile, ann):
    lost_at_most, calls, kills = 0, [], amount(2, 20)
    for _ in range(kills):
        with calling(fragile, ann) as callers:
            time.sleep(4 * FLUSH)
            killed = time.monotonic()
            fragile.kill(fragile.pids()[0])
        calls += callers.seen
        lost_at_most += sum(one.status == 200 for one in callers.since(killed - FLUSH - SLACK))
        lost_at_most += sum(one.status == 0 for one in callers.seen)  # counted, perhaps, and never answered
        fragile.wait()
    answered, unanswered = statuses(calls)[200], statuses(calls)[0]
    time.sleep(FLUSH + SLACK)
    found = counted(fragile, ann.key)
    print(f"{kills} kills: {answered} answered, {unanswered} not, {found} counted, {lost_at_most} might be lost")
    assert answered - lost_at_most <= found <= answered + unanswered
    assert lost_at_most < answered, "else this says nothing"


def test_a_cut_connection_in_the_middle_of_a_flush_loses_nothing_and_counts_nothing_twice(fragile, ann):
    with calling(fragile, ann, threads=4) as callers:
        ends = time.monotonic() + amount(4, 60)
        while time.monotonic() < ends:
            time.sleep(0.21)
            fragile.database_way.cut()
    settles(fragile, ann.key, statuses(callers.seen)[200])


def test_a_flush_whose_commit_is_never_confirmed_is_not_written_twice(fragile, ann):
    times = amount(3, 20)
    fragile.database_way.lose_answers_to(b"COMMIT", times)
    with calling(fragile, ann, threads=4) as callers:
        until(lambda: not fragile.database_way.answers_to_lose, times * 2 * FLUSH + 10)
    settles(fragile, ann.key, statuses(callers.seen)[200])


@pytest.mark.parametrize("away", ["down", "hung"])
def test_an_outage_delays_the_counts_and_loses_none(fragile, ann, away):
    with calling(fragile, ann) as callers:
        time.sleep(1)
        getattr(fragile.database_way, away)()
        time.sleep(amount(3, 60))
        fragile.database_way.up()
        time.sleep(1.5)
    assert statuses(callers.seen)[200] > 0
    settles(fragile, ann.key, statuses(callers.seen)[200])


def test_term_in_an_outage_ends_the_server_in_time(fragile, ann):
    with calling(fragile, ann):
        time.sleep(0.5)
    fragile.database_way.hung()
    began = time.monotonic()
    assert fragile.end() == 0
    assert time.monotonic() - began < 10
    fragile.database_way.up()
    fragile.start(migrate=False)
