"""The app's name for Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Developers, teams, sessions, audit."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Register the checks."""
        import accounts.checks  # noqa: F401, PLC0415 - models are ready only now
