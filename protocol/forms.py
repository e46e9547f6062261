"""HTML forms over the API's own serializers, so that a rule is written once."""

from django import forms
from rest_framework import serializers

from protocol.serializers import faults_of

NO_EMAIL = "Enter a valid e-mail address."


class PlainForm(forms.Form):
    """Labels as they are written, without a colon behind them; what is refused begins at its first fault.

    `begins_at` names the field that has the focus when the form opens, on pages that are nothing but the form.
    """

    begins_at = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = NO_EMAIL
        if self.begins_at and not self.is_bound:
            self.fields[self.begins_at].widget.attrs["autofocus"] = True

    @classmethod
    def as_typed(cls, data, **kwargs):
        """A form that holds what was typed so far and complains about nothing yet."""
        form = cls(**kwargs)
        typed = {name: field.widget.value_from_datadict(data, {}, name) for name, field in form.fields.items()}
        form.initial = {**form.initial, **typed}
        return form

    def full_clean(self):
        """Put the focus on the first field with a fault; faults of the whole form stand above it and take it first."""
        super().full_clean()
        first = next((name for name in self.fields if name in self.errors), None)
        if first and not self.non_field_errors():
            self.fields[first].widget.attrs["autofocus"] = True


class OneFocus(forms.widgets.ChoiceWidget):
    """Choices hand their attributes to every option; only one may have the focus."""

    def create_option(self, name, value, label, selected, index, subindex=None, attrs=None):
        """Leave `autofocus` at the first."""
        option = super().create_option(name, value, label, selected, index, subindex, attrs)
        if index:
            option["attrs"].pop("autofocus", None)
        return option


class Radios(OneFocus, forms.RadioSelect):
    """One of a few."""


class Ticks(OneFocus, forms.CheckboxSelectMultiple):
    """Any of a few."""


def take_faults(form: forms.Form, serializer: serializers.BaseSerializer, **places: str) -> None:
    """Show a serializer's faults at the form's fields.

    Args:
        form: being cleaned.
        serializer: has been validated.
        places: which form field shows a serializer's field, where the names differ; the others stand above the form.
    """
    for fault in faults_of(serializer.errors, in_query=False):
        path = (fault.pointer or "").removeprefix("#").strip("/").split("/")
        named = places.get("_".join(path)) or places.get(path[0]) or path[0]
        detail = f"Line {int(path[1]) + 1}: {fault.detail}" if path[1:] and path[1].isdigit() else fault.detail
        form.add_error(named if named in form.fields else None, forms.ValidationError(detail, fault.code))
