"""Servers that write usage of the same teams at the same moment, while another sums up."""

import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Sum

from accounts.models import Developer
from apikeys.models import ApiKey, EndpointDay, TeamEndpointDay, TeamHour, UsageHour
from apikeys.rollup import roll_up
from apikeys.usage import Observation
from apikeys.usage.totals import Totals
from apikeys.usage.writing import write
from protocol.current import Proved
from protocol.locks import Busy

WRITERS, BATCHES = 4, 12


@pytest.fixture
def keys():
    """Three teams with four keys each."""
    people = [Developer.objects.create_user(f"{name}@example.com", "!", first_name=name) for name in "xyz"]
    return [
        ApiKey.objects.issue(team=one.home_team, by=one, name=f"{number}", scopes=["users:read"])[0]
        for one in people
        for number in range(4)
    ]


def batch_of(keys, chance):
    """What a server counted: some requests of some keys, in an order of its own."""
    totals = Totals()
    for _ in range(chance.randint(1, 60)):
        key = chance.choice(keys)
        route, status = chance.choice(["/a", "/b"]), chance.choice([200, 403, 429])
        proved, no = Proved(key.team_id, key.pk), uuid.uuid4()
        seen = (no, str(no), time.time(), 1.0, "GET", route, status, ("", ""), proved, "key", "203.0.113.9", "Job")
        totals.add(Observation(*seen, None, None))
    return totals


def serve(keys, number):
    """One server: writes its batches, answers how many requests they were. Any deadlock is raised."""
    chance, done = random.Random(number), 0
    try:
        for _ in range(BATCHES):
            totals = batch_of(keys, chance)
            write(uuid.uuid4(), totals)
            done += totals.hours.total()
    finally:
        connection.close()
    return done


def sum_up():
    """One server: `roll_up` again and again."""
    try:
        for _ in range(BATCHES):
            try:
                roll_up()
            except Busy:
                time.sleep(0.01)
    finally:
        connection.close()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_each_other_and_teams_have_what_their_keys_have(keys):
    with ThreadPoolExecutor() as pool:
        summing = [pool.submit(sum_up) for _ in range(2)]
        writing = [pool.submit(serve, keys, number) for number in range(WRITERS)]
        written = sum(one.result() for one in writing)
        assert [one.result() for one in summing] == [None, None]
    assert UsageHour.objects.aggregate(all=Sum("count"))["all"] == written
    for of_keys, of_teams, moment in ((UsageHour, TeamHour, "hour"), (EndpointDay, TeamEndpointDay, "day")):
        for team_id in {key.team_id for key in keys}:
            own = of_keys.objects.filter(key_id__in=[key.pk for key in keys if key.team_id == team_id])
            theirs = of_teams.objects.filter(team_id=team_id)
            assert total(own, moment) == total(theirs, moment)


def total(rows, moment):
    return sorted(rows.values_list(moment).annotate(all=Sum("count")))
