"""What a row of the request log says."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from apikeys.models import RequestRecord
from apikeys.templatetags.key_badges import breakable

register = template.Library()


@register.simple_tag
def answer(record: RequestRecord) -> str:
    """A status as a badge, in a number and a word."""
    tone = "good" if record.status < 400 else "warn" if record.status == 429 else "bad"
    badge = format_html('<span class="badge {}">{}</span>', tone, str(record.status))
    return format_html("{} <code>{}</code>", badge, breakable(record.code)) if record.code else badge


@register.simple_tag
def took(record: RequestRecord) -> str:
    """How long it took: milliseconds to a tenth, and no tenth where there is none."""
    return _("%(ms)s\u00a0ms") % {"ms": f"{record.ms:.1f}".removesuffix(".0")}
