"""The app's name for Django."""

from django.apps import AppConfig


class WearablesConfig(AppConfig):
    """End users."""

    name = "wearables"
    verbose_name = "Wearable data"
