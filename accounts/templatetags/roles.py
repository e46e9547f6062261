"""What a team's page says of roles, once for each of fifty members; in Python, for Django's own tags take a while."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Role

register = template.Library()


@register.simple_tag
def role_options(roles: Iterable[Role], chosen: str) -> str:
    """An option for each role."""
    return _options(tuple(roles), chosen, get_language())


@lru_cache(100)
def _options(roles: tuple[Role, ...], chosen: str, language: str | None) -> str:
    picked = mark_safe(" selected")
    options = ((role.value, picked if role == chosen else "", role.label) for role in roles)
    return format_html_join("", '<option value="{}"{}>{}</option>', options)


@register.simple_tag
def role_of(name: str) -> str:
    """What a member's menu is called."""
    return _("Role of %(name)s") % {"name": name}


@register.simple_tag
def the_role_of(name: str) -> str:
    """What the button beside it saves."""
    return _("the role of %(name)s") % {"name": name}
