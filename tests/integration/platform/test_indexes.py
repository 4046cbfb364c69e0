"""An index build that was interrupted is repaired by the next migration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.utils import IntegrityError

from tutor_project.common.indexes import AddIndexConcurrently

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "probe_value_idx"


@pytest.fixture
def state() -> Iterator[ProjectState]:
    """A table of its own, as a migration sees it."""
    project = ProjectState()
    create = migrations.CreateModel(
        "Probe", [("id", models.BigAutoField(primary_key=True)), ("value", models.IntegerField())]
    )
    create.state_forwards("jobs_app", project)
    with connection.schema_editor() as editor:
        create.database_forwards("jobs_app", editor, ProjectState(), project)
    yield project
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE jobs_app_probe")


def build(state: ProjectState) -> None:
    operation = AddIndexConcurrently("probe", models.Index(fields=["value"], name=NAME))
    after = state.clone()
    operation.state_forwards("jobs_app", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("jobs_app", editor, state, after)


def valid() -> list[tuple[bool]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relname = %s", [NAME]
        )
        return list(cursor.fetchall())


def test_what_an_interrupted_build_left_is_built_anew(state: ProjectState) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO jobs_app_probe (value) VALUES (1), (1)")
        with pytest.raises(IntegrityError):  # fails in the middle, and leaves what a kill would leave
            cursor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON jobs_app_probe (value)")
    assert valid() == [(False,)]
    build(state)
    assert valid() == [(True,)]


def test_a_migration_killed_before_it_was_recorded_may_run_again(state: ProjectState) -> None:
    build(state)
    build(state)
    assert valid() == [(True,)]
