"""A search over headings and text: every word must be there, headings count more, the best twenty are shown."""

import re
from dataclasses import dataclass

from openwearables.docs.catalog import Page, pages
from openwearables.docs.rendering import Section, rendered

LONGEST = 100  # characters of a query that are read
MOST = 20
AROUND = 90  # characters of an excerpt before the first word found, and twice as many behind it


@dataclass(frozen=True)
class Hit:
    """A section that has every word; `excerpt` is [(text, whether it is a word that was asked for)]."""

    page: Page
    section: Section
    excerpt: list[tuple[str, bool]]

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"{self.page.url}#{self.section.anchor}"


def search(asked: str) -> list[Hit]:
    """The sections in which every word of `asked` is found, the best first."""
    words = asked[:LONGEST].lower().split()
    if not words:
        return []
    found = []
    for place, page in enumerate(pages().values()):
        for order, section in enumerate(rendered(page).sections):
            if score := _score(words, page.title.lower(), section):
                found.append((-score, place, order, Hit(page, section, _excerpt(section.text, words))))
    return [row[-1] for row in sorted(found, key=lambda row: row[:3])[:MOST]]


def _score(words: list[str], title: str, section: Section) -> int:
    """0 when a word is missing; a heading that is the word itself counts most."""
    heading, text = section.title.lower(), section.text.lower()
    total = 20 if heading == " ".join(words) else 0
    for word in words:
        score = 8 * (word in heading) + 4 * (word in title) + min(text.count(word), 3)
        if not score or not (word in heading or word in text):
            return 0
        total += score
    return total


def _excerpt(text: str, words: list[str]) -> list[tuple[str, bool]]:
    places = [place for word in words if (place := text.lower().find(word)) >= 0]
    start = max(0, min(places, default=0) - AROUND)
    start = text.find(" ", start) + 1 if start else 0
    cut = text[start : start + 3 * AROUND]
    cut = ("… " if start else "") + cut + (" …" if len(text) > start + 3 * AROUND else "")
    parts = re.split("(" + "|".join(map(re.escape, words)) + ")", cut, flags=re.IGNORECASE)
    return [(part, place % 2 == 1) for place, part in enumerate(parts) if part]
