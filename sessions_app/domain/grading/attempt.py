"""What a finished quiz attempt says back to the learner (the reply of a submit), derived from the answers alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from documents_app.domain.material import Citation
from sessions_app.domain.concepts import concept_name, merged_names
from sessions_app.domain.grading.reasons import said_reason
from sessions_app.domain.grading.types import Grade, GradeVerdict
from sessions_app.domain.questions.types import CandidateQuestion
from sessions_app.domain.speech import Speech
from tutor_project.language import Language, language

STRONG_FROM = 0.8
MAX_TOPICS = 5
TEXTS = "feedback_texts"


@dataclass(frozen=True, slots=True)
class GradedItem:
    """One question of an attempt with what was answered ('' = nothing) and the grade as it is stored.

    ``credit``: the share of the points, in [0, 1]; ``reason``: in English, the grader's, a person's or a model's.
    """

    question: CandidateQuestion
    given: str
    verdict: GradeVerdict
    credit: float
    reason: str

    @classmethod
    def of(cls, question: CandidateQuestion, given: str, grade: Grade) -> GradedItem:
        """Return the item of an answer that was just graded."""
        return cls(question, given, grade.verdict, grade.credit, grade.words)

    @property
    def correct(self) -> bool:
        """Whether the answer is right beyond doubt."""
        return self.verdict is GradeVerdict.CORRECT


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """Feedback on one question; ``is_correct`` is None while a person still has to look.

    Key, explanation and citation are None where they stay sealed: the question was left blank and may be tried again.
    """

    question_index: int
    question_text: str
    user_selected_option: str
    is_correct: bool | None
    correct_option: str | None
    explanation: str | None
    citation: dict[str, Any] | None
    improvement_suggestion: str
    credit: float
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptFeedback:
    """The result of an attempt. ``score_percentage`` counts certain points only; ``pending_review`` may raise it."""

    quiz_title: str
    total_questions: int
    correct_answers: int
    score_percentage: float
    passed: bool
    feedback_items: tuple[FeedbackItem, ...]
    overall_feedback: str
    suggested_study_topics: tuple[str, ...]
    next_steps: tuple[str, ...]
    earned_points: float
    total_points: int
    pending_review: int

    def as_dict(self) -> dict[str, Any]:
        """Return the feedback as JSON-ready data."""
        data = asdict(self)
        data["feedback_items"] = list(data["feedback_items"])
        data["suggested_study_topics"] = list(self.suggested_study_topics)
        data["next_steps"] = list(self.next_steps)
        return data


@dataclass(slots=True)
class _Topic:
    """Points and missed questions of one section."""

    title: str
    earned: float = 0.0
    points: float = 0.0
    right: int = 0
    missed: list[GradedItem] = field(default_factory=list)

    @property
    def lost(self) -> float:
        return self.points - self.earned

    @property
    def asked(self) -> int:
        """Questions that are decided."""
        return self.right + len(self.missed)

    @property
    def is_strong(self) -> bool:
        return self.points > 0 and self.earned / self.points >= STRONG_FROM


def attempt_feedback(
    items: Sequence[GradedItem],
    *,
    quiz_title: str,
    passing_score: float = 70.0,
    blanks_sealed: bool = False,
    tongue: Language | None = None,
) -> AttemptFeedback:
    """Return score, feedback per question and advice, said in ``tongue`` (English).

    ``passing_score``: percent of the points needed to pass; ``blanks_sealed``: another attempt is allowed, so what was
    left blank keeps its key. Advice names the sections and concepts where points were lost, most first, with the pages
    that hold the evidence.
    """
    say = Speech(tongue or language("en"), TEXTS)
    score = _score(items, passing_score)
    topics = _topics(items)
    weak = [topic for topic in topics if topic.lost > 0 and topic.missed]
    return AttemptFeedback(
        quiz_title=quiz_title,
        total_questions=len(items),
        correct_answers=score.correct,
        score_percentage=score.percentage,
        passed=score.passed,
        feedback_items=tuple(_feedback(index, item, blanks_sealed, say) for index, item in enumerate(items)),
        overall_feedback=_overall(score, topics, say),
        suggested_study_topics=tuple(dict.fromkeys(_topic_line(topic, say) for topic in weak[:MAX_TOPICS])),
        next_steps=tuple(_next_steps(items, weak, score, say)),
        earned_points=round(score.earned, 4),
        total_points=score.total,
        pending_review=score.pending,
    )


@dataclass(frozen=True, slots=True)
class _Score:
    """The points of an attempt. ``highest``: the percentage if every answer that waits for a person is right."""

    questions: int
    correct: int
    earned: float
    total: int
    percentage: float
    passing: float
    pending: int
    highest: float

    @property
    def passed(self) -> bool:
        return self.questions > 0 and self.percentage >= self.passing


def _score(items: Sequence[GradedItem], passing: float) -> _Score:
    waiting = [item for item in items if item.verdict is GradeVerdict.NEEDS_REVIEW]
    total = sum(item.question.points for item in items)
    earned = sum(item.question.points * item.credit for item in items)
    possible = sum(item.question.points * (1 - item.credit) for item in waiting)
    percentage = round(100.0 * earned / total, 1) if total else 0.0
    highest = round(percentage + 100.0 * possible / total, 1) if total else percentage
    correct = sum(item.correct for item in items)
    return _Score(len(items), correct, earned, total, percentage, passing, len(waiting), highest)


def _topics(items: Sequence[GradedItem]) -> list[_Topic]:
    """Sections of the attempt, the one that lost most points first."""
    found: dict[str, _Topic] = {}
    for item in items:
        title = item.question.section_title or item.question.topic or item.question.concept
        topic = found.setdefault(title, _Topic(title))
        topic.points += item.question.points
        topic.earned += item.question.points * item.credit
        if item.correct:
            topic.right += 1
        elif item.verdict is GradeVerdict.INCORRECT:
            topic.missed.append(item)
    return sorted(found.values(), key=lambda topic: -topic.lost)


def _concepts(items: Sequence[GradedItem], say: Speech, limit: int = 3) -> str:
    named = (concept_name(item.question.concept, item.question.section_title) for item in items)
    return say.listed(list(merged_names(name for name in named if name).values())[:limit])


def _pages(citation: Citation, say: Speech) -> str:
    if citation.page_start == citation.page_end:
        return say("page", page=citation.page_start, name=citation.filename)
    return say("pages", pages=f"{citation.page_start}–{citation.page_end}", name=citation.filename)


def _feedback(index: int, item: GradedItem, blanks_sealed: bool, say: Speech) -> FeedbackItem:
    question = item.question
    sealed = blanks_sealed and not item.given.strip()
    citation = question.evidence[0] if question.evidence else None
    doubtful = item.verdict is GradeVerdict.NEEDS_REVIEW
    return FeedbackItem(
        question_index=index,
        question_text=question.stem,
        user_selected_option=item.given,
        is_correct=None if doubtful else item.correct,
        correct_option=None if sealed else question.key_text,
        explanation=None if sealed else question.explanation,
        citation=citation.as_dict() if citation and not sealed else None,
        improvement_suggestion=_suggestion(item, citation, say),
        credit=round(item.credit, 4),
        verdict=item.verdict.value,
        reason=said_reason(item.reason, say.language),
    )


def _suggestion(item: GradedItem, citation: Citation | None, say: Speech) -> str:
    if item.correct:
        return ""
    question, reason = item.question, said_reason(item.reason, say.language)
    place = say("section", title=question.section_title) if question.section_title else say("the_passage")
    where = say("place", place=place, pages=_pages(citation, say)) if citation else place
    if item.verdict is GradeVerdict.NEEDS_REVIEW:
        return say("unsure", reason=reason, where=where)
    if not item.given.strip():
        return say("left_open", where=where)
    said = "partly_right" if item.credit > 0 else "answered"
    code = f"{said}_about" if question.concept else said
    return say(code, reason=reason, given=item.given[:80], where=where, concept=question.concept)


def _overall(score: _Score, topics: Sequence[_Topic], say: Speech) -> str:
    if not score.questions:
        return say("no_questions")
    weak = [topic for topic in topics if topic.missed]
    strong = [topic for topic in topics if topic not in weak[:1] and topic.is_strong]
    return say.joined(
        say(
            "passed" if score.passed else "not_passed",
            right=score.correct,
            count=score.questions,
            percent=say.number(score.percentage),
            short=say.number(round(score.passing - score.percentage, 1)),
            mark=say.number(score.passing),
        ),
        _went_well(strong, say) if strong and weak else "",
        _most_lost(weak[0], say) if weak else "" if score.pending else say("nothing_missed"),
        say("one_waits" if score.pending == 1 else "some_wait", count=score.pending, highest=say.number(score.highest))
        if score.pending
        else "",
    )


def _went_well(strong: Sequence[_Topic], say: Speech) -> str:
    shown = [say("topic_right", title=topic.title, right=topic.right, asked=topic.asked) for topic in strong[:3]]
    return say("went_well", topics=say.listed(shown))


def _most_lost(worst: _Topic, say: Speech) -> str:
    return say(
        "most_lost",
        title=worst.title,
        missed=len(worst.missed),
        asked=worst.asked,
        concepts=_concepts(worst.missed, say),
    )


def _topic_line(topic: _Topic, say: Speech) -> str:
    concepts = _concepts(topic.missed, say)
    return f"{topic.title}: {concepts}" if concepts and concepts != topic.title else topic.title


def _next_steps(items: Sequence[GradedItem], weak: Sequence[_Topic], score: _Score, say: Speech) -> list[str]:
    steps = [_reread(topic, say) for topic in weak[:3]]
    missed = sum(len(topic.missed) for topic in weak)
    if missed:
        steps.append(say("answer_missed_one" if missed == 1 else "answer_missed", count=missed))
    if score.passed and not missed:
        hardest = max(items, key=lambda item: float(item.question.estimate.get("difficulty", 0.0)))
        steps.append(say("next_section" if hardest.question.difficulty.value == "hard" else "harder"))
    elif not score.passed and missed:
        steps.append(say("new_quiz"))
    if score.pending:
        steps.append(say("look_again"))
    return steps


def _reread(topic: _Topic, say: Speech) -> str:
    places: dict[str, set[int]] = defaultdict(set)
    for item in topic.missed:
        for citation in item.question.evidence[:1]:
            places[citation.filename].update(range(citation.page_start, citation.page_end + 1))
    where = say.listed([_page_list(pages, name, say) for name, pages in places.items()])
    what = _concepts(topic.missed, say) or say("what_was_missed")
    return say("reread_where" if where else "reread", title=topic.title, where=where, what=what)


def _page_list(pages: set[int], name: str, say: Speech) -> str:
    ordered = sorted(pages)
    if len(ordered) == 1:
        return say("page", page=ordered[0], name=name)
    return say("pages", pages=", ".join(map(str, ordered)), name=name)
