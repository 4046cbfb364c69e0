"""Latency of every endpoint that waits for no model, at 50 connections; list and detail beside a minimal DRF endpoint.

    python -m benchmarks.http [--documents 2000] [--messages 20000] [--facts 100000] [--connections 50] [--pairs 5]
        [--seconds 4] [--workers 2] [--only ratio,endpoints,saturated] [--soak MINUTES] [--port 8790]

Starts a stack of its own in a folder of its own, fills it (the goal is meant with --documents 100000 --messages 1000000
--facts 10000000), takes the sample document through the main job, and ends both. The load comes from a second process.

``ratio``: alternating pairs, as fast as one web process can; requests a second, and CPU of that process a request.
``endpoints``: each connection asks one endpoint once a second on average, as people do: the p95 that the goal names.
``saturated``: all endpoints in turn, as fast as the connections can: then waiting is connections / throughput.
``--soak``: the mixed load with pauses for so long; 5xx answers, and the memory of every process at begin and end.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from tutor_project.settings.runtime import RUNTIME_SETTINGS
from tutor_project.stack.client import TutorClient
from tutor_project.stack.main_job import run_main_job

ROOT = Path(__file__).resolve().parents[1]
RATIO_GOAL, P95_GOAL_MS, PAUSE_SECONDS = 0.7, 100.0, 1.0

Request = dict[str, Any]

LEARNER = """
auth/me flags folders folders/{folder} sessions sessions?limit=100 sessions?active=true sessions/{session}
sessions/{session}/messages sessions/{session}/documents sessions/{session}/quizzes sessions/{session}/interactions
sessions/{session}/analytics sessions/{made}/analysis sessions/{made}/plan sessions/{made}/lesson sessions/{made}/mastery
sessions/{made}/questions/export quizzes/{quiz} quizzes/{quiz}/attempts documents/{document}
documents/{document}/content?type=text_only documents/{document}/file documents/stats jobs jobs?status=completed jobs/{job}
jobs/statistics reviews/due users/me/analytics users/me/analytics?time_range=30d analytics/events analytics/tools
analytics/tokens?time_range=30d analytics/spend analytics/spend/remaining analytics/performance
""".split()
STAFF = """
config system/health system/status documents/pending-embeddings review-queue analytics/system analytics/dashboard
analytics/dashboard?time_range=30d analytics/performance?time_range=30d analytics/tools?time_range=30d
analytics/cohorts/active-learners analytics/cohorts/retention analytics/cohorts/mastery
analytics/cohorts/missed-questions analytics/cohorts/unused-documents jobs?limit=100
""".split()


def line(name: str, value: str, other: str = "") -> None:
    """One row of the report."""
    print(f"{name:<66} {value:>10} {other}", flush=True)


def quantile(values: list[float], fraction: float) -> float:
    """Nearest-rank quantile; NaN of nothing."""
    return sorted(values)[min(int(fraction * len(values)), len(values) - 1)] if values else float("nan")


# --- the stack -------------------------------------------------------------------------------------------------------


@contextmanager
def stack(port: int, workers: int) -> Iterator[tuple[TutorClient, dict[str, str]]]:
    """A running stack; yields the administrator's client and the environment of its processes."""
    folder = tempfile.mkdtemp(prefix="bench-http-")
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "LLM_MODEL", "TUTOR_ROLE")}
    environment = {**kept, "TUTOR_VAR_DIR": folder, "PORT": str(port), "WEB_WORKERS": str(workers)}
    command = [sys.executable, "-m", "tutor_project.stack"]
    try:
        subprocess.run([*command, "up"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        admin = TutorClient(f"http://127.0.0.1:{port}")
        admin.login("admin", json.loads((Path(folder) / "credentials.json").read_text())["admin"])
        for scope in ("DEFAULT", "GENERATE", "UPLOAD"):
            key = f"THROTTLE_{scope}"
            most = json.dumps({"value": RUNTIME_SETTINGS[key].maximum}).encode()
            admin.request("PUT", f"/config/{key}", most, "application/json")
        yield admin, environment
    finally:
        subprocess.run([*command, "down"], cwd=ROOT, env=environment, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


def filled(environment: dict[str, str], asked: argparse.Namespace) -> dict[str, str]:
    """Fill the database; the ids and tokens that the load uses."""
    sizes = [f"--{name}={getattr(asked, name)}" for name in ("documents", "messages", "facts")]
    command = [sys.executable, "-m", "benchmarks.support.http_fill", *sizes]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def made(client: TutorClient) -> dict[str, str]:
    """Take the sample through the main job; the ids of what it made."""
    result = run_main_job(client, ROOT / "samples" / "photosynthesis.md", lambda what, percent: None)
    jobs = client.get("/jobs?limit=1")["results"]
    return {
        "made": result.session["session_id"], "quiz": result.quiz["id"], "document": result.documents[0]["id"],
        "job": jobs[0]["id"],
    }  # fmt: skip


def requests_of(names: dict[str, str]) -> list[Request]:
    """Every request of the load."""
    found = [
        {"name": f"GET {path}{' (staff)' if token == 'staff' else ''}", "path": f"/api/v1/{path.format(**names)}",
         "token": names[token]}
        for paths, token in ((LEARNER, "token"), (STAFF, "staff")) for path in paths
    ]  # fmt: skip
    bodies = {
        "sessions": {"title": "Another session"},
        "sessions/{made}/search": {"query": "what splits water?", "limit": 5},
        "analytics/events": {"event_type": "opened"},
    }
    for path, body in bodies.items():
        request = {"method": "POST", "path": f"/api/v1/{path.format(**names)}", "token": names["token"], "body": body}
        found.append({"name": f"POST {path}", **request})
    return found


# --- the load --------------------------------------------------------------------------------------------------------


def load(url: str, requests: list[Request], connections: int, seconds: float, pause: float = 0.0) -> dict[str, Any]:
    """Load from a second process; by name the latencies and the statuses."""
    plan = {"url": url, "requests": requests, "connections": connections, "seconds": seconds, "pause": pause}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.support.http_load"],
        cwd=ROOT, input=json.dumps(plan).encode(), stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def processes(port: int) -> list[psutil.Process]:
    """The server that listens on ``port``, with its children."""
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            server = psutil.Process(connection.pid)
            while (parent := server.parent()) and "granian" in " ".join(parent.cmdline()):
                server = parent
            return [server, *server.children(recursive=True)]
    raise SystemExit(f"nothing listens on port {port}")


def cpu_seconds(port: int) -> float:
    """CPU that the server on ``port`` has used."""
    return _used(processes(port))


def _used(processes: list[psutil.Process]) -> float:
    """CPU seconds of these processes, those that have just ended left out."""
    total = 0.0
    for process in processes:
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:2])
    return total


@contextmanager
def server(application: str, port: int, environment: dict[str, str]) -> Iterator[str]:
    """One web process of ``application``; yields its URL."""
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--http", "1", "--no-ws", "--workers", "1", "--log-level", "warning", application]
    log = Path(environment["TUTOR_VAR_DIR"]) / "log" / f"bench-{port}.log"  # a log line goes to a file on both sides
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not _listening(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{application} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


# --- the parts -------------------------------------------------------------------------------------------------------


def bench_ratio(names: dict[str, str], environment: dict[str, str], asked: argparse.Namespace) -> None:
    """List and detail against the minimal endpoints, in alternating pairs on one web process each."""
    minimal = {**environment, "DJANGO_SETTINGS_MODULE": ""}
    with (
        server("tutor_project.asgi:application", asked.port + 1, environment),
        server("benchmarks.rivals.http_minimal:application", asked.port + 2, minimal),
    ):
        session = names["session"]
        cases = {
            "list": ("/api/v1/sessions?limit=20", "/rows"),
            "detail": (f"/api/v1/sessions/{session}", f"/rows/{session}"),
        }
        for name, paths in cases.items():
            sides: list[list[tuple[float, float, float, float]]] = [[], []]
            for number in range(asked.pairs + 1):
                for side, path in enumerate(paths):
                    figures = _rate(asked.port + 1 + side, path, names["token"], asked)
                    if number:  # the first pair warms up
                        sides[side].append(figures)
            ours, theirs = ([statistics.median(values) for values in zip(*side, strict=True)] for side in sides)
            for title, (rate, p50, p95, cpu) in (("this project", ours), ("minimal DRF", theirs)):
                other = f"p50 {p50:.0f} ms   p95 {p95:.0f} ms   CPU {cpu:.2f} ms a request"
                line(f"{name}, {title}, requests a second", f"{rate:.0f}", other)
            pairs = list(zip(*sides, strict=True))
            rate = statistics.median(one[0] / other[0] for one, other in pairs)
            cpu = statistics.median(other[3] / one[3] for one, other in pairs)
            line(f"  ratio, median of {len(pairs)} pairs (goal {RATIO_GOAL})", f"{rate:.2f}", f"by CPU {cpu:.2f}")


def _rate(port: int, path: str, token: str, asked: argparse.Namespace) -> tuple[float, float, float, float]:
    """Requests a second, p50 and p95 in ms, CPU ms a request."""
    before = cpu_seconds(port)
    request = {"name": "it", "path": path, "token": token}
    latencies, statuses = load(f"http://127.0.0.1:{port}", [request], asked.connections, asked.seconds)["it"]
    if set(statuses) != {"200"}:
        raise SystemExit(f"{path} was answered with {statuses}")
    cpu = (cpu_seconds(port) - before) / len(latencies) * 1000
    return len(latencies) / asked.seconds, quantile(latencies, 0.5), quantile(latencies, 0.95), cpu


def bench_endpoints(url: str, requests: list[Request], asked: argparse.Namespace, folder: str) -> None:
    """p50 and p95 of each endpoint at its own, with pauses; and what a request takes of CPU, which a busy machine shows
    as well as a quiet one.
    """
    missed = []
    database = psutil.Process(int(next(Path(folder).rglob("postmaster.pid")).read_text().split()[0]))
    for request in requests:
        load(url, [request], 4, 0.5)
        before = cpu_seconds(asked.port), _used(database.children())
        latencies, statuses = load(url, [request], asked.connections, asked.seconds, PAUSE_SECONDS)[request["name"]]
        p95 = quantile(latencies, 0.95)
        fault = "" if set(statuses) <= {"200", "201", "202"} else f"   answers {statuses}"
        if p95 > P95_GOAL_MS or fault:
            missed.append(request["name"])
        cpu = (cpu_seconds(asked.port) - before[0]) / len(latencies) * 1000
        queries = (_used(database.children()) - before[1]) / len(latencies) * 1000
        other = f"p50 {quantile(latencies, 0.5):.0f} ms   CPU {cpu:.1f} ms, database {queries:.1f} ms{fault}"
        line(request["name"], f"{p95:.0f} ms", other)
    line(f"endpoints with p95 above {P95_GOAL_MS:.0f} ms or another answer", str(len(missed)), ", ".join(missed))


def bench_saturated(url: str, requests: list[Request], asked: argparse.Namespace) -> None:
    """All endpoints in turn, without pauses."""
    found = load(url, requests, asked.connections, 5 * asked.seconds)
    latencies = [value for values, _ in found.values() for value in values]
    other = f"p50 {quantile(latencies, 0.5):.0f} ms   p95 {quantile(latencies, 0.95):.0f} ms, answers {dict(_answers(found))}"
    line("all in turn, no pauses, requests a second", f"{len(latencies) / (5 * asked.seconds):.0f}", other)


def _answers(found: dict[str, Any]) -> Counter[str]:
    """Number of answers by status."""
    return sum((Counter(statuses) for _, statuses in found.values()), Counter())


def bench_soak(url: str, requests: list[Request], asked: argparse.Namespace, folder: str) -> None:
    """Mixed load for long; memory of the processes of the stack by their program, every five minutes."""
    load(url, requests, asked.connections, 30, PAUSE_SECONDS)
    line("soak, warmed up", "", f"memory: {_memory(folder)}")
    latencies: list[float] = []
    counts: Counter[str] = Counter()
    parts = max(round(asked.soak / 5), 1)
    for part in range(1, parts + 1):
        found = load(url, requests, asked.connections, asked.soak * 60 / parts, PAUSE_SECONDS)
        values = [value for times, _ in found.values() for value in times]
        latencies += values
        counts += _answers(found)
        for name, (_, statuses) in found.items():
            if broken := {status: count for status, count in statuses.items() if status >= "5"}:
                line(f"  {name}", "", f"answered {broken}")
        minutes = asked.soak * part / parts
        line(
            f"  after {minutes:.0f} minutes, p95 since",
            f"{quantile(values, 0.95):.0f} ms",
            f"memory: {_memory(folder)}",
        )
    line(f"soak of {asked.soak:g} minutes, requests", f"{len(latencies):,}", f"answers {dict(counts)}")
    line("  p50 / p95 / p99 of all", " / ".join(f"{quantile(latencies, q):.0f}" for q in (0.5, 0.95, 0.99)), "ms")


def _memory(folder: str) -> dict[str, int]:
    """Resident MB by program, summed over its processes."""
    totals: dict[str, int] = {}
    for process in psutil.process_iter():
        try:
            if process.environ().get("TUTOR_VAR_DIR") != folder:
                continue
            words = process.cmdline()
            program = next((word for word in ("granian", "beat", "worker") if word in words), "")
            if program:
                totals[program] = totals.get(program, 0) + (process.memory_info().rss >> 20)
        except psutil.Error:
            continue
    return totals


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed: the data are generated")
    for name, default in (("documents", 2000), ("messages", 20_000), ("facts", 100_000), ("connections", 50)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--workers", type=int, default=2, help="web processes of the stack")
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--only", default="ratio,endpoints,saturated")
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    asked = parser.parse_args()
    parts = asked.only.split(",")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # ends the stack as well
    with stack(asked.port, asked.workers) as (admin, environment):
        names = filled(environment, asked)
        names |= made(TutorClient(admin.base_url, names["token"]))
        requests = requests_of(names)
        if "ratio" in parts:
            bench_ratio(names, environment, asked)
        if "endpoints" in parts:
            bench_endpoints(admin.base_url, requests, asked, environment["TUTOR_VAR_DIR"])
        if "saturated" in parts:
            bench_saturated(admin.base_url, requests, asked)
        if asked.soak:
            bench_soak(admin.base_url, requests, asked, environment["TUTOR_VAR_DIR"])


if __name__ == "__main__":
    main()
