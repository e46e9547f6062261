"""The two groups of operators: support sees and ends, operators do all but what is a superuser's."""

from django.db import migrations

# Nouns by app. Django makes its permissions only after all migrations have run, so those that are given are made here
# under the names that Django would give them; it finds them and makes no second.
SEEN = {
    "accounts": ("developer", "team", "session", "auditevent", "invitation"),
    "apikeys": ("apikey", "requestrecord"),
    "wearables": ("enduser",),
}
ENDED = {"accounts": ("session",), "apikeys": ("apikey",)}
DONE = {
    "accounts": {
        "add": ("developer",),
        "change": ("developer", "team", "session"),
        "view": ("auditseal", "waitingmail"),
    },
    "apikeys": {"change": ("apikey",)},
    "wearables": {"delete": ("enduser",)},
}
NAMES = {
    "apikey": "API key", "auditevent": "audit event", "auditseal": "audit seal", "enduser": "end user",
    "requestrecord": "request record", "waitingmail": "waiting mail",
}  # fmt: skip


def make_groups(apps, schema_editor):
    """Make the groups that are not there; one that an operator made under the same name is left alone."""
    groups = apps.get_model("auth", "Group").objects
    support = [("view", app, noun) for app, nouns in SEEN.items() for noun in nouns]
    support += [("delete", app, noun) for app, nouns in ENDED.items() for noun in nouns]
    more = [(act, app, noun) for app, acts in DONE.items() for act, nouns in acts.items() for noun in nouns]
    for name, rights in (("support", support), ("operators", support + more)):
        group, made = groups.get_or_create(name=name)
        if made:
            group.permissions.set(permission(apps, *right) for right in rights)


def permission(apps, act, app, noun):
    """The permission to do `act` to a noun."""
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=noun)
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename=f"{act}_{noun}", defaults={"name": f"Can {act} {NAMES.get(noun, noun)}"}
    )
    return found


class Migration(migrations.Migration):
    """Groups."""

    initial = True
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
