"""An index on a table that is in use: PostgreSQL builds it beside the writers, SQLite at once.

A migration that has one says `atomic = False`, for CONCURRENTLY is no part of a transaction.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import AddIndex


class AddIndexOnline(AddIndexConcurrently):
    """AddIndexConcurrently where there is such a thing."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Make it."""
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Take it away."""
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)
