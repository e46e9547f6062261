"""Keys of ours where they should not be: found in any text, proved, and taken as leaked.

A key is found by its shape and its checksum, whatever stands around it (a URL, JSON, a diff, quotes), with underscores
that were percent-encoded, once or twice, and in UTF-16, as PowerShell writes files. It is proved by its digest: nobody
can have a key taken whose public id alone they know.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from accounts.models import audit
from apikeys import keys, notices
from apikeys.authentication import proves
from apikeys.models import ApiKey
from protocol.counters import counters
from protocol.problems import TooManyAttempts

TELL_EVERY = 3600  # seconds between two mails about one key that leaked and was not revoked
REPORTS = (60, 60)  # reports from one address, per seconds

_LINE = b"(?:_|%(?:25){0,2}5[fF])"  # `_`, `%5F`, `%255F`, `%25255F`
_REST = keys.SECRET_LENGTH + keys.CHECKSUM_LENGTH
# It takes up two letters and only looks at the rest: a key that was cut must not hide the whole one behind it.
_KEY = re.compile(
    b"ow(?=%b(live|test)%b([0-9A-Za-z]{%d})%b([0-9A-Za-z]{%d}))" % (_LINE, _LINE, keys.PUBLIC_ID_LENGTH, _LINE, _REST)
)
_LONGEST = keys.KEY_LENGTH + 3 * len("%25255F") - 3


class Leak(StrEnum):
    """How a key was found to have leaked: the word of its audit event, of its mail `key_<word>.txt`, of its alert."""

    SENT_IN_CLEAR = "sent_in_clear"
    IN_URL = "in_url"
    REPORTED = "reported"
    FOUND = "leaked"


ALERTS = (Leak.SENT_IN_CLEAR, Leak.IN_URL)  # seen in a request of the key itself


@dataclass(frozen=True)
class Sighting:
    """A key, and the line of the text in which it stands first."""

    key: keys.Key
    line: int


class Search:
    """Looks through one text, however long: what it keeps grows with the number of different keys alone.

    `malformed` counts the places that look like a key and whose checksum is wrong.
    """

    def __init__(self) -> None:
        self.malformed = 0
        self._seen: set[int] = set()

    def through(self, chunks: Iterable[bytes]) -> Iterator[Sighting]:
        """Every different key, as soon as it is found; a key may stand across two chunks."""
        kept, line = b"", 1
        for chunk in chunks:
            text = kept + chunk.replace(b"\0", b"")
            rest, counted = max(0, len(text) - _LONGEST + 1), 0
            for match in _KEY.finditer(text):
                line, counted = line + text.count(b"\n", counted, match.start()), match.start()
                rest = max(rest, match.end())
                if key := self._read(match):
                    yield Sighting(key, line)
            line += text.count(b"\n", counted, rest)
            kept = text[rest:]

    def _read(self, match) -> keys.Key | None:
        """The key of a match, unless its checksum is wrong or it was seen before."""
        environment, public_id, rest = (part.decode() for part in match.groups())
        try:
            key = keys.parse(f"{keys.SCHEME}{environment}_{public_id}_{rest}")
        except keys.MalformedKey:
            self.malformed += 1
            return None
        # 64 bits of each, rather than a pile of secrets: `hash` is keyed anew in every process.
        if hash(key.text) in self._seen:
            return None
        self._seen.add(hash(key.text))
        return key


def first_in(text: str) -> keys.Key | None:
    """The first key in a short text, whatever was pasted around it."""
    return next((seen.key for seen in Search().through([text.encode()])), None)


def proved(key: keys.Key, among=None) -> ApiKey | None:
    """The row whose digest matches the whole key, usable or not; with its team and maker.

    Args:
        among: only of these ApiKeys.
    """
    rows = ApiKey.objects.all() if among is None else among
    rows = rows.filter(public_id=key.public_id, environment=key.environment)
    row = rows.select_related("team", "created_by").first()
    return row if row is not None and proves(key, bytes(row.digest), row.pepper_id) else None


def take(key: ApiKey, how: Leak, *, by, revoke: bool, source: str = "") -> bool:
    """Take a proved key as leaked: revoke it or not, and tell its owners and its maker.

    Disabled, expired and suspended keys are revoked as well: they could be woken up. Of a key that is revoked already
    nobody hears again; of one that stays good, once in TELL_EVERY, or once a day where it is an alert.

    Args:
        by: who does it, as `audit.record` takes it.
        source: where it was seen, in a stranger's words; it stands in the mail and nowhere else.

    Returns:
        Whether this revoked it.
    """
    with transaction.atomic():
        # Under the row's lock, so that of several at once one revokes, notes and tells.
        key = ApiKey.objects.locked().select_related("team").get(pk=key.pk)
        if key.revoked_at is not None:
            return False
        if how in ALERTS:
            if not notices.key_exposed(key, how, revoked=revoke) and not revoke:
                return False
        elif not revoke and counters().hit(f"leaked:{how}:{key.pk}", TELL_EVERY)[0] > 1:
            return False
        else:
            notices.key_leaked(key, how, revoked=revoke, source=source)
        audit.record(by, audit.Action(f"api_key.{how}"), key, team=key.team_id)
        return revoke and key.revoke(by=by, reason=str(how))


def count_report(address: str | None) -> None:
    """Count one report from an address. Raises TooManyAttempts past REPORTS."""
    if address is None:
        return
    most, seconds = REPORTS
    count, left = counters().hit(f"report:{address}", seconds)
    if count > most:
        raise TooManyAttempts(left)
