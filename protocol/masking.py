"""Cutting credentials out of text that is about to be shown or logged.

Masks keys of ours of any length and anything that looks like a JWT, percent-encoded too, once or more. Only the public
part of a key stays.
"""

import re

_LINE = "(?:_|%(?:25){0,2}5[fF])"  # `_`, `%5F`, `%255F`, `%25255F`
_KEY = re.compile(rf"(ow{_LINE}(?:live|test){_LINE}[0-9A-Za-z]{{0,12}}+)[0-9A-Za-z_%]+")
_MOST_OF_A_KEY = re.compile(r"ow_(live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{20}")
# Within a word it is chance; but the letters before it may be an escape's: `%20`, or the `\n` of a log line, which is
# JSON.
_JWT = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2})"
    r"|(?<=\\[abfnrtv])|(?<=\\x[0-9a-f]{2})|(?<=\\u[0-9a-f]{4}))"
    r"eyJ[0-9A-Za-z_\-.%]*"
)


def mask(text: str) -> str:
    """`text` with every secret cut to what may be shown anywhere."""
    return _JWT.sub("eyJ…", _KEY.sub(r"\1…", text))


def without_keys(text: str) -> str:
    """`text` with every key of ours cut to its public part, and no mark where the secret was."""
    return _KEY.sub(r"\1", text)


def holds_key(text: str) -> bool:
    """Whether a key of ours, or the better part of one, stands in `text`."""
    return _MOST_OF_A_KEY.search(text) is not None
