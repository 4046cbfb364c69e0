"""The job ledger against bare Celery in the same worker, and its reads and sweeps over a million jobs.

    python -m benchmarks.jobs [--jobs 200] [--waiting 10000] [--rows 1000000] [--pairs 5] [--only cost,priority,rows]

No material is needed (``--data`` is accepted). Servers and worker of its own run in a folder of its own and end with
it. Absolute times belong to the machine; the factor against bare Celery is measured in alternating pairs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

folder = tempfile.TemporaryDirectory(prefix="bench-jobs-", ignore_cleanup_errors=True)
os.environ["TUTOR_VAR_DIR"] = folder.name
os.environ["FACT_FLUSHER"] = "false"
os.environ["ALLOWED_HOSTS"] = "testserver"
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")
for variable in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(variable, None)

from tutor_project import embedded  # noqa: E402

embedded.ensure_postgres(Path(folder.name))
embedded.ensure_redis(Path(folder.name))

import django  # noqa: E402
import psutil  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from benchmarks.rivals.jobs_bare import DONE_KEY, bare  # noqa: E402
from jobs_app.models import Job  # noqa: E402
from jobs_app.services.creation import job_create, job_create_many  # noqa: E402
from jobs_app.services.sweeping import sweep  # noqa: E402
from tutor_project.accounts.services import token_create  # noqa: E402
from tutor_project.common.redis import client  # noqa: E402

LIMIT_SECONDS = 600.0
SELDOM = 0.05
"""Both sides are asked so often whether they are through: asking takes from what is measured."""


def line(name: str, value: str, other: str = "") -> None:
    """One row of the report."""
    print(f"{name:<62} {value:>14} {other}", flush=True)


def quantile(values: list[float], fraction: float) -> float:
    """Nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[min(int(fraction * len(ordered)), len(ordered) - 1)]


def wait_for(done: Callable[[], bool], every: float = 0.01) -> None:
    """Poll until ``done()``; raises TimeoutError."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("the worker does not get through")
        time.sleep(every)


@contextmanager
def workers(*queues: str, processes: int = 1) -> Iterator[None]:
    """Celery workers, one for each list of queues, while the block runs."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "--app",
        "tutor_project",
        "worker",
        "--include",
        "benchmarks.rivals.jobs_bare",
    ]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "error", "--concurrency", str(processes)]
    started = [
        subprocess.Popen(
            [*command, "--queues", served, "--hostname", f"w{number}@%h"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number, served in enumerate(queues)
    ]
    try:
        for served in queues:
            job = job_create(job_type="ping", priority=served.split(",")[0].replace("default", "medium"))
            wait_for(lambda pk=job.pk: Job.objects.filter(pk=pk, status="completed").exists())
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


# --- what a job costs ------------------------------------------------------------------------------------------------


def bench_cost(jobs: int, pairs: int) -> None:
    """Enqueue to finish, of many one after the other, in one worker process."""
    ours, theirs = [], []
    with workers("high,default,low"):
        for number in range(pairs + 1):
            pair = _with_cpu(_ledger, jobs), _with_cpu(_bare, jobs)
            if number:  # the first pair opens connections and loads what is loaded once
                ours.append(pair[0])
                theirs.append(pair[1])
    for name, goal, index in (
        ("enqueue to finish", " (goal 2.5)", 0),
        ("CPU of all processes, servers included", "", 1),
    ):
        factors = [one[index] / other[index] for one, other in zip(ours, theirs, strict=True)]
        each, other = (statistics.median(side[index] for side in sides) / jobs * 1000 for sides in (ours, theirs))
        line(f"a job, {name} (ms)", f"{each:.2f}", f"bare Celery task {other:.2f}")
        spread = f"{min(factors):.2f} to {max(factors):.2f}"
        line(f"  factor, median of the pairs{goal}", f"{statistics.median(factors):.2f}", spread)


def _with_cpu(run: Callable[[int], float], jobs: int) -> tuple[float, float]:
    """Seconds by the clock, and of CPU: on a busy machine the second still tells what the first cannot."""
    before = _cpu()
    return run(jobs), _cpu() - before


def _cpu() -> float:
    """CPU seconds of this process, its children (workers and servers), and what these have started."""
    total = 0.0
    own = psutil.Process()
    pids = [int(file.read_text().split()[0]) for file in Path(folder.name).rglob("postmaster.pid")]
    servers = [psutil.Process(pid) for pid in (*pids, int(client().info()["process_id"]))]  # type: ignore[index]
    for process in {own, *own.children(recursive=True), *servers, *(c for s in servers for c in s.children())}:
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:2])
    return total


def _ledger(jobs: int) -> float:
    started = time.perf_counter()
    ids = [job_create(job_type="ping").pk for _ in range(jobs)]
    wait_for(lambda: _completed(ids[-1:]) == 1, SELDOM)
    wait_for(lambda: _completed(ids) == jobs, SELDOM)
    return time.perf_counter() - started


def _completed(ids: list[Any]) -> int:
    """How many of the jobs have ended; asked plainly, since the asking takes from what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM jobs_app_job WHERE id = ANY(%s) AND status = 'completed'", [ids])
        return int(cursor.fetchone()[0])


def _bare(jobs: int) -> float:
    client().delete(DONE_KEY)
    started = time.perf_counter()
    for _ in range(jobs):
        bare.apply_async(queue="default", retry=False)
    wait_for(lambda: int(client().get(DONE_KEY) or 0) >= jobs, SELDOM)  # type: ignore[arg-type]
    return time.perf_counter() - started


# --- priorities ------------------------------------------------------------------------------------------------------


def bench_priority(waiting: int) -> None:
    """How soon a high job starts while low ones by the thousand wait."""
    with workers("high,default,low", "high"):
        job_create_many(job_type="ping", items=[{}] * waiting, owner_id=None, parent=None, priority="low")
        delays, depths = [], []
        for _ in range(60):
            depths.append(Job.objects.filter(status="pending", priority="low").count())
            job = job_create(job_type="ping", priority="high")
            wait_for(lambda pk=job.pk: Job.objects.filter(pk=pk, status="completed").exists())
            job.refresh_from_db()
            assert job.started_at is not None
            delays.append((job.started_at - job.created_at).total_seconds() * 1000)
        Job.objects.filter(status="pending").update(status="cancelled")
        client().delete("low")
    beside = f"median {statistics.median(delays):.0f}; {depths[0]} to {depths[-1]} low ones waited"
    line("a high job starts after, p95 (ms, goal 250)", f"{quantile(delays, 0.95):.0f}", beside)


# --- a million rows --------------------------------------------------------------------------------------------------

_FILL = """
INSERT INTO jobs_app_job (id, created_at, updated_at, job_type, status, priority, is_group, input, metadata, trigger,
    progress, stage, attempts, max_attempts, quarantined, started_at, completed_at, worker, owner_id, result)
SELECT uuidv7(make_interval(secs => n - %(rows)s)), now() - make_interval(secs => %(rows)s - n), now(),
    (ARRAY['ping', 'document_ingest', 'session_analysis', 'health_check'])[1 + n %% 4],
    (ARRAY['completed', 'completed', 'completed', 'failed', 'cancelled'])[1 + n %% 5],
    (ARRAY['low', 'medium', 'high'])[1 + n %% 3], false, '{}', '{}', 'system', 100, 'done', 1, 3, false,
    now() - make_interval(secs => %(rows)s - n), now() - make_interval(secs => %(rows)s - n - 1), 'w',
    CASE WHEN n %% 100 = 0 THEN %(owner)s::uuid END, '{"attempt": 1}'
FROM generate_series(1, %(rows)s) n
"""


def bench_rows(rows: int) -> None:
    """The sweeper and the list of jobs over many finished ones."""
    users = get_user_model().objects
    learner, staff = users.create_user("learner"), users.create_user("staff", is_staff=True)
    sweep()
    empty = statistics.median(_timed(sweep) for _ in range(21))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_FILL, {"rows": rows, "owner": learner.pk})
        cursor.execute("VACUUM ANALYZE jobs_app_job")
    sweep()
    times = [_timed(sweep) for _ in range(21)]
    line(
        f"sweep over {rows:,} finished jobs, median (ms, goal 50)",
        f"{statistics.median(times):.1f}",
        f"an empty ledger {empty:.1f}",
    )
    for name, user in (("staff", staff), ("learner, 1 % of the rows", learner)):
        api = APIClient()
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {token_create(user=user)[1]}")
        urls = ["", "?status=failed", "?job_type=ping", "?job_type=ping&status=failed", "?priority=low", "?limit=50"]
        for url in urls:
            assert api.get(f"/api/v1/jobs{url}").status_code == 200
        found = [_timed(lambda url=url, api=api: api.get(f"/api/v1/jobs{url}")) for url in urls * 20]
        beside = f"median {statistics.median(found):.1f}; plain SQL of a page {_plain(user):.1f}"
        line(f"GET /jobs, {name}, p95 (ms, goal 30)", f"{quantile(found, 0.95):.1f}", beside)


def _plain(user: Any) -> float:
    scope = "" if user.is_staff else "WHERE owner_id = %s"

    def page() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT * FROM jobs_app_job {scope} ORDER BY id DESC LIMIT 20", [user.pk] if scope else None
            )
            cursor.fetchall()

    return statistics.median(_timed(page) for _ in range(21))


def _timed(action: Callable[[], Any]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed here")
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", default="cost,priority,rows")
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    parts = asked.only.split(",")
    try:
        if "cost" in parts:
            bench_cost(asked.jobs, asked.pairs)
        if "priority" in parts:
            bench_priority(asked.waiting)
        if "rows" in parts:
            bench_rows(asked.rows)
    finally:
        connection.close()
        embedded.stop(Path(folder.name))


if __name__ == "__main__":
    main()
