"""Writes a whole lesson and a dialogue, made by the built-in engine, to read them as a learner would.

    python -m benchmarks.tutoring_examples docs/examples

The folder holds ``tides.md``, a short course text written for this purpose; ``lesson.md`` and ``dialogue.md`` are made anew.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from documents_app.domain.analysis import Analysis, Concept, Section, Term
from documents_app.domain.material import SourceDocument
from documents_app.domain.matter.reading import read_matter
from documents_app.engine import analyse
from documents_app.extraction.registry import extract
from sessions_app.domain.dialogue import DialogueState, EffectKind, Event, EventType, Grade, Rules, Script, step
from sessions_app.domain.dialogue_texts import gives_up, reads_as_question
from sessions_app.domain.lesson import Lesson, varied
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.source import SourceIndex
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.answer import answer
from sessions_app.engine.answer_passages import SectionIndex
from sessions_app.engine.dialogue_content import render
from sessions_app.engine.lesson import make_lesson
from sessions_app.engine.questions.writing import write
from sessions_app.engine.summary_judge import judge_summary
from tutor_project.llm.embeddings import get_embedder

PER_SECTION = 2


def embed(texts: Sequence[str]) -> Any:
    """The bundled embedder."""
    return get_embedder("bundled").embed_documents(texts)


def main() -> int:
    """Write both examples into the folder named on the command line."""
    folder = Path(sys.argv[1])
    source = folder / "tides.md"
    material = [SourceDocument("tides", source.name, extract(source, source.name))]
    analysis = analyse(material, embed)
    questions = _verified(material, analysis)
    lesson = make_lesson(analysis, material, embed, check_questions=lambda *at: _of_section(questions, material, *at))
    (folder / "lesson.md").write_text(_lesson_page(lesson), "utf-8")
    (folder / "dialogue.md").write_text(_Talk(lesson, analysis, material).page(), "utf-8")
    return 0


def _verified(material: list[SourceDocument], analysis: Analysis) -> list[CandidateQuestion]:
    spans = [(s.document, s.char_start, s.char_end) for section in analysis.sections for s in section.sentences]
    verifier = Verifier(SourceIndex(material, spans), embed=embed)
    proposed = write(read_matter(material, analysis.sections, analysis.concepts), QuestionRequest(count=60, seed=1))
    return [question for question in proposed if verifier.verify(question).passed]


def _of_section(
    questions: Sequence[CandidateQuestion],
    material: list[SourceDocument],
    section: Section,
    concepts: Sequence[Concept],
    terms: Sequence[Term],
) -> list[CandidateQuestion]:
    own = [q for q in questions if section.char_start <= q.evidence[0].char_start < section.char_end]
    chosen = varied([(question.kind.value, question.evidence[0].char_start) for question in own], PER_SECTION)
    return [own[at] for at in chosen]


def _lesson_page(lesson: Lesson) -> str:
    parts = [
        "# A lesson made by the built-in engine",
        "Made from [tides.md](tides.md) without a model and without a network by `python -m benchmarks.tutoring_examples "
        "docs/examples`. Numbers in brackets are citations; each gives the characters of the stored text that it quotes.",
        lesson.text,
    ]
    for section in lesson.sections:
        parts.append(f"## {section.index + 1}. {section.title}")
        parts.append(section.text.replace("\n• ", "\n\n- "))
        if section.check_questions:
            parts.append("Check yourself\n\n" + "\n".join(_question_lines(section.check_questions)))
        parts.append(
            "Citations: " + "; ".join(f"[{n}] {c.char_start}–{c.char_end}" for n, c in enumerate(section.citations, 1))
        )
    return "\n\n".join(parts) + "\n"


def _question_lines(questions: Sequence[CandidateQuestion]) -> list[str]:
    lines = []
    for question in questions:
        options = " / ".join(option.text for option in question.options)
        lines.append(f"- {question.stem.replace('_____', '……')}" + (f" ({options})" if options else ""))
    return lines


class _Talk:
    """Plays a learner against the dialogue: right and wrong answers, a hint, questions, a summary."""

    def __init__(self, lesson: Lesson, analysis: Analysis, material: list[SourceDocument]) -> None:
        self.lesson, self.analysis, self.material = lesson, analysis, material
        self.index = SectionIndex(analysis.sections, embed)
        self.script = Script(tuple(len(section.check_questions) for section in lesson.sections))
        self.questions = {
            (section.index, at): (f"q{section.index}.{at}", question)
            for section in lesson.sections
            for at, question in enumerate(section.check_questions)
        }
        self.state = DialogueState()
        self.lines: list[str] = []

    def page(self) -> str:
        """Return the dialogue as a page."""
        self._act(EventType.START)
        self._act(EventType.QUESTION, "How strong are tides on Mars?")
        while self.state.phase.value not in {"asking", "finished"}:
            self._act(EventType.NEXT)
        self._answer("What do you mean by that?")
        self._answer("hint")
        self._answer("something else entirely")
        self._answer("no idea")
        self._right()
        while (
            self.state.phase.value != "finished"
            and self.lesson.sections[self.state.section].title != "Spring tides and neap tides"
        ):
            self._act(EventType.NEXT)
        self._act(EventType.QUESTION, "How long is a lunar day?")
        self._act(
            EventType.SUMMARY,
            "Spring tides come when Sun, Earth and Moon stand in one line. They happen in spring only. "
            "Neap tides are larger than spring tides.",
        )
        while self.state.phase.value != "finished":
            self._act(EventType.NEXT)
            if self.state.phase.value == "asking":
                self._right()
        head = (
            "# A dialogue with the built-in engine\n\nMade from [tides.md](tides.md) by `python -m benchmarks."
            "tutoring_examples docs/examples`. Each line of the learner is one call of `POST /sessions/{id}/interact`."
        )
        return head + "\n\n" + "\n\n".join(self.lines) + "\n"

    def _right(self) -> None:
        if self.state.phase.value == "asking":
            _, question = self.questions[self.state.section, self.state.question]
            self._act(EventType.ANSWER, question.key_text, Grade.CORRECT)

    def _answer(self, text: str) -> None:
        if self.state.phase.value != "asking":
            return
        if reads_as_question(text):
            self._act(EventType.QUESTION, text)
        else:
            self._act(EventType.ANSWER, text, Grade.GAVE_UP if gives_up(text) else Grade.WRONG)

    def _act(self, kind: EventType, text: str = "", grade: Grade | None = None) -> None:
        before = self.state
        self.state, effect = step(before, Event(kind, grade), self.script, Rules())
        section = self.lesson.sections[effect.section]
        reply = judgement = None
        if effect.kind is EffectKind.ANSWER_QUESTION:
            context = [section.title, *section.concepts[:1]]
            reply = answer(text, self.material, embed, index=self.index, terms=self.analysis.terms, context=context)
        if effect.kind is EffectKind.JUDGE_SUMMARY:
            judgement = judge_summary(
                text, self.analysis.sections[section.section_index], self.analysis, self.material, embed
            )
        content_type, data = render(effect, self.state, self.lesson, self.questions, reply=reply, judgement=judgement)
        self.lines.append(f"**Learner** ({kind.value})" + (f": {text}" if text else ""))
        self.lines.append(f"**Tutor** ({content_type}): " + _shown(content_type, data))


def _shown(content_type: str, data: dict[str, Any]) -> str:
    if content_type == "question":
        options = " / ".join(option["text"] for option in data["options"])
        return data["question"] + (f" ({options})" if options else "")
    if "title" in data:
        return f"“{data['title']}”\n\n" + "\n".join(f"> {line}" if line else ">" for line in data["text"].split("\n"))
    parts = [data.get("message", ""), data.get("hint", ""), data.get("explanation", ""), data.get("note", "")]
    return " ".join(part for part in parts if part)


if __name__ == "__main__":
    sys.exit(main())
