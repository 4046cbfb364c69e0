"""What a finished quiz attempt says back to the learner (the reply of a submit), derived from the answers alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from documents_app.domain.material import Citation
from sessions_app.domain.concepts import concept_name, merged_names
from sessions_app.domain.grading.types import Grade, GradeVerdict
from sessions_app.domain.questions.types import CandidateQuestion

STRONG_FROM = 0.8
MAX_TOPICS = 5


@dataclass(frozen=True, slots=True)
class GradedItem:
    """One question of an attempt with what was answered ('' = nothing) and how it was graded."""

    question: CandidateQuestion
    given: str
    grade: Grade


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
    missed: list[GradedItem] | None = None

    @property
    def lost(self) -> float:
        return self.points - self.earned

    @property
    def asked(self) -> int:
        """Questions that are decided."""
        return self.right + len(self.missed or ())


def attempt_feedback(
    items: Sequence[GradedItem], *, quiz_title: str, passing_score: float = 70.0, blanks_sealed: bool = False
) -> AttemptFeedback:
    """Return score, feedback per question and advice. ``passing_score``: percent of the points needed to pass;
    ``blanks_sealed``: another attempt is allowed, so what was left blank keeps its key.

    Advice names the sections and concepts where points were lost, most first, with the pages that hold the evidence.
    """
    total = sum(item.question.points for item in items)
    earned = sum(item.question.points * item.grade.credit for item in items)
    correct = sum(item.grade.correct for item in items)
    pending = sum(item.grade.verdict is GradeVerdict.NEEDS_REVIEW for item in items)
    percentage = round(100.0 * earned / total, 1) if total else 0.0
    passed = bool(items) and percentage >= passing_score
    topics = _topics(items)
    weak = [topic for topic in topics if topic.lost > 0 and topic.missed]
    possible = sum(
        item.question.points * (1 - item.grade.credit)
        for item in items
        if item.grade.verdict is GradeVerdict.NEEDS_REVIEW
    )
    return AttemptFeedback(
        quiz_title=quiz_title,
        total_questions=len(items),
        correct_answers=correct,
        score_percentage=percentage,
        passed=passed,
        feedback_items=tuple(_feedback(index, item, blanks_sealed) for index, item in enumerate(items)),
        overall_feedback=_overall(items, topics, correct, percentage, passing_score, passed, pending, possible, total),
        suggested_study_topics=tuple(dict.fromkeys(_topic_line(topic) for topic in weak[:MAX_TOPICS])),
        next_steps=tuple(_next_steps(items, weak, passed, pending)),
        earned_points=round(earned, 4),
        total_points=total,
        pending_review=pending,
    )


def _topics(items: Sequence[GradedItem]) -> list[_Topic]:
    """Sections of the attempt, the one that lost most points first."""
    found: dict[str, _Topic] = {}
    for item in items:
        title = item.question.section_title or item.question.topic or item.question.concept
        topic = found.setdefault(title, _Topic(title, missed=[]))
        topic.points += item.question.points
        topic.earned += item.question.points * item.grade.credit
        if item.grade.correct:
            topic.right += 1
        elif item.grade.verdict is GradeVerdict.INCORRECT and topic.missed is not None:
            topic.missed.append(item)
    return sorted(found.values(), key=lambda topic: -topic.lost)


def _concepts(items: Sequence[GradedItem], limit: int = 3) -> str:
    named = (concept_name(item.question.concept, item.question.section_title) for item in items)
    return _listed(list(merged_names(name for name in named if name).values())[:limit])


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _pages(citation: Citation) -> str:
    if citation.page_start == citation.page_end:
        return f"page {citation.page_start} of {citation.filename}"
    return f"pages {citation.page_start}–{citation.page_end} of {citation.filename}"


def _feedback(index: int, item: GradedItem, blanks_sealed: bool) -> FeedbackItem:
    question = item.question
    sealed = blanks_sealed and not item.given.strip()
    citation = question.evidence[0] if question.evidence else None
    doubtful = item.grade.verdict is GradeVerdict.NEEDS_REVIEW
    return FeedbackItem(
        question_index=index,
        question_text=question.stem,
        user_selected_option=item.given,
        is_correct=None if doubtful else item.grade.correct,
        correct_option=None if sealed else question.key_text,
        explanation=None if sealed else question.explanation,
        citation=citation.as_dict() if citation and not sealed else None,
        improvement_suggestion=_suggestion(item, citation),
        credit=round(item.grade.credit, 4),
        verdict=item.grade.verdict.value,
        reason=item.grade.reason,
    )


def _suggestion(item: GradedItem, citation: Citation | None) -> str:
    if item.grade.correct:
        return ""
    question = item.question
    place = f"“{question.section_title}”" if question.section_title else "the passage"
    where = f"{place} ({_pages(citation)})" if citation else place
    if item.grade.verdict is GradeVerdict.NEEDS_REVIEW:
        return (
            f"This could not be graded for certain ({item.grade.reason}). Compare your answer with the expected one and with {where}, "
            "and say yourself whether it is right; where a teacher reviews, the teacher decides."
        )
    if not item.given.strip():
        return f"This one was left open. Read {where} and answer it from there."
    about = f" and look for what it says about {question.concept}" if question.concept else ""
    if item.grade.credit > 0:
        return f"Part of this was right ({item.grade.reason}). Reread {where}{about}."
    return f"You answered “{item.given[:80]}”. Reread {where}{about}."


def _overall(
    items: Sequence[GradedItem],
    topics: Sequence[_Topic],
    correct: int,
    percentage: float,
    passing: float,
    passed: bool,
    pending: int,
    possible: float,
    total: int,
) -> str:
    if not items:
        return "There were no questions to grade."
    lines = [
        f"{correct} of {len(items)} right, {percentage:g} % of the points: "
        + (
            f"passed (the mark is {passing:g} %)."
            if passed
            else f"{round(passing - percentage, 1):g} points below the mark of {passing:g} %."
        )
    ]
    weak = [topic for topic in topics if topic.missed]
    strong = [
        topic
        for topic in topics
        if topic not in weak[:1] and topic.points and topic.earned / topic.points >= STRONG_FROM
    ]
    if strong and weak:
        shown = [f"“{topic.title}” ({topic.right} of {topic.asked} right)" for topic in strong[:3]]
        lines.append(f"{_listed(shown)} went well.")
    if weak:
        worst = weak[0]
        missed = worst.missed or []
        lines.append(
            f"Most points were lost in “{worst.title}” ({len(missed)} of {worst.asked} missed: {_concepts(missed)})."
        )
    elif not pending:
        lines.append("Nothing was missed.")
    if pending:
        highest = round(percentage + 100.0 * possible / total, 1) if total else percentage
        waits = "answer waits" if pending == 1 else "answers wait"
        lines.append(f"{pending} {waits} for a person to look at; the score can rise to {highest:g} %.")
    return " ".join(lines)


def _topic_line(topic: _Topic) -> str:
    concepts = _concepts(topic.missed or [])
    return f"{topic.title}: {concepts}" if concepts and concepts != topic.title else topic.title


def _next_steps(items: Sequence[GradedItem], weak: Sequence[_Topic], passed: bool, pending: int) -> list[str]:
    steps: list[str] = []
    for topic in weak[:3]:
        places: dict[str, set[int]] = defaultdict(set)
        for item in topic.missed or []:
            for citation in item.question.evidence[:1]:
                places[citation.filename].update(range(citation.page_start, citation.page_end + 1))
        where = _listed([f"{_page_list(pages)} of {name}" for name, pages in places.items()])
        steps.append(
            f"Reread “{topic.title}”"
            + (f", {where}" if where else "")
            + f", for {_concepts(topic.missed or []) or 'what was missed'}."
        )
    missed = sum(len(topic.missed or []) for topic in weak)
    if missed:
        noun = "question" if missed == 1 else f"{missed} questions"
        steps.append(f"Answer the {noun} you missed again, without looking at the text.")
    if passed and not missed:
        hardest = max(items, key=lambda item: float(item.question.estimate.get("difficulty", 0.0)), default=None)
        level = hardest.question.difficulty.value if hardest else "medium"
        steps.append(
            "Go on to the next section."
            if level == "hard"
            else "Take a harder quiz on the same sections, or go on to the next one."
        )
    elif not passed and missed:
        steps.append("Take a new quiz on these sections afterwards; its questions will be different ones.")
    if pending:
        steps.append("Look again when the answers in review have been decided.")
    return steps


def _page_list(pages: set[int]) -> str:
    ordered = sorted(pages)
    return f"page {ordered[0]}" if len(ordered) == 1 else f"pages {', '.join(map(str, ordered))}"
