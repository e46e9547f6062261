"""The app's name for Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Developers, teams, sessions, audit."""

    name = "accounts"
    verbose_name = "Accounts"
