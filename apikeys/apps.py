"""The app's name for Django."""

from django.apps import AppConfig


class ApiKeysConfig(AppConfig):
    """Keys, scopes, limits."""

    name = "apikeys"
    verbose_name = "API keys"

    def ready(self) -> None:
        """Register the checks."""
        import apikeys.checks  # noqa: F401, PLC0415 - models are ready only now
