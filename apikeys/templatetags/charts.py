"""Our own charts: SVG that needs no script and no style of its own; a table beside it says the same."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

WIDTH, HEIGHT = 720, 160  # units of the drawing, which is stretched to the page
GAP = 0.25  # of a bar's place that stays free


def _parts(bucket: dict) -> dict[str, int]:
    """A bar's parts, from the ground up."""
    return {
        "good": bucket["requests"] - bucket["errors"] - bucket["throttled"],
        "errors": bucket["errors"],
        "throttled": bucket["throttled"],
    }


def _bars(series: list[dict], most: int):
    place = WIDTH / len(series)
    for number, bucket in enumerate(series):
        top = float(HEIGHT)
        for part, count in _parts(bucket).items():
            height = HEIGHT * count / most
            top -= height
            if count:
                x, width = place * (number + GAP / 2), place * (1 - GAP)
                yield part, f"{x:.1f}", f"{top:.1f}", f"{width:.1f}", f"{height:.1f}"


@register.simple_tag
def usage_chart(usage: dict) -> str:
    """Requests by the hour or day as bars: answered, refused and failed, and too fast, one upon the other.

    Args:
        usage: what `apikeys.usage.reading.usage_of` answers.
    """
    series = usage["series"]
    most = max(1, *(bucket["requests"] for bucket in series))
    title = _("Requests by the hour") if usage["bucket"] == "hour" else _("Requests by the day")
    desc = _("%(total)s in all; at most %(most)s, from %(busiest)s UTC on. The table says the numbers.") % {
        "total": ngettext("%(n)d request", "%(n)d requests", usage["total"]) % {"n": usage["total"]},
        "most": most,
        "busiest": f"{max(series, key=lambda bucket: bucket['requests'])['start']:%-d %b, %H:%M}",
    }
    lines = [f"{HEIGHT * share:.1f}" for share in (0, 0.5)]
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
        'aria-labelledby="chart-title chart-desc"><title id="chart-title">{}</title><desc id="chart-desc">{}</desc>'
        "{}{}</svg>",
        WIDTH,
        HEIGHT,
        title,
        desc,
        format_html_join("", '<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>', ((WIDTH, y, y) for y in lines)),
        format_html_join("", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', _bars(series, most)),
    )


@register.simple_tag
def most_of(usage: dict) -> int:
    """The height of the chart: the requests of its highest bar."""
    return max(bucket["requests"] for bucket in usage["series"])


@register.simple_tag
def start_of(bucket: dict, length: str) -> str:
    """When a bucket of `usage_of` begins (UTC): an hour with its day, a day alone."""
    start = bucket["start"]
    words = f"{start:%-d %b, %H:%M}" if length == "hour" else f"{start:%-d %b}"
    return format_html('<time datetime="{}">{}</time>', start.isoformat(), words)
