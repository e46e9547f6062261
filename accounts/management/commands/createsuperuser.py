"""`manage.py createsuperuser`: Django's name for `create_developer --superuser`, whose passwords obey the rules."""

from accounts.management.commands import create_developer


class Command(create_developer.Command):
    """Django's own takes any password with --noinput, and names the new account as the maker of itself."""

    def handle(self, **options):
        """Make an operator who may do everything."""
        super().handle(**{**options, "superuser": True})
