"""A user agent in three words."""

import re

from django import template

register = template.Library()

# In order: each browser also claims to be those below it.
PROGRAMS = [
    ("Edge", r"Edg[A-Z]?/"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"(?:Headless)?Chrome/|CriOS/"),
    ("Safari", r"Version/[\d.]+ .*Safari/"),
    ("curl", r"^curl/"),
    ("Python", r"^python-|^Python|^httpx"),
]
SYSTEMS = [
    ("iOS", r"iPhone|iPad|iPod"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
]


def _first(names: list[tuple[str, str]], agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, agent)), "")


@register.filter
def device(agent: str) -> str:
    """Like "Chrome on Linux"; the beginning of what is not known; a word for nothing."""
    program, system = _first(PROGRAMS, agent), _first(SYSTEMS, agent)
    if program and system:
        return f"{program} on {system}"
    return program or agent[:40] or "Unnamed program"
