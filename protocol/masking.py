"""Cutting credentials out of text that is about to be shown or logged.

Masks keys of ours of any length and anything that looks like a JWT, percent-encoded too. Only the public part of a
key stays.
"""

import re

_KEY = re.compile(r"(ow(?:_|%5[fF])(?:live|test)(?:_|%5[fF])[0-9A-Za-z]{0,12}+)[0-9A-Za-z_%]+")
_MOST_OF_A_KEY = re.compile(r"ow_(live|test)_[0-9A-Za-z]{12}_[0-9A-Za-z]{20}")
_JWT = re.compile(r"(?<![0-9A-Za-z])eyJ[0-9A-Za-z_\-.%]*")


def mask(text: str) -> str:
    """`text` with every secret cut to what may be shown anywhere."""
    return _JWT.sub("eyJ…", _KEY.sub(r"\1…", text))


def without_keys(text: str) -> str:
    """`text` with every key of ours cut to its public part, and no mark where the secret was."""
    return _KEY.sub(r"\1", text)


def holds_key(text: str) -> bool:
    """Whether a key of ours, or the better part of one, stands in `text`."""
    return _MOST_OF_A_KEY.search(text) is not None
