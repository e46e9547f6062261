"""The first call in three languages. docs/snippets holds each once; the tests run the very same files."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from apikeys.scopes import Scope

FOLDER = settings.BASE_DIR / "docs" / "snippets"
WRITTEN_FOR = "http://127.0.0.1:8000"  # the address in the files, which `./run` serves
LISTS = "/api/v1/users"


@dataclass(frozen=True)
class Snippet:
    """One language: its name for people, and in addresses and files."""

    title: str
    name: str
    file: str

    def code(self, site_url: str = "") -> str:
        """The text, with this site's address in it."""
        text = (FOLDER / self.file).read_text(encoding="utf-8")
        return text.replace(WRITTEN_FOR, site_url or settings.SITE_URL).rstrip()


CURL = Snippet("curl", "curl", "quickstart.sh")
QUICK_START = (
    CURL,
    Snippet("Python", "python", "quickstart.py"),
    Snippet("JavaScript", "javascript", "quickstart.mjs"),
)


def curl_for(scopes: Iterable[str]) -> str:
    """A command that a key with these scopes may call: the users, or else what it is itself."""
    code = CURL.code()
    return code if Scope.USERS_READ in scopes else code.replace(LISTS, "/api/v1/api-keys/self")
