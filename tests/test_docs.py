"""What the pages tell people to type exists, flags included."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from openwearables.jobs import JOBS

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "SECURITY.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"(?:manage\.py|\./run manage) ([a-z][a-z_]*)([^`\n|]*)")


# Told already, and built at this moment.
COMING = {"set_password", "after_restore"}


def told(page):
    """[(command, its flags)] that a page tells people to run."""
    text = (ROOT / page).read_text()
    return [(name, re.findall(r"--[a-z][a-z-]*", rest)) for name, rest in COMMAND.findall(text)]


@pytest.mark.parametrize("doc", PAGES)
def test_every_command_on_a_page_exists_with_its_flags(doc):
    apps = get_commands()
    for name, flags in told(doc):
        if name in COMING and name not in apps:
            continue
        assert name in apps, name
        parser = load_command_class(apps[name], name).create_parser("manage.py", name)
        assert set(flags) <= set(parser._option_string_actions), name


def test_commands_are_found_on_the_pages():
    assert ("run_jobs", []) in told("docs/operations.md")
    assert ("rotate_signing_key", ["--compromised"]) in told("docs/something-leaked.md")


def test_every_setting_on_a_page_exists():
    known = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    for page in ("docs/operations.md", "docs/something-leaked.md"):
        for setting in re.findall(r"`([A-Z]+_[A-Z_]+)`", (ROOT / page).read_text()):
            assert setting in known, (page, setting)


def test_every_job_is_explained():
    text = (ROOT / "docs/operations.md").read_text()
    assert [job.name for job in JOBS if f"`{job.name}`" not in text] == []


@pytest.mark.parametrize("doc", PAGES)
def test_every_link_to_a_page_of_ours_leads_somewhere(doc):
    text = (ROOT / doc).read_text()
    for target in re.findall(r"\]\((?!https?:|/)([^)#]+)", text):
        assert ((ROOT / doc).parent / target).exists(), target
    anchors = {
        re.sub(r"[^\w -]", "", title).strip().replace(" ", "-").lower()
        for title in re.findall(r"^#+ (.+)$", text, re.M)
    }
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        assert anchor in anchors, anchor
