"""Every code and every rule that a refusal can have is explained: found in the source, so that none is forgotten."""

import ast
from pathlib import Path

import pytest

from accounts.models import Session
from apikeys.explaining.codes import CODES
from apikeys.explaining.rules import ENDS, FIXED, LIMIT_OF, words_of
from apikeys.models import RequestRecord
from protocol.problems.catalogue import CATALOGUE
from protocol.problems.kinds import Problem

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for app in ("protocol", "accounts", "apikeys", "wearables", "openwearables")
    for path in (ROOT / app).rglob("*.py")
]
# What a rule with variable parts can look like, by its fixed beginning, and the code it stands behind.
EXAMPLES = {
    "scope ": [("insufficient_scope", "scope users:write"), ("insufficient_scope", "scope data:read")],
    "limit ": [("rate_limited", f"limit {name} 10/60") for name in LIMIT_OF],
    "session closed: ": [("invalid_token", f"session closed: {reason}") for reason in Session.Reason],
}
JUDGES = {"why_unusable", "why_over"}  # functions that answer a rule


def _spoken(node):
    """The words of a constant, the fixed beginning of an f-string; both sides of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield node.values[0].value
    elif isinstance(node, ast.IfExp):
        yield from _spoken(node.body)
        yield from _spoken(node.orelse)


def rules_in_the_source():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                for word in node.keywords:
                    if word.arg == "rule":
                        yield from _spoken(word.value)
                if getattr(node.func, "attr", "") == "refusal" and len(node.args) == 3:
                    yield from _spoken(node.args[2])
            if isinstance(node, ast.FunctionDef) and node.name in JUDGES:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return):
                        yield from _spoken(inner.value)


RULES = sorted(set(rules_in_the_source()) - {""})


def codes_in_the_source():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                raised = getattr(node.func, "id", getattr(node.func, "attr", ""))
                for word in node.keywords:
                    if word.arg == "code" and raised in {kind.__name__ for kind in kinds()}:
                        yield from _spoken(word.value)


def kinds(kind=Problem):
    yield kind
    for below in kind.__subclasses__():
        yield from kinds(below)


def test_the_source_is_read():
    assert {"revoked", "shape", "address list", "scope ", "session expired", "body cut"} <= set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained(rule):
    fixed = [key for key in FIXED if key[1] == rule]
    for code, said in fixed or EXAMPLES.get(rule, ()):
        assert words_of(code, said)
    assert fixed or rule in EXAMPLES


def test_every_code_is_explained():
    assert set(CATALOGUE) <= set(CODES)
    assert {kind.code for kind in kinds()} | set(codes_in_the_source()) - {""} <= set(CODES)


def test_every_end_of_a_session_has_words():
    assert set(ENDS) == set(Session.Reason)


@pytest.mark.parametrize("rule", ["", "scope nothing:real", "limit key x/60", "session closed: <b>", "revoked too"])
def test_a_rule_that_the_server_did_not_write_is_not_repeated(rule):
    for code in ("insufficient_scope", "rate_limited", "invalid_api_key"):
        assert words_of(code, rule) is None
    assert RequestRecord._meta.get_field("failed_rule").max_length == 200
