"""What streams cost while they are open: database connections, workers, and the answers of everybody else.

    python -m benchmarks.tutoring_streams [--streams 50]

Starts a stack of its own and a stand-in model that speaks slowly, opens the streams of ``ask`` all at once, and looks at
``pg_stat_activity``, at the job workers and at a plain request before and while they are open. Needs no data.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from benchmarks.support.own_stack import ROOT, own_stack
from tests.support import openai_server as serve
from tests.support.course_model import course_model
from tutor_project import embedded
from tutor_project.stack.client import TutorClient

SAMPLE = ROOT / "samples" / "photosynthesis.md"
QUESTION = "How does chlorophyll absorb light and reflect green light?"
PATIENCE = 120.0
_BACKENDS = """
SELECT count(*), count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE state LIKE 'idle in transaction%%')
FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Speaker:
    """A model that says its answer at once and then goes on without a word until it is told to stop."""

    def __init__(self) -> None:
        self.enough = threading.Event()

    def __call__(self, handler: serve.ChatHandler, payload: serve.Payload) -> None:
        said = course_model(payload)
        if not payload.get("stream"):
            serve.reply(said)(handler, payload)
            return
        handler.start_stream()
        handler.send_pieces(payload, [said + "\n"])
        while not self.enough.wait(0.5):
            handler.send_pieces(payload, [" "])
        handler.end_stream(payload, said, finish="stop", usage=True)


class Stream(threading.Thread):
    """A learner who listens: when the first word came, and how it ended."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(daemon=True)
        self.request = urllib.request.Request(
            url,
            data=json.dumps({"question": QUESTION}).encode(),
            headers={
                "Authorization": f"Bearer {token}", "Accept": "text/event-stream", "Content-Type": "application/json",
            },
        )  # fmt: skip
        self.first_token = threading.Event()
        self.ending = ""

    def run(self) -> None:
        """Read until the stream ends."""
        try:
            with urllib.request.urlopen(self.request, timeout=PATIENCE) as response:
                for raw in response:
                    if raw.startswith(b"event:"):
                        self.ending = raw[6:].strip().decode()
                        self.first_token.set()
                    elif self.ending == "error" and raw.startswith(b"data:"):
                        self.ending = raw[5:].strip().decode()
        except OSError as failure:
            self.ending = str(failure)
        self.first_token.set()


def main() -> int:
    """Print both sides; 0 if the open streams cost nothing, 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=50)
    return 0 if measured(parser.parse_args().streams) else 1


def measured(wanted: int = 50) -> bool:
    """Print what ``wanted`` open streams cost; True if it is nothing."""
    with serve.OpenAIServer() as model:
        speaker = Speaker()
        model.script(speaker)
        settings = {
            "LLM_MODEL": "openai:stand-in", "LLM_BASE_URL": model.base_url, "LLM_API_KEY": "none",
            "LLM_TIMEOUT_SECONDS": str(PATIENCE),
        }  # fmt: skip
        with own_stack(**settings) as (url, var):
            return _measured(url, var, speaker, wanted)


def _measured(url: str, var: Path, speaker: Speaker, wanted: int) -> bool:
    client = TutorClient(url)
    client.register()
    session = _studied(client)
    asking = f"{url}/api/v1/sessions/{session}/ask"
    _at_once([Stream(asking, client.token) for _ in range(wanted)], speaker)  # fills the pools: their size is no cost
    speaker.enough.clear()
    print(f"{wanted} streams were opened and closed once to fill the pools", flush=True)
    before, alone = _backends(var), _plain(client, session)
    streams = [Stream(asking, client.token) for _ in range(wanted)]
    begin = time.monotonic()
    for stream in streams:
        stream.start()
    heard = sum(stream.first_token.wait(PATIENCE) for stream in streams)
    opened = time.monotonic() - begin
    time.sleep(0.5)
    open_now = sum(stream.is_alive() for stream in streams)
    during, beside = _backends(var), _plain(client, session)
    job = _job(client, session)
    speaker.enough.set()
    for stream in streams:
        stream.join(PATIENCE)
    whole = sum(stream.ending == "done" for stream in streams)
    print(f"{'':<44}{'no stream':>12}{f'{open_now} open':>12}")
    for name, at in (
        ("database connections of the stack", 0),
        ("… of them active", 1),
        ("… of them in a transaction", 2),
    ):
        print(f"{name:<44}{before[at]:>12}{during[at]:>12}")
    print(f"{'GET of the session, median ms':<44}{alone:>12.0f}{beside:>12.0f}")
    print(f"{'a job beside the streams':<44}{'':>12}{job:>12}")
    print(f"{heard} of {wanted} heard the first word within {opened:.1f} s; {whole} came to their end whole")
    for ending in sorted({stream.ending for stream in streams} - {"done"}):
        print(f"  ended otherwise: {ending}")
    met = (
        open_now == wanted
        and whole == wanted
        and during[0] <= before[0]
        and during[1:] == (0, 0)
        and job == "completed"
    )
    print("the streams cost no connection and no worker" if met else "a stream cost something: a bar is NOT met")
    return met


def _studied(client: TutorClient) -> str:
    session = str(client.post("/sessions", {"title": "streams"})["session_id"])
    *_, job = client.job_states(client.upload(session, SAMPLE)["job_id"], timeout_seconds=PATIENCE)
    assert job["status"] == "completed", job
    client.post(f"/sessions/{session}/ask", {"question": QUESTION})
    return session


def _at_once(streams: list[Stream], speaker: Speaker) -> None:
    for stream in streams:
        stream.start()
    for stream in streams:
        stream.first_token.wait(PATIENCE)
    speaker.enough.set()
    for stream in streams:
        stream.join(PATIENCE)


def _backends(var: Path) -> tuple[int, int, int]:
    """Connections in all, active ones, ones in a transaction; the fewest of several looks: others come and go."""
    looks: list[Any] = []
    with psycopg.connect(embedded.postgres_url(var), autocommit=True) as connection:
        for _ in range(10):
            looks.append(connection.execute(_BACKENDS).fetchone())
            time.sleep(0.1)
    return tuple(min(look[at] for look in looks) for at in range(3))  # type: ignore[return-value]


def _plain(client: TutorClient, session: str) -> float:
    times = []
    for _ in range(20):
        begin = time.perf_counter()
        client.get(f"/sessions/{session}")
        times.append(1000 * (time.perf_counter() - begin))
    return median(times)


def _job(client: TutorClient, session: str) -> str:
    """Have a job done while the streams are open; its status."""
    accepted = client.post(f"/sessions/{session}/analyze-session")
    *_, job = client.job_states(accepted["job_id"], timeout_seconds=PATIENCE)
    return str(job["status"])


if __name__ == "__main__":
    sys.exit(main())
