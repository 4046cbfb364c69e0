"""The main job over HTTP: a document in; analysis, plan, lesson, quiz and graded answers with citations out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tutor_project.stack.client import TutorClient
from tutor_project.stack.errors import StackError

PROCESSING_TIMEOUT_SECONDS = 900
ANALYSIS_TIMEOUT_SECONDS = 120
QUESTION_COUNT = 5

Progress = Callable[[str, float], None]
"""Called with what is being done and how far it is, in per cent."""


@dataclass(slots=True)
class MainJobResult:
    """What the API gave back; every field has the shape of the API contract."""

    session: Any = None
    documents: list[Any] = field(default_factory=list)
    analysis: Any = None
    plan: Any = None
    lesson: Any = None
    quiz: Any = None
    graded: Any = None
    citations_checked: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def run_main_job(client: TutorClient, file: Path, progress: Progress) -> MainJobResult:
    """Take ``file`` through the main job. Raises ``StackError`` where the API refuses, fails or cites wrongly."""
    result = MainJobResult()
    watch = _Stopwatch(result.seconds)
    result.session = client.post("/sessions", {"title": file.name})
    session_id = result.session["session_id"]
    _process(client, client.upload(session_id, file), progress)
    result.documents = client.get(f"/sessions/{session_id}/documents")["results"]
    watch.lap("processing")
    result.analysis = _analysis(client, session_id, progress)
    watch.lap("analysis")
    progress("planning", 0)
    result.plan = _made(client, f"/sessions/{session_id}/plan")
    watch.lap("plan")
    progress("writing the lesson", 25)
    result.lesson = _made(client, f"/sessions/{session_id}/lesson")
    watch.lap("lesson")
    progress("making a quiz", 50)
    result.quiz = _made(client, f"/sessions/{session_id}/quiz", {"question_count": QUESTION_COUNT})
    watch.lap("quiz")
    progress("grading the answers", 75)
    answers = [_some_answer(question) for question in result.quiz["questions"]]
    result.graded = client.post(f"/quizzes/{result.quiz['id']}/submit", {"answers": answers})
    watch.lap("grading")
    progress("checking the citations", 90)
    result.citations_checked = check_citations(client, result)
    progress("done", 100)
    return result


def check_citations(client: TutorClient, result: MainJobResult) -> int:
    """Compare every citation with the stored text; how many there were. Raises ``StackError`` for a wrong one."""
    texts: dict[str, str] = {}
    count = 0
    for citation in citations_of([result.analysis, result.plan, result.lesson, result.graded]):
        document_id = citation["document_id"]
        if document_id not in texts:
            texts[document_id] = client.get(f"/documents/{document_id}/content?type=text_only")["text"]
        found = texts[document_id][citation["char_start"] : citation["char_end"]]
        if found != citation["text"]:
            raise StackError(
                f"A citation of {citation['filename']} does not match the stored text at "
                f"{citation['char_start']}-{citation['char_end']}: {citation['text']!r} there is {found!r}."
            )
        count += 1
    if count == 0:
        raise StackError("Nothing was cited at all: the material may hold no readable prose.")
    return count


def citations_of(shape: Any) -> Iterator[dict[str, Any]]:
    """Every citation in an answer of the API, wherever it stands."""
    if isinstance(shape, dict):
        if {"document_id", "char_start", "char_end", "text"} <= shape.keys():
            yield shape
        for value in shape.values():
            yield from citations_of(value)
    elif isinstance(shape, list):
        for value in shape:
            yield from citations_of(value)


def _process(client: TutorClient, accepted: Any, progress: Progress) -> None:
    if not accepted.get("job_id"):
        raise StackError("The file was refused: " + " ".join(accepted["messages"]))
    for job in client.job_states(accepted["job_id"], timeout_seconds=PROCESSING_TIMEOUT_SECONDS):
        progress(f"processing: {job['stage'] or 'waiting for a worker'}", job["progress"])
    if job["status"] != "completed":
        raise StackError(f"The file could not be processed: {job['error_message'] or job['status']}")


def _analysis(client: TutorClient, session_id: str, progress: Progress) -> Any:
    deadline = time.monotonic() + ANALYSIS_TIMEOUT_SECONDS
    while True:
        answer = client.get(f"/sessions/{session_id}/analysis")
        if answer["status"] == "completed":
            return answer["analysis"]
        if answer["status"] in ("failed", "timeout") or time.monotonic() > deadline:
            raise StackError(f"The analysis ended as {answer['status']}: see var/log/worker.log.")
        progress(f"analysing ({answer['status']})", 0)
        time.sleep(0.25)


def _made(client: TutorClient, path: str, body: Any = None) -> Any:
    """What a request makes: where a job has to come first, it is waited for and the request repeated."""
    deadline = time.monotonic() + ANALYSIS_TIMEOUT_SECONDS
    while "job_id" in (answer := client.post(path, body)):
        *_, job = client.job_states(answer["job_id"], timeout_seconds=max(deadline - time.monotonic(), 0.1))
        if job["status"] != "completed":
            raise StackError(f"The job behind {path} ended as {job['status']}: {job.get('error_message')}")
    return answer


def _some_answer(question: Any) -> dict[str, Any]:
    """What a learner might answer: the keys are sealed, so some are right and some are wrong."""
    options = question.get("options") or []
    if not options:
        return {"question_id": question["id"], "text": "I do not know."}
    chosen = options[question["index"] % len(options)]
    return {"question_id": question["id"], "option_id": chosen["id"]}


class _Stopwatch:
    def __init__(self, laps: dict[str, float]) -> None:
        self._laps = laps
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self._laps[name] = now - self._last
        self._last = now
