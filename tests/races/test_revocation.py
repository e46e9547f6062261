"""What is taken away is gone at the very next call, on every worker, through whichever door it was taken."""

import json

import pytest

from tests.races.crowd import progress, rounds

pytestmark = pytest.mark.races

SELF = ("GET", "/api-keys/self")


@pytest.fixture
def lines(server):
    """One connection to each worker."""
    lines = server.a_line_to_each_worker()
    yield lines
    for line in lines:
        line.close()


def statuses(lines, method, path, **headers):
    return [line.call(method, path, **headers).status for line in lines]


def all_refuse(lines, key) -> bool:
    return all(line.call(*SELF, **{"X-API-Key": key}).refuses_the_key for line in lines)


def by_api(server, line, key, hers):
    assert line.call("DELETE", f"/api-keys/{key['id']}", **hers).status == 200


def by_sql(server, line, key, hers):
    server.sql("UPDATE apikeys_apikey SET revoked_at = CURRENT_TIMESTAMP WHERE id = %s", server.key_of(key["id"]))


def by_disabling(server, line, key, hers):
    assert line.call("PATCH", f"/api-keys/{key['id']}", {"enabled": False}, **hers).status == 200


def by_compromised_rotation(server, line, key, hers):
    answer = line.call("POST", f"/api-keys/{key['id']}/rotate", {"compromised": True}, **hers)
    assert answer.status == 201
    line.call("DELETE", f"/api-keys/{answer.json()['id']}", **hers)


DOORS = [by_api, by_sql, by_disabling, by_compromised_rotation]


def test_a_revoked_key_is_refused_at_the_very_next_call_on_every_worker(server, lines, as_ann, new_key):
    for number in range(rounds(16, 1000)):
        key = new_key()
        carried = {"X-Open-Wearables-API-Key": key["key"]}
        assert statuses(lines, *SELF, **carried) == [200] * len(lines)
        revoke = DOORS[number % len(DOORS)]
        revoke(server, lines[number % len(lines)], key, as_ann.headers)
        assert all_refuse(lines[::-1] if number % 2 else lines, key["key"]), revoke.__name__
        as_ann.call("DELETE", f"/api-keys/{key['id']}")
        if number % 100 == 99:
            progress(f"revocation {number + 1}: none too late, {len(lines)} worker(s)")


def test_a_narrowed_scope_and_an_address_list_bite_at_the_very_next_call(lines, as_ann, new_key):
    for number in range(rounds(4, 100)):
        key = new_key()
        carried = {"X-API-Key": key["key"]}
        path = f"/api-keys/{key['id']}"
        actor = lines[number % len(lines)]
        for body, status in (
            ({"scopes": ["data:read"]}, 403),
            ({"scopes": ["users:read"]}, 200),
            ({"allowed_ips": ["203.0.113.7"]}, 403),
            ({"allowed_ips": []}, 200),
        ):
            assert actor.call("PATCH", path, body, **as_ann.headers).status == 200
            assert statuses(lines, "GET", "/users", **carried) == [status] * len(lines), body
        as_ann.call("DELETE", path)


def test_a_session_that_ended_is_refused_at_the_very_next_call_on_every_worker(server, lines, ann):
    for number in range(rounds(4, 100)):
        hers = {"Authorization": f"Bearer {server.sign_in(ann)['access_token']}"}
        assert statuses(lines, "GET", "/auth/me", **hers) == [200] * len(lines)
        assert lines[number % len(lines)].call("POST", "/auth/logout", **hers).status == 200
        assert statuses(lines, "GET", "/auth/me", **hers) == [401] * len(lines)


def test_the_command_revokes_while_the_server_runs(server, lines, new_key):
    key = new_key()
    done = server.manage("revoke_api_key", "-", "--json", text=key["key"] + "\n")
    assert json.loads(done.stdout)["changed"] is True
    assert all_refuse(lines, key["key"])


def test_a_select_that_is_held_open_holds_no_revocation_back(server, lines, as_ann, new_key):
    key = new_key()
    with server.connect() as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM apikeys_apikey").fetchone()[0]
        assert as_ann.call("DELETE", f"/api-keys/{key['id']}").status == 200
        assert all_refuse(lines, key["key"])
        reader.rollback()


def test_a_suspended_team_stops_every_key_at_once(server, lines, new_key):
    key = new_key()
    team = server.key_of(key["team"])
    suspend = "UPDATE accounts_team SET suspended_at = {}, suspended_reason = '{}' WHERE id = %s"
    server.sql(suspend.format("CURRENT_TIMESTAMP", "operator"), team)
    assert all_refuse(lines, key["key"])
    server.sql(suspend.format("NULL", ""), team)
    assert statuses(lines, *SELF, **{"X-API-Key": key["key"]}) == [200] * len(lines)
