"""The Markdown of a page as it is served: snippets put in, this site's address, links that lead to pages of /docs/."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings

from openwearables.docs.catalog import DECISIONS, FOLDER, Page, by_source, pages
from protocol.problems.catalogue import CATALOGUE
from protocol.problems.kinds import TITLES

WRITTEN_FOR = "http://127.0.0.1:8000"  # the address in the files, which `./run` serves
LANGUAGES = {".mjs": "js", ".py": "python", ".sh": "sh", ".toml": "toml", ".json": "json", ".txt": "text"}
INCLUDE = re.compile(r"^\[[^\]]+\]\((snippets/[\w./-]+)\)$", re.M)  # a link alone on its line: the file itself
LINK = re.compile(r"(?<!!)\[([^\]\n]*(?:\n[^\]\n]+)?)\]\(([^)\s]+)\)")
CODE = re.compile(r"^( *)```.*?^\1```$|`[^`\n]+`", re.M | re.S)


@cache
def markdown_of(page: Page, *, for_machines: bool = False) -> str:
    """What the page says, as Markdown.

    Args:
        for_machines: links lead to other `.md` files by their whole address, not to pages.
    """
    text = page.source.read_text(encoding="utf-8")
    text = INCLUDE.sub(_included, text)
    text = text.replace("<!-- every code -->", _codes()).replace("<!-- every decision -->", _decisions())
    text = text.replace(WRITTEN_FOR, settings.SITE_URL).replace("SITE_URL/", f"{settings.SITE_URL}/")

    def link(found: re.Match) -> str:
        return _link(found, page.source.parent, for_machines)

    return _outside_code(text, lambda part: LINK.sub(link, part))


def _included(found: re.Match) -> str:
    file = FOLDER / found[1]
    return f"```{LANGUAGES[file.suffix]}\n{file.read_text(encoding='utf-8').rstrip()}\n```"


def _outside_code(text: str, change) -> str:
    """`text` with `change` made to what is not code; a link's own text may hold code, so spans count as words there."""
    kept: list[str] = []

    def put_by(found: re.Match) -> str:
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    changed = change(CODE.sub(put_by, text))
    return re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], changed)


def _link(found: re.Match, folder: Path, for_machines: bool) -> str:
    words, target = found[1], found[2]
    file, _, anchor = target.partition("#")
    if target.startswith(("http://", "https://", "#")):
        return found[0]
    if target.startswith("/"):
        return f"[{words}]({settings.SITE_URL if for_machines else ''}{target})"
    page = by_source().get((folder / file).resolve())
    if page is None:
        return words  # a file of the repository that is no page
    address = f"{settings.SITE_URL}{page.url}.md" if for_machines else page.url
    return f"[{words}]({address}{'#' if anchor else ''}{anchor})"


def _codes() -> str:
    """Each code under a heading of its own, which is the anchor that a problem's `type` leads to."""
    lines: list[str] = []
    for status in sorted({error.status for error in CATALOGUE.values()}):
        lines.append(f"## {status} {TITLES[status]}\n")
        for error in CATALOGUE.values():
            if error.status == status:
                lines.append(f"### {error.code}\n\n{error.meaning}\n\n**Next:** {error.next}\n")
    return "\n".join(lines)


def _decisions() -> str:
    found = [page for slug, page in pages().items() if slug.startswith(f"{DECISIONS}/")]
    return "\n".join(f"- [{page.title}](decisions/{page.source.name})" for page in found)
