"""Serializers that take what they were promised and nothing else."""

from collections.abc import Mapping

from rest_framework import serializers
from rest_framework.fields import SkipField


class StrictSerializer(serializers.Serializer):
    """Refuses fields it does not know, read-only ones included, and says everything that is wrong at once."""

    ignore_unknown = False

    def faults_between(self, value, sent) -> dict[str, serializers.ErrorDetail]:
        """(field → what is wrong with it beside others); asked even when single fields have faults of their own.

        Args:
            value: the fields that could be read.
            sent: all that was sent, as it came.
        """
        return {}

    def to_internal_value(self, data):
        """Read every field; raise ValidationError with the faults in, between and beside them."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)  # which refuses it
        value, errors = self._read(data)
        for name, fault in {**self._unknown(data), **self.faults_between(value, data)}.items():
            errors[name] = [*errors.get(name, []), fault]
        if errors:
            raise serializers.ValidationError(errors)
        return value

    def _read(self, data) -> tuple[dict, dict]:
        """(what could be read; field → its faults). DRF's own keeps nothing of the first once it has the second."""
        value: dict = {}
        errors: dict = {}
        for field in self._writable_fields:
            check = getattr(self, f"validate_{field.field_name}", lambda found: found)
            try:
                found = check(field.run_validation(field.get_value(data)))
                self.set_value(value, field.source_attrs, found)
            except serializers.ValidationError as error:
                errors[field.field_name] = error.detail
            except SkipField:
                pass
        return value, errors

    def _unknown(self, data) -> dict[str, serializers.ErrorDetail]:
        known = {field.field_name for field in self._writable_fields}
        unknown = () if self.ignore_unknown else sorted({str(name) for name in data} - known)
        return {name: serializers.ErrorDetail("This field is not known here.", "unknown_field") for name in unknown}


class Nothing(StrictSerializer):
    """The body or query of a call that takes none."""


class Anything(StrictSerializer):
    """The query of a call that takes none and ignores what it is sent (RFC 6749 §3.2)."""

    ignore_unknown = True
