"""What the commands that rotate a set of secrets share: which comes next, and where the new value goes."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import key_sets


class KeySetCommand(BaseCommand):
    """Subclasses say the setting's name, the letter its ids begin with, and what one of it is called."""

    setting: str
    letter: str
    noun: str

    @property
    def key_set(self) -> dict[str, str]:
        """The set as it is configured."""
        return getattr(settings, self.setting)

    def require(self, ident: str) -> None:
        """Raise CommandError for an id that the set doesn't hold."""
        if ident not in self.key_set:
            raise CommandError(f"There is no {self.noun} {ident}: there are {', '.join(self.key_set)}.")

    def promotable(self, said: str) -> str:
        """The id to move first: what was said, else the last if it is the youngest. Raises CommandError."""
        ident = said or key_sets.next_in_line(self.key_set)
        if ident is None:
            raise CommandError(
                f"No {self.noun} waits: the last is not younger than the first. Run this command without --promote to "
                "add one, or say which: --promote ID."
            )
        self.require(ident)
        if next(iter(self.key_set)) == ident:
            raise CommandError(f"{ident} is first already.")
        return ident

    def answer(self, key_set: dict[str, str], *, write: bool) -> None:
        """Print the new value, alone on stdout, or put it into .env. Raises CommandError."""
        value = key_sets.as_text(key_set)
        if not write:
            self.stdout.write(value)
            return
        file = settings.ENV_FILE
        if file is None:
            raise CommandError("There is no .env here: set the value where the environment comes from.")
        try:
            key_sets.write_line(file, self.setting, key_sets.as_text(self.key_set), value)
        except (key_sets.NotInTheFile, OSError) as error:
            raise CommandError(f"{file} was not changed: {error}") from error
        self.stderr.write(f"Changed {self.setting} in {file}; running servers still use the former value.")
