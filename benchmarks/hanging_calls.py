"""What model calls that hang cost everybody else: ``python -m benchmarks.hanging_calls [--calls 200]``.

Starts a stack of its own and a stand-in model that accepts every call and says nothing until it is told to. Half of the calls
are streams of ``ask``, half wait for JSON; they come from several learners, each of whom may ask only so often. Looks at
``/livez`` and at another learner's list before and while they hang; closes some and sees when the model's server has lost them;
cancels a job that waits for the model. Then one stream after another is told a sentence while the others hang on, and it is
measured how long after it its first words come; two of those readers leave, and who may come back holds the call for a minute.
At last all are told at once. Needs no data.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import threading
import time
from collections import Counter
from statistics import median, quantiles
from urllib.parse import urlsplit

from benchmarks.support.own_stack import ROOT, own_stack
from tests.support import openai_server as serve
from tests.support.course_model import course_model
from tutor_project.stack.client import TutorClient

SAMPLE = ROOT / "samples" / "photosynthesis.md"
QUESTION = "How does chlorophyll absorb light and reflect green light?"
PATIENCE = 1200.0
CLOSED, SINGLES = 10, 12
CALLS_A_LEARNER = 20
LIVE_MS, FREED_SECONDS, FIRST_WORDS_MS = 100.0, 5.0, 300.0


class Silent:
    """A model that takes a call and holds it; ``waiting`` counts those whose callers are still there."""

    def __init__(self) -> None:
        self.hangs = threading.Event()
        self.speak = threading.Event()
        self.said_at: list[float] = []
        self.waiting: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._single = threading.Semaphore(0)

    def say_one(self) -> float:
        """Tell one of the streams a sentence and go on holding it; the moment it was sent."""
        told = len(self.said_at)
        self._single.release()
        _until(lambda: len(self.said_at) > told, 5)
        return self.said_at[told] if len(self.said_at) > told else 0.0

    def __call__(self, handler: serve.ChatHandler, payload: serve.Payload) -> None:
        if not self.hangs.is_set():
            serve.reply(course_model(payload))(handler, payload)
            return
        kind = "stream" if payload.get("stream") else "json"
        self._count(kind, 1)
        told = False
        try:
            while not self.speak.wait(0.05):
                if serve.caller_left(handler):
                    return
                if kind == "stream" and not told and self._single.acquire(blocking=False):
                    told = self._tell(handler, payload)
            if kind == "json":
                serve.reply(course_model(payload))(handler, payload)
                return
            if not told:
                self._tell(handler, payload)
            handler.end_stream(payload, "", finish="stop", usage=False)
        finally:
            self._count(kind, -1)

    def _tell(self, handler: serve.ChatHandler, payload: serve.Payload) -> bool:
        handler.start_stream()
        with self._lock:
            self.said_at.append(time.monotonic())
        first, _, _ = str(course_model(payload)).partition("\n")
        handler.send_pieces(payload, [first + "\n"])
        return True

    def _count(self, kind: str, by: int) -> None:
        with self._lock:
            self.waiting[kind] += by


class Asker(threading.Thread):
    """A learner who asks and waits; ``leave`` closes the tab."""

    def __init__(self, url: str, token: str, session: str, *, streams: bool) -> None:
        super().__init__(daemon=True)
        self.streams = streams
        self._place, self._session = urlsplit(url), session
        accept = "text/event-stream" if streams else "application/json"
        self._headers = {"Authorization": f"Bearer {token}", "Accept": accept, "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(self._place.hostname or "", self._place.port, timeout=PATIENCE)
        self.first_words_at = 0.0
        self.status = self.put_off = 0

    def run(self) -> None:
        """Ask, and note when the first words come."""
        try:
            body = json.dumps({"question": QUESTION})
            while self.status in (0, 429):  # many calls of one learner wait for their turn, a minute at most
                self._connection.request("POST", f"/api/v1/sessions/{self._session}/ask", body, self._headers)
                response = self._connection.getresponse()
                self.status = response.status
                if self.status == 429:
                    response.read()
                    self.put_off += 1
                    time.sleep(float(response.headers.get("Retry-After", 5)))
            while line := response.readline():
                if line.startswith(b"event: token") and not self.first_words_at:
                    self.first_words_at = time.monotonic()
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass  # the tab was closed

    def leave(self) -> None:
        """Close the connection."""
        if self._connection.sock is not None:
            self._connection.sock.shutdown(2)


def main() -> int:
    """Print what was measured; 0 if the bars are met, 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=200)
    wanted = parser.parse_args().calls
    with serve.OpenAIServer() as server:
        model = Silent()
        server.script(model)
        settings = {
            "LLM_MODEL": "openai:stand-in", "LLM_BASE_URL": server.base_url, "LLM_API_KEY": "none",
            "LLM_TIMEOUT_SECONDS": str(PATIENCE),
        }  # fmt: skip
        with own_stack(**settings) as (url, _):
            return 0 if _measured(url, model, wanted) else 1


def _measured(url: str, model: Silent, wanted: int) -> bool:
    learners = [_learner(url) for _ in range(-(-wanted // CALLS_A_LEARNER))]
    session, token = learners[0]
    other = TutorClient(url)
    other.register()
    for _ in range(3):
        other.post("/sessions", {"title": "mine"})
    before = _times(url, other)
    model.hangs.set()
    askers = [
        Asker(url, theirs, place, streams=at // len(learners) % 2 == 0)
        for at in range(wanted)
        for place, theirs in [learners[at % len(learners)]]
    ]
    for asker in askers:
        asker.start()
    begin = time.monotonic()
    hanging = _until(lambda: model.waiting.total() >= wanted, 240)
    begun = time.monotonic() - begin
    held = model.waiting.total()
    put_off = sum(asker.put_off for asker in askers)
    _say(f"{held} of {wanted} calls hang at the model's server after {begun:.0f} s; put off {put_off} times")
    met = hanging & _others_unharmed(before, _times(url, other))
    cancelled = _cancelled(url, token, session)
    _say(f"a cancelled job that waited for the model ended as {cancelled[0]} after {cancelled[1]:.1f} s (bar 5)")
    freed = _freed(model, askers[:CLOSED])
    _say(f"{CLOSED} closed tabs freed their calls after {freed:.1f} s (bar {FREED_SECONDS:.0f})")
    words = _told(model, [asker for asker in askers[CLOSED:] if asker.streams])
    return (
        met and freed <= FREED_SECONDS and cancelled[0] == "cancelled" and cancelled[1] <= 5 and words <= FIRST_WORDS_MS
    )


def _say(line: str) -> None:
    print(line, flush=True)


def _others_unharmed(before: dict[str, list[float]], during: dict[str, list[float]]) -> bool:
    _say(f"{'':<38}{'before':>16}{'while they hang':>18}   (ms, median / p95)")
    for name in before:
        shown = [f"{median(times):.0f} / {_p95(times):.0f}" for times in (before[name], during[name])]
        _say(f"{name:<38}{shown[0]:>16}{shown[1]:>18}   (bar {LIVE_MS:.0f})")
    return all(_p95(times) <= LIVE_MS for times in during.values())


def _told(model: Silent, streams: list[Asker]) -> float:
    """Have the model speak to one stream after another, then to all; the p95 of the first words one by one, in ms."""
    words, heard = _one_by_one(model, streams)
    first = _p95(words) if len(words) > 1 else float("inf")
    _say(
        f"first words after the model's sentence, {len(words)} streams one by one while the others hang: median "
        f"{median(words or [0]):.0f} ms, p95 {first:.0f} (bar {FIRST_WORDS_MS:.0f})"
    )
    kept = _freed(model, heard[:2], patience=90)
    _say(f"two tabs closed behind the first words freed their calls after {kept:.0f} s (they may come back for 60)")
    told = time.monotonic()
    model.speak.set()
    rest = [asker for asker in streams if asker not in heard]
    _until(lambda: all(asker.first_words_at for asker in rest), 60)
    burst = [(asker.first_words_at - told) * 1000 for asker in rest if asker.first_words_at]
    _say(f"of {len(burst)} told at once: median {median(burst or [0]):.0f}, last {max(burst, default=0):.0f} ms")
    return first


def _one_by_one(model: Silent, streams: list[Asker]) -> tuple[list[float], list[Asker]]:
    """Have the model tell ``SINGLES`` streams a sentence, one after another; ms until the first words, and who heard."""
    words: list[float] = []
    heard: list[Asker] = []
    for _ in range(SINGLES):
        said = model.say_one()
        _until(lambda: any(asker.first_words_at and asker not in heard for asker in streams), 10)
        new = [asker for asker in streams if asker.first_words_at and asker not in heard]
        heard.extend(new)
        words.extend((asker.first_words_at - said) * 1000 for asker in new[:1])
    return words, heard


def _learner(url: str) -> tuple[str, str]:
    client = TutorClient(url)
    client.register()
    session = str(client.post("/sessions", {"title": "hanging"})["session_id"])
    *_, job = client.job_states(client.upload(session, SAMPLE)["job_id"], timeout_seconds=PATIENCE)
    assert job["status"] == "completed", job
    return session, client.token


def _times(url: str, client: TutorClient) -> dict[str, list[float]]:
    place = urlsplit(url)
    found: dict[str, list[float]] = {"/livez": [], "another learner's list of sessions": []}
    for _ in range(60):
        begin = time.perf_counter()
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
        connection.request("GET", "/livez")
        connection.getresponse().read()
        connection.close()
        found["/livez"].append(1000 * (time.perf_counter() - begin))
        begin = time.perf_counter()
        client.get("/sessions")
        found["another learner's list of sessions"].append(1000 * (time.perf_counter() - begin))
    return found


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def _freed(model: Silent, askers: list[Asker], *, patience: float = 60) -> float:
    """Close these tabs; the seconds until the model's server has lost as many callers."""
    held = model.waiting.total()
    begin = time.monotonic()
    for asker in askers:
        asker.leave()
    _until(lambda: model.waiting.total() <= held - len(askers), patience)
    return time.monotonic() - begin


def _cancelled(url: str, token: str, session: str) -> tuple[str, float]:
    """Start a quiz, which a model writes in a job, cancel it, and return how and when it ended."""
    client = TutorClient(url, token)
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Prefer": "respond-async"}
    connection.request("POST", f"/api/v1/sessions/{session}/quiz", json.dumps({"question_count": 3}), headers)
    job_id = json.load(connection.getresponse())["job_id"]
    _until(lambda: client.get(f"/jobs/{job_id}")["status"] == "processing", 60)
    time.sleep(1)
    begin = time.monotonic()
    client.post(f"/jobs/{job_id}/cancel")
    *_, job = client.job_states(job_id, timeout_seconds=60)
    return str(job["status"]), time.monotonic() - begin


def _until(reached: object, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if reached():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False


if __name__ == "__main__":
    sys.exit(main())
