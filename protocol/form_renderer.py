"""Menus of forms, in plain Python: Django draws each option with two templates, which is half a filter's cost."""

from django.forms.renderers import DjangoTemplates
from django.forms.widgets import Select
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe


class FormRenderer(DjangoTemplates):
    """Django's own in everything else (FORM_RENDERER)."""

    def render(self, template_name, context, request=None):
        """The same HTML as Django's template."""
        if template_name == Select.template_name and all(map(_is_plain, context["widget"]["optgroups"])):
            return _menu(context["widget"])
        return super().render(template_name, context, request)


def _is_plain(group: tuple) -> bool:
    """Whether this is no group but the options that have none, which Django would draw with its own templates."""
    name, options, _index = group
    return not name and all(option["template_name"] == Select.option_template_name for option in options)


def _menu(widget: dict) -> SafeString:
    options = "".join(
        f'\n  <option value="{_text(option["value"])}"{_attributes(option["attrs"])}>'
        f"{conditional_escape(option['label'])}</option>"
        for _name, options, _index in widget["optgroups"]
        for option in options
    )
    head = f'<select name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>'
    return mark_safe(f"{head}{options}\n</select>")  # noqa: S308 - each part of it is escaped


def _text(value) -> str:
    """A value, escaped unless it is known to be safe."""
    return conditional_escape(value if isinstance(value, str) else str(value))


def _attributes(attrs: dict) -> str:
    """` name="value"` of each, escaped; of what is true the name alone, of what is false nothing."""
    return "".join(
        f" {escape(name)}" if value is True else f' {escape(name)}="{_text(value)}"'
        for name, value in attrs.items()
        if value is not False
    )
