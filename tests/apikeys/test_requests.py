"""The request log: what was asked lately and why it was refused; whose it is, and what is never in it."""

import pytest

from apikeys import usage
from apikeys.models import RequestRecord
from apikeys.usage import recorder

UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def an_empty_log(db):
    usage.flush()
    RequestRecord.objects.all().delete()


@pytest.fixture
def log(as_ann):
    """log(query) → what Ann sees, after what happened is written."""

    def log(query="", caller=as_ann):
        assert usage.flush()
        answer = caller.call("GET", f"/requests{query}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    return log


def test_a_request_is_remembered_with_what_it_was_and_no_more(api, new_key, log):
    key = new_key()
    answer = api.with_key(key["key"]).call(
        "GET",
        "/users?search=Zoe+Secret",
        REMOTE_ADDR="203.0.113.9",
        HTTP_USER_AGENT="Job/1",
        HTTP_X_REQUEST_ID="mine-1",
    )
    assert answer.status_code == 200
    found = log(f"?key={key['id']}")
    assert len(found) == 1
    seen = found[0]
    assert 0 < seen.pop("ms") < 60_000
    assert seen.pop("at").endswith("Z")
    assert seen.pop("id") != "mine-1"
    assert seen == {
        "request_id": "mine-1",
        "method": "GET",
        "route": "/api/v1/users",
        "status": 200,
        "code": "",
        "failed_rule": "",
        "key": key["id"],
        "developer": None,
        "ip": "203.0.113.9",
        "user_agent": "Job/1",
    }
    assert not any("Zoe" in str(value) for value in RequestRecord.objects.values_list())


@pytest.mark.parametrize(
    ("fields", "call", "code", "rule"),
    [
        ({"scopes": ["users:read"]}, ("POST", "/users", {}), "insufficient_scope", "scope users:write"),
        ({"allowed_ips": ["203.0.113.0/24"]}, ("GET", "/users"), "ip_not_allowed", "address list"),
        ({}, ("GET", "/users?limit=0&nmae=x"), "validation_error", "limit min_value; unknown_field"),
        ({}, ("GET", "/auth/me"), "developer_session_required", ""),
        ({}, ("GET", f"/users/{UNKNOWN}"), "not_found", ""),
    ],
)
def test_a_refusal_keeps_its_code_and_the_rule_that_failed(api, new_key, log, fields, call, code, rule):
    key = new_key(**fields)
    answer = api.with_key(key["key"]).call(*call)
    assert answer.status_code >= 400
    seen = log(f"?code={code}")[0]
    assert (seen["status"], seen["failed_rule"], seen["key"]) == (answer.status_code, rule, key["id"])


@pytest.mark.parametrize("end", ["revoked", "disabled", "expired", "team suspended"])
def test_a_key_that_is_proved_and_not_good_any_more_is_its_teams_and_says_why(api, ann, as_ann, new_key, log, end):
    from django.utils import timezone

    from apikeys.models import ApiKey

    key = new_key()
    row = ApiKey.objects.get(pk=key["id"])
    if end == "team suspended":
        ann.home_team.suspend(by=None)
    elif end == "expired":
        ApiKey.objects.update(expires_at=timezone.now())
    else:
        {"revoked": row.revoke, "disabled": row.disable}[end](by=ann)
    assert api.with_key(key["key"]).call("GET", "/users").status_code == 401
    seen = log(f"?key={key['id']}")[0]
    assert (seen["code"], seen["failed_rule"]) == ("invalid_api_key", end)


def test_the_limit_that_was_passed_is_named(api, new_key, log):
    key = new_key(rate_limit={"limit": 1, "per_seconds": 60})
    for _ in range(2):
        api.with_key(key["key"]).call("GET", "/users")
    assert [(seen["status"], seen["failed_rule"]) for seen in log(f"?key={key['id']}")] == [
        (429, "limit key 1/60"),
        (200, ""),
    ]


def test_what_nobody_proved_belongs_to_no_team(api, new_key, log, as_bob):
    key = new_key()["key"]
    for wrong in ("ow_live_x", f"{key[:-1]}{'a' if key[-1] != 'a' else 'b'}", "eyJ.eyJ.x"):
        api.with_key(wrong).call("GET", "/users")
    api.call("GET", "/users")
    api.call("POST", "/auth/login", {"username": "ann@example.com", "password": "wrong"})
    usage.flush()
    nobodys = RequestRecord.objects.filter(team_id=None)
    assert {(row.status, row.code) for row in nobodys} == {
        (401, "invalid_api_key"),
        (401, "not_authenticated"),
        (401, "invalid_credentials"),
    }
    shown = {seen["id"] for caller in (None, as_bob) for seen in (log(caller=caller) if caller else log())}
    assert shown.isdisjoint(str(row.pk) for row in nobodys)


def test_a_developers_own_calls_are_in_it(as_ann, ann, log):
    as_ann.call("GET", "/auth/me")
    seen = next(row for row in log() if row["route"] == "/api/v1/auth/me")
    assert (seen["developer"], seen["key"], seen["status"]) == (str(ann.pk), None, 200)


def test_a_session_that_was_closed_says_so(api, ann, sign_in, as_ann, log):
    token = sign_in(ann)["access_token"]
    api.with_token(token).call("POST", "/auth/logout")
    assert api.with_token(token).call("GET", "/auth/me").status_code == 401
    seen = log("?code=invalid_token")[0]
    assert (seen["failed_rule"], seen["developer"]) == ("session closed: logout", str(ann.pk))


def test_nobody_sees_another_teams_requests(api, new_key, as_ann, as_bob, as_vera, log):
    key = new_key()
    answer = api.with_key(key["key"]).call("GET", "/users")
    log()
    mine = [as_ann, as_vera]
    for caller in mine:
        assert caller.call("GET", f"/requests/{answer['X-Request-ID']}").status_code == 200
    refused = as_bob.call("GET", f"/requests/{answer['X-Request-ID']}")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    foreign = as_bob.call("GET", f"/requests?key={key['id']}")
    assert foreign.status_code == 422
    assert foreign.json()["errors"][0]["code"] == "not_found"


def test_an_id_that_callers_chose_shows_every_request_behind_it(api, new_key, as_ann, log):
    keys = [new_key(name=name) for name in ("One", "Two")]
    for key in keys:
        api.with_key(key["key"]).call("GET", "/users", HTTP_X_REQUEST_ID="same")
    log()
    found = as_ann.call("GET", "/requests/same").json()
    assert [seen["key"] for seen in found] == [keys[1]["id"], keys[0]["id"]]
    alone = as_ann.call("GET", f"/requests/{found[0]['id']}").json()
    assert [seen["id"] for seen in alone] == [found[0]["id"]]


@pytest.mark.parametrize("request_id", [UNKNOWN, "a" * 65, "ow_live_x%20y", "%00"])
def test_a_malformed_id_is_answered_like_one_that_nothing_has(api, new_key, as_ann, request_id):
    answer, never = (as_ann.call("GET", f"/requests/{given}") for given in (request_id, "never"))
    assert answer.status_code == never.status_code == 404
    assert answer.json()["detail"] == never.json()["detail"]
    assert api.call("GET", f"/requests/{request_id}").status_code == 401
    refused = api.with_key(new_key()["key"]).call("GET", f"/requests/{request_id}")
    assert refused.json()["code"] == "developer_session_required"
    assert refused["RateLimit"].startswith('"key";r=599;')


@pytest.mark.parametrize(
    ("query", "statuses"),
    [("status=403", [403]), ("status=200&code=", [422]), ("since=2999-01-01T00:00:00Z", []), ("limit=1", [403])],
)
def test_filters_and_pages(api, new_key, as_ann, log, query, statuses):
    key = new_key(scopes=["users:read"])
    api.with_key(key["key"]).call("GET", "/users")
    api.with_key(key["key"]).call("POST", "/users", {})
    log()
    answer = as_ann.call("GET", f"/requests?key={key['id']}&{query}")
    if answer.status_code == 422:
        assert statuses == [422]
        return
    assert [seen["status"] for seen in answer.json()] == statuses
    if query == "limit=1":
        following = answer["Link"].partition("<")[2].partition(">")[0].partition("/api/v1")[2]
        assert [seen["status"] for seen in as_ann.call("GET", following).json()] == [200]


def test_under_load_successes_are_sampled_and_refusals_kept(api, new_key, settings, log, time_machine):
    settings.REQUESTS_SAMPLED = 2
    key = new_key(scopes=["users:read"])
    log()
    time_machine.move_to("2026-11-25T12:00:00Z", tick=False)
    for _ in range(5):
        api.with_key(key["key"]).call("GET", "/users")
        api.with_key(key["key"]).call("POST", "/users", {})
    found = RequestRecord.objects.filter(key_id=key["id"])
    usage.flush()
    assert (found.filter(status=200).count(), found.filter(status=403).count()) == (2, 5)


def test_the_queue_is_bounded_while_the_database_is_away(monkeypatch):
    monkeypatch.setattr("apikeys.usage.totals.MOST_REQUESTS", 3)
    from apikeys.usage.totals import Totals

    assert Totals().requests.maxlen == 3
    assert recorder._recorder.totals.requests.maxlen == 20_000


@pytest.mark.parametrize(
    "wanted", [{"code": "not_found"}, {"status": (400, 599)}, {"status": 403}, {"code": "x", "status": (100, 499)}]
)
def test_who_looks_for_refusals_says_so_to_the_index_of_refusals(wanted):
    least = int(str(RequestRecord.objects.asked(**wanted).query).partition('"status" >= ')[2].split()[0].strip(")"))
    assert least >= 400
