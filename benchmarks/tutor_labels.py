"""The gate on what a tutor says, on labelled turns of tutors: ``python -m benchmarks.tutor_labels --data DIR [--show]``.

``DIR`` holds ``tutoring/MRBench_V2.json``: replies of tutors to a learner's mistake, with labels by people. Each reply to a
problem whose answer is known goes, sentence by sentence, through the gate of a turn on an open question. Printed is how many
of those that people say give the answer away still do in what is shown, and how much of the others is held back. Then 40
turns of ``tutor_replies.json``, written as a strong model would write them, go through the product's turn over a scripted
model, beside the hints of the built-in engine; their labels (mistake named, guidance given, answer not revealed) are by hand.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")

import django

django.setup()

from benchmarks.support.own_stack import ROOT  # noqa: E402
from documents_app.retrieval.passages import FoundPassages  # noqa: E402
from sessions_app.domain.lesson.types import LessonContent  # noqa: E402
from sessions_app.domain.questions.types import CandidateQuestion, NumericKey, QuestionKind  # noqa: E402
from sessions_app.domain.speech import Speech  # noqa: E402
from sessions_app.engine.dialogue.hints import hint, ladder, tells  # noqa: E402
from sessions_app.engine_model.tutor import TutorBrief, TutorReply, tutor_astream  # noqa: E402
from tests.unit.llm.fakes import END  # noqa: E402
from tests.unit.llm.material import CALLER, model_saying  # noqa: E402
from tutor_project.language import language  # noqa: E402
from tutor_project.llm.errors import LLMInvalidOutput  # noqa: E402

EN = language("en")
WRITTEN = ROOT / "benchmarks" / "tutor_replies.json"
REVEALS = "Yes (and the answer is correct)"
LABELS = ("named", "guided", "kept")
_ASKED = re.compile(r"The question is:\s*(.*?)\s*(?:Student:|$)", re.S)
_LAST_NUMBER = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)\s*$")


def main() -> int:
    """Print both tables; 2 without the data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print the 40 turns, and replies that still reveal")
    asked = parser.parse_args()
    file = asked.data / "tutoring" / "MRBench_V2.json"
    if not file.is_file():
        print("The labelled turns are not there; nothing was measured.")
        return 2
    dialogues = json.loads(file.read_text("utf-8"))
    _labelled(dialogues, show=asked.show)
    _written(dialogues, show=asked.show)
    return 0


def brief_of(stem: str, value: float, said: str) -> TutorBrief:
    """Return what a tutor knows of a problem whose answer is a number; the problem is all the material there is."""
    question = CandidateQuestion(QuestionKind.NUMERIC, stem, NumericKey(value), "", ())
    nothing = FoundPassages((), 0.0, "en", 0)
    return TutorBrief("help", said, nothing, EN, EN, question=question, is_open=True, rung="kind", tries=1)


def turn(brief: TutorBrief, lines: list[dict[str, str]]) -> str:
    """Return what a learner is shown of a model's lines; empty when the built-in tutor has to stand in."""
    written = [*(json.dumps(line) + "\n" for line in lines), END]
    gateway, _ = model_saying(written, written)

    async def said() -> TutorReply | None:
        events = [event async for event in tutor_astream(brief, (), gateway, CALLER)]
        return events[-1].reply

    try:
        reply = asyncio.run(said())
    except LLMInvalidOutput:
        return ""
    return reply.text if reply else ""


def _labelled(dialogues: list[dict[str, Any]], *, show: bool) -> None:
    count: Counter[str] = Counter()
    for dialogue in dialogues:
        known = _LAST_NUMBER.search(dialogue["Ground_Truth_Solution"])
        history = dialogue["conversation_history"].replace("\u00a0", "\n")
        asked = _ASKED.search(history)
        if known is None or asked is None:
            continue
        brief = brief_of(asked[1], float(known[1].replace(",", "")), history[asked.end(1) :])
        assert brief.question is not None
        for reply in dialogue["anno_llm_responses"].values():
            kind = "reveals" if reply["annotation"]["Revealing_of_the_Answer"] == REVEALS else "keeps"
            sentences = [reply["response"][start:end] for start, end in EN.sentences(reply["response"])]
            lines = [{"kind": "question" if one.rstrip().endswith("?") else "reply", "text": one} for one in sentences]
            shown = turn(brief, lines)
            told = tells(brief.question, shown, EN)
            count[kind] += 1
            count[f"{kind}, says it"] += tells(brief.question, reply["response"], EN)
            count[f"{kind}, still shown"] += told
            count[f"{kind}, nothing left"] += not shown
            count[f"{kind}, sentences"] += len(sentences)
            count[f"{kind}, sentences shown"] += len(list(EN.sentences(shown))) if shown else 0
            if show and kind == "reveals" and not tells(brief.question, reply["response"], EN):
                print(f"  reveals without the number {brief.question.key_text}: {reply['response'][:300]}")
    columns = ("all", "hold the number", "shown with it", "nothing shown", "sentences", "shown")
    print(f"{'replies that people say':<26}" + "".join(f"{column:>17}" for column in columns))
    for kind, words in (("reveals", "give the answer away"), ("keeps", "do not")):
        parts = ("says it", "still shown", "nothing left", "sentences", "sentences shown")
        numbers = (count[kind], *(count[f"{kind}, {part}"] for part in parts))
        print(f"{words:<26}" + "".join(f"{number:>17}" for number in numbers))


def _written(dialogues: list[dict[str, Any]], *, show: bool) -> None:
    held = json.loads(WRITTEN.read_text("utf-8"))
    marks: dict[str, Counter[str]] = {"built-in engine": Counter(), "written replies": Counter()}
    offered = shown_lines = 0
    for item in held["turns"]:
        history = dialogues[item["dialogue"]]["conversation_history"].replace("\u00a0", "\n")
        asked = _ASKED.search(history)
        stem = item.get("question") or (asked[1] if asked else history)
        brief = brief_of(stem, item["answer"], history.rpartition("Student:")[2].strip())
        assert brief.question is not None
        lines = [{"kind": "question" if text.endswith("?") else "reply", "text": text} for text in item["says"]]
        shown = turn(brief, lines)
        offered, shown_lines = offered + len(lines), shown_lines + sum(line["text"] in shown for line in lines)
        given = hint(brief.question, 1, LessonContent("", "", "", (), "builtin"), Speech(EN), EN)
        for name, text, labels in (
            ("built-in engine", given.text, held["built_in_labels"]),
            ("written replies", shown, item["labels"]),
        ):
            kept = not tells(brief.question, text, EN)
            marks[name].update({label: bool(labels[label]) for label in LABELS[:2]})
            marks[name]["kept"] += kept
        if show:
            print(
                f"\n#{item['dialogue']} {stem[:160]} → {item['answer']}\n  learner: {brief.said[-200:]}\n  offered: {item['says']}"
            )
            print(f"  shown: {shown}\n  built-in: {given.text} {[rung.value for rung in ladder(brief.question)]}")
    total = len(held["turns"])
    print(f"\n{total} turns{'':<14}{'mistake named':>15}{'guidance given':>16}{'answer not revealed':>21}   (by hand)")
    for name, count in marks.items():
        print(f"{name:<22}{count['named']:>15}{count['guided']:>16}{count['kept']:>21}")
    print(f"sentences of the written replies shown: {shown_lines} of {offered}")


if __name__ == "__main__":
    sys.exit(main())
