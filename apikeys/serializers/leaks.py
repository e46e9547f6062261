"""What the report of a leaked key takes."""

from protocol.serializers import SecretField, StrictSerializer, TextField, is_plain

SOURCE_LENGTH = 200  # characters


class SourceField(TextField):
    """Where a key was seen, on one line. An address with the key in it is taken: mail cuts every key out."""

    def __init__(self, **kwargs):
        super().__init__(plain=False, **kwargs)

    def to_internal_value(self, data):
        """Refuse what can't be shown."""
        value = super().to_internal_value(data)
        if not is_plain(value):
            self.fail("not_plain")
        return value


class Report(StrictSerializer):
    """A key that somebody found, and where."""

    key = SecretField(help_text="The whole key; what is pasted around it does no harm.")
    source = SourceField(
        required=False,
        allow_blank=True,
        default="",
        max_length=SOURCE_LENGTH,
        help_text="Where it was seen; its team reads this.",
    )
