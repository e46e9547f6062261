"""The app's name for Django."""

from django.apps import AppConfig


class ApiKeysConfig(AppConfig):
    """Keys, scopes, limits."""

    name = "apikeys"
    verbose_name = "API keys"
