"""A learner's way through the API, from the upload to the analysis of the session, over HTTP alone.

Every request ends within its time in a result or in a named error; what is published quotes the stored text exactly.
A step that ends in an error that may pass is taken again, as a learner would take it.
"""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tutor_project.stack.client import ApiError, TutorClient
from tutor_project.stack.main_job import citations_of

NAMED = re.compile(
    r"llm_[a-z_]+|spend_cap_reached|budget_unavailable|no_verified_questions|session_analysis_missing|dialogue_moved"
)
"""The errors a model may cost a learner; any other one fails the journey."""
FILLER = re.compile(r"Nobody ever wrote|I am not sure what you want|I cannot help|```|^\s*Sure:|_{3} N/A|\bundefined\b")
"""What a misbehaving model says and no learner may see."""
MAX_TRIES = 12
MAX_TURNS = 200


@dataclass(slots=True)
class Step:
    """One request: ``outcome`` is ``ok`` or the code of a named error."""

    name: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class Journey:
    """One learner's session; ``longest`` is the most seconds a single request or job may take."""

    client: TutorClient
    longest: float
    steps: list[Step] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)
    session_id: str = ""
    sections: list[dict[str, Any]] = field(default_factory=list)

    def travel(self, file: Path, question: str) -> None:
        """Go the whole way with one document."""
        self.session_id = self.client.post("/sessions", {"title": file.name})["session_id"]
        self._upload(file)
        self._again("analysis", self._analysed)
        self._again("plan", lambda: self.client.post(self._at("plan")))
        lesson = self._again("lesson", lambda: self._made("lesson"))
        self.sections = lesson["sections"]
        self._dialogue()
        answer = self._again("ask", lambda: self.client.post(self._at("ask"), {"question": question}))
        streamed = self._again("ask streamed", lambda: self._streamed(question))
        assert not answer["declined"] and not streamed["declined"], "the material answers this question"
        summary = {
            "section": lesson["sections"][0]["title"],
            "topic": "",
            "summary": lesson["sections"][0]["text"][:900],
        }
        self._again("summary", lambda: self.client.post(self._at("log/summary"), summary) or {})
        quiz = self._again("quiz", lambda: self.client.post(self._at("quiz"), {"question_count": 4}))
        answers = [_some_answer(item) for item in quiz["questions"]]
        graded = self._again("submit", lambda: self.client.post(f"/quizzes/{quiz['id']}/submit", {"answers": answers}))
        assert graded["total_questions"] == len(quiz["questions"])
        report = self._again("session analysis", self._reported)
        assert report["figures"]["sections_seen"] == len(self.sections), report["figures"]
        self.check()

    def summary(self) -> str:
        """Return how many steps ended how, and the slowest one."""
        slowest = max(self.steps, key=lambda step: step.seconds)
        return f"{dict(Counter(step.outcome for step in self.steps))}, slowest {slowest.name} {slowest.seconds:.1f} s"

    def check(self) -> None:
        """Compare all that was shown with the stored text; raises AssertionError for a wrong or an absent citation."""
        texts: dict[str, str] = {}
        cited = list(citations_of(self.seen))
        assert cited, "nothing was cited"
        for citation in cited:
            name = citation["document_id"]
            if name not in texts:
                texts[name] = self.client.get(f"/documents/{name}/content?type=text_only")["text"]
            assert texts[name][citation["char_start"] : citation["char_end"]] == citation["text"], citation
        for text in _strings(self.seen):
            assert not FILLER.search(text), f"filler was published: {text[:200]!r}"
        for section in self.sections:
            assert section["citations"], f"a section without a citation: {section['title']!r}"
        slow = [step for step in self.steps if step.seconds > self.longest]
        assert not slow, f"took longer than {self.longest:.0f} s: {slow}"

    def _at(self, part: str) -> str:
        return f"/sessions/{self.session_id}/{part}"

    def _again(self, name: str, request: Callable[[], Any]) -> Any:
        """Return what ``request`` gives at last; what was published before an error must still stand."""
        for _ in range(MAX_TRIES):
            begin = time.monotonic()
            try:
                shown = request()
            except ApiError as refused:
                self.steps.append(Step(name, _code(refused), time.monotonic() - begin))
                continue
            except JobFailed as failed:
                self.steps.append(Step(name, failed.code, time.monotonic() - begin))
                continue
            self.steps.append(Step(name, "ok", time.monotonic() - begin))
            self.seen.append(shown)
            return shown
        raise AssertionError(f"{name} did not come about in {MAX_TRIES} tries: {self.steps[-MAX_TRIES:]}")

    def _upload(self, file: Path) -> None:
        begin = time.monotonic()
        job = self._job(self.client.upload(self.session_id, file)["job_id"])
        assert job["status"] == "completed", job
        self.steps.append(Step("upload", "ok", time.monotonic() - begin))

    def _job(self, job_id: str) -> Any:
        *_, job = self.client.job_states(job_id, timeout_seconds=self.longest)
        return job

    def _finished(self, job_id: str) -> Any:
        job = self._job(job_id)
        if job["status"] != "completed":
            raise JobFailed(job["error_code"] or f"unnamed: {job}")
        return job

    def _analysed(self) -> Any:
        """Wait for the analysis; ask for it again where it failed."""
        deadline = time.monotonic() + self.longest
        while (shown := self.client.get(self._at("analysis")))["status"] in ("pending", "processing"):
            assert time.monotonic() < deadline, f"the analysis is still {shown['status']}"
            time.sleep(0.2)
        if shown["status"] != "completed":
            job = self.client.post(self._at("analysis"), {"analysis_type": "full_analysis"})
            self._finished(job["job_id"])
            shown = self.client.get(self._at("analysis"))
        return shown

    def _made(self, part: str) -> Any:
        """Have something made by a job."""
        with self._open(part, {}, Prefer="respond-async") as response:
            accepted = json.loads(response.read())
        self._finished(accepted["job_id"])
        return self.client.get(self._at(part))

    def _dialogue(self) -> None:
        """Talk through the lesson: answers, hints, a question, a summary, to the end."""
        shown = self._turn("start")
        self._turn("question", {"question": f"What is {_concept(self.sections)}?"})
        self._turn("summary", {"summary": self.sections[0]["text"][:600]})
        for number in range(MAX_TURNS):
            if shown["data"].get("code") == "finished":
                return
            if shown["content_type"] == "question":
                said = {"answer": "hint"} if number % 3 == 0 else _choice(shown["data"])
                shown = self._turn("answer", said)
                if shown["data"].get("outcome") == "hint":
                    shown = self._turn("answer", _choice(self._open_question()))
            shown = self._turn("next")
        raise AssertionError(f"the dialogue had no end in {MAX_TURNS} turns")

    def _open_question(self) -> Any:
        return self._turn("start")["data"]

    def _turn(self, kind: str, data: dict[str, Any] | None = None) -> Any:
        body = {"type": kind, "data": data or {}}
        shown = self._again(f"interact {kind}", lambda: self.client.post(self._at("interact"), body))
        assert shown["content_type"] in ("explanation", "question", "feedback", "message"), shown
        return shown

    def _streamed(self, question: str) -> Any:
        events = list(self.stream(question))
        assert events, "an empty stream"
        kind, last = events[-1]
        if kind == "error":
            raise JobFailed(last["code"])
        assert kind == "done", events
        said = "".join(data["text"] for name, data in events if name == "token")
        assert said.split() == last["answer"].split(), (said, last)
        return last

    def stream(self, question: str) -> Iterator[tuple[str, Any]]:
        """Ask with a stream; its events as (name, data)."""
        with self._open("ask", {"question": question}, Accept="text/event-stream") as response:
            yield from sse_events(response)

    def _open(self, part: str, body: Any, **headers: str) -> Any:
        request = urllib.request.Request(
            f"{self.client.base_url}/api/v1{self._at(part)}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.client.token}", "Content-Type": "application/json", **headers},
        )
        try:
            return urllib.request.urlopen(request, timeout=self.longest)
        except urllib.error.HTTPError as refused:
            raise ApiError("POST", self._at(part), refused.code, json.loads(refused.read())) from None

    def _reported(self) -> Any:
        self._finished(self.client.post(self._at("analyze-session"))["job_id"])
        return self.client.get(self._at("session-analysis"))


class JobFailed(Exception):
    """A job or a stream ended in the error ``code``."""

    def __init__(self, code: str) -> None:
        self.code = code
        assert NAMED.fullmatch(code), f"not a named error: {code}"
        super().__init__(code)


def sse_events(lines: Any) -> Iterator[tuple[str, Any]]:
    """Read framed events from the lines of a response."""
    name, data = "", ""
    for raw in lines:
        line = raw.decode().rstrip("\r\n")
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
        elif not line and name:
            yield name, json.loads(data)
            name, data = "", ""


def _code(refused: ApiError) -> str:
    errors = refused.body.get("errors", []) if isinstance(refused.body, dict) else []
    code = str(errors[0]["code"]) if errors else ""
    assert NAMED.fullmatch(code), refused
    return code


def _strings(shape: Any) -> Iterator[str]:
    if isinstance(shape, str):
        yield shape
    elif isinstance(shape, dict):
        for value in shape.values():
            yield from _strings(value)
    elif isinstance(shape, list):
        for value in shape:
            yield from _strings(value)


def _concept(sections: list[dict[str, Any]]) -> str:
    return next((name for section in sections for name in section["concepts"]), "it")


def _choice(question: Any) -> dict[str, str]:
    return {"option_id": question["options"][0]["id"]} if question.get("options") else {"answer": "water"}


def _some_answer(question: Any) -> dict[str, Any]:
    return {"question_id": question["id"], **({"text": "water"} if not question["options"] else
            {"option_id": question["options"][0]["id"]})}  # fmt: skip
