"""How a session went: strengths, gaps and what to go over again, each with what it rests on.

Pure: counts, answers, mastery and summaries come in as plain data; nothing is claimed without an answer, a summary or a
mastery estimate behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from documents_app.domain.material import Citation
from sessions_app.domain.concepts import concept_key, concept_name, merged_names
from sessions_app.domain.lesson.types import Lesson, LessonSection

_STRONG, _WEAK = 0.75, 0.5
_LOW_COVERAGE = 0.6


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """One graded answer: to which concept and section (title) it belongs, the question, its evidence, help taken."""

    concept: str
    section: str
    question: str
    correct: bool
    hints: int = 0
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class JudgedSummary:
    """One summary: its section (title), coverage and faithfulness in [0, 1], and the concepts it left out."""

    section: str
    coverage: float
    faithfulness: float
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """Plain figures of the session; ``duration`` in seconds, ``sections_seen`` titles of the lesson's sections."""

    interactions: int = 0
    questions_asked: int = 0
    quiz_attempts: int = 0
    duration: float = 0.0
    sections_seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportItem:
    """A strength, a gap or something to review: the concept or section, why, and the passages to read."""

    topic: str
    reason: str
    right: int
    answered: int
    mastery: float | None
    citations: tuple[Citation, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the item as JSON types."""
        return {
            "topic": self.topic,
            "reason": self.reason,
            "correct": self.right,
            "answered": self.answered,
            "mastery": None if self.mastery is None else round(self.mastery, 3),
            "citations": [citation.as_dict() for citation in self.citations],
        }


@dataclass(frozen=True, slots=True)
class SessionReport:
    """The analysis of a session; ``overview`` is for the learner."""

    overview: str
    strengths: tuple[ReportItem, ...]
    gaps: tuple[ReportItem, ...]
    review: tuple[ReportItem, ...]
    not_checked: tuple[str, ...]
    next_steps: tuple[str, ...]
    figures: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON types."""
        return {
            "overview": self.overview,
            "strengths": [item.as_dict() for item in self.strengths],
            "gaps": [item.as_dict() for item in self.gaps],
            "review": [item.as_dict() for item in self.review],
            "not_checked": list(self.not_checked),
            "next_steps": list(self.next_steps),
            "figures": dict(self.figures),
        }


def session_report(
    *,
    lesson: Lesson | None,
    answers: Sequence[GradedAnswer],
    summaries: Sequence[JudgedSummary] = (),
    mastery: Mapping[str, float] | None = None,
    figures: SessionFigures = SessionFigures(),
) -> SessionReport:
    """Return the report. ``mastery`` maps concepts to the probability that they are known.

    Spellings of one concept are one. Mastery may take a strength away, never give one: a strength went well in these answers
    too, the last one among them, and a gap holds an answer that was missed.
    """
    known = {concept_key(name): probability for name, probability in (mastery or {}).items()}
    by_concept: dict[str, list[GradedAnswer]] = {}
    names = merged_names(_concept(graded) for graded in answers)
    for graded in answers:
        by_concept.setdefault(concept_key(_concept(graded)), []).append(graded)
    sections = lesson.sections if lesson else ()
    strengths, gaps = [], []
    for key, given in by_concept.items():
        item, level = _item(names[key], given, known.get(key))
        if level >= _STRONG and _went_well(given):
            strengths.append(item)
        elif item.right < item.answered and (level <= _WEAK or not given[-1].correct):
            gaps.append(item)
    strengths.sort(key=lambda item: (-item.answered, item.topic))
    gaps.sort(key=lambda item: (item.right / item.answered, -item.answered, item.topic))
    review = _review(sections, answers, summaries)
    untested = _not_checked(sections, by_concept, known)
    right = sum(graded.correct for graded in answers)
    return SessionReport(
        overview=_overview(figures, right, len(answers), strengths, gaps),
        strengths=tuple(strengths),
        gaps=tuple(gaps),
        review=review,
        not_checked=untested,
        next_steps=_next_steps(gaps, review, untested, sections, figures),
        figures={
            "interactions": figures.interactions,
            "questions_asked": figures.questions_asked,
            "quiz_attempts": figures.quiz_attempts,
            "answered": len(answers),
            "correct": right,
            "summaries": len(summaries),
            "session_duration": figures.duration,
            "sections_seen": len(figures.sections_seen),
            "total_segments": len(sections),
        },
    )


def _concept(graded: GradedAnswer) -> str:
    return concept_name(graded.concept, graded.section) or "The material"


def _went_well(given: Sequence[GradedAnswer]) -> bool:
    """Whether the last answer and more than half of all were right."""
    return given[-1].correct and sum(graded.correct for graded in given) > len(given) / 2


def _item(concept: str, given: Sequence[GradedAnswer], known: float | None) -> tuple[ReportItem, float]:
    """Return the item and the level it is sorted by: mastery, or right answers with one of each added (Laplace)."""
    right, total = sum(g.correct for g in given), len(given)
    helped = sum(g.hints > 0 for g in given if g.correct)
    unaided = right - 0.5 * helped
    level = known if known is not None else (unaided + 1) / (total + 2)
    if total == 1:  # one right answer may be luck, whatever is known from before
        level = min(level, 0.6) if right else level if known is not None else 0.4
    reason = f"{right} of {total} {'answer' if total == 1 else 'answers'} right"
    if helped:
        reason += f", {helped} of them with hints"
    wrong = [g for g in given if not g.correct]
    if wrong:
        reason += f"; missed: {_listed([g.question for g in wrong[:2]])}"
    shown = wrong or list(given)
    citations = tuple(dict.fromkeys(g.citation for g in shown if g.citation is not None))[:3]
    return ReportItem(concept, reason + ".", right, total, known, citations), level


def _listed(questions: Sequence[str]) -> str:
    return "; ".join(f"“{q if len(q) <= 110 else q[:110].rsplit(' ', 1)[0] + ' …'}”" for q in questions)


def _review(
    sections: Sequence[LessonSection], answers: Sequence[GradedAnswer], summaries: Sequence[JudgedSummary]
) -> tuple[ReportItem, ...]:
    """Sections to read again: wrong answers, answers found only with hints, thin or wrong summaries."""
    found: list[tuple[int, ReportItem]] = []
    for section in sections:
        given = [g for g in answers if g.section == section.title or g.section == section.title.split(": ")[-1]]
        wrong = [g for g in given if not g.correct]
        hinted = [g for g in given if g.correct and g.hints > 1]
        latest = next(
            (s for s in reversed(summaries) if s.section in {section.title, section.title.split(": ")[-1]}), None
        )
        reasons = []
        if wrong:
            reasons.append(f"{len(wrong)} of {len(given)} answers wrong")
        if hinted:
            reasons.append(f"{len(hinted)} answered only with several hints")
        if latest and latest.coverage < _LOW_COVERAGE:
            left_out = f" (left out: {', '.join(latest.missing[:4])})" if latest.missing else ""
            reasons.append(f"the summary covers {round(100 * latest.coverage)} % of the concepts{left_out}")
        if latest and latest.faithfulness < 0.8:
            reasons.append("the summary says things that the text does not")
        if reasons:
            passages = [g.citation for g in (*wrong, *hinted) if g.citation is not None] or list(section.citations[:1])
            right = sum(g.correct for g in given)
            reason = "; ".join(reasons)
            item = ReportItem(
                section.title,
                reason[0].upper() + reason[1:] + ".",
                right,
                len(given),
                None,
                tuple(dict.fromkeys(passages))[:3],
            )
            found.append((-2 * len(wrong) - len(hinted) - (latest is not None), item))
    found.sort(key=lambda pair: pair[0])
    return tuple(item for _, item in found)


def _not_checked(
    sections: Sequence[LessonSection], answered: Mapping[str, object], known: Mapping[str, float]
) -> tuple[str, ...]:
    names = merged_names(name for section in sections for name in section.concepts[:2])
    return tuple(name for key, name in names.items() if key not in answered and key not in known)


def _overview(
    figures: SessionFigures, right: int, total: int, strengths: Sequence[ReportItem], gaps: Sequence[ReportItem]
) -> str:
    parts = []
    if figures.duration >= 60:
        parts.append(f"You worked for {round(figures.duration / 60)} minutes.")
    if total:
        parts.append(f"You answered {right} of {total} questions right.")
    else:
        parts.append("You have answered no question yet, so there is nothing to judge your knowledge by.")
    if strengths:
        parts.append("This went well: " + ", ".join(item.topic for item in strengths[:3]) + ".")
    if gaps:
        parts.append("This was missed: " + ", ".join(item.topic for item in gaps[:3]) + ".")
    return " ".join(parts)


def _next_steps(
    gaps: Sequence[ReportItem],
    review: Sequence[ReportItem],
    untested: Sequence[str],
    sections: Sequence[LessonSection],
    figures: SessionFigures,
) -> tuple[str, ...]:
    steps = [f"Read again about {item.topic} and answer its questions once more." for item in gaps[:2]]
    steps += [
        f"Go over the section “{item.topic}”." for item in review[:2] if all(item.topic not in step for step in steps)
    ]
    unseen = [section.title for section in sections if section.title not in figures.sections_seen]
    if sections and unseen and figures.sections_seen:
        steps.append(f"Go on with “{unseen[0]}”.")
    if untested and not unseen:
        steps.append("Take a quiz on " + ", ".join(untested[:3]) + ": you have not been asked about them.")
    if not steps:
        steps.append("Take a harder quiz, or explain the material to somebody in your own words.")
    return tuple(steps)
