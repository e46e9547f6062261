"""`manage.py remove_factors`: the way back in for somebody who lost their second factor."""

import json

from django.core.management.base import BaseCommand, CommandError

from accounts import factors, terminal
from accounts.models import Developer


class Command(BaseCommand):
    """Removes them by the same verb as the admin, so that the trail knows and the owner is told."""

    help = (
        "Remove every second factor of a developer (authenticator app, passkeys, recovery codes), who then signs in "
        "with the password alone and is told by mail. Make sure that it is they who ask."
    )

    def add_arguments(self, parser):
        """The options."""
        parser.add_argument("email", help="whose factors they are")
        parser.add_argument("--noinput", "--no-input", action="store_true", help="never ask")
        parser.add_argument("--json", action="store_true", help="answer as one JSON object")

    def handle(self, *, email, noinput, json: bool, verbosity, **options):
        """Remove them, or say why not."""
        try:
            developer = Developer.objects.get_by_natural_key(email)
        except Developer.DoesNotExist as error:
            raise CommandError("Nobody has this e-mail address.") from error
        terminal.confirm(f"{developer.email} will sign in with the password alone.", noinput=noinput)
        removed = factors.remove_all(developer, by="command")
        if json:
            self.stdout.write(_as_json(developer, removed))
        elif verbosity:
            had = f"{removed} second factor{'' if removed == 1 else 's'}"
            self.stdout.write(f"{developer.email} had {had}; now the password is enough.")


def _as_json(developer: Developer, removed: int) -> str:
    return json.dumps({"id": str(developer.pk), "email": developer.email, "removed": removed})
