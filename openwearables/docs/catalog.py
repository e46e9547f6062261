"""Which pages there are, in which order, and where their Markdown stands."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = settings.BASE_DIR / "docs"
DECISIONS = "decisions"

# (heading of the navigation, [(slug, one sentence for indexes)]); a slug is the file's name in docs/ without `.md`.
GROUPS = [
    (
        "Start",
        [
            ("quickstart", "From nothing to the first call with an API key, in curl, Python and JavaScript."),
            ("which-one", "Access token or API key: which of the two a program or a page should send."),
            ("authentication", "Signing in, sessions, refreshing by itself in four clients, the cookie for pages."),
            ("api-keys", "Make, scope, limit, rotate and revoke keys; their format and how scanners find them."),
        ],
    ),
    (
        "Use",
        [
            ("users", "The people whose data a team handles: making, finding, changing, exporting them."),
            ("teams", "Accounts, second factors, teams, roles, invitations, and what happens when somebody leaves."),
            ("usage-and-alerts", "What a key did, why a call was refused, and which unusual things are told by mail."),
            ("errors", "Every error code: what it means and what to do next."),
            ("limits", "How many calls, keys, bytes and guesses there may be, and the headers that say so."),
        ],
    ),
    (
        "Run",
        [
            ("operations", "Deploy, scale out, upgrade, back up and restore, change secrets, audit."),
            ("security-practices", "What to do, and what this service does already, to keep credentials yours."),
            ("something-leaked", "Which secret is out, what it opens, and the quickest way to end it."),
            ("security", "Reporting a hole, and exactly when access is granted."),
        ],
    ),
    (
        "Understand",
        [
            ("architecture", "The parts, and one request followed from end to end."),
            (DECISIONS, "What was decided, and why."),
            ("changelog", "What changed from release to release."),
        ],
    ),
]
ELSEWHERE = {"security": "SECURITY.md", "changelog": "CHANGELOG.md"}  # what stands at the root of the repository


@dataclass(frozen=True)
class Page:
    """One page: its address below /docs/, its file, its place in the navigation."""

    slug: str
    summary: str
    group: str
    source: Path

    @property
    def url(self) -> str:
        """Its path on this site."""
        return f"/docs/{self.slug}"

    @property
    def title(self) -> str:
        """The file's first heading."""
        return _title(self.source)


@cache
def _title(source: Path) -> str:
    with source.open(encoding="utf-8") as lines:
        return next(line for line in lines if line.startswith("# ")).removeprefix("# ").strip()


def _of(slug: str) -> Path:
    return settings.BASE_DIR / ELSEWHERE[slug] if slug in ELSEWHERE else FOLDER / f"{slug}.md"


@cache
def pages() -> dict[str, Page]:
    """slug → page, in reading order; a decision's file is a page of its own behind the page of decisions."""
    found = {}
    for group, rows in GROUPS:
        for slug, summary in rows:
            found[slug] = Page(slug, summary, group, _of(slug))
            if slug == DECISIONS:
                for file in sorted((FOLDER / DECISIONS).glob("*.md")):
                    name = f"{DECISIONS}/{file.stem}"
                    found[name] = Page(name, _title(file), "", file)
    return found


@cache
def by_source() -> dict[Path, Page]:
    """file → page, for links between files."""
    return {page.source.resolve(): page for page in pages().values()}
