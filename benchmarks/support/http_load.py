"""The load of ``benchmarks.http``, in a process of its own: keep-alive connections that ask and wait.

    python -m benchmarks.support.http_load < plan.json > result.json

The plan: ``{"url", "connections", "seconds", "pause", "requests": [{"name", "method", "path", "body", "token"}]}``. Each
connection takes the requests in turn, each from another place of the list, and pauses ``pause`` seconds on average
between two (0: never). The result: by name ``[latencies in ms, counts by status]``.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Any
from urllib.parse import urlsplit

Result = dict[str, tuple[list[float], dict[str, int]]]


def encoded(request: dict[str, Any], host: str) -> bytes:
    """Return the bytes of a request."""
    body = json.dumps(request["body"]).encode() if request.get("body") is not None else b""
    head = [
        f"{request.get('method', 'GET')} {request['path']} HTTP/1.1", f"Host: {host}", "Accept: application/json",
        f"Authorization: Bearer {request['token']}",
    ]  # fmt: skip
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body


async def answer(reader: asyncio.StreamReader) -> str:
    """Read one response to its end; returns its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    lines = head.split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), None)
    if length is not None:
        await reader.readexactly(length)
    elif b"transfer-encoding: chunked" in head:
        while (size := int(await reader.readuntil(b"\r\n"), 16)) >= 0:
            await reader.readexactly(size + 2)
            if size == 0:
                break
    return lines[0].split()[1].decode()


async def load(plan: dict[str, Any]) -> Result:
    """Carry out the plan."""
    parts = urlsplit(plan["url"])
    wire = [(request["name"], encoded(request, parts.netloc)) for request in plan["requests"]]
    results: Result = {name: ([], {}) for name, _ in wire}
    end = time.perf_counter() + plan["seconds"]
    pick = random.Random(1)

    async def client(position: int) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        if plan["pause"]:
            await asyncio.sleep(plan["pause"] * pick.random())
        while time.perf_counter() < end:
            name, data = wire[position % len(wire)]
            position += 1
            started = time.perf_counter()
            writer.write(data)
            status = await answer(reader)
            latencies, statuses = results[name]
            latencies.append((time.perf_counter() - started) * 1000)
            statuses[status] = statuses.get(status, 0) + 1
            if plan["pause"]:
                await asyncio.sleep(plan["pause"] * 2 * pick.random())
        writer.close()

    await asyncio.gather(*(client(position) for position in range(plan["connections"])))
    return results


if __name__ == "__main__":
    json.dump(asyncio.run(load(json.load(sys.stdin))), sys.stdout)
