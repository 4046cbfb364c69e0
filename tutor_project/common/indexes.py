"""Indexes on large tables, built while others write; a build that was interrupted is repaired by the next migration."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres import operations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_VALID = """
SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname = %s AND pg_table_is_visible(c.oid)
"""


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Django's, which may be run again.

    Such a migration is no transaction: killed in the middle it leaves an index that PostgreSQL calls invalid, does not
    use, and pays for with each write; killed after it, one that is there and not recorded.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop what an interrupted build left, and build; do nothing when the index is there and whole."""
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_VALID, [self.index.name])
            row = cursor.fetchone()
        if row == (True,):
            return
        if row == (False,):
            quoted = schema_editor.connection.ops.quote_name(self.index.name)
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {quoted}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)


class RemoveIndexConcurrently(operations.RemoveIndexConcurrently):
    """Django's, which may be run again: an index that is gone already is no fault."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop the index if it is there."""
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_VALID, [self.name])
            if cursor.fetchone() is None:
                return
        super().database_forwards(app_label, schema_editor, from_state, to_state)
