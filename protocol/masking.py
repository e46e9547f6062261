"""Cutting credentials out of text that is about to be shown or logged.

Masks keys of ours of any length and anything that looks like a JWT, percent-encoded too. Only the public part of a
key stays.
"""

import re

from pythonjsonlogger.json import JsonFormatter

from protocol.current import current_request

_KEY = re.compile(r"(ow(?:_|%5[fF])(?:live|test)(?:_|%5[fF])[0-9A-Za-z]{0,12}+)[0-9A-Za-z_%]+")
_JWT = re.compile(r"eyJ[0-9A-Za-z_\-.%]*")


def mask(text: str) -> str:
    """`text` with every secret cut to what may be shown anywhere."""
    return _JWT.sub("eyJ…", _KEY.sub(r"\1…", text))


class MaskingJsonFormatter(JsonFormatter):
    """One JSON object a line, with the request's id, and masked as a whole: message, extras and traceback alike."""

    def process_log_record(self, log_data):
        """Django attaches whole requests and responses, whose text holds query strings: leave those out."""
        log_data.pop("response", None)
        request = log_data.pop("request", None) or current_request.get()
        if request is not None:
            log_data["request_id"] = getattr(request, "request_id", "")
        return log_data

    def format(self, record):
        """The line."""
        return mask(super().format(record))
