"""What a good key may not do: its addresses and its scopes."""

import pytest

USERS = {"users:read": ("GET", "/users", None), "users:write": ("POST", "/users", {})}


@pytest.mark.parametrize("scope", USERS)
def test_each_scope_opens_its_call_and_no_other_does(api, new_key, scope):
    method, path, body = USERS[scope]
    assert api.with_key(new_key(scopes=[scope])["key"]).call(method, path, body).status_code in (200, 201)
    others = [name for name in ("users:read", "users:write", "data:read", "data:write") if name != scope]
    answer = api.with_key(new_key(scopes=others)["key"]).call(method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert answer["WWW-Authenticate"] == (f'Bearer realm="open-wearables", error="insufficient_scope", scope="{scope}"')


def test_a_missing_scope_is_said_in_words(api, new_key):
    detail = api.with_key(new_key(scopes=["users:read"])["key"]).call("POST", "/users", {}).json()["detail"]
    assert detail == "This key may not create users: it needs the scope users:write."


def test_a_key_without_any_scope_that_matters_may_still_look_at_itself(status_of, new_key):
    assert status_of(new_key(scopes=["data:write"])) == 200


@pytest.mark.parametrize(
    ("allowed", "address", "status"),
    [
        ([], "203.0.113.7", 200),
        (["203.0.113.7"], "203.0.113.7", 200),
        (["203.0.113.7"], "203.0.113.8", 403),
        (["203.0.113.0/24"], "203.0.113.255", 200),
        (["203.0.113.0/24"], "203.0.114.0", 403),
        (["203.0.113.0/24", "2001:db8::/32"], "2001:db8:ffff::1", 200),
        (["203.0.113.0/24"], "2001:db8::1", 403),
        (["203.0.113.7"], "::ffff:203.0.113.7", 200),
        (["::ffff:203.0.113.7"], "203.0.113.7", 200),
        (["::ffff:203.0.113.7"], "::ffff:203.0.113.8", 403),
        (["0.0.0.0/0"], "2001:db8::1", 403),
        (["0.0.0.0/0", "::/0"], "nonsense", 403),
        ([], "nonsense", 200),
    ],
)
@pytest.mark.parametrize("path", ["/users", "/api-keys/self"])
def test_an_address_list_lets_in_what_it_names(api, new_key, path, allowed, address, status):
    key = new_key(allowed_ips=allowed)
    answer = api.with_key(key["key"]).call("GET", path, REMOTE_ADDR=address)
    assert answer.status_code == status
    assert answer.json().get("code") == ("ip_not_allowed" if status == 403 else None)


def test_a_forwarding_header_from_a_stranger_changes_nothing(api, new_key):
    caller = api.with_key(new_key(allowed_ips=["203.0.113.7"])["key"])
    answer = caller.call("GET", "/users", REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert answer.json()["code"] == "ip_not_allowed"


def test_a_refused_address_is_refused_before_a_missing_scope(api, new_key):
    caller = api.with_key(new_key(allowed_ips=["203.0.113.7"], scopes=["data:read"])["key"])
    assert caller.call("GET", "/users").json()["code"] == "ip_not_allowed"
