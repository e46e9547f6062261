"""A command that a page names exists."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), ROOT / "run", *ROOT.glob("docs/**/*.md"), *ROOT.glob("templates/**/*.*")])
NAMED = re.compile(r"(?:\./run manage|\bmanage\.py\"?) ([a-z_]+)")
BESIDE = re.compile(r"`([a-z]+_[a-z_]+)`")  # in a row of commands: `./run manage one`, `two`


def named_in(file):
    for line in file.read_text().splitlines():
        yield from NAMED.findall(line)
        if line.startswith("| `./run manage"):
            yield from BESIDE.findall(line.split("|")[1])


@pytest.mark.parametrize("file", [file for file in PAGES if [*named_in(file)]], ids=lambda file: file.name)
def test_every_command_that_a_page_names_exists(file):
    assert set(named_in(file)) - set(get_commands()) == set()


def test_the_commands_of_the_readme_are_found_by_this_test():
    assert {"set_password", "revoke_api_key", "verify_audit", "demo"} <= set(named_in(ROOT / "README.md"))
