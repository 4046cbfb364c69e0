"""What each feature asks of a model: ``python -m benchmarks.calls``. Writes the table into ``docs/models.md``.

Starts a stack of its own with a stand-in model that quotes the sample chapter, uses every feature once as a learner does, and
counts what arrives: calls, tokens of the prompt, those a server that caches prefixes would take from its cache, and tokens of
the reply. Tokens are estimated as the product estimates them, four characters each for words. Needs no data.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.own_stack import ROOT, own_stack
from tests.support import openai_server as serve
from tests.support.course_model import course_model
from tutor_project.llm.usage import estimate_tokens
from tutor_project.stack.client import TutorClient

SAMPLE = ROOT / "samples" / "photosynthesis.md"
DOCUMENT = Path(ROOT / "docs" / "models.md")
BEGIN, END = "<!-- calls: begin -->", "<!-- calls: end -->"
PATIENCE = 300.0


@dataclass
class Spent:
    """What one feature took."""

    calls: int = 0
    prompt: int = 0
    cached: int = 0
    reply: int = 0


@dataclass
class Counter:
    """A model that counts what it is asked, by the feature that is under way."""

    feature: str = "upload"
    spent: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    _seen: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, handler: serve.ChatHandler, payload: serve.Payload) -> None:
        prompt = "\n".join(str(message["content"]) for message in payload["messages"])
        said = course_model(payload)
        with self._lock:
            row = self.spent[self.feature]
            row.calls += 1
            row.prompt += estimate_tokens(prompt)
            row.cached += estimate_tokens(max((_common(prompt, known) for known in self._seen), key=len, default=""))
            row.reply += estimate_tokens(said if isinstance(said, str) else json.dumps(said))
            self._seen.append(prompt)
        serve.reply(said)(handler, payload)


def _common(one: str, other: str) -> str:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return one[:low]


def main() -> int:
    """Use each feature, print the table and write it into the document."""
    counter = Counter()
    with serve.OpenAIServer() as server:
        server.script(counter)
        settings = {"LLM_MODEL": "openai:stand-in", "LLM_BASE_URL": server.base_url, "LLM_API_KEY": "none"}
        with own_stack(**settings) as (url, _):
            _use(TutorClient(url), counter)
    table = _table(counter.spent)
    print(table)
    text = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{table}\n{END}", text, flags=re.DOTALL), "utf-8")
    return 0


def _use(client: TutorClient, counter: Counter) -> None:
    client.register()
    session = str(client.post("/sessions", {"title": "calls"})["session_id"])
    at = f"/sessions/{session}"
    _ended(client, client.upload(session, SAMPLE))
    steps: tuple[tuple[str, Callable[[], Any]], ...] = (
        ("analysis and plan", lambda: client.post(f"{at}/plan")),
        ("lesson with its check questions", lambda: client.post(f"{at}/lesson")),
        ("quiz of 5", lambda: client.post(f"{at}/quiz", {"question_count": 5})),
        ("question", lambda: client.post(f"{at}/ask", {"question": "What is a granum?"})),
        ("another question", lambda: client.post(f"{at}/ask", {"question": "What does chlorophyll absorb?"})),
        ("dialogue: start", lambda: client.post(f"{at}/interact", {"type": "start", "data": {}})),
        ("dialogue: next", lambda: client.post(f"{at}/interact", {"type": "next", "data": {}})),
        ("dialogue: hint", lambda: client.post(f"{at}/interact", {"type": "hint", "data": {}})),
    )
    for name, step in steps:
        counter.feature = name
        while "job_id" in (made := step()):
            _ended(client, made)


def _ended(client: TutorClient, made: dict[str, Any]) -> None:
    *_, job = client.job_states(made["job_id"], timeout_seconds=PATIENCE)
    assert job["status"] == "completed", job


def _table(spent: dict[str, Spent]) -> str:
    rows = [
        "| feature | calls | prompt tokens | of them a prefix seen before | reply tokens |", "|---|---|---|---|---|",
        *(f"| {name} | {row.calls} | {row.prompt:,} | {row.cached:,} | {row.reply:,} |" for name, row in spent.items()),
    ]  # fmt: skip
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
