"""Both groups of operators see alerts."""

from importlib import import_module

from django.db import migrations

first = import_module("openwearables.migrations.0001_operator_groups")


def see_alerts(apps, schema_editor):
    """Let the groups see them, where they are still there."""
    for group in apps.get_model("auth", "Group").objects.filter(name__in=("support", "operators")):
        group.permissions.add(first.permission(apps, "view", "accounts", "alert"))


class Migration(migrations.Migration):
    """One more permission."""

    dependencies = [
        ("openwearables", "0001_operator_groups"),
    ]
    operations = [migrations.RunPython(see_alerts, migrations.RunPython.noop)]
