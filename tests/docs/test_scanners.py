"""The rules for secret scanners that the docs give away find fresh keys, and nothing that only looks alike."""

import re
import tomllib

import pytest

from apikeys import keys
from openwearables.docs.catalog import FOLDER

VECTOR = "ow_test_000000000000_00000000000000000000000000000000000000000000rAbYS"


def gitleaks():
    rule = tomllib.loads((FOLDER / "snippets/gitleaks.toml").read_text())["rules"][0]

    def find(text):
        if not any(word in text for word in rule["keywords"]):
            return []
        return [found[rule["secretGroup"]] for found in re.finditer(rule["regex"], text)]

    return find


def github():
    rows = dict(re.findall(r"^([A-Z][a-z ]+): +(.+)$", (FOLDER / "snippets/github-pattern.txt").read_text(), re.M))
    before, after = rows["Before secret"], rows["After secret"].replace(r"\z", r"\Z")
    pattern = re.compile(f"(?:{before})(?P<secret>{rows['Secret format']})(?={after})")
    assert pattern.search(rows["Test string"])["secret"] == VECTOR
    return lambda text: [found["secret"] for found in pattern.finditer(text)]


@pytest.mark.parametrize("rule", [gitleaks, github])
def test_a_rule_finds_keys_where_people_leave_them(rule):
    find = rule()
    for environment in ("live", "test"):
        for _ in range(50):
            key = keys.mint(environment).text
            for text in (key, f'OW_API_KEY="{key}"', f"curl -H 'X-API-Key: {key}' /users\n", f"a\n{key}\nb"):
                assert find(text) == [key]


@pytest.mark.parametrize("rule", [gitleaks, github])
def test_a_rule_leaves_prefixes_and_longer_words_alone(rule):
    find, key = rule(), keys.mint("live")
    for text in (key.prefix, key.text + "a", "x" + key.text, key.text[:-1], key.text.replace("live", "prod")):
        assert find(text) == []


def test_the_test_vector_is_what_the_page_says():
    page = (FOLDER / "api-keys.md").read_text()
    assert VECTOR in page
    assert keys.parse(VECTOR).environment == "test"
    assert keys.checksum(VECTOR[:-6]) == "0rAbYS"
    assert "`0x2ED46CEC`" in page
    assert f"{keys.KEY_LENGTH} characters in all" in page
