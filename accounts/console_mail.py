"""Mail that is printed, to stderr: what a command answers on stdout must not have a notice in the middle."""

import sys

from django.core.mail.backends import console


class EmailBackend(console.EmailBackend):
    """Django's, but for the stream."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"stream": sys.stderr, **kwargs})
