"""The staff console at size: dashboard, lists and searches over big tables, reads of flags and settings.

    python -m benchmarks.console [--facts 10000000] [--rows 1000000]

Makes a database of its own on the configured server (the embedded one starts by itself), fills it with generated facts
and rows, asks for each page through the whole of Django as a signed-in operator, and drops the database. ``--data`` is
accepted and not needed. Bars: dashboard 300 ms and 30 queries, lists 200 ms, reads of flags and settings 50 µs.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.support.environment import set_up

set_up()

from django.conf import settings  # noqa: E402
from django.contrib.admin.models import LogEntry  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import AnonymousUser, Group  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from analytics_app.services import recorder  # noqa: E402
from benchmarks.analytics import execute, fill_facts, line, quantile, timed  # noqa: E402
from documents_app.models import Document  # noqa: E402
from jobs_app.models import Job  # noqa: E402
from sessions_app.models import AnswerRecord, LearningSession, MasteryState, Message, Question  # noqa: E402
from tutor_project.common import flags, runtime  # noqa: E402
from tutor_project.llm.engines import model_flag  # noqa: E402
from tutor_project.platform.flags import flags_seed  # noqa: E402
from tutor_project.platform.models import Flag  # noqa: E402
from tutor_project.platform.roles import roles_seed  # noqa: E402

USERS, SESSIONS, DAYS = 2_000, 20_000, 30
DASHBOARD_MS, DASHBOARD_QUERIES, LIST_MS, READ_US = 300, 30, 200, 50
TIMES = 9


def verdict(value: float, bar: float) -> str:
    """Say on which side of its bar a figure is."""
    return f"bar {bar:g}: {'holds' if value <= bar else 'MISSED'}"


# --- rows ------------------------------------------------------------------------------------------------------------


def multiply(row: models.Model, count: int, **columns: str) -> None:
    """Insert ``count`` copies of a stored row; ``columns`` gives SQL over ``n`` for those that differ. Ids grow with n."""
    table = row._meta.db_table
    names = [field.column for field in row._meta.concrete_fields]
    wanted = {
        "id": "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 40000000 + n), 12, '0')"
        " || '7' || lpad(to_hex(n), 19, '0'))::uuid",
        **{column: expression for column, expression in columns.items() if column in names},
    }
    if row._meta.get_field("id").get_internal_type() != "UUIDField":
        names.remove("id")
    made = ", ".join(wanted.get(name, f'source."{name}"') for name in names).replace("%", "%%")
    quoted = ", ".join(f'"{name}"' for name in names)
    seconds = timed(
        lambda: execute(
            f'INSERT INTO "{table}" ({quoted}) SELECT {made} FROM "{table}" AS source, generate_series(1, {count}) AS n'
            f" WHERE source.{row._meta.pk.column} = %s",
            [row.pk],
        )
    )
    execute(f'VACUUM ANALYZE "{table}"')
    print(f"  {count:,} rows of {table} in {seconds:.0f} s", flush=True)


def fill(rows: int, staff: Any) -> None:
    """Make ``rows`` rows in each of the big tables, of many owners and sessions, spread over a month."""
    execute("SET statement_timeout = 0")
    when = f"now() - n * interval '{DAYS * 86_400} seconds' / {rows}"
    owner = get_user_model().objects.create(username="learner")
    multiply(owner, USERS, username="'learner' || n", email="'learner' || n || '@example.org'")
    execute(f"CREATE TEMP TABLE people AS SELECT id, row_number() OVER () - 1 AS place FROM {owner._meta.db_table}")
    execute("CREATE UNIQUE INDEX ON people (place)")
    someone = f"(SELECT id FROM people WHERE place = n % {USERS})"
    session = LearningSession.objects.create(owner=owner, title="Session")
    multiply(session, rows, owner_id=someone, title="'Session ' || n", created_at=when, last_activity_at=when)
    fill_learning(session, rows)
    job = Job.objects.create(job_type="ping", status="completed", owner=owner, completed_at=timezone.now())
    status = "(ARRAY['completed','completed','completed','failed','cancelled'])[1 + n % 5]"
    multiply(job, rows, owner_id=someone, status=status, created_at=when, completed_at=when)
    document = Document.objects.create(
        owner=owner, session_id=session.pk, filename="a.pdf", mime_type="application/pdf", size=2048, status="completed"
    )
    name = "'chapter' || n || '.pdf'"
    multiply(document, rows, owner_id=someone, filename=name, status="(ARRAY['completed','failed'])[1 + (n % 50 = 0)::int]",
             embedding_status="(ARRAY['completed','pending'])[1 + (n % 100 = 0)::int]", uploaded_at=when)  # fmt: skip
    message = Message.objects.create(session=session, turn_no=1, role="user", content="What is it?")
    multiply(message, rows, turn_no="n + 1", created_at=when)
    question = Question.objects.create(
        owner=owner, session=session, kind="true_false", stem="Is it?", key={"type": "boolean", "value": True},
        engine="builtin", fingerprint="f" * 16, state="published",
    )  # fmt: skip
    multiply(question, rows, owner_id=someone, stem="'Is it ' || n || '?'", fingerprint="lpad(n::text, 16, '0')",
             state="(ARRAY['published','quarantined'])[1 + (n % 1000 = 0)::int]", created_at=when)  # fmt: skip
    answer = AnswerRecord.objects.create(question=question, owner=owner, session=session, verdict="correct", text="x")
    multiply(answer, rows, owner_id=someone, created_at=when,
             verdict="(ARRAY['correct','needs_review'])[1 + (n % 1000 = 0)::int]")  # fmt: skip
    entry = LogEntry.objects.create(user=staff, object_repr="a row", action_flag=2, change_message="Retry.")
    multiply(entry, rows, action_time=when, object_repr="'row ' || n")


def fill_learning(session: LearningSession, rows: int) -> None:
    """Figures of the sessions that the facts are about, and ten beliefs about each of their learners' concepts."""
    chosen = f"FROM {session._meta.db_table} ORDER BY id LIMIT {min(SESSIONS, rows)}"
    spread = f"now() - random() * interval '{DAYS} days'"
    execute(
        "INSERT INTO analytics_session (session_id, user_id, total_interactions, total_tokens_used, response_count,"
        " response_total_us, documents_uploaded, quiz_attempts, correct_answers, summaries_created, session_duration,"
        " engagement_score, started_at, last_activity, computed_at)"
        f" SELECT id, owner_id, 9, 900, 9, 9, 1, 1, 1, 1, 600, random() * 100, created_at, {spread}, now() {chosen}"
    )
    state = MasteryState.objects.create(
        owner=session.owner, session=session, concept="chlorophyll", probability=0.5, low=0.4, high=0.6
    )
    columns = {field.column: f"state.{field.column}" for field in state._meta.concrete_fields}
    columns |= {
        "id": "gen_random_uuid()",
        "owner_id": "chosen.owner_id",
        "session_id": "chosen.id",
        "concept": "'c' || n",
    }
    columns |= {"probability": "random()", "updated_at": spread}
    execute(
        f"INSERT INTO {state._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM (SELECT id, owner_id {chosen}) AS chosen, {state._meta.db_table} AS state, generate_series(1, 10) AS n"
    )
    for table in ("analytics_session", state._meta.db_table):
        execute(f"VACUUM ANALYZE {table}")


# --- measured --------------------------------------------------------------------------------------------------------


def page(client: Client, path: str) -> tuple[float, float, int]:
    """Ask for a page; returns median and slowest milliseconds of several times, and the queries of the first time."""
    asked: list[str] = []

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):  # the first time, when nothing is kept yet, costs most queries
        assert client.get(path).status_code == 200, path
    times = [timed(lambda: client.get(path)) * 1000 for _ in range(TIMES)]
    return statistics.median(times), max(times), len(asked)


def bench_dashboard(client: Client, facts: int) -> None:
    """Every span of the dashboard."""
    for span in ("hour", "day", "yesterday", "week", "month"):
        median, slowest, queries = page(client, f"/admin/?range={span}")
        line(
            f"dashboard, {span}, {facts:,} facts: ms, median / slowest", f"{median:.0f} / {slowest:.0f}",
            f"{verdict(median, DASHBOARD_MS)}; {queries} queries, {verdict(queries, DASHBOARD_QUERIES)}",
        )  # fmt: skip


LISTS = {
    "jobs_app/job": ("", "p=150", "status__exact=failed", "q=learner17"),
    "documents_app/document": ("", "p=150", "status__exact=failed", "q=chapter777"),
    "sessions_app/learningsession": ("", "p=150", "q=Session%2077"),
    "sessions_app/message": ("", "p=150", "role__exact=user"),
    "sessions_app/question": ("", "p=150", "state__exact=quarantined", "q=Is%20it%2077"),
    "sessions_app/answerrecord": ("", "p=150", "verdict__exact=needs_review"),
    "accounts/user": ("", "q=learner17"),
    "admin/logentry": ("", "p=150", "q=row%20777"),
}


def bench_lists(client: Client, rows: int) -> None:
    """First page, a deep page, a filter and a search of each big list."""
    for model, asked in LISTS.items():
        for query in asked:
            median, slowest, queries = page(client, f"/admin/{model}/?{query}")
            line(
                f"{model}?{query}, {rows:,} rows: ms, median / slowest", f"{median:.0f} / {slowest:.0f}",
                f"{verdict(median, LIST_MS)}; {queries} queries",
            )  # fmt: skip
    median, slowest, queries = page(client, "/admin/sessions_app/question/review/")
    line(
        "review queue: ms, median / slowest",
        f"{median:.0f} / {slowest:.0f}",
        f"{verdict(median, LIST_MS)}; {queries} queries",
    )


def bench_reads(learner: Any) -> None:
    """Reads of a setting and of flags as code asks for them, all of them in the process that serves."""
    flags_seed()
    pilot = Group.objects.create(name="pilot")
    learner.groups.add(pilot)
    listed = Flag.objects.get(name=model_flag("quiz"))
    listed.groups.add(pilot)
    Flag.objects.filter(name=model_flag("plan")).update(percent=10)
    flags.invalidate()
    reads: dict[str, Callable[[], Any]] = {
        "a setting": lambda: runtime.get_int("UPLOAD_MAX_FILES"),
        "a flag by group": lambda: flags.is_enabled(model_flag("quiz"), learner),
        "a flag by percentage": lambda: flags.is_enabled(model_flag("plan"), learner),
        "a flag of nobody, anonymous": lambda: flags.is_enabled(model_flag("lesson"), AnonymousUser()),
    }  # fmt: skip
    for name, read in reads.items():
        times = []
        for _ in range(20_000):
            started = time.perf_counter()
            read()
            times.append((time.perf_counter() - started) * 1e6)
        p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
        line(f"read of {name}: µs, p50 / p99 / mean", f"{p50:.1f} / {p99:.1f} / {statistics.fmean(times):.1f}",
             verdict(p99, READ_US))  # fmt: skip


def main() -> None:
    """Fill, measure, drop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed: rows and facts are generated")
    parser.add_argument("--facts", type=int, default=10_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # needs no collectstatic before
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        roles_seed()
        staff = get_user_model().objects.create(username="operator", is_staff=True)
        staff.groups.add(Group.objects.get(name="administrator"))
        client = Client()
        client.force_login(staff)
        bench_reads(get_user_model().objects.create(username="reader"))
        fill(options.rows, staff)
        bench_lists(client, options.rows)
        end = datetime.now(UTC)
        fill_facts(options.facts, end - timedelta(days=DAYS), end, USERS, SESSIONS)
        bench_dashboard(client, options.facts)
    finally:
        recorder._buffer.close()
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
