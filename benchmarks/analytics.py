"""Analytics: writing facts, rolling them up, reading a dashboard, against plain SQL and DuckDB over the same rows.

    python -m benchmarks.analytics [--facts 10000000] [--hour-facts 500000] [--only write,record,rollup,dashboard]

The facts are generated (a month, five kinds, a fixed seed), so ``--data`` is accepted and not needed. A database of its
own is made on the configured server and dropped at the end. Absolute figures belong to the machine; the other side is
measured in the same run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.support.environment import set_up

set_up()

from django.db import connection  # noqa: E402

from analytics_app import sql  # noqa: E402
from analytics_app.domain.buckets import latest_range  # noqa: E402
from analytics_app.domain.facts import KINDS  # noqa: E402
from analytics_app.models import ToolInvocationFact  # noqa: E402
from analytics_app.selectors import figures as figure_reads  # noqa: E402
from analytics_app.selectors import presence as presence_reads  # noqa: E402
from analytics_app.selectors.dashboard import dashboard  # noqa: E402
from analytics_app.selectors.figures import total  # noqa: E402
from analytics_app.selectors.statements import FigureQuery  # noqa: E402
from analytics_app.services import recorder  # noqa: E402
from analytics_app.services.partitions import partitions_ensure  # noqa: E402
from analytics_app.services.rollup import rollup_hour, rollup_mark_stale, rollup_run  # noqa: E402
from tutor_project.common import events  # noqa: E402
from tutor_project.common.models import new_id  # noqa: E402

USERS, SESSIONS, DAYS = 5_000, 200_000, 30
HOUR_USERS, HOUR_SESSIONS = 2_000, 4_000
PAIRS = 5


def line(name: str, value: str, other: str = "") -> None:
    """One row of the report."""
    print(f"{name:<58} {value:>22} {other}", flush=True)


def timed(action: Callable[[], Any]) -> float:
    """Seconds one call takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def quantile(values: list[float], fraction: float) -> float:
    """Nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[min(int(fraction * len(ordered)), len(ordered) - 1)]


def execute(statement: str, params: Any = None) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


# --- writing ---------------------------------------------------------------------------------------------------------


def bench_write() -> None:
    """The batch service against the ORM's bulk_create, batches of 1,000."""
    pick = random.Random(1)
    sessions = [new_id() for _ in range(1000)]
    user = new_id()

    def items() -> list[dict[str, Any]]:
        return [
            {
                "tool_name": f"tool{pick.randrange(20)}",
                "latency_ms": pick.lognormvariate(3, 1),
                "success": pick.random() < 0.95,
                "session_id": str(pick.choice(sessions)),
            }
            for _ in range(1000)
        ]

    ours, theirs = [], []
    recorder.facts_record_batch(kind="tool_invocation", items=items(), user_id=user)
    for _ in range(PAIRS):
        batches = [items() for _ in range(20)]
        seconds = timed(
            lambda batches=batches: [
                recorder.facts_record_batch(kind="tool_invocation", items=batch, user_id=user) for batch in batches
            ]
        )
        ours.append(20_000 / seconds)
        seconds = timed(lambda batches=batches: [_bulk_create(batch, user) for batch in batches])
        theirs.append(20_000 / seconds)
    line(
        "facts/s through the batch service (goal 20,000)",
        f"{statistics.median(ours):,.0f}",
        f"ORM bulk_create {statistics.median(theirs):,.0f}",
    )


def _bulk_create(batch: list[dict[str, Any]], user: UUID) -> None:
    now = datetime.now(UTC)
    ToolInvocationFact.objects.bulk_create(
        ToolInvocationFact(
            id=new_id(), occurred_at=now, user_id=user, session_id=item["session_id"], tool_name=item["tool_name"],
            duration_us=round(item["latency_ms"] * 1000), ok=item["success"], retry_count=0,
        )
        for item in batch
    )  # fmt: skip


def bench_record() -> None:
    """record() in the caller while the flusher writes behind it."""
    times = []
    for number in range(20_000):
        started = time.perf_counter()
        events.record(
            "performance",
            operation=f"GET /x/{number % 50}",
            category="request",
            latency_ms=1.5,
            success=True,
            status=200,
        )
        times.append((time.perf_counter() - started) * 1000)
        if number % 100 == 0:
            time.sleep(0.01)
    recorder.facts_flush()
    line(
        "record() in the caller, p50 / p95 / p99 in ms (goal p95 1)",
        " / ".join(f"{quantile(times, q):.3f}" for q in (0.5, 0.95, 0.99)),
    )
    durable = [
        timed(
            lambda: events.record(
                "token_usage", model="m", phase="analysis", prompt_tokens=10, completion_tokens=5, latency_ms=2.0
            )
        )
        * 1000
        for _ in range(500)
    ]
    line(
        "durable record(), committed, p50 / p95 in ms", f"{quantile(durable, 0.5):.2f} / {quantile(durable, 0.95):.2f}"
    )


# --- generated facts -------------------------------------------------------------------------------------------------

_EXPRESSIONS = {
    "interaction": {
        "interaction_type": "(ARRAY['question','answer','summary','mini_quiz','next'])[1 + floor(random() * 5)::int]",
        "duration_us": "exp(random_normal() * 1.1 + 11)::bigint",
        "ok": "CASE WHEN random() < 0.4 THEN random() < 0.7 END",
    },
    "tool_invocation": {
        "tool_name": "'tool' || (random() * random() * 25)::int",
        "duration_us": "exp(random_normal() * 1.4 + 10)::bigint",
        "ok": "random() < 0.96",
        "retry_count": "0",
    },
    "token_usage": {
        "model": "'model' || (random() * 5)::int",
        "phase": "(ARRAY['analysis','planning','generation','interaction'])[1 + floor(random() * 4)::int]",
        "prompt_tokens": "(random() * 4000)::bigint",
        "completion_tokens": "(random() * 800)::bigint",
        "cost_usd": "CASE WHEN random() < 0.9 THEN (random() * 1000)::int * 0.000001 END",
        "duration_us": "exp(random_normal() + 13)::bigint",
        "ok": "true",
        "measured": "random() < 0.95",
    },
    "performance": {
        "operation": "'GET api/v1/route' || (random() * 80)::int",
        "category": "'request'",
        "duration_us": "exp(random_normal() * 1.2 + 9)::bigint",
        "ok": "random() < 0.99",
    },
    "event": {"event_type": "(ARRAY['opened','closed','moved'])[1 + floor(random() * 3)::int]"},
}
_SHARES = {"interaction": 0.2, "tool_invocation": 0.2, "token_usage": 0.1, "performance": 0.4, "event": 0.1}


def generate(kind: str, count: int, start: datetime, end: datetime, users: int, sessions: int) -> None:
    """Insert ``count`` facts of ``kind`` spread over ``[start, end)``; sessions come one after the other."""
    days = [start.date() + timedelta(days=n) for n in range((end.date() - start.date()).days + 1)]
    partitions_ensure(fact=kind, days=days)
    columns = _EXPRESSIONS[kind]
    statement = f"""
        INSERT INTO {KINDS[kind].table} (id, occurred_at, user_id, session_id, {", ".join(columns)})
        SELECT gen_random_uuid(), moment, md5('u' || session %% {users})::uuid, md5('s' || session)::uuid,
               {", ".join(columns.values())}
        FROM (
            SELECT %(start)s + position * (%(end)s::timestamptz - %(start)s::timestamptz) AS moment,
                   least((position * {sessions})::int + (random() * {sessions} / 200)::int, {sessions} - 1) AS session
            FROM (SELECT (n + random()) / {count} AS position FROM generate_series(0, {count - 1}) AS n) AS positions
        ) AS facts WHERE moment < %(end)s
    """
    execute("SET statement_timeout = 0")
    execute(statement, {"start": start, "end": end})


def fill_facts(count: int, start: datetime, end: datetime, users: int, sessions: int) -> None:
    """Generate ``count`` facts of all kinds over ``[start, end)`` and roll them up."""
    for kind, share in _SHARES.items():
        seconds = timed(lambda kind=kind, share=share: generate(kind, int(count * share), start, end, users, sessions))
        execute(f"VACUUM ANALYZE {KINDS[kind].table}")
        rollup_mark_stale(fact=kind, start=start, end=end)
        print(f"  generated {int(count * share):,} facts of kind {kind} in {seconds:.0f} s", flush=True)
    print(f"  rolled up in {timed(lambda: rollup_run()):.0f} s", flush=True)
    for table in ("rollup", "rollup_user", "rollup_session", "presence", "user_number", "session_number"):
        execute(f"VACUUM ANALYZE analytics_{table}")


def bench_rollup(count: int) -> None:
    """One hour of ``count`` facts: rolled up, against a scan by plain SQL of one of its three groupings."""
    hour = (datetime.now(UTC) - timedelta(hours=30)).replace(minute=0, second=0, microsecond=0)
    for kind, share in ((kind, share) for kind, share in _SHARES.items()):
        generate(kind, int(count * share), hour, hour + timedelta(hours=1), HOUR_USERS, HOUR_SESSIONS)
        execute(f"VACUUM ANALYZE {KINDS[kind].table}")
    times = []
    for _ in range(PAIRS):
        execute("TRUNCATE analytics_rollup, analytics_rollup_user, analytics_rollup_session, analytics_presence")
        times.append(timed(lambda: [rollup_hour(fact=kind, hour=hour) for kind in KINDS]))
    again = [timed(lambda: [rollup_hour(fact=kind, hour=hour) for kind in KINDS]) for _ in range(PAIRS)]
    scans = [timed(lambda: [_plain_hour(kind, hour) for kind in KINDS]) for _ in range(PAIRS)]
    line(
        f"rollup of one hour of {count:,} facts, all kinds, s (goal 2)",
        f"{statistics.median(times):.2f}",
        f"again {statistics.median(again):.2f}; plain GROUP BYs, nothing stored {statistics.median(scans):.2f}",
    )


def _plain_hour(kind: str, hour: datetime) -> None:
    source = sql.SUMMED[kind]
    for group in (source.key1, f"user_id, {source.key1}", "session_id"):
        execute(
            f"SELECT {group}, {source.measures()} FROM {source.table}"
            f" WHERE occurred_at >= %s AND occurred_at < %s GROUP BY {group}",
            [hour, hour + timedelta(hours=1)],
        )


# --- dashboard -------------------------------------------------------------------------------------------------------


def bench_dashboard(count: int) -> None:
    """A month's dashboard over ``count`` facts, from rollups, by plain SQL and by DuckDB."""
    end = datetime.now(UTC)
    start = end - timedelta(days=DAYS)
    fill_facts(count, start, end, USERS, SESSIONS)
    for name, span in (("a month", DAYS), ("a week", 7), ("a day", 1)):
        since, _ = latest_range(timedelta(days=span), end)
        first = []
        for _ in range(20):
            for kept in (figure_reads._read_closed, presence_reads._stored):
                kept.cache_clear()
            first.append(timed(lambda since=since: dashboard(since, end)) * 1000)
        times = [timed(lambda since=since: dashboard(since, end)) * 1000 for _ in range(60)]
        line(
            f"dashboard of {name} over {count:,} facts, ms (goal p95 50)",
            f"p50 {quantile(times, 0.5):.1f} p95 {quantile(times, 0.95):.1f}",
            f"the first in a process: p50 {quantile(first, 0.5):.1f} p95 {quantile(first, 0.95):.1f}",
        )
    plain = timed(lambda: _plain_dashboard(start, end))
    line("the same figures by plain SQL over the facts, ms", f"{plain * 1000:,.0f}")
    _compare(start, end)
    _duckdb(start, end)


PLAIN = {
    "interaction": "count(*), count(ok), count(*) FILTER (WHERE ok)",
    "tool_invocation": "count(*), count(*) FILTER (WHERE ok), sum(duration_us)",
    "token_usage": "sum(prompt_tokens), sum(completion_tokens), sum(cost_usd), count(*) - count(cost_usd)",
    "performance": "count(*), count(*) FILTER (WHERE ok), sum(duration_us), min(duration_us), max(duration_us)",
}
PERCENTILE = "percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY duration_us)"


def _plain_dashboard(start: datetime, end: datetime) -> list[Any]:
    """Headline, distinct users and sessions, percentiles, top tools, models, daily series; the range before is empty."""
    params = [start, end]
    within = "WHERE occurred_at >= %s AND occurred_at < %s"
    found = [execute(f"SELECT {columns} FROM {KINDS[kind].table} {within}", params) for kind, columns in PLAIN.items()]
    tables = [kind.table for kind in KINDS.values()]
    union = " UNION ALL ".join(f"SELECT user_id, session_id FROM {table} {within}" for table in tables)
    found.append(
        execute(f"SELECT count(DISTINCT user_id), count(DISTINCT session_id) FROM ({union}) AS f", params * len(tables))
    )
    found.append(execute(f"SELECT {PERCENTILE} FROM analytics_fact_performance {within}", params))
    found.append(
        execute(
            f"SELECT tool_name, count(*) AS n, {PERCENTILE} FROM analytics_fact_tool_invocation {within}"
            " GROUP BY 1 ORDER BY n DESC LIMIT 10",
            params,
        )
    )
    found.append(
        execute(f"SELECT model, sum(prompt_tokens) FROM analytics_fact_token_usage {within} GROUP BY 1", params)
    )
    found += [
        execute(f"SELECT date_trunc('day', occurred_at), count(*) FROM {KINDS[kind].table} {within} GROUP BY 1", params)
        for kind in ("interaction", "token_usage", "performance")
    ]
    return found


def _compare(start: datetime, end: datetime) -> None:
    """Figures from rollups equal the scan to the last unit; percentiles are within 3 %."""
    board = dashboard(start, end)
    plain = _plain_dashboard(start, end)
    interactions, tools, tokens, requests, people, percentiles = (
        plain[0][0],
        plain[1][0],
        plain[2][0],
        plain[3][0],
        plain[4][0],
        plain[5][0][0],
    )
    equal = (
        (board["interactions"], board["quiz_answers"], board["correct_answers"]) == interactions
        and (board["tool_invocations"], board["prompt_tokens"], board["completion_tokens"]) == (tools[0], *tokens[:2])
        and (board["requests"], board["users"], board["sessions"]) == (requests[0], *people)
        and total(FigureQuery("performance", start, end)).total_us == requests[2]
        and total(FigureQuery("token_usage", start, end)).cost_usd == tokens[2]
        and board["unpriced_calls"] == tokens[3]
    )
    line("figures equal the scan of all facts to the last unit", str(equal))
    ours = [board[f"p{name}_response_time"] * 1_000_000 for name in (50, 95, 99)]
    errors = [abs(found - exact) / exact for found, exact in zip(ours, percentiles, strict=True)]
    line("error of p50 / p95 / p99 against exact (goal 3 %)", " / ".join(f"{error:.2%}" for error in errors))


def _duckdb(start: datetime, end: datetime) -> None:
    """The same figures by DuckDB, its tables in memory: the limit of what a scan can do."""
    try:
        import duckdb
    except ImportError:
        line("DuckDB", "not installed (requirements-dev)")
        return
    with tempfile.TemporaryDirectory() as folder:
        database = duckdb.connect()
        database.execute("SET threads = 2")
        for kind in KINDS:
            path = Path(folder) / f"{kind}.csv"
            columns = ["occurred_at", "user_id", "session_id", *_EXPRESSIONS[kind]]
            with (
                connection.cursor() as cursor,
                path.open("wb") as file,
                cursor.copy(
                    f"COPY (SELECT {', '.join(columns)} FROM {KINDS[kind].table}) TO STDOUT CSV HEADER"
                ) as copy,
            ):
                for data in copy:
                    file.write(data)
            database.execute(f"CREATE TABLE {KINDS[kind].table} AS SELECT * FROM read_csv('{path}')")
            path.unlink()
        seconds = [timed(lambda: _duckdb_dashboard(database, start, end)) for _ in range(PAIRS)]
    line("the same figures by DuckDB over the same rows, ms", f"{statistics.median(seconds) * 1000:,.0f}")


def _duckdb_dashboard(database: Any, start: datetime, end: datetime) -> None:
    params = [start, end]
    within = "WHERE occurred_at >= ? AND occurred_at < ?"
    percentile = "quantile_cont(duration_us, [0.5, 0.95, 0.99])"

    def run(statement: str, values: list[Any]) -> None:
        database.execute(statement, values).fetchall()

    for kind, columns in PLAIN.items():
        run(f"SELECT {columns} FROM {KINDS[kind].table} {within}", params)
    tables = [kind.table for kind in KINDS.values()]
    union = " UNION ALL ".join(f"SELECT user_id, session_id FROM {table} {within}" for table in tables)
    run(f"SELECT count(DISTINCT user_id), count(DISTINCT session_id) FROM ({union})", params * len(tables))
    run(f"SELECT {percentile} FROM analytics_fact_performance {within}", params)
    run(
        f"SELECT tool_name, count(*) AS n, {percentile} FROM analytics_fact_tool_invocation {within} GROUP BY 1 ORDER BY n DESC LIMIT 10",
        params,
    )
    run(f"SELECT model, sum(prompt_tokens) FROM analytics_fact_token_usage {within} GROUP BY 1", params)
    for kind in ("interaction", "token_usage", "performance"):
        run(
            f"SELECT CAST(date_trunc('day', occurred_at) AS VARCHAR), count(*) FROM {KINDS[kind].table} {within} GROUP BY 1",
            params,
        )


def empty_facts() -> None:
    """Start the next part with nothing."""
    tables = [kind.table for kind in KINDS.values()]
    names = (
        "rollup",
        "rollup_user",
        "rollup_session",
        "presence",
        "user_number",
        "session_number",
        "stale_window",
        "stale_session",
        "fact_state",
    )
    execute(f"TRUNCATE {', '.join([*tables, *(f'analytics_{name}' for name in names)])}")


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed: the facts are generated")
    parser.add_argument("--facts", type=int, default=10_000_000)
    parser.add_argument("--hour-facts", type=int, default=500_000)
    parser.add_argument("--only", default="write,record,rollup,dashboard")
    options = parser.parse_args()
    parts = options.only.split(",")
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        if "write" in parts:
            bench_write()
        if "record" in parts:
            bench_record()
        if "rollup" in parts:
            empty_facts()
            bench_rollup(options.hour_facts)
        if "dashboard" in parts:
            empty_facts()
            bench_dashboard(options.facts)
    finally:
        recorder._buffer.close()
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
