"""What a query string may be."""

import pytest

from tests.conftest import Api


def faults(response):
    assert response.status_code == 422, response.content
    return {fault["parameter"]: fault["code"] for fault in response.json()["errors"]}


@pytest.mark.parametrize("query", ["page=1", "Limit=1", "format=json", "=", "page"])
def test_unknown_parameters_are_refused(as_ann, query):
    assert faults(as_ann.call("GET", f"/auth/me?{query}")) == {query.partition("=")[0]: "unknown_field"}


def test_a_parameter_keeps_its_own_spelling_in_the_refusal(as_ann):
    assert faults(as_ann.call("GET", "/auth/me?a%2Fb=1&c~d=2&/e=3")) == dict.fromkeys(
        ["a/b", "c~d", "/e"], "unknown_field"
    )


def test_a_parameter_given_twice_is_refused(as_ann):
    assert faults(as_ann.call("GET", "/api-keys?limit=1&limit=1")) == {"limit": "duplicate_field"}
    assert as_ann.call("GET", "/api-keys?limit=1").status_code == 200


@pytest.mark.parametrize("query", ["status=%ff", "status=%ED%A0%80", "%C3=1", "status=\xff"])
def test_bad_utf_8_is_refused_raw_and_percent_encoded(as_ann, query):
    path, _, raw = f"/api/v1/auth/me?{query}".partition("?")
    response = as_ann.get(path, QUERY_STRING=raw)
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "invalid"


@pytest.mark.parametrize("value", ["%00", "a%00b"])
def test_a_nul_byte_is_refused(as_ann, value):
    assert as_ann.call("GET", f"/api-keys?status={value}").status_code == 422
    assert as_ann.call("GET", f"/api-keys?cursor={value}").status_code == 422
    assert as_ann.call("GET", f"/users?search={value}").status_code == 422


def test_more_than_50_parameters_are_refused(as_ann):
    response = as_ann.call("GET", "/auth/me?" + "&".join(f"p{n}=1" for n in range(51)))
    assert response.status_code == 422
    assert "Too many" in response.json()["errors"][0]["detail"]


ODD_NUMBERS = ["1_0", "+1", "%2B1", "1.0", "%201", "1%20", "1%0A", "\u0661", "\uff11", "0x1", "--1", "-"]


@pytest.mark.parametrize("number", ODD_NUMBERS)
def test_a_number_is_written_in_ascii_digits(as_ann, number):
    assert faults(as_ann.call("GET", f"/users?page={number}&limit={number}")) == {"page": "invalid", "limit": "invalid"}
    assert faults(as_ann.call("GET", f"/api-keys?limit={number}")) == {"limit": "invalid"}
    assert as_ann.call("GET", "/users?page=01&limit=10").status_code == 200


@pytest.mark.parametrize("limit", ["0", "-1", "201", "ten", "", "1e2", "9" * 2000, "null"])
def test_a_page_is_1_to_200_long(as_ann, limit):
    assert list(faults(as_ann.call("GET", f"/api-keys?limit={limit}"))) == ["limit"]
    assert as_ann.call("GET", "/api-keys?limit=200").status_code == 200


@pytest.mark.parametrize(
    "query", ["api_key=ow_live_x", "token=abc", "access_token=x", "anything=eyJhbGciOi", "key=1", "password=x"]
)
def test_a_credential_in_the_query_is_401_that_names_the_header(api, db, query):
    response = api.call("GET", f"/auth/me?{query}")
    assert response.status_code == 401
    named = "X-Open-Wearables-API-Key" in response.json()["detail"]
    assert named is (query != "password=x")


def test_an_access_token_in_the_query_opens_nothing(api, ann, sign_in):
    token = sign_in(ann)["access_token"]
    response = api.call("GET", f"/auth/me?access_token={token}")
    assert response.status_code == 401
    assert "Authorization" in response.json()["detail"]
    assert token not in response.content.decode()


def test_the_schema_takes_no_parameters_either(api, db):
    answer = api.call("GET", "/openapi.json?x=1")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "x")
    assert api.call("GET", "/openapi.json").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_schema_is_only_read(method, db):
    strict = Api(enforce_csrf_checks=True)
    answer = strict.call(method, "/openapi.json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
