"""Mail that is printed, to stderr: what a command answers on stdout must not have a notice in the middle."""

import sys

from django.conf import settings
from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    """Django's, but for the stream."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"stream": sys.stderr, **kwargs})


def is_printed() -> bool:
    """Whether mail is printed here and sent to nobody: pages that say "look into your mail" must say so."""
    return bool(f"{__name__}.{EmailBackend.__name__}" == settings.EMAIL_BACKEND)
