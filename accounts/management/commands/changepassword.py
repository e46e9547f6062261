"""`manage.py changepassword`: Django's name for `set_password`. Its own would leave sessions alive and no trace."""

from accounts.management.commands.set_password import Command

__all__ = ["Command"]
