"""What the rows of a table say over and over, in plain Python.

Django's `url` and `date` say the same, and take 80 and 140 µs each where these take 10: with some hundred of them they
were a third of what a list cost. Words that are the same in every row are better translated once, before the loop.
"""

from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html

from protocol.ids import NOBODY

register = template.Library()


@lru_cache(256)
def _around(name: str, prefix: str) -> tuple[str, str]:
    """What stands before and behind the id in the address of a page; `prefix` is where the site is mounted."""
    before, _, after = reverse(name, args=[NOBODY]).partition(str(NOBODY))
    return before, after


@register.simple_tag
def link(name: str, ident: UUID) -> str:
    """The address of a page that is about one thing, as `{% url %}` has it: of a UUID, which needs no quoting."""
    before, after = _around(name, get_script_prefix())
    return f"{before}{ident}{after}"


def _time(at: datetime, words: str) -> str:
    title = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), title, words)


@register.simple_tag
def second(at: datetime) -> str:
    """A moment of the last days to the second, in UTC; all of it in the title."""
    at = at.astimezone(UTC)
    return _time(at, f"{at:%-d %b, %H:%M:%S}")


@register.simple_tag
def minute(at: datetime) -> str:
    """A moment to the minute with its zone; the second in the title."""
    at = at.astimezone(UTC)
    return _time(at, f"{at:%-d %b %Y, %H:%M} UTC")
