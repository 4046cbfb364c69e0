"""How a session went: strengths, gaps and what to go over again, each with what it rests on.

Pure: counts, answers, mastery and summaries come in as plain data; nothing is claimed without an answer, a summary or a
mastery estimate behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from documents_app.domain.material import Citation
from sessions_app.domain.concepts import concept_key, concept_name, merged_names
from sessions_app.domain.lesson.types import LessonContent, LessonSection
from sessions_app.domain.speech import Speech
from tutor_project.language import Language, language

_STRONG, _WEAK = 0.75, 0.5
_LOW_COVERAGE, _FAITHFUL = 0.6, 0.8
TEXTS = "report_texts"


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """One graded answer: to which concept and section (title) it belongs, the question, its evidence, help taken.

    ``belief`` is a sentence on what a wrong one seems to rest on, empty where nobody has read it.
    """

    concept: str
    section: str
    question: str
    correct: bool
    hints: int = 0
    citation: Citation | None = None
    belief: str = ""


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
class ReportContent:
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
    lesson: LessonContent | None,
    answers: Sequence[GradedAnswer],
    summaries: Sequence[JudgedSummary] = (),
    mastery: Mapping[str, float] | None = None,
    figures: SessionFigures = SessionFigures(),
    tongue: Language | None = None,
) -> ReportContent:
    """Return the report in ``tongue`` (English). ``mastery`` maps concepts to the probability that they are known.

    Spellings of one concept are one. A strength went well in the answers of this session, the last one among them, and its
    mastery does not speak against it; a gap holds at least one answer that was missed.
    """
    say = Speech(tongue or language("en"), TEXTS)
    known = {concept_key(name): probability for name, probability in (mastery or {}).items()}
    by_concept: dict[str, list[GradedAnswer]] = {}
    names = merged_names(_concept(graded, say) for graded in answers)
    for graded in answers:
        by_concept.setdefault(concept_key(_concept(graded, say)), []).append(graded)
    sections = lesson.sections if lesson else ()
    strengths, gaps = [], []
    for key, given in by_concept.items():
        item, level = _item(names[key], given, known.get(key), say)
        if level >= _STRONG and _went_well(given):
            strengths.append(item)
        elif item.right < item.answered and (level <= _WEAK or not given[-1].correct):
            gaps.append(item)
    strengths.sort(key=lambda item: (-item.answered, item.topic))
    gaps.sort(key=lambda item: (item.right / item.answered, -item.answered, item.topic))
    review = _review(sections, answers, summaries, say)
    untested = _not_checked(sections, by_concept, known)
    right = sum(graded.correct for graded in answers)
    return ReportContent(
        overview=_overview(figures, right, len(answers), strengths, gaps, say),
        strengths=tuple(strengths),
        gaps=tuple(gaps),
        review=review,
        not_checked=untested,
        next_steps=_next_steps(gaps, review, untested, sections, figures, say),
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


def _concept(graded: GradedAnswer, say: Speech) -> str:
    return concept_name(graded.concept, graded.section) or say("material")


def _went_well(given: Sequence[GradedAnswer]) -> bool:
    """Whether the last answer and more than half of all were right."""
    return given[-1].correct and sum(graded.correct for graded in given) > len(given) / 2


def _item(concept: str, given: Sequence[GradedAnswer], known: float | None, say: Speech) -> tuple[ReportItem, float]:
    """Return the item and the level it is sorted by."""
    right, total = sum(g.correct for g in given), len(given)
    helped = sum(g.hints > 0 for g in given if g.correct)
    wrong = [g for g in given if not g.correct]
    reasons = [say("one_right" if total == 1 else "some_right", right=right, count=total)]
    if helped:
        reasons.append(say("with_hints", count=helped))
    if wrong:
        reasons.append(say("questions_missed", questions=_quoted([g.question for g in wrong[:2]], say)))
    cited = _cited(wrong or given)
    read = dict.fromkeys(g.belief for g in wrong[-2:] if g.belief)
    reason = " ".join((_sentence(reasons), *read))
    return ReportItem(concept, reason, right, total, known, cited), _level(right, total, helped, known)


def _level(right: int, total: int, helped: int, known: float | None) -> float:
    """Mastery, or the share of right answers with one of each added (Laplace); a right answer with help counts half."""
    level = known if known is not None else (right - 0.5 * helped + 1) / (total + 2)
    if total > 1:
        return level
    if right:
        return min(level, 0.6)  # one right answer may be luck, whatever is known from before
    return 0.4 if known is None else level


def _cited(given: Sequence[GradedAnswer], otherwise: Sequence[Citation] = ()) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys([g.citation for g in given if g.citation is not None] or otherwise))[:3]


def _sentence(reasons: Sequence[str]) -> str:
    joined = "; ".join(reasons)
    return joined[0].upper() + joined[1:] + "."


def _quoted(questions: Sequence[str], say: Speech) -> str:
    short = (q if len(q) <= 110 else q[:110].rsplit(" ", 1)[0] + " …" for q in questions)
    return "; ".join(say("question", text=text) for text in short)


def _review(
    sections: Sequence[LessonSection],
    answers: Sequence[GradedAnswer],
    summaries: Sequence[JudgedSummary],
    say: Speech,
) -> tuple[ReportItem, ...]:
    """Sections to read again: wrong answers, answers found only with hints, thin or wrong summaries."""
    found: list[tuple[int, ReportItem]] = []
    homes = [_home(graded, sections) for graded in answers]
    for section in sections:
        titles = _titles(section)
        given = [graded for graded, home in zip(answers, homes, strict=True) if home is section]
        wrong = [g for g in given if not g.correct]
        hinted = [g for g in given if g.correct and g.hints > 1]
        latest = next((s for s in reversed(summaries) if s.section in titles), None)
        reasons = [*_answers_to_review(given, wrong, hinted, say), *_summary_to_review(latest, say)]
        if reasons:
            cited = _cited([*wrong, *hinted], section.citations[:1])
            right = sum(g.correct for g in given)
            item = ReportItem(section.title, _sentence(reasons), right, len(given), None, cited)
            found.append((-2 * len(wrong) - len(hinted) - (latest is not None), item))
    found.sort(key=lambda pair: pair[0])
    return tuple(item for _, item in found)


def _titles(section: LessonSection) -> frozenset[str]:
    return frozenset((section.title, section.title.split(": ")[-1]))


def _home(graded: GradedAnswer, sections: Sequence[LessonSection]) -> LessonSection | None:
    """Return the section that an answer belongs to: of several with one title, the last that begins before its passage."""
    named = [section for section in sections if graded.section in _titles(section)]
    at = graded.citation
    if len(named) < 2 or at is None:
        return named[0] if named else None
    begun = [
        section
        for section in named
        if section.citations
        and section.citations[0].document_id == at.document_id
        and min(citation.char_start for citation in section.citations) <= at.char_start
    ]
    return begun[-1] if begun else named[0]


def _answers_to_review(
    given: Sequence[GradedAnswer], wrong: Sequence[GradedAnswer], hinted: Sequence[GradedAnswer], say: Speech
) -> Iterator[str]:
    if wrong:
        yield say("answers_wrong", wrong=len(wrong), count=len(given))
    if hinted:
        yield say("several_hints", count=len(hinted))


def _summary_to_review(latest: JudgedSummary | None, say: Speech) -> Iterator[str]:
    if latest is None:
        return
    if latest.coverage < _LOW_COVERAGE:
        code = "summary_leaves_out" if latest.missing else "summary_covers"
        yield say(code, percent=round(100 * latest.coverage), names=", ".join(latest.missing[:4]))
    if latest.faithfulness < _FAITHFUL:
        yield say("summary_unfaithful")


def _not_checked(
    sections: Sequence[LessonSection], answered: Mapping[str, object], known: Mapping[str, float]
) -> tuple[str, ...]:
    names = merged_names(name for section in sections for name in section.concepts[:2])
    return tuple(name for key, name in names.items() if key not in answered and key not in known)


def _overview(
    figures: SessionFigures,
    right: int,
    total: int,
    strengths: Sequence[ReportItem],
    gaps: Sequence[ReportItem],
    say: Speech,
) -> str:
    return say.joined(
        say("worked", minutes=round(figures.duration / 60)) if figures.duration >= 60 else "",
        say("answered", right=right, count=total) if total else say("not_answered"),
        say("went_well", topics=", ".join(item.topic for item in strengths[:3])) if strengths else "",
        say("missed", topics=", ".join(item.topic for item in gaps[:3])) if gaps else "",
    )


def _next_steps(
    gaps: Sequence[ReportItem],
    review: Sequence[ReportItem],
    untested: Sequence[str],
    sections: Sequence[LessonSection],
    figures: SessionFigures,
    say: Speech,
) -> tuple[str, ...]:
    steps = [say("read_again", topic=item.topic) for item in gaps[:2]]
    steps += [say("go_over", topic=item.topic) for item in review[:2] if all(item.topic not in step for step in steps)]
    unseen = [section.title for section in sections if section.title not in figures.sections_seen]
    if unseen and figures.sections_seen:
        steps.append(say("go_on", title=unseen[0]))
    if untested and not unseen:
        steps.append(say("quiz_on", names=", ".join(untested[:3])))
    return tuple(steps or [say("explain")])
