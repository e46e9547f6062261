"""Which site the admin is, and which apps have pages on it. Read before any model is: it imports none."""

from importlib import import_module

from django.contrib.admin.apps import SimpleAdminConfig

# Libraries would bring pages on which things are typed that a verb of ours should do: only these apps have any.
NOUNS_OF = ("accounts", "apikeys", "wearables")


class OperatorsConfig(SimpleAdminConfig):
    """django.contrib.admin with our site, and without the pages that libraries register."""

    default = False
    default_site = "openwearables.admin.OperatorSite"

    def ready(self):
        """Let each app of ours register its nouns."""
        super().ready()
        for app in NOUNS_OF:
            import_module(f"{app}.admin")
