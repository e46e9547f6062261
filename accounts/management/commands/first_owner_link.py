"""`manage.py first_owner_link`: how the first person gets in."""

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts import owner_link


class Command(BaseCommand):
    """Prints a link while no developer exists, and nothing afterwards."""

    help = "Print the one-time link that makes the first account; nothing once a developer exists."

    def handle(self, **options):
        """Print it."""
        path = owner_link.make()
        if path:
            self.stdout.write(settings.SITE_URL + path)
