"""A deploy migrates while servers serve: no migration may lock a table that is in use for as long as it is long.

Each operation behind an app's first migration must be on a table that the same migration makes, or add what takes
PostgreSQL no time: a nullable column, an index built CONCURRENTLY. What is neither is written down here with a reason.
"""

import pytest
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.models import ForeignKey, Index, TextField

OURS = ("accounts", "apikeys", "wearables")
FREE = (
    migrations.CreateModel,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.SeparateDatabaseAndState,  # its parts are looked at one by one
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
ALLOWED = {
    ("accounts", "0002_audit_append_only", "RunPython"): "triggers on a table that is still empty",
    ("accounts", "0005_closing", "AlterField"): "only drops NOT NULL: a word in the catalogue",
    ("accounts", "0007_invitations", "AlterField"): "one more choice of a reason: PostgreSQL's table does not change",
    ("apikeys", "0004_watching", "RunPython"): "reads last uses, and writes only into a table that it made",
    ("apikeys", "0006_usage_of_teams", "RunPython"): "reads usage, and writes only into tables that it made",
    ("wearables", "0002_headcount", "RunPython"): "writers wait once, while a million people are counted in some 0.1 s",
}


def operations(migration):
    for operation in migration.operations:
        yield operation
        yield from getattr(operation, "database_operations", [])


def is_quick(operation, made):
    """Whether an operation leaves every table that is in use to its users; `made`: tables of this migration."""
    table = (getattr(operation, "model_name", None) or getattr(operation, "name", "")).lower()
    if isinstance(operation, FREE) or table in made:
        return True
    if isinstance(operation, migrations.AddField):
        field = operation.field
        plain = not (field.db_index or field.unique or isinstance(field, ForeignKey))
        return plain and (field.null or field.has_db_default())
    return False


def slow(migration):
    """The operations of a migration that may lock for long."""
    made = {operation.name_lower for operation in migration.operations if isinstance(operation, migrations.CreateModel)}
    return [
        type(operation).__name__
        for operation in operations(migration)
        if not is_quick(operation, made)
        and (migration.app_label, migration.name, type(operation).__name__) not in ALLOWED
    ]


LATER = {
    f"{app}.{name}": migration
    for (app, name), migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items()
    if app in OURS and not migration.initial
}


@pytest.mark.parametrize("name", sorted(LATER))
def test_a_migration_takes_no_long_lock(name):
    assert slow(LATER[name]) == []


def test_it_would_notice():
    class Draft(migrations.Migration):
        operations = [
            migrations.AddField("apikey", "note", field=null_text(null=False)),
            migrations.AddField("apikey", "word", field=null_text(db_index=True)),
            migrations.AlterField("apikey", "name", field=null_text()),
            migrations.AddIndex("apikey", index=index_on("name")),
            migrations.RunSQL("UPDATE apikeys_apikey SET name = ''"),
            migrations.AddField("apikey", "good", field=null_text()),
            migrations.CreateModel("Note", fields=[]),
            migrations.AddIndex("note", index=index_on("name")),
        ]

    assert slow(Draft("draft", "apikeys")) == ["AddField", "AddField", "AlterField", "AddIndex", "RunSQL"]


def null_text(**options):
    return TextField(**{"null": True, **options})


def index_on(column):
    return Index(fields=[column], name="draft")
