"""A small model on this machine through the product: ``python -m benchmarks.local_model --data DIR --model-url URL``.

``URL`` is a server of the OpenAI protocol that streams (llama.cpp, Ollama); ``DIR`` holds ``chapters/``. Starts a stack of its
own, has it examine the model as an operator would, and asks 15 questions of a set about two chapters over REST (10 that they
answer, 5 that they do not), then for a quiz of five. A relay before the server notes when it speaks and is pulled out, as a
killed server would be, in the middle of a question and of a quiz. Everything said is printed: a person judges quizzes.

The other side are figures of DeepTutor 1.6.15 with Qwen2.5-Coder-1.5B-Instruct on the chapters of the first set, taken once.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.support.own_stack import ROOT, own_stack
from benchmarks.support.relay import Heard, Relay
from tutor_project.stack.client import FINISHED, TutorClient

PATIENCE = 1800.0
OTHER_SIDE = {"right of 10": "7", "declined of 5": "0", "usable questions of 5": "0"}
FIRST_EVENT, FIRST_TEXT = 2.0, 1.2


@dataclass(frozen=True)
class Asked:
    """A question and a pattern of the fact that a right answer holds; None: the chapter does not say it."""

    text: str
    fact: str | None


SETS = ROOT / "benchmarks" / "local_questions"
"""Questions by chapter, a file a set: the text, and the pattern of the fact that a right answer holds, null for none.

The rules were mended after ``first``; ``second`` was written without a look at what the product answers.
"""
PLUG = "plug"
"""The question during which the plug is pulled."""


def asked_of(name: str) -> tuple[dict[str, tuple[Asked, ...]], str]:
    """Return the questions of a set by chapter, and the one during which the model is stopped."""
    held = json.loads((SETS / f"{name}.json").read_text("utf-8"))
    plug = held.pop(PLUG)
    return {chapter: tuple(Asked(*one) for one in questions) for chapter, questions in held.items()}, plug


@dataclass
class Told:
    """What a learner saw of one answer, in seconds from the question."""

    events: list[str] = field(default_factory=list)
    first_event: float | None = None
    first_text: float | None = None
    seconds: float = 0.0
    notice: str = ""
    answer: dict[str, Any] = field(default_factory=dict)


def ask(url: str, token: str, session: str, question: str) -> Told:
    """Ask over the event stream."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream", "Content-Type": "application/json"}
    told, began, name = Told(), time.monotonic(), ""
    connection.request("POST", f"/api/v1/sessions/{session}/ask", json.dumps({"question": question}), headers)
    response = connection.getresponse()
    while line := response.readline():
        if line.startswith(b"event: "):
            name, now = line[7:].decode().strip(), time.monotonic() - began
            told.events.append(name)
            told.first_event = told.first_event or now
            if name == "token":
                told.first_text = told.first_text or now
        elif line.startswith(b"data: ") and name in ("notice", "done", "error"):
            data = json.loads(line[6:])
            told.notice = data.get("notice") or told.notice
            if name != "notice":
                told.answer = data
    connection.close()
    told.seconds = time.monotonic() - began
    return told


class Clock:
    """How much of the time that was given is left."""

    def __init__(self, minutes: float) -> None:
        self._until = time.monotonic() + 60 * minutes

    def left(self, step: str = "") -> bool:
        """Tell whether there is time; says what is left out where there is none."""
        there = time.monotonic() < self._until
        if not there and step:
            print(f"No time was left for {step}.", flush=True)
        return there


def main() -> int:
    """Print the tables; 0 if all bars but the judgement of the quiz are met, 1 if not, 2 without data or server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model-url", required=True, help="for example http://127.0.0.1:9911/v1")
    parser.add_argument("--model", default="qwen")
    parser.add_argument("--context", default="8000")
    parser.add_argument(
        "--parts", nargs="+", choices=["questions", "quiz", "plug"], default=["questions", "quiz", "plug"]
    )
    parser.add_argument("--set", default="second", choices=sorted(file.stem for file in SETS.glob("*.json")))
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="what has not begun by then is left out, and said so"
    )
    asked = parser.parse_args()
    chapters, (questions, plug) = asked.data / "chapters", asked_of(asked.set)
    clock = Clock(asked.minutes)
    if not all((chapters / name).is_file() for name in questions):
        print("The chapters are not there; nothing was measured.")
        return 2
    relay = Relay(asked.model_url)
    settings = {
        "LLM_MODEL": f"openai:{asked.model}", "LLM_BASE_URL": relay.url, "LLM_API_KEY": "none",
        "LLM_CONTEXT_TOKENS": asked.context,
    }  # fmt: skip
    with own_stack(**settings) as (url, folder):
        print(_examined(folder, settings), flush=True)
        client = TutorClient(url)
        client.register()
        sessions = {name: _session(client, chapters / name) for name in questions}
        met = True
        if "questions" in asked.parts:
            met &= _questions(url, client.token, sessions, relay, questions, clock)
        if "plug" in asked.parts:
            met &= clock.left("the plug pulled in an answer") and _pulled_answer(url, client, sessions, relay, plug)
        if "quiz" in asked.parts:
            met &= clock.left("the quiz") and _quiz(client, next(iter(sessions.values())), relay, clock)
        if "plug" in asked.parts:
            met &= clock.left("the plug pulled in a quiz") and _pulled_quiz(client, sessions, relay, clock)
    return 0 if met else 1


def _examined(folder: Path, settings: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "model_doctor"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "TUTOR_VAR_DIR": str(folder), **settings},
    )  # fmt: skip
    return done.stdout + done.stderr[-500:]


def _session(client: TutorClient, chapter: Path) -> str:
    session = str(client.post("/sessions", {"title": chapter.stem})["session_id"])
    *_, job = client.job_states(client.upload(session, chapter)["job_id"], timeout_seconds=PATIENCE)
    assert job["status"] == "completed", job
    return session


def _questions(
    url: str, token: str, sessions: dict[str, str], relay: Relay, asked: dict[str, tuple[Asked, ...]], clock: Clock
) -> bool:
    count: Counter[str] = Counter()
    first_events, ratios = [], []
    for name, questions in asked.items():
        for question in questions:
            if not clock.left(question.text):
                continue
            before = len(relay.heard)
            told = ask(url, token, sessions[name], question.text)
            calls = relay.heard[before:]
            right = _is_right(question, told.answer)
            engine = told.answer.get("engine")
            count[f"{'right' if question.fact else 'declined'}{'' if right else ' not'}"] += 1
            count["right by the built-in engine"] += bool(question.fact and right and engine == "builtin")
            first_events.append(told.first_event or PATIENCE)
            if told.first_text and calls and engine == "model":
                needed = [at for at in calls[0].objects if at < told.first_text]
                ratios += [told.first_text / needed[-1]] if needed else []
            _print_answer(question, told, calls, right)
    print(f"\n{'':<44}{'here':>8}{'DeepTutor':>12}{'bar':>8}")
    rows = (
        ("right of 10", count["right"], OTHER_SIDE["right of 10"], 8),
        ("  of them by the built-in engine", count["right by the built-in engine"], "-", "-"),
        ("declined of 5", count["declined"], OTHER_SIDE["declined of 5"], 5),
    )
    for label, here, there, bar in rows:
        print(f"{label:<44}{here:>8}{there:>12}{bar:>8}")
    print(f"first event, worst: {max(first_events, default=0):.2f} s (bar {FIRST_EVENT:.0f})")
    if ratios:
        print(
            f"first text, of the time of the server's sentence before it: mean {sum(ratios) / len(ratios):.2f}, worst "
            f"{max(ratios):.2f}, {len(ratios)} answers (bar {FIRST_TEXT})",
            flush=True,
        )
    return (
        count["right"] >= 8 and count["declined"] == 5 and max(first_events, default=PATIENCE) <= FIRST_EVENT
        and max(ratios, default=0.0) <= FIRST_TEXT
    )  # fmt: skip


def _is_right(asked: Asked, answer: dict[str, Any]) -> bool:
    if asked.fact is None:
        return answer.get("status") in ("not_in_material", "closest")  # the closest passage claims nothing
    return answer.get("status") == "answered" and re.search(asked.fact, answer["answer"]) is not None


def _print_answer(asked: Asked, told: Told, calls: list[Heard], right: bool) -> None:
    first = f"{told.first_text:.1f}" if told.first_text else "-"
    server = ", ".join(f"{call.first_text or 0:.1f}/{call.objects and round(call.objects[0], 1)}" for call in calls)
    print(
        f"\n{'+' if right else '-'} {asked.text}\n    {told.answer.get('engine')} {told.answer.get('status')}, first event "
        f"{told.first_event or 0:.2f} s, text {first}, done {told.seconds:.1f}; server's text/object {server}; "
        f"{[call.usage.get('prompt_tokens') for call in calls]} tokens read"
        f"\n    server: {[call.text[:400] for call in calls]}"
        f"\n    {told.answer.get('answer', told.answer)}" + (f"\n    ({told.notice})" if told.notice else ""),
        flush=True,
    )


def _make_quiz(client: TutorClient, session: str, clock: Clock, *, while_waiting: Any = None) -> dict[str, Any] | None:
    """Ask for five questions; ``while_waiting`` is called again and again until they are there. None: the time ran out."""
    while True:
        made = _begun(client, session)
        if "job_id" not in made:
            return made
        while (job := client.get(f"/jobs/{made['job_id']}"))["status"] not in FINISHED:
            if while_waiting:
                while_waiting(job)
            if not clock.left("the rest of a quiz"):
                return None
            time.sleep(0.5)
        assert job["status"] == "completed", job
        return dict(client.get(f"/quizzes/{job['result']['quiz_id']}"))


def _begun(client: TutorClient, session: str) -> dict[str, Any]:
    place = urlsplit(client.base_url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE)
    headers = {
        "Authorization": f"Bearer {client.token}", "Content-Type": "application/json", "Prefer": "respond-async",
    }  # fmt: skip
    connection.request("POST", f"/api/v1/sessions/{session}/quiz", json.dumps({"question_count": 5}), headers)
    return dict(json.load(connection.getresponse()))


def _quiz(client: TutorClient, session: str, relay: Relay, clock: Clock) -> bool:
    before, began = len(relay.heard), time.monotonic()
    quiz = _make_quiz(client, session, clock)
    if quiz is None:
        return False
    calls = len(relay.heard) - before
    print(f"\nA quiz of 5 in {time.monotonic() - began:.0f} s, {calls} calls: {quiz['description']}")
    _print_quiz(client, quiz)
    print(f"DeepTutor: {OTHER_SIDE['usable questions of 5']} usable of 5", flush=True)
    return True


def _print_quiz(client: TutorClient, quiz: dict[str, Any]) -> None:
    # An answer, whichever: the key of a question that was left open stays sealed.
    given = [
        {
            "question_id": item["id"],
            **({"option_id": item["options"][0]["id"]} if item["options"] else {"text": "none"}),
        }
        for item in quiz["questions"]
    ]
    graded = client.post(f"/quizzes/{quiz['id']}/submit", {"answers": given})
    keys = {item["question_id"]: item for item in graded["feedback_items"]}
    for item in quiz["questions"]:
        options = " / ".join(option["text"] for option in item["options"])
        print(f"  {item['kind']}: {item['question']} ({options})\n    key: {_key(keys[item['id']])}")


def _key(feedback: dict[str, Any]) -> str:
    return str(feedback.get("correct_option") or feedback.get("correct_answer") or feedback.get("explanation"))


def _pulled_answer(url: str, client: TutorClient, sessions: dict[str, str], relay: Relay, question: str) -> bool:
    """Pull the plug in the middle of an answer."""
    name, session = next(iter(sessions.items()))
    began = len(relay.heard)

    def pull_when_it_speaks() -> None:
        while not (len(relay.heard) > began and relay.heard[-1].first_text):
            time.sleep(0.1)
        relay.pull()

    threading.Thread(target=pull_when_it_speaks, daemon=True).start()
    told = ask(url, client.token, session, question)
    relay.plug_in()
    print(f"\nModel stopped in the middle of an answer on {name}: events {dict(Counter(told.events))}")
    print(f"    {told.answer.get('engine')}: {told.answer.get('answer')}\n    ({told.notice})", flush=True)
    return told.answer.get("engine") == "builtin" and bool(told.notice)


def _pulled_quiz(client: TutorClient, sessions: dict[str, str], relay: Relay, clock: Clock) -> bool:
    """Pull the plug in the middle of a quiz, as soon as its first call has begun to speak."""
    began = len(relay.heard)

    def pull(job: dict[str, Any]) -> None:
        if len(relay.heard) > began and relay.heard[-1].text:
            relay.pull()

    quiz = _make_quiz(client, list(sessions.values())[-1], clock, while_waiting=pull)
    relay.plug_in()
    if quiz is None:
        return False
    print(f"Model stopped in the middle of a quiz: {len(quiz['questions'])} questions. {quiz['description']}")
    _print_quiz(client, quiz)
    return len(quiz["questions"]) >= 3 and "built-in" in quiz["description"]


if __name__ == "__main__":
    sys.exit(main())
