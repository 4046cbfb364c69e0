"""A migration without a transaction that was interrupted is repaired by the next run of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.utils import IntegrityError

from tutor_project.common import indexes
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


def carry_out(operation: Operation, state: ProjectState) -> ProjectState:
    after = state.clone()
    operation.state_forwards("jobs_app", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("jobs_app", editor, state, after)
    return after


def constraints() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "jobs_app_probe"))


def test_every_other_step_may_be_done_again_too(state: ProjectState) -> None:
    rule = models.CheckConstraint(condition=models.Q(value__gte=0), name="probe_value_positive")
    steps: list[tuple[Operation, bool]] = [
        (indexes.AddField("probe", "other", models.IntegerField(db_default=7, default=7)), True),
        (indexes.AddConstraint("probe", rule), True),
        (indexes.RemoveConstraint("probe", rule.name), False),
        (indexes.BuildIndexConcurrently(NAME, "ON jobs_app_probe (value)"), True),
        (indexes.AddIndexConcurrently("probe", models.Index(fields=["value"], name="probe_other_idx")), True),
        (indexes.RemoveIndexConcurrently("probe", "probe_other_idx"), False),
    ]
    for step, stays in steps:
        after = carry_out(step, state)
        before = constraints()
        carry_out(step, state)
        assert constraints() == before, step
        name = getattr(step, "name", None) or getattr(step, "index", None) or getattr(step, "constraint", None)
        known = getattr(name, "name", name)
        assert (known in constraints()) is stays or isinstance(step, indexes.AddField)
        state = after


def test_migrations_without_a_transaction_hold_only_steps_that_may_be_done_again() -> None:
    loader = MigrationLoader(None)
    ours = [
        one
        for one in loader.disk_migrations.values()
        if "site-packages" not in str(sys.modules[one.__module__].__file__)
    ]
    without = [one for one in ours if not one.atomic]
    assert len(without) >= 5
    for migration in without:
        for step in migration.operations:
            allowed = type(step).__module__ == indexes.__name__ or isinstance(step, migrations.RunPython)
            assert allowed, f"{migration}: {step.describe()}"
