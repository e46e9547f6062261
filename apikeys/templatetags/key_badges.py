"""How a key's state is said: in words, with a colour beside them."""

import math
from datetime import datetime, timedelta
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.html import avoid_wrapping, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.timesince import TIME_STRINGS, timeuntil
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from apikeys.models import EXPIRES_SOON, STATUS_WORDS, ApiKey

register = template.Library()

UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60))  # seconds; months have no one length
ENVIRONMENTS = dict(ApiKey.Environment.choices)  # Django's get_environment_display makes this anew for each key


def state_of(key: ApiKey) -> tuple[str, str]:
    """(words, tone) for a key as it stands: its status, or what will soon become of it."""
    status = key.status
    if status != "active":
        return str(STATUS_WORDS[status]), "bad" if status in ("revoked", "expired") else "off"
    if key.team.suspended_at:
        return _("Team suspended"), "bad"
    if key.expires_at:
        left = key.expires_at - timezone.now()
        if left <= timedelta(days=1):
            hours = math.ceil(left.total_seconds() / 3600)
            return ngettext("Expires in %(n)d hour", "Expires in %(n)d hours", hours) % {"n": hours}, "warn"
        if left <= EXPIRES_SOON:
            days = math.ceil(left.total_seconds() / 86400)
            return ngettext("Expires in %(n)d day", "Expires in %(n)d days", days) % {"n": days}, "warn"
    return str(STATUS_WORDS[status]), "good"


@register.filter
def breakable(name: str) -> str:
    """A name_with_underscores that breaks behind them where there is no room, and not within a word."""
    return format_html_join(mark_safe("_<wbr>"), "{}", ((word,) for word in name.split("_")))


@register.simple_tag
def badge(key: ApiKey) -> str:
    """A key's state as a badge."""
    words, tone = state_of(key)
    return format_html('<span class="badge {}">{}</span>', tone, words)


@register.simple_tag
def environment(key: ApiKey) -> str:
    """A key's environment as a badge."""
    return format_html('<span class="badge {}">{}</span>', key.environment, ENVIRONMENTS[key.environment])


@register.simple_tag
def exact(at) -> str:
    """A time to the minute and its zone, readable without a mouse; a dash for none."""
    if at is None:
        return "–"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{at:%-d %b %Y, %H:%M} UTC")


def _largest(at: datetime, now: datetime) -> tuple[str, int]:
    """(the largest unit that fits between two moments, how many), as Django's `timesince` counts; minutes at least."""
    months = (now.year - at.year) * 12 + now.month - at.month
    months -= (now.day, now.time()) < (at.day, at.time())
    if months > 0:
        return ("year", months // 12) if months >= 12 else ("month", months)
    seconds = (now - at).total_seconds()
    unit, length = next((one for one in UNITS if seconds >= one[1]), UNITS[-1])
    return unit, max(0, int(seconds // length))


@lru_cache(1000)
def _ago(unit: str, number: int, language: str | None) -> str:
    """The words, which are the same in many rows; `timesince` takes 50 µs to find them."""
    time = str(TIME_STRINGS[unit] % {"num": number})
    return _("%(time)s ago") % {"time": avoid_wrapping(time)} if number else _("Just now")


@register.simple_tag
def last_used(at) -> str:
    """How long ago a key was last used, with the exact time in the title; a few seconds late."""
    if not at:
        return _("Never\u00a0used")
    words = _ago(*_largest(at, timezone.now()), get_language())
    return format_html('<time datetime="{}" title="{} UTC">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S}", words)


@register.simple_tag
def moment(at) -> str:
    """A day, with the exact time in the title; a dash for none."""
    if at is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S}", f"{at:%-d %b %Y}"
    )


@register.simple_tag
def countdown(at) -> str:
    """How long it is until a moment; keys.js lets it run."""
    left = timeuntil(at)
    return format_html(
        '<span class="countdown"><time datetime="{}" data-countdown data-over="{}">{}</time> {}</span>',
        at.isoformat(),
        _("less than a minute"),
        left,
        _("left"),
    )
