"""The text of an API key: mint, parse, digest. Pure, no Django.

    ow_live_9hXk2QmZt4Rb_<secret, 43 characters><checksum, 6>
    └─ prefix ─────────┘ the whole is 70 characters

- environment: `live` or `test`, so that a key in the wrong place is seen at once.
- public id: 12 base62 characters. Finds the row; may be shown anywhere, so it may stand in logs and lists.
- secret: 43 base62 characters = 256 bits, from `secrets`. No slow hash is needed: nobody guesses 256 random bits.
- checksum: 6 base62 characters, CRC-32 (`zlib.crc32`) of all that precedes. A mistyped key is refused without asking
  the database, and a scanner can tell our keys from noise.

The database keeps HMAC-SHA-256(pepper, whole key) alone: with the table but without the pepper nobody can check a
guess, nor plant a key of their own.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ENVIRONMENTS = ("live", "test")
PUBLIC_ID_LENGTH = 12
SECRET_LENGTH = 43  # 62^43 > 2^256
CHECKSUM_LENGTH = 6  # 62^6 > 2^32
KEY_LENGTH = len("ow_live_") + PUBLIC_ID_LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH
SCHEME = "ow_"

PATTERN = re.compile(
    rf"ow_(live|test)_([0-9A-Za-z]{{{PUBLIC_ID_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"
)


class MalformedKey(ValueError):
    """The text is not a key; the message says what the text alone shows, and never quotes it."""


@dataclass(frozen=True)
class Key:
    """A well-formed key. The whole text stays out of `repr`, logs and tracebacks."""

    environment: str
    public_id: str
    text: str = field(repr=False)

    @property
    def prefix(self) -> str:
        """What may be shown anywhere."""
        return f"{SCHEME}{self.environment}_{self.public_id}"


def base62(number: int, width: int) -> str:
    """`number` in base 62, most significant first, left-padded with `0`."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return digits.rjust(width, ALPHABET[0])


def checksum(text: str) -> str:
    """CRC-32 over the ASCII bytes, as 6 base62 characters."""
    return base62(zlib.crc32(text.encode("ascii")), CHECKSUM_LENGTH)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def mint(environment: str) -> Key:
    """A new key for `live` or `test`."""
    if environment not in ENVIRONMENTS:
        raise ValueError("an environment is live or test")
    public_id = _random(PUBLIC_ID_LENGTH)
    unsigned = f"{SCHEME}{environment}_{public_id}_{_random(SECRET_LENGTH)}"
    return Key(environment, public_id, unsigned + checksum(unsigned))


def parse(text: str) -> Key:
    """Read a key. Raises MalformedKey, telling what the text itself shows."""
    match = PATTERN.fullmatch(text)
    if match is None:
        raise MalformedKey(_what_is_wrong(text))
    if checksum(text[:-CHECKSUM_LENGTH]) != match[4]:
        raise MalformedKey("its checksum does not match: was it cut, mistyped or changed?")
    return Key(match[1], match[2], text)


def digest(key: Key, pepper: str) -> bytes:
    """HMAC-SHA-256 of the whole key, 32 bytes."""
    return hmac.digest(pepper.encode(), key.text.encode("ascii"), hashlib.sha256)


def _what_is_wrong(text: str) -> str:
    if not text.startswith(SCHEME):
        return "keys begin with ow_live_ or ow_test_."
    if not text.startswith(("ow_live_", "ow_test_")):
        return "keys begin with ow_live_ or ow_test_."
    if len(text) != KEY_LENGTH:
        difference = len(text) - KEY_LENGTH
        amount = "one character" if abs(difference) == 1 else f"{abs(difference)} characters"
        if difference > 0:
            return f"it is {amount} too long: does it end in a line break or a quote?"
        return f"it is {amount} too short: was it copied whole?"
    return "it holds a character that no key has."
