"""The portal's navigation: every page that there is, and which one this is."""

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from accounts.alerts import count_new
from accounts.current_team import current_team

register = template.Library()

# (name of the page's route, word); a route that does not exist has no entry.
TEAM = [
    ("key-list", _("Keys")),
    ("usage", _("Usage")),
    ("request-list", _("Requests")),
    ("people", _("People")),
    ("alert-list", _("Alerts")),
    ("team", _("Team")),
    ("audit", _("Audit")),
]
SELF = [("security", _("Security")), ("sessions", _("Sign-ins")), ("profile", _("Profile"))]


def _entries(routes, path: str) -> list[dict]:
    """What the navigation shows: words, address, and how an entry relates to the page at hand."""
    found = []
    for name, word in routes:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        here = "page" if path == url else "true" if path.startswith(url) else ""
        found.append({"name": name, "url": url, "word": word, "here": here})
    return found


@register.simple_tag(takes_context=True)
def team_pages(context) -> list[dict]:
    """The pages about the current team; alerts with how many of them are `new` to who looks: one query."""
    request = context["request"]
    pages = _entries(TEAM, request.path)
    team = current_team(request)
    for page in pages:
        page["new"] = count_new(team) if team and page["name"] == "alert-list" else 0
    return pages


@register.simple_tag(takes_context=True)
def own_pages(context) -> list[dict]:
    """The pages about oneself."""
    return _entries(SELF, context["request"].path)
