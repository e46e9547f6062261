"""The OpenAPI schema: what is stable, what is explained by example, and which credential each call takes."""

import json
from pathlib import Path

import pytest

from openwearables.schema import schema_text
from protocol.problems.catalogue import CATALOGUE
from tests.test_matrix import CALLERS, POLICY

LIST = Path(__file__).with_name("operation_ids.txt")
SCHEMA = json.loads(schema_text())
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
}
NAMES = sorted(f"{method} {path} {operation['operationId']}" for (method, path), operation in OPERATIONS.items())


def test_no_operation_id_changes_for_generated_clients_are_made_of_them():
    promised = LIST.read_text().splitlines()
    assert [line for line in promised if line not in NAMES] == [], "changed or gone: clients will break"
    assert [line for line in NAMES if line not in promised] == [], f"new: add these lines to {LIST.name}"


def test_operation_ids_are_unique():
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation["operationId"])
def test_every_refusal_of_a_call_has_an_example_for_each_of_its_codes(operation):
    for status, answer in operation["responses"].items():
        if int(status) < 400:
            continue
        examples = answer["content"]["application/problem+json"]["examples"]
        assert examples, status
        for code, example in examples.items():
            body = SCHEMA["components"]["examples"][example["$ref"].rpartition("/")[2]]["value"]
            assert (body["code"], body["status"]) == (code, int(status))
            assert body["type"].endswith(f"/docs/errors#{code}")
            assert CATALOGUE[code].status == int(status)
            assert ("error" in body) == (operation["tags"] == ["token"] or operation["operationId"] == "login") or int(
                status
            ) >= 500


def path_of(route):
    return "/api/v1/" + route.replace("<id:", "{").replace("<request:", "{").replace(">", "}")


@pytest.mark.parametrize(("route", "method"), [pair for pair in POLICY if pair[0] != "openapi.json"])
def test_the_schema_names_the_credentials_that_the_policy_lets_in(route, method):
    security = [name for choice in OPERATIONS[method, path_of(route)]["security"] for name in choice]
    answers = dict(zip(CALLERS, POLICY[route, method], strict=True))
    wanted = []
    if answers["nobody"] == 401:
        wanted += ["accessToken"] * (answers["ann"] != 403) + ["apiKey"] * (answers["ann's key"] != 403)
    assert security == wanted


def test_authorize_knows_a_token_and_a_key():
    schemes = SCHEMA["components"]["securitySchemes"]
    assert (schemes["accessToken"]["type"], schemes["accessToken"]["scheme"]) == ("http", "bearer")
    assert (schemes["apiKey"]["in"], schemes["apiKey"]["name"]) == ("header", "X-Open-Wearables-API-Key")
    assert SCHEMA["openapi"].startswith("3.1")
