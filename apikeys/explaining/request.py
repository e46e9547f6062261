"""One request of the log, explained."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apikeys.explaining.codes import CODES, WITHOUT_CODE
from apikeys.explaining.curl import curl_for
from apikeys.explaining.rules import words_of
from protocol.problems import TITLES


@dataclass(frozen=True)
class Explanation:
    """What was refused, `why`, what to do `next`, and a `curl` that does it right ('' for none)."""

    title: str
    why: str
    next: str
    curl: str
    refused: bool


def explain(record) -> Explanation:
    """Why a RequestRecord was answered as it was."""
    if record.status < 400:
        return Explanation(
            _("%(status)s: answered as asked") % {"status": record.status},
            _("Nothing was refused."),
            _("If the answer is not what you expected, look at what was sent: bodies and queries are not kept here."),
            "",
            refused=False,
        )
    words = words_of(record.code, record.failed_rule) or CODES.get(record.code, WITHOUT_CODE)
    title = f"{record.status} {TITLES.get(record.status, '')}".strip()
    return Explanation(title, str(words.why), str(words.next), curl_for(record), refused=True)
