"""How a key's state is said: in words, with a colour beside them."""

import math
from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html

from apikeys.models import ApiKey

EXPIRY_NOTICE = timedelta(days=7)

register = template.Library()


def state_of(key: ApiKey) -> tuple[str, str]:
    """(words, tone) for a key as it stands: its status, or what will soon become of it."""
    status = key.status
    if status != "active":
        return status.capitalize(), "bad" if status in ("revoked", "expired") else "off"
    if key.team.suspended_at:
        return "Team suspended", "bad"
    if key.expires_at:
        left = key.expires_at - timezone.now()
        if left <= timedelta(days=1):
            hours = math.ceil(left.total_seconds() / 3600)
            return f"Expires in {hours} hour{'' if hours == 1 else 's'}", "warn"
        if left <= EXPIRY_NOTICE:
            return f"Expires in {math.ceil(left.total_seconds() / 86400)} days", "warn"
    return "Active", "good"


@register.simple_tag
def badge(key: ApiKey) -> str:
    """A key's state as a badge."""
    words, tone = state_of(key)
    return format_html('<span class="badge {}">{}</span>', tone, words)


@register.simple_tag
def moment(at) -> str:
    """A day, with the exact time in the title; a dash for none."""
    if at is None:
        return "–"
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S}", f"{at:%-d %b %Y}"
    )
