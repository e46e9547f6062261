"""What tables say in every row is what Django's own, slower tags would say."""

import re
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import Context, Template
from django.urls import set_script_prefix

from protocol.form_renderer import FormRenderer
from protocol.templatetags.cells import link, minute, second

THIS = uuid.UUID("0192f1aa-0000-7000-8000-000000000001")
AT = datetime(2026, 3, 9, 8, 7, 6, 50, tzinfo=UTC)


def drawn(text, **words):
    return Template(text).render(Context(words))


@pytest.mark.parametrize("name", ["key-detail", "key-revoke", "key-usage", "member-role", "request-detail"])
def test_a_link_leads_where_djangos_own_leads(name):
    assert link(name, THIS) == drawn(f"{{% url '{name}' this %}}", this=THIS)


def test_a_link_knows_where_the_site_is_mounted():
    try:
        set_script_prefix("/portal/")
        assert link("key-detail", THIS) == f"/portal/keys/{THIS}/"
    finally:
        set_script_prefix("/")
    assert link("key-detail", THIS) == f"/keys/{THIS}/"


@pytest.mark.parametrize(("tag", "words"), [(second, "j M, H:i:s"), (minute, r"j M Y, H:i \U\T\C")])
@pytest.mark.parametrize(
    "at", [AT, AT.replace(day=31, hour=0, microsecond=0), AT.astimezone(timezone(timedelta(hours=5)))]
)
def test_a_time_is_said_as_djangos_own_filter_says_it(tag, words, at):
    whole = "<time datetime=\"{{ at|date:'c' }}\" title=\"{{ at|date:'Y-m-d H:i:s' }} UTC\">{{ at|date:words }}</time>"
    assert tag(at) == drawn(whole, at=at, words=words)


class Filter(forms.Form):
    plain = forms.ChoiceField(choices=[("", "All"), ("a", "<A & B>"), ('"', "quoted"), (3, "a number")])
    needed = forms.ChoiceField(
        choices=[("a", "A")], help_text="why", widget=forms.Select(attrs={"autofocus": True, "data-x": False})
    )
    several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B"), ("c", "C")], widget=forms.SelectMultiple)
    grouped = forms.ChoiceField(choices=[("Few", [("a", "A")]), ("b", "B")])
    ticked = forms.NullBooleanField()
    text = forms.CharField()


@pytest.mark.parametrize(
    "data", [None, {"plain": "a", "several": ["a", "c"], "grouped": "a", "ticked": "true"}, {"plain": "3"}]
)
def test_a_menu_is_the_html_that_djangos_templates_make(data):
    ours, djangos = (
        {field.name: re.sub(r"\n+", "\n", str(field)) for field in Filter(data, renderer=renderer)}
        for renderer in (FormRenderer(), DjangoTemplates())
    )
    assert ours == djangos
