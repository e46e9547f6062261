"""/metrics: in numbers, for those who may read them."""

import time
from ipaddress import ip_network

import pytest
from django.core.management import call_command
from django.db import OperationalError

from apikeys import usage

TOKEN = "metrics-Zr8mWcXv5nB2uJtL7dGhPeQa91fY3kq0"


@pytest.fixture
def scrape(client, db):
    """scrape(**where from) → the answer."""
    return lambda **extra: client.get("/metrics", **{"REMOTE_ADDR": "127.0.0.1", **extra})


def value_of(answer, line):
    """The number behind a line's beginning, 0 when it isn't there."""
    found = [row for row in answer.content.decode().splitlines() if row.startswith(line)]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


def test_requests_are_counted_by_route_and_status_and_credentials_by_what_became_of_them(api, new_key, scrape, db):
    usage.flush()
    before = scrape()
    key = new_key(rate_limit={"limit": 1, "per_seconds": 60})["key"]
    for caller in (api.with_key(key), api.with_key(key), api.with_key("ow_live_x")):
        caller.call("GET", "/users")
    usage.flush()
    after = scrape()
    route = 'method="GET",route="/api/v1/users"'
    for line, more in {
        f'ow_requests_total{{{route},status="200"}}': 1,
        f'ow_requests_total{{{route},status="429"}}': 1,
        f'ow_requests_total{{{route},status="401"}}': 1,
        'ow_authentications_total{credential="none",outcome="shape"}': 1,
        'ow_authentications_total{credential="key",outcome="ok"}': 2,
        'ow_limited_total{policy="key"}': 1,
        'ow_limiter_hits_total{where="shared"}': 3,
        'ow_request_seconds_count{route="/api/v1/users"}': 3,
    }.items():
        assert value_of(after, line) - value_of(before, line) == more, line
    for name in (
        "ow_usage_lag_seconds",
        "ow_redis_away",
        "ow_database_away",
        "ow_hash_queue",
        "ow_usage_flushes_total",
    ):
        assert name in after.content.decode()


def test_a_path_that_no_route_has_is_not_a_name_of_its_own(api, scrape, db):
    api.call("GET", "/no/such/thing/anywhere")
    usage.flush()
    assert "anywhere" not in scrape().content.decode()


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "203.0.113.9"}, 401),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 401),
        ({"HTTP_FORWARDED": "for=127.0.0.1"}, 401),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}x"}, 401),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer \u00fc"}, 401),
        ({"HTTP_HOST": "elsewhere.example"}, 200),
    ],
)
def test_who_may_read(scrape, settings, extra, status):
    settings.METRICS_TOKEN = TOKEN
    answer = scrape(**extra)
    assert answer.status_code == status
    assert answer["Cache-Control"] == "no-store"
    assert (b"ow_requests" in answer.content) is (status == 200)


@pytest.mark.parametrize(
    ("extra", "status"),
    [({}, 200), ({"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 401), ({"HTTP_X_FORWARDED_PROTO": "https"}, 401)],
)
def test_beside_a_proxy_on_the_same_machine_it_is_open_for_who_comes_past_it(scrape, settings, extra, status):
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.0/8"),)
    assert scrape(**extra).status_code == status


def test_each_jobs_last_success_is_told(scrape, db):
    call_command("run_jobs", "--only", "seal")
    at = value_of(scrape(), 'ow_job_last_success_timestamp_seconds{job="seal"}')
    assert abs(at - time.time()) < 60


@pytest.mark.django_db(transaction=True)
def test_it_answers_while_the_database_is_away(scrape, monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr("accounts.jobs.last_successes", away)
    assert scrape().status_code == 200


def test_without_a_token_no_bearer_opens_it(scrape, settings):
    settings.METRICS_TOKEN = ""
    assert scrape(REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer ").status_code == 401
