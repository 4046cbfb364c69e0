"""Latency and throughput of list and detail, beside a minimal DRF endpoint on the same server in the same run.

    python -m benchmarks.http --url http://127.0.0.1:8000 --token TOKEN [--connections 16] [--seconds 3] [--pairs 5]

Needs a running stack (``make up``) and a learner's token; it starts and stops the minimal side itself. The load comes
from this process over keep-alive connections, so on two cores it takes part of what it measures from both sides alike.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

BAR = 0.7


@dataclass
class Result:
    """Requests a second, latencies in milliseconds, and answers that were not 200."""

    rate: float
    p50: float
    p95: float
    bad: int


async def load(url: str, token: str, connections: int, seconds: float) -> Result:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    request = (
        f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n\r\n"
    ).encode()
    latencies: list[float] = []
    bad = 0
    end = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal bad
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while time.perf_counter() < end:
            started = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
            )
            await reader.readexactly(length)
            latencies.append((time.perf_counter() - started) * 1000)
            bad += b" 200 " not in head.split(b"\r\n", 1)[0]
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    elapsed = time.perf_counter() - started
    latencies.sort()
    return Result(len(latencies) / elapsed, latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.95)], bad)


def start_minimal(port: int, workers: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
        "--workers", str(workers), "--log-level", "warning", "benchmarks.http_minimal:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, env={**os.environ, "DJANGO_SETTINGS_MODULE": ""})
    for _ in range(200):
        try:
            asyncio.run(_probe(port))
            return process
        except OSError:
            time.sleep(0.1)
    process.terminate()
    raise SystemExit("the minimal side did not start")


async def _probe(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


def api(url: str, token: str, method: str, path: str, body: object = None) -> dict:
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url + path, data, headers, method=method)) as response:
        return json.loads(response.read())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", required=True)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1, help="web processes of both sides")
    parser.add_argument("--port", type=int, default=8799)
    arguments = parser.parse_args()
    while len(api(arguments.url, arguments.token, "GET", "/api/v1/sessions?limit=20")["results"]) < 20:
        api(arguments.url, arguments.token, "POST", "/api/v1/sessions", {"title": "A session to list"})
    session = api(arguments.url, arguments.token, "GET", "/api/v1/sessions?limit=1")["results"][0]["id"]
    minimal = start_minimal(arguments.port, arguments.workers)
    try:
        other = f"http://127.0.0.1:{arguments.port}"
        cases = {
            "list": (f"{arguments.url}/api/v1/sessions?limit=20", f"{other}/rows"),
            "detail": (f"{arguments.url}/api/v1/sessions/{session}", f"{other}/rows/{session}"),
        }
        for name, sides in cases.items():
            compare(name, sides, arguments)
    finally:
        minimal.terminate()
        minimal.wait(10)


def compare(name: str, sides: tuple[str, str], arguments: argparse.Namespace) -> None:
    for url in sides:
        asyncio.run(load(url, arguments.token, arguments.connections, 1.0))
    pairs = [
        tuple(asyncio.run(load(url, arguments.token, arguments.connections, arguments.seconds)) for url in sides)
        for _ in range(arguments.pairs)
    ]
    ratio = statistics.median(ours.rate / theirs.rate for ours, theirs in pairs)
    for side, index in (("this project", 0), ("minimal DRF", 1)):
        runs = [pair[index] for pair in pairs]
        print(
            f"{name:7} {side:13} {statistics.median(r.rate for r in runs):7.0f} req/s"
            f"   p50 {statistics.median(r.p50 for r in runs):6.1f} ms   p95 {statistics.median(r.p95 for r in runs):6.1f} ms"
            f"   not 200: {sum(r.bad for r in runs)}"
        )
    print(f"{name:7} ratio {ratio:.2f} (median of {len(pairs)} pairs; bar {BAR})")


if __name__ == "__main__":
    main()
