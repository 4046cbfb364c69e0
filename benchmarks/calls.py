"""What each feature asks of a model: ``python -m benchmarks.calls``. Writes the table into ``docs/models.md``.

Starts a stack of its own with a stand-in model that quotes the sample chapter, uses every feature once as a learner does, and
counts what arrives: calls, tokens of the prompt, those a server that caches prefixes would take from its cache, and tokens of
the reply. Then the model passes ``evaluate_model`` by the recorded readings of a strong one, and what it judges is counted.
Tokens are estimated as the product estimates them, four characters each for words. Needs no data.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")

import django

django.setup()

from benchmarks.support.own_stack import ROOT, own_stack  # noqa: E402
from sessions_app.services.evaluation import collections_shipped  # noqa: E402
from tests.support import openai_server as serve  # noqa: E402
from tests.support.course_model import course_model  # noqa: E402
from tests.support.recorded_judge import Reader  # noqa: E402
from tutor_project.llm.usage import estimate_tokens  # noqa: E402
from tutor_project.stack.client import TutorClient  # noqa: E402

SAMPLE = ROOT / "samples" / "photosynthesis.md"
DOCUMENT = Path(ROOT / "docs" / "models.md")
BEGIN, END = "<!-- calls: begin -->", "<!-- calls: end -->"
NOT_SHOWN = "the same document again"
PATIENCE = 600.0
SUMMARY = (
    "Chlorophyll absorbs light, mostly red and blue, and reflects green. The energy makes ATP and NADPH in the thylakoids. "
    "The Calvin cycle uses both to fix carbon dioxide with the enzyme RuBisCO."
)


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
    _reader: Reader = field(default_factory=lambda: Reader(collections_shipped()))
    _keys: dict[str, str] = field(default_factory=dict)

    def _said(self, payload: serve.Payload) -> Any:
        """Return what a strong model says: as a judge it answers its own questions by their keys."""
        system, prompt = payload["messages"][0]["content"], payload["messages"][-1]["content"]
        if "You check questions and statements" in system:
            try:
                return self._reader(payload)
            except KeyError:
                asked = re.findall(r"^\[(\d+)\] PASSAGE: .*?^(?:QUESTION|STATEMENT): (.*?)$", prompt, re.M | re.S)
                return {"items": [self._judged(int(number), stem) for number, stem in asked]}
        if "<<<BEGIN ITEMS" in prompt:
            answers = re.findall(r"^\[(\d+)\] QUESTION: .*?^ANSWER: (.*?)$", prompt, re.M | re.S)
            return {"items": [{"number": int(at), "verdict": "right", "shows": words} for at, words in answers]}
        said = course_model(payload)
        if isinstance(said, dict):
            self._keys |= {_words(item["question"]): item["answer"] for item in said.get("questions", ())}
        return said

    def _judged(self, number: int, stem: str) -> dict[str, Any]:
        return {"number": number, "answer": self._keys.get(_words(stem), ""), "follows": "yes"}

    def __call__(self, handler: serve.ChatHandler, payload: serve.Payload) -> None:
        prompt = "\n".join(str(message["content"]) for message in payload["messages"])
        said = self._said(payload)
        with self._lock:
            row = self.spent[self.feature]
            row.calls += 1
            row.prompt += estimate_tokens(prompt)
            row.cached += estimate_tokens(max((_common(prompt, known) for known in self._seen), key=len, default=""))
            row.reply += estimate_tokens(said if isinstance(said, str) else json.dumps(said))
            self._seen.append(prompt)
        serve.reply(said)(handler, payload)

    def key_of(self, stem: str) -> str:
        """Return the answer of a question that the model wrote."""
        return self._keys.get(_words(stem), "")

    def wait(self, seconds: float = 60) -> None:
        """Wait until the feature under way has asked for something, and for a moment more."""
        until = time.monotonic() + seconds
        while not self.spent[self.feature].calls and time.monotonic() < until:
            time.sleep(0.5)
        time.sleep(3)


def _words(stem: str) -> str:
    return " ".join(re.findall(r"\w+", stem.casefold()))


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
        with own_stack(**settings) as (url, folder):
            client = TutorClient(url)
            session = _use(client, counter)
            counter.feature = "`evaluate_model`, once a model"
            _examined(folder, settings)
            _judge(client, session, counter)
    table = _table(counter.spent)
    print(table)
    text = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{table}\n{END}", text, flags=re.DOTALL), "utf-8")
    return 0


def _examined(folder: Path, settings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "evaluate_model"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "TUTOR_VAR_DIR": str(folder), **settings},
    )  # fmt: skip
    assert "may judge from now on" in done.stdout, done.stdout + done.stderr


def _judge(client: TutorClient, session: str, counter: Counter) -> None:
    """Use what a model judges: another lesson and quiz, an answer that the rules leave open, a summary."""
    other = str(client.post("/sessions", {"title": "judged"})["session_id"])
    counter.feature = NOT_SHOWN
    _ended(client, client.upload(other, SAMPLE))
    _done(client, lambda: client.post(f"/sessions/{other}/plan"))
    counter.feature = "lesson with its check questions, judged"
    _done(client, lambda: client.post(f"/sessions/{other}/lesson"))
    counter.feature = "quiz of 5, judged"
    made = _done(client, lambda: client.post(f"/sessions/{other}/quiz", {"question_count": 5}))
    quiz = made if "questions" in made else client.get(f"/quizzes/{made['quiz_id']}")
    counter.feature = "answers the rules leave open (a quiz's)"
    answers = [
        {"question_id": item["id"], "text": f"{counter.key_of(item['question'])} and its surroundings"}
        if item["kind"] == "cloze" else {"question_id": item["id"], "answer": "true"}
        for item in quiz["questions"]
    ]  # fmt: skip
    client.post(f"/quizzes/{quiz['id']}/submit", {"answers": answers})
    counter.wait()
    counter.feature = "summary, read again"
    client.post(f"/sessions/{other}/log/summary", {"section": "Pigments and light", "summary": SUMMARY})
    counter.wait()


def _use(client: TutorClient, counter: Counter) -> str:
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
        ("dialogue: start, next", lambda: _to_question(client, f"{at}/interact")),
        ("tutor's turn: a hint", lambda: client.post(f"{at}/interact", {"type": "hint", "data": {}})),
        (
            "tutor's turn: \"I don't understand\"",
            lambda: client.post(f"{at}/interact", {"type": "answer", "data": {"text": "I don't understand"}}),
        ),
        (
            "tutor's turn: a wrong answer",
            lambda: client.post(f"{at}/interact", {"type": "answer", "data": {"text": "the wind"}}),
        ),
    )
    for name, step in steps:
        counter.feature = name
        _done(client, step)
    return session


def _to_question(client: TutorClient, url: str) -> dict[str, Any]:
    turn = _done(client, lambda: client.post(url, {"type": "start", "data": {}}))
    while turn["content_type"] != "question" or turn["data"]["kind"] == "true_false":
        turn = _done(client, lambda: client.post(url, {"type": "next", "data": {}}))
    return turn


def _done(client: TutorClient, step: Callable[[], Any]) -> dict[str, Any]:
    """Take a step, again after the job it waits for; what it gives in the end, or what its job gave."""
    for _ in range(5):
        made: dict[str, Any] = step()
        if "job_id" not in made:
            return made
        *_, job = client.job_states(made["job_id"], timeout_seconds=PATIENCE)
        assert job["status"] == "completed", job
        if "quiz_id" in (job.get("result") or {}):
            return dict(job["result"])
    return made


def _ended(client: TutorClient, made: dict[str, Any]) -> None:
    *_, job = client.job_states(made["job_id"], timeout_seconds=PATIENCE)
    assert job["status"] == "completed", job


def _table(spent: dict[str, Spent]) -> str:
    shown = [(name, row) for name, row in spent.items() if row.calls and name != NOT_SHOWN]
    rows = [
        "| feature | calls | prompt tokens | of them a prefix seen before | reply tokens |", "|---|---|---|---|---|",
        *(f"| {name} | {row.calls} | {row.prompt:,} | {row.cached:,} | {row.reply:,} |" for name, row in shown),
    ]  # fmt: skip
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
