"""Every route × everybody: who may do what, generated from the url map.

A new route or method without a line in POLICY fails, and so does a line without a route. What is Ann's does not exist
for Bob (404), whatever the route.
"""

import pytest

from accounts import alerts
from accounts.models import Alert, Developer, Membership, Role
from apikeys import usage
from apikeys.models import ApiKey
from openwearables.api_urls import urlpatterns

UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"
IDS = (
    "<id:key_id>",
    "<id:user_id>",
    "<id:session_id>",
    "<request:request_id>",
    "<id:team_id>",
    "<id:developer_id>",
    "<id:invitation_id>",
    "<id:alert_id>",
    "<id:mute_id>",
)
CALLERS = ("nobody", "bob", "bob's key", "ann's key", "vera", "ann")

# (route, method) → the status for each caller, in the order of CALLERS. Bodies are in BODIES. Developers ask lists for
# Ann's team (keys may not say one), so 422 is how a foreign team in a query or body does not exist.
POLICY = {
    # No credential is looked at: everybody gets the answer to an empty body.
    ("auth/login", "POST"): (422, 422, 422, 422, 422, 422),
    ("token/refresh", "POST"): (422, 422, 422, 422, 422, 422),
    ("token/revoke", "POST"): (422, 422, 422, 422, 422, 422),
    ("auth/register", "POST"): (403, 403, 403, 403, 403, 403),
    ("auth/forgot-password", "POST"): (422, 422, 422, 422, 422, 422),
    ("auth/reset-password", "POST"): (422, 422, 422, 422, 422, 422),
    ("api-keys/report", "POST"): (422, 422, 422, 422, 422, 422),
    ("openapi.json", "GET"): (200, 200, 200, 200, 200, 200),
    # One's own account: developers alone.
    ("auth/me", "GET"): (401, 200, 403, 403, 200, 200),
    ("auth/me", "PATCH"): (401, 200, 403, 403, 200, 200),
    ("auth/me", "DELETE"): (401, 422, 403, 403, 422, 422),
    ("auth/me/export", "GET"): (401, 200, 403, 403, 200, 200),
    ("auth/change-password", "POST"): (401, 422, 403, 403, 422, 422),
    ("auth/logout", "POST"): (401, 200, 403, 403, 200, 200),
    ("auth/logout-all", "POST"): (401, 200, 403, 403, 200, 200),
    ("auth/sessions", "GET"): (401, 200, 403, 403, 200, 200),
    ("auth/sessions/<id:session_id>", "DELETE"): (401, 404, 403, 403, 404, 204),
    # Keys: developers alone, but for a key that looks at itself.
    ("api-keys", "GET"): (401, 422, 403, 403, 200, 200),
    ("api-keys", "POST"): (401, 422, 403, 403, 403, 201),
    ("api-keys/self", "GET"): (401, 403, 200, 200, 403, 403),
    ("api-keys/<id:key_id>", "GET"): (401, 404, 403, 403, 200, 200),
    ("api-keys/<id:key_id>", "PATCH"): (401, 404, 403, 403, 403, 200),
    ("api-keys/<id:key_id>", "DELETE"): (401, 404, 403, 403, 403, 200),
    ("api-keys/<id:key_id>/rotate", "POST"): (401, 404, 403, 403, 403, 201),
    # Teams: members; to change one, or its invitations, owners and admins.
    ("teams", "GET"): (401, 200, 403, 403, 200, 200),
    ("teams", "POST"): (401, 201, 403, 403, 201, 201),
    ("teams/<id:team_id>", "GET"): (401, 404, 403, 403, 200, 200),
    ("teams/<id:team_id>", "PATCH"): (401, 404, 403, 403, 403, 200),
    ("developers", "GET"): (401, 422, 403, 403, 200, 200),
    ("developers/<id:developer_id>", "GET"): (401, 404, 403, 403, 200, 200),
    ("developers/<id:developer_id>", "PATCH"): (401, 422, 403, 403, 403, 200),
    ("developers/<id:developer_id>", "DELETE"): (401, 422, 403, 403, 403, 204),
    ("invitations", "GET"): (401, 422, 403, 403, 403, 200),
    ("invitations", "POST"): (401, 422, 403, 403, 403, 201),
    ("invitations/accept", "POST"): (422, 422, 422, 422, 422, 422),
    ("invitations/<id:invitation_id>", "DELETE"): (401, 404, 403, 403, 403, 204),
    ("invitations/<id:invitation_id>/resend", "POST"): (401, 404, 403, 403, 403, 200),
    # Usage and requests: members, viewers too.
    ("api-keys/<id:key_id>/usage", "GET"): (401, 404, 403, 403, 200, 200),
    ("usage", "GET"): (401, 422, 403, 403, 200, 200),
    ("requests", "GET"): (401, 422, 403, 403, 200, 200),
    ("requests/<request:request_id>", "GET"): (401, 404, 403, 403, 200, 200),
    # Alerts: members see them, a viewer mutes none.
    ("alerts", "GET"): (401, 422, 403, 403, 200, 200),
    ("alerts/<id:alert_id>", "GET"): (401, 404, 403, 403, 200, 200),
    ("alerts/<id:alert_id>", "PATCH"): (401, 404, 403, 403, 403, 200),
    ("alert-mutes", "GET"): (401, 422, 403, 403, 200, 200),
    ("alert-mutes", "POST"): (401, 422, 403, 403, 403, 201),
    ("alert-mutes/<id:mute_id>", "DELETE"): (401, 404, 403, 403, 403, 204),
    # End users: a key reads and makes, a developer does all, a viewer reads.
    ("users", "GET"): (401, 422, 200, 200, 200, 200),
    ("users", "POST"): (401, 422, 201, 201, 403, 201),
    ("users/<id:user_id>", "GET"): (401, 404, 404, 200, 200, 200),
    ("users/<id:user_id>/export", "GET"): (401, 404, 403, 403, 200, 200),
    ("users/<id:user_id>", "PATCH"): (401, 404, 403, 403, 403, 200),
    ("users/<id:user_id>", "DELETE"): (401, 404, 403, 403, 403, 200),
}
# What existing clients call is allowed to whom the path itself is.
POLICY |= {
    (f"developer/{route}", method): line for (route, method), line in POLICY.items() if route.startswith("api-keys")
}

BODIES = {
    ("alert-mutes", "POST"): lambda ann: {"team": str(ann.home_team_id), "kind": "key_made"},
    ("api-keys", "POST"): lambda ann: {"team": str(ann.home_team_id)},
    ("teams/<id:team_id>", "PATCH"): lambda ann: {"name": "Renamed"},
    ("developers/<id:developer_id>", "PATCH"): lambda ann: {"role": "viewer"},
    ("api-keys/<id:key_id>", "PATCH"): lambda ann: {"name": "Renamed"},
    ("teams", "POST"): lambda ann: {"name": "Night shift"},
    ("invitations", "POST"): lambda ann: {"email": "new@example.com", "team": str(ann.home_team_id)},
    ("users/<id:user_id>", "PATCH"): lambda ann: {"first_name": "Renamed"},
}
ROUTES = {str(pattern.pattern): pattern.callback for pattern in urlpatterns}


def methods_of(view):
    """The methods a view declares; a plain function is a page to GET."""
    return tuple(view.cls.calls) if hasattr(view, "cls") else ("GET",)


ROUTES_AND_METHODS = [(route, method) for route, view in ROUTES.items() for method in methods_of(view)]


@pytest.fixture
def callers(api, as_ann, as_bob, as_vera, new_key):
    """Everybody of CALLERS."""
    bobs = as_bob.call("POST", "/api-keys", {}).json()["key"]
    everybody = (api, as_bob, api.with_key(bobs), api.with_key(new_key()["key"]), as_vera, as_ann)
    return dict(zip(CALLERS, everybody, strict=True))


@pytest.fixture
def things(ann, as_ann, new_key, sign_in):
    """One of each of Ann's things, by the name it has in a route."""
    user = as_ann.call("POST", "/users", {"first_name": "Zoe"}).json()
    sign_in(ann)
    session = as_ann.call("GET", "/auth/sessions").json()
    colleague = Developer.objects.create_user("cleo@example.com", None)
    Membership.objects.create(team=ann.home_team, developer=colleague, role=Role.DEVELOPER)
    invited = as_ann.call("POST", "/invitations", {"email": "guest@example.com"}).json()
    usage.flush()
    request = as_ann.call("GET", "/requests").json()[0]
    key = new_key(name="Thing")
    return {
        "<id:key_id>": key["id"],
        "<id:user_id>": user["id"],
        "<id:session_id>": next(row["id"] for row in session if not row["current"]),
        "<request:request_id>": request["id"],
        "<id:team_id>": str(ann.home_team_id),
        "<id:developer_id>": str(colleague.pk),
        "<id:invitation_id>": invited["id"],
        "<id:alert_id>": str(Alert.objects.filter(team=ann.home_team).latest("created_at").pk),
        "<id:mute_id>": str(alerts.mute(team_id=ann.home_team_id, kind="in_url", by=ann).pk),
    }


def path_of(route, things):
    for name, thing in things.items():
        route = route.replace(name, thing)
    assert "<" not in route, "a route with an id that this matrix does not know"
    return f"/{route}"


def test_every_route_has_a_line_in_the_policy_and_every_line_a_route():
    assert set(ROUTES_AND_METHODS) == set(POLICY)


READS = [pair for pair in ROUTES_AND_METHODS if pair[1] == "GET"]


def test_everybody_may_read_what_the_policy_says(callers, things, ann):
    for route, method in READS:
        require_policy(callers, things, ann, route, method)


@pytest.mark.parametrize(("route", "method"), [pair for pair in ROUTES_AND_METHODS if pair not in READS])
def test_everybody_may_do_what_the_policy_says(callers, things, ann, route, method):
    require_policy(callers, things, ann, route, method)


def require_policy(callers, things, ann, route, method):
    """What everybody gets is what stands in POLICY."""
    path = path_of(route, things)
    plain = route.removeprefix("developer/")
    body = BODIES.get((plain, method), lambda ann: {} if method in ("POST", "PATCH") else None)(ann)
    answers = {}
    for name, caller in callers.items():
        by_team = plain in ("users", "usage", "requests") or (plain == "api-keys" and method == "GET")
        by_team = by_team or plain == "developers" or (plain.startswith("developers/") and method != "GET")
        by_team = by_team or (plain == "invitations" and method == "GET")
        by_team = by_team or plain == "alerts" or (plain == "alert-mutes" and method == "GET")
        by_team = by_team or (plain.startswith("users/") and name in ("ann", "vera"))
        query = f"?team={ann.home_team_id}" if by_team and "key" not in name and name != "nobody" else ""
        answers[name] = caller.call(method, path + query, body)
    assert {name: answer.status_code for name, answer in answers.items()} == dict(
        zip(CALLERS, POLICY[route, method], strict=True)
    ), (route, method)
    for name, answer in answers.items():
        if answer.status_code == 401:
            assert answer["WWW-Authenticate"] == 'Bearer realm="open-wearables"'
        if answer.status_code in (403, 404):
            assert answer.json()["code"] in (
                "not_found",
                "forbidden_role",
                "developer_session_required",
                "api_key_required",
                "signup_closed",
            )
        if route != "openapi.json":
            assert answer["Cache-Control"] == "no-store", name


def test_what_is_anns_looks_to_bob_like_what_never_was(callers, things):
    for route, method in ROUTES_AND_METHODS:
        if "<" not in route:
            continue
        body = {} if method in ("POST", "PATCH") else None
        hers = callers["bob"].call(method, path_of(route, things), body)
        never = callers["bob"].call(method, path_of(route, dict.fromkeys(things, UNKNOWN)), body)
        assert hers.status_code == 404, (route, method)
        assert {**hers.json(), "request_id": ""} == {**never.json(), "request_id": ""}, (route, method)
        unchanged = ApiKey.objects.get(pk=things["<id:key_id>"])
        assert (unchanged.name, unchanged.status, unchanged.replaced_by()) == ("Thing", "active", None), (route, method)


def test_a_method_that_is_not_declared_is_405_with_what_is(api, as_ann, new_key):
    keys = api.with_key(new_key()["key"])
    for route, view in ROUTES.items():
        path = path_of(route, dict.fromkeys(IDS, UNKNOWN))
        for caller in (api, as_ann, keys):
            for method in ("PUT", "OPTIONS", "TRACE", "BREW"):
                answer = caller.call(method, path)
                assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), route
                assert set(answer["Allow"].split(", ")) - {"HEAD"} == set(methods_of(view)), route


def test_a_slash_at_the_end_is_404_and_names_the_path(api, db):
    for route in ROUTES:
        path = path_of(route, dict.fromkeys(IDS, UNKNOWN))
        answer = api.call("GET", f"{path}/")
        assert answer.status_code == 404, route
        assert f"/api/v1{path}." in answer.json()["detail"], route
