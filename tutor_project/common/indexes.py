"""Indexes on large tables, built while others write; a migration that was interrupted is repaired by the next run of it.

Such a migration is no transaction, so one that was killed has done some of its steps and is not recorded. Every step of it
must therefore be one that may be done again: those of this module, or one that looks for itself what there is left to do.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres import operations
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_VALID = """
SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname = %s AND pg_table_is_visible(c.oid)
"""


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Django's, which may be run again.

    Killed in the middle it leaves an index that PostgreSQL calls invalid, does not use, and pays for with each write.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop what an interrupted build left, and build; do nothing when the index is there and whole."""
        if not _is_whole(schema_editor, self.index.name):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class BuildIndexConcurrently(migrations.RunSQL):
    """An index in SQL, on a table of which no model of ours tells; ``sql`` is what follows its name."""

    def __init__(self, name: str, sql: str) -> None:
        self.name = name
        super().__init__(
            f"CREATE INDEX CONCURRENTLY {name} {sql}",
            f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        )

    def deconstruct(self) -> tuple[str, Any, Any]:
        """Return how the operation is written; migrations with it are written by hand."""
        return self.__class__.__name__, [self.name, str(self.sql)], {}

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Drop what an interrupted build left, and build; do nothing when the index is there and whole."""
        if not _is_whole(schema_editor, self.name):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def _is_whole(schema_editor: BaseDatabaseSchemaEditor, index: str) -> bool:
    """Tell whether the index is there; what an interrupted build left of it is dropped."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_VALID, [index])
        row = cursor.fetchone()
    if row == (False,):
        schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.connection.ops.quote_name(index)}")
    return bool(row == (True,))


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


class AddField(migrations.AddField):
    """Django's, which may be run again: a column that is there already is no fault."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Add the column if it is not there."""
        model = to_state.apps.get_model(app_label, self.model_name)
        with schema_editor.connection.cursor() as cursor:
            table = schema_editor.connection.introspection.get_table_description(cursor, model._meta.db_table)
        if model._meta.get_field(self.name).column not in {column.name for column in table}:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def _constraints(schema_editor: BaseDatabaseSchemaEditor, table: str) -> set[str]:
    with schema_editor.connection.cursor() as cursor:
        return set(schema_editor.connection.introspection.get_constraints(cursor, table))


class AddConstraint(migrations.AddConstraint):
    """Django's, which may be run again: a constraint that is there already is no fault."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Add the constraint if it is not there."""
        table = to_state.apps.get_model(app_label, self.model_name)._meta.db_table
        if self.constraint.name not in _constraints(schema_editor, table):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class RemoveConstraint(migrations.RemoveConstraint):
    """Django's, which may be run again: a constraint that is gone already is no fault."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Remove the constraint if it is there."""
        table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
        if self.name in _constraints(schema_editor, table):
            super().database_forwards(app_label, schema_editor, from_state, to_state)
