"""How fast one key may call: exact, and said on every answer to a recognised key."""

import re
import time

import pytest

from apikeys.models import ApiKey

HEADERS = ("RateLimit-Policy", "RateLimit", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def said(answer):
    """(limit, seconds, remaining, time left) of the two standard headers."""
    policy = re.fullmatch(r'"key";q=(\d+);w=(\d+)', answer["RateLimit-Policy"])
    left = re.fullmatch(r'"key";r=(\d+);t=(\d+)', answer["RateLimit"])
    return int(policy[1]), int(policy[2]), int(left[1]), int(left[2])


def test_the_default_limit_is_said_and_counts_down(api, new_key):
    caller = api.with_key(new_key()["key"])
    first, second = caller.call("GET", "/users"), caller.call("GET", "/users")
    assert said(first)[:3] == (600, 60, 599)
    assert said(second)[:3] == (600, 60, 598)
    assert 59 <= said(first)[3] <= 60
    assert (second["X-RateLimit-Limit"], second["X-RateLimit-Remaining"]) == ("600", "598")
    assert 58 <= int(second["X-RateLimit-Reset"]) - time.time() <= 61


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (200, "GET", "/users", None),
        (200, "HEAD", "/users", None),
        (201, "POST", "/users", {}),
        (403, "GET", "/api-keys", None),
        (403, "DELETE", "/users/0192f1aa-0000-7000-8000-000000000000", None),
        (404, "GET", "/users/0192f1aa-0000-7000-8000-000000000000", None),
        (405, "PUT", "/users", {}),
        (405, "OPTIONS", "/users", None),
        (405, "POST", "/api-keys/self", {}),
        (415, "POST", "/users", "form"),
        (422, "GET", "/users?limit=0", None),
        (422, "POST", "/users", {"nmae": "x"}),
    ],
)
def test_every_answer_to_a_recognised_key_is_counted_and_says_so(api, new_key, status, method, path, body):
    caller = api.with_key(new_key(rate_limit={"limit": 50, "per_seconds": 60})["key"])
    caller.call("GET", "/api-keys/self")
    extra = {"CONTENT_TYPE": "text/plain"} if body == "form" else {}
    answer = caller.call(method, path, body, **extra)
    assert answer.status_code == status
    assert said(answer)[:3] == (50, 60, 48)
    assert all(name in answer for name in HEADERS)


@pytest.mark.parametrize("path", ["/nowhere", "/users/"])
def test_an_answer_from_no_route_says_nothing_of_limits(api, new_key, path):
    answer = api.with_key(new_key()["key"]).call("GET", path)
    assert answer.status_code == 404
    assert not any(name in answer for name in HEADERS)


def test_a_refused_key_and_a_developer_have_no_limit_headers(api, as_ann):
    for answer in (as_ann.call("GET", "/users"), api.with_key("ow_live_x").call("GET", "/users")):
        assert not any(name in answer for name in HEADERS)


def test_the_limit_is_exact(api, new_key):
    caller = api.with_key(new_key(rate_limit={"limit": 7, "per_seconds": 60})["key"])
    answers = [caller.call("GET", "/users") for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 7 + [429] * 2
    assert [said(answer)[2] for answer in answers] == [6, 5, 4, 3, 2, 1, 0, 0, 0]
    refused = answers[7]
    assert refused.json()["code"] == "rate_limited"
    assert re.fullmatch(r"\d+", refused["Retry-After"])
    assert 58 <= int(refused["Retry-After"]) <= 60
    assert refused["RateLimit-Policy"] == '"key";q=7;w=60'


def test_refused_calls_count_too(api, new_key):
    caller = api.with_key(new_key(rate_limit={"limit": 2, "per_seconds": 60}, scopes=["data:read"])["key"])
    assert [caller.call("GET", "/users").status_code for _ in range(3)] == [403, 403, 429]


def test_the_window_opens_again(api, new_key):
    caller = api.with_key(new_key(rate_limit={"limit": 1, "per_seconds": 1})["key"])
    assert caller.call("GET", "/users").status_code == 200
    refused = caller.call("GET", "/users")
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    time.sleep(1.05)
    assert caller.call("GET", "/users").status_code == 200


def test_each_key_has_its_own_limit(api, new_key):
    limit = {"limit": 1, "per_seconds": 60}
    one, other = (api.with_key(new_key(rate_limit=limit)["key"]) for _ in range(2))
    assert one.call("GET", "/users").status_code == 200
    assert one.call("GET", "/users").status_code == 429
    assert other.call("GET", "/users").status_code == 200


def test_a_successor_counts_for_itself(api, as_ann, new_key):
    key = new_key(rate_limit={"limit": 1, "per_seconds": 60})
    successor = as_ann.call("POST", f"/api-keys/{key['id']}/rotate", {}).json()
    assert api.with_key(key["key"]).call("GET", "/users").status_code == 200
    assert api.with_key(successor["key"]).call("GET", "/users").status_code == 200


def test_a_changed_limit_holds_on_the_next_request(api, as_ann, new_key):
    key = new_key(rate_limit={"limit": 1, "per_seconds": 60})
    caller = api.with_key(key["key"])
    caller.call("GET", "/users")
    assert caller.call("GET", "/users").status_code == 429
    as_ann.call("PATCH", f"/api-keys/{key['id']}", {"rate_limit": {"limit": 9, "per_seconds": 60}})
    assert said(caller.call("GET", "/users"))[:2] == (9, 60)


def test_the_setting_is_the_default_and_an_operator_may_go_past_the_maximum(api, new_key, settings):
    key = new_key()
    caller = api.with_key(key["key"])
    settings.API_KEY_RATE_LIMIT = (20, 10)
    assert said(caller.call("GET", "/users"))[:2] == (20, 10)
    ApiKey.objects.update(rate_limit=1_000_000, rate_seconds=60)
    assert said(caller.call("GET", "/users"))[:2] == (1_000_000, 60)


@pytest.mark.parametrize(
    "given", ["abc", "0192", "01a21025-3709-7001-bec8-82c29488ff99", "{01a21025-3709-7001-bec8-82c29488}"]
)
def test_a_malformed_id_is_answered_and_counted_like_one_that_nothing_has(api, new_key, given):
    key = new_key()["key"]
    answer = api.with_key(key).call("GET", f"/users/{given}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["X-RateLimit-Remaining"] == "599"
    assert api.call("GET", f"/users/{given}").status_code == 401


def test_an_id_is_read_in_either_case(api, as_ann, new_key):
    key = new_key()
    assert as_ann.call("GET", f"/api-keys/{key['id'].upper()}").json()["id"] == key["id"]


def test_another_window_does_not_open_a_fresh_one(api, as_ann, new_key):
    key = new_key(rate_limit={"limit": 2, "per_seconds": 60})
    caller = api.with_key(key["key"])
    assert [caller.call("GET", "/users").status_code for _ in range(3)] == [200, 200, 429]
    as_ann.call("PATCH", f"/api-keys/{key['id']}", {"rate_limit": {"limit": 2, "per_seconds": 61}})
    assert caller.call("GET", "/users").status_code == 429


@pytest.mark.parametrize("limit", [(6001, 60), (101, 1), (8_640_000, 86_400), (6001, 61)])
def test_more_than_the_most_is_refused_on_the_whole_and_at_once(as_ann, faults_at, limit):
    """A day's calls may all come in its first minute."""
    answer = as_ann.call("POST", "/api-keys", {"rate_limit": dict(zip(("limit", "per_seconds"), limit, strict=True))})
    assert faults_at(answer) == [("#/rate_limit/limit", "max_value")]
