"""ux.md, “refusals”: paste a request id, read exactly why; with a curl that holds nothing that the caller sent."""

import re
import subprocess

import pytest

from apikeys import keys, usage
from apikeys.explaining.curl import curl_for
from apikeys.middleware import template_of
from apikeys.models import ApiKey, RequestRecord
from openwearables.api_urls import urlpatterns

UNKNOWN = "0192f1aa-0000-7000-8000-000000000000"


def pasted(browser, text):
    return browser.post("/refusals/", {"pasted": text})


@pytest.mark.parametrize(
    ("status", "code", "rule", "said"),
    [
        (401, "invalid_api_key", "revoked", "The key was revoked. That is for good."),
        (401, "invalid_token", "session closed: replay", "a spent refresh token was used again"),
        (403, "insufficient_scope", "scope users:write", "it may not create users: it lacks the scope users:write"),
        (403, "ip_not_allowed", "address list", "the call came from another"),
        (404, "not_found", "", "it belongs to another team"),
        (422, "validation_error", "#/email invalid; unknown_field", "email: invalid; a field that this call does not"),
        (429, "rate_limited", "limit key 100/60", "The limit of this key was reached: 100 calls in 60 seconds."),
    ],
)
def test_it_says_in_words_which_rule_refused_and_what_to_do(anns, key, used, status, code, rule, said):
    seen = used(key, status=status, code=code, rule=rule)
    page = anns.get(f"/requests/{seen.pk}/").text
    assert said in page
    assert "What to do" in page
    assert f'href="/docs/errors#{code}"' in page


@pytest.mark.parametrize(
    "text",
    ["mine-1", " mine-1 ", '{"status": 403, "request_id": "mine-1"}', "X-Request-ID: mine-1", "request_id=mine-1"],
)
def test_an_id_is_found_in_whatever_part_of_the_answer_was_pasted(anns, text):
    assert pasted(anns, text)["Location"] == "/requests/mine-1/"


def test_what_is_no_id_is_refused_and_never_shown_again(anns):
    page = pasted(anns, "what <is> this").text
    assert "This is no request id" in page
    assert "what &lt;" not in page
    assert "<is>" not in page


def test_the_curl_asks_again_from_the_template_and_nothing_that_was_sent_is_in_it(api, new_key, anns):
    key = new_key(scopes=["users:read"])
    answer = api.with_key(key["key"]).call(
        "POST", "/users?search=Zoe+Secret", {"first_name": "Hush"}, HTTP_X_REQUEST_ID="mine-2", HTTP_USER_AGENT="$(id)"
    )
    assert answer.status_code in (403, 422)
    usage.flush()
    page = anns.get("/requests/mine-2/")
    curl = page.context["explained"].curl
    assert curl.startswith("curl --request POST http://")
    assert '"X-Open-Wearables-API-Key: $OW_API_KEY"' in curl
    for sent in ("Zoe", "Secret", "Hush", "$(id)", "mine-2", key["key"][:12]):
        assert sent not in curl
    assert "Zoe" not in page.text
    assert "Hush" not in page.text


def test_the_curl_is_one_command_that_a_shell_reads_as_it_stands():
    record = RequestRecord(method="PATCH", route="/api/v1/users/{user_id}", status=422, code="validation_error")
    script = f"curl() {{ printf '%s\\n' \"$@\"; }}\nOW_API_KEY='a b' USER_ID='1 2'\n{curl_for(record)}"
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[:2] == ["--request", "PATCH"]
    assert said[2].endswith("/api/v1/users/1 2")
    assert said[3:] == [
        "--header",
        "X-Open-Wearables-API-Key: a b",
        "--header",
        "Content-Type: application/json",
        "--data",
        "@body.json",
    ]


@pytest.mark.parametrize("route", ["/api/v1/users/$(id)", "/api/v1/users/`id`", "/api/v1/x;y", "", "/api/v1/a b"])
def test_a_route_that_is_no_template_of_ours_makes_no_command(route):
    assert curl_for(RequestRecord(method="GET", route=route, status=404, code="not_found")) == ""


def test_every_route_of_the_api_makes_one():
    for url in urlpatterns:
        route = template_of(f"api/v1/{url.pattern}")
        assert curl_for(RequestRecord(method="GET", route=route, status=403, code="forbidden_role")), route


def test_what_a_person_has_to_do_is_asked_with_a_token():
    record = RequestRecord(method="GET", route="/api/v1/auth/me", status=403, code="developer_session_required")
    assert '"Authorization: Bearer $OW_ACCESS_TOKEN"' in curl_for(record)


def test_another_teams_and_nobodys_requests_do_not_exist(anns, bobs, key, used, api):
    seen = used(key, status=403, code="insufficient_scope", rule="scope users:write")
    api.with_key("ow_live_x").call("GET", "/users", HTTP_X_REQUEST_ID="unproved-1")
    usage.flush()
    assert RequestRecord.objects.filter(request_id="unproved-1").exists()
    pages = [
        bobs.get(f"/requests/{seen.pk}/"),
        bobs.get(f"/requests/{UNKNOWN}/"),
        anns.get("/requests/unproved-1/"),
    ]
    for page in pages:
        assert page.status_code == 404
        assert "No request with this id in your teams" in page.text
        assert "Nothing is at the address that was called" in page.text
    assert "insufficient_scope" not in pages[0].text


def test_all_requests_behind_an_id_are_there_the_newest_explained(anns, key, used):
    old, new = used(key, hours=2), used(key, hours=1, status=403, code="ip_not_allowed", rule="address list")
    RequestRecord.objects.update(request_id="same")
    page = anns.get("/requests/same/")
    assert (page.context["record"].pk, [record.pk for record in page.context["others"]]) == (new.pk, [old.pk])


def _cut(text):
    return text[:-3]


def _swapped(text):
    return text.replace("ow_live_", "ow_test_")


def _mistyped(text):
    return text[:-1] + ("a" if text[-1] != "a" else "b")


@pytest.mark.parametrize(
    ("change", "shows", "said"),
    [
        (str, "whole", "By its text it is a whole key"),
        (_cut, "short", "It is shorter than the 70 characters"),
        (lambda text: text + "xyz", "long", "It is longer than the 70 characters"),
        (_mistyped, "checksum", "Its checksum does not match"),
        (_swapped, "environment", "Its environment was changed"),
        (lambda text: f"my key is {text}, why?", "whole", "By its text it is a whole key"),
        (lambda text: f"X-Request-ID: {text[:60]}", "short", "It is shorter"),
    ],
)
def test_a_key_pasted_by_mistake_is_cut_at_once_and_its_text_explained(anns, change, shows, said):
    text = change(keys.mint("live").text)
    answer = pasted(anns, text)
    public = re.search(r"ow_(?:live|test)_[0-9A-Za-z]{12}", text)[0]
    assert answer["Location"] == f"/refusals/?shows={shows}&prefix={public}"
    page = anns.get(answer["Location"]).text
    assert said in page
    assert f"<code>{public}</code>" in page
    secret = re.search(r"_[0-9A-Za-z]{30,}", text)[0][1:]
    assert secret not in page + answer.text + answer["Location"]


def test_a_token_pasted_by_mistake_leaves_nothing_behind(anns):
    answer = pasted(anns, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln")
    assert answer["Location"] == "/refusals/?shows=access"
    assert "That was a token" in anns.get(answer["Location"]).text


@pytest.mark.parametrize(
    "query", ["shows=evil&prefix=<script>", "prefix=ow_live_", "shows=whole&prefix=ow_live_9hXk2QmZt4Rbxxx"]
)
def test_an_address_that_nobody_was_led_to_shows_nothing_of_itself(anns, query):
    page = anns.get(f"/refusals/?{query}").text
    assert "<script>" not in page
    assert "public part" not in page


def test_a_key_in_the_path_is_cut_too(anns):
    text = keys.mint("test").text[:60]
    answer = anns.get(f"/requests/{text}/")
    assert answer["Location"] == f"/requests/{text[:20]}/"
    assert anns.get(answer["Location"]).status_code == 404


def test_a_key_of_ones_own_is_one_link_away(anns, ann):
    row, text = ApiKey.objects.issue(team=ann.home_team, by=ann, name="Mine", scopes=["users:read"])
    page = anns.get(pasted(anns, text)["Location"]).text
    assert f'href="/keys/?q={row.key_prefix}"' in page
