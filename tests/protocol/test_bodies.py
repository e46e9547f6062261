"""What a body may be: strict JSON, an object, no larger than 64 KB and no deeper than 32 levels."""

import json
import time

import pytest

ME = "/api/v1/auth/me"
JSON = "application/json"
KILOBYTE = 1024


def patch(api, raw, content_type=JSON, **extra):
    return api.generic("PATCH", ME, raw, content_type=content_type, **extra)


def faults(response):
    """(pointer or parameter → code) of a 422."""
    assert response.status_code == 422, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["code"] == "validation_error"
    assert all(
        set(fault) in ({"pointer", "code", "detail"}, {"parameter", "code", "detail"}) for fault in body["errors"]
    )
    return {fault.get("pointer", fault.get("parameter")): fault["code"] for fault in body["errors"]}


def nested(levels, core="1"):
    """An object that is `levels` levels deep."""
    return '{"first_name": ' + "[" * (levels - 1) + core + "]" * (levels - 1) + "}"


@pytest.mark.parametrize(
    "raw",
    [
        "{",
        "{'first_name': 1}",
        '{"first_name": "Ann",}',
        '{"first_name": "Ann"} x',
        "nothing",
        "\ufeff{}",
        '{"first_name": "a\nb"}',
        '{"first_name": NaN}',
        '{"first_name": Infinity}',
        '{"first_name": -Infinity}',
        '{"first_name": 1e999}',
        '{"first_name": ' + "9" * 5000 + "}",
        '{"first_name": "\\ud800"}',
        '{"\\udfff": 1}',
        "[]",
        '"text"',
        "null",
        "7",
    ],
)
def test_it_refuses_a_body_that_is_not_one_strict_json_object(as_ann, raw):
    assert faults(patch(as_ann, raw)) == {"#": "invalid"}


def test_it_takes_a_whole_surrogate_pair(as_ann):
    response = patch(as_ann, '{"first_name": "\\ud83d\\ude00"}')
    assert response.json()["first_name"] == "\U0001f600"


@pytest.mark.parametrize("raw", [b'{"first_name": "\xff"}', b'{"first_name": "\xed\xa0\x80"}', b"\xfe\xff"])
def test_it_refuses_bytes_that_are_not_utf_8(as_ann, raw):
    assert faults(patch(as_ann, raw)) == {"#": "invalid"}


@pytest.mark.parametrize("raw", ['{"first_name": "a", "first_name": "b"}', '{"x": {"a": 1, "a": 1}}'])
def test_it_refuses_a_name_that_stands_twice(as_ann, raw):
    assert faults(patch(as_ann, raw)) == {"#": "duplicate_field"}


def test_finding_the_name_that_stands_twice_takes_no_longer_than_reading(as_ann):
    names = [f"{n:x}" for n in range(7000)]

    def seconds(*names):
        started = time.process_time()
        response = patch(as_ann, "{" + ",".join(f'"{name}":1' for name in names) + "}")
        return time.process_time() - started, faults(response)

    seconds("a")
    once, _ = seconds(*names)
    twice, found = seconds(*names, names[-1])
    assert found == {"#": "duplicate_field"}
    assert twice < once  # which must name 7,000 unknown fields; counting each among all others takes four times as long


@pytest.mark.parametrize("core", ["1", ""], ids=["around a number", "around nothing"])
def test_a_body_may_be_32_levels_deep_and_no_deeper(as_ann, core):
    assert faults(patch(as_ann, nested(32, core))) == {"#/first_name": "invalid"}
    assert faults(patch(as_ann, nested(33, core))) == {"#": "invalid"}


@pytest.mark.parametrize("levels", [1_000, 30_000])
def test_a_body_deeper_than_the_stack_is_refused_too(as_ann, levels):
    assert faults(patch(as_ann, nested(levels))) == {"#": "invalid"}
    assert faults(patch(as_ann, "[" * levels)) == {"#": "invalid"}
    assert faults(patch(as_ann, '{"a":' * (levels // 5))) == {"#": "invalid"}


@pytest.mark.parametrize("value", [1, True, 1.5, [], {}, ["Ann"]])
def test_a_string_must_be_a_string(as_ann, value):
    assert faults(patch(as_ann, json.dumps({"first_name": value}))) == {"#/first_name": "invalid"}


@pytest.mark.parametrize(
    "name", ["a\\u0000b", "a\\u001bb", "a\\u0007", "\\u202eevil", "a\\u2066b", "a\\u2028b", "a\\nb"]
)
def test_a_name_with_a_control_or_bidirectional_character_is_refused(as_ann, name):
    assert list(faults(patch(as_ann, f'{{"first_name": "{name}"}}'))) == ["#/first_name"]


@pytest.mark.parametrize("name", ["Zoë", "李小龙", "نور", "O'Brien & <b>"])
def test_a_name_in_any_script_is_taken(as_ann, name):
    assert patch(as_ann, json.dumps({"first_name": name})).json()["first_name"] == name


def test_a_name_is_at_most_100_characters(as_ann):
    assert patch(as_ann, json.dumps({"first_name": "x" * 100})).status_code == 200
    assert faults(patch(as_ann, json.dumps({"first_name": "x" * 101}))) == {"#/first_name": "max_length"}


@pytest.mark.parametrize("field", ["firstname", "id", "created_at", "teams", "password", "mfa_enabled"])
def test_unknown_and_read_only_fields_are_refused_alike(as_ann, field):
    assert faults(patch(as_ann, json.dumps({field: "x", "last_name": "A"}))) == {f"#/{field}": "unknown_field"}
    assert as_ann.call("GET", "/auth/me").json()["last_name"] == ""


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("a/b", "#/a~1b"),
        ("m~n", "#/m~0n"),
        ("two words", "#/two%20words"),
        ("50%", "#/50%25"),
        ('"', "#/%22"),
        ("é", "#/%C3%A9"),
        ("", "#/"),
        ("non_field_errors", "#/non_field_errors"),
    ],
)
def test_pointers_are_json_pointers_in_a_fragment(as_ann, field, pointer):
    """RFC 6901 §3 and §6."""
    assert faults(patch(as_ann, json.dumps({field: 1}))) == {pointer: "unknown_field"}


def test_it_names_all_faults_of_body_and_query_at_once(as_ann):
    response = as_ann.call(
        "PATCH", "/auth/me?page=1&a/b=2", {"first_name": 1, "last_name": "x" * 101, "nick": "A", "age": 7}
    )
    assert faults(response) == {
        "page": "unknown_field",
        "a/b": "unknown_field",
        "#/first_name": "invalid",
        "#/last_name": "max_length",
        "#/nick": "unknown_field",
        "#/age": "unknown_field",
    }


@pytest.mark.parametrize("query", ["page=1", "page=1&page=2", "page=%ff"])
def test_a_body_that_cannot_be_read_hides_no_fault_of_the_query(as_ann, query):
    response = as_ann.generic("PATCH", f"{ME}?{query}", "{", content_type=JSON)
    assert set(faults(response)) in ({"page", "#"}, {"", "#"})


def test_a_repeated_parameter_hides_no_fault_of_the_body(as_ann):
    response = as_ann.call("PATCH", "/auth/me?a=1&a=2", {"first_name": 1})
    assert faults(response) == {"a": "duplicate_field", "#/first_name": "invalid"}


@pytest.mark.parametrize(
    "content_type",
    [JSON, "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "", "x"],
)
def test_an_empty_body_is_an_empty_object_whatever_its_type(as_ann, content_type):
    assert patch(as_ann, "", content_type).status_code == 200
    assert as_ann.generic("POST", "/api/v1/auth/logout", "", content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type", [JSON, f"{JSON}; charset=utf-8", "Application/JSON", f"{JSON}; charset=nonsense"]
)
def test_json_may_say_its_charset(as_ann, content_type):
    assert patch(as_ann, '{"first_name": "Anna"}', content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "",
        "///",
    ],
)
def test_another_type_of_body_is_415_that_says_what_to_send(as_ann, content_type):
    response = patch(as_ann, '{"first_name": "Anna"}', content_type)
    assert response.status_code == 415
    assert response.json()["code"] == "unsupported_media_type"
    assert "application/json" in response.json()["detail"]


def test_the_415_of_an_oauth_endpoint_names_both_types(api):
    response = api.generic("POST", "/api/v1/auth/login", "<a/>", content_type="text/xml")
    assert response.status_code == 415
    assert "application/x-www-form-urlencoded or application/json" in response.json()["detail"]
    assert response.json()["error"] == "invalid_request"


def test_a_body_of_64_kb_is_read_and_one_byte_more_is_413(as_ann):
    fits = '{"first_name": "' + "x" * (64 * KILOBYTE - 18) + '"}'
    assert len(fits) == 64 * KILOBYTE
    assert faults(patch(as_ann, fits)) == {"#/first_name": "max_length"}
    response = patch(as_ann, fits + " ")
    assert response.status_code == 413
    assert response.json()["code"] == "payload_too_large"


def test_a_large_body_is_refused_before_it_is_read(as_ann):
    """Only its announced length is large."""
    assert patch(as_ann, "{}", CONTENT_LENGTH=str(10**30)).status_code == 413


def test_a_body_longer_than_announced_length_limits_is_not_trusted(api):
    """A server may hand over a body without a length: what is read counts then."""
    import io

    from protocol.parsing import StrictJSONParser
    from protocol.problems import PayloadTooLarge

    with pytest.raises(PayloadTooLarge):
        StrictJSONParser().parse(io.BytesIO(b" " * (64 * KILOBYTE + 1)))


def test_a_delete_takes_no_fields(as_ann):
    session = as_ann.call("GET", "/auth/sessions").json()[0]["id"]
    assert faults(as_ann.call("DELETE", f"/auth/sessions/{session}", {"why": "x"})) == {"#/why": "unknown_field"}
    assert as_ann.call("DELETE", f"/auth/sessions/{session}").status_code == 204


@pytest.mark.parametrize("coding", ["gzip, chunked", "deflate", "gzip,chunked", "identity"])
def test_a_body_in_another_transfer_coding_is_refused_and_not_taken_for_an_empty_one(as_ann, coding):
    answer = as_ann.call("POST", "/api-keys", {"scopes": ["users:read"]}, HTTP_TRANSFER_ENCODING=coding)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
