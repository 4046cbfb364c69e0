"""The review queue: people approve, edit and reject questions, and decide doubtful answers.

Every decision names the version it was made on, so of two people one gets ``question_changed``; every decision is a
``QuestionRevision``. Questions walk the same states as everywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from documents_app.domain.material import SourceDocument
from documents_app.selectors.documents import documents_for_owner
from documents_app.services.analysis import MaterialProcessing, NoMaterial, study_load
from sessions_app.domain.grading.reasons import Reason, stored_reason
from sessions_app.domain.questions.states import QuestionState, next_state
from sessions_app.domain.questions.types import key_as_dict, key_from_dict
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.errors import (
    AnswerDecided,
    AnswerNotFound,
    DecisionNeedsReason,
    QuestionChanged,
    QuestionDuplicate,
    QuestionEditInvalid,
    QuestionNotFound,
)
from sessions_app.models import AnswerRecord, LearningSession, Question, QuestionRevision
from sessions_app.selectors.console import queue_questions
from sessions_app.services.bank import candidate_of
from sessions_app.services.mastery import mastery_refresh
from sessions_app.services.question_writing import BankView, evidence_verifier, question_verifier
from sessions_app.services.regrading import attempt_recompute
from tutor_project.common.text import sanitize

EDITABLE = ("stem", "options", "key", "explanation", "difficulty", "concept", "points")
STATES_TO_PUBLISHED = {
    QuestionState.QUARANTINED: (QuestionState.DRAFT, QuestionState.VERIFIED, QuestionState.PUBLISHED),
    QuestionState.DRAFT: (QuestionState.VERIFIED, QuestionState.PUBLISHED),
    QuestionState.VERIFIED: (QuestionState.PUBLISHED,),
}
CONTEXT_CHARACTERS = 600


def questions_waiting() -> QuerySet[Question]:
    """Return the questions that wait for a person, newest first, one of each family."""
    return queue_questions().select_related("session", "owner").order_by("-id")


def answers_waiting() -> QuerySet[AnswerRecord]:
    """Return the answers that wait for a person, newest first."""
    return (
        AnswerRecord.objects.filter(verdict=AnswerRecord.Verdict.NEEDS_REVIEW)
        .select_related("question", "owner", "session")
        .order_by("-id")
    )


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Evidence in the text around it: ``before + quote + after`` is a slice of the stored document."""

    document_id: str
    filename: str
    page_start: int
    page_end: int
    before: str
    quote: str
    after: str
    found: bool


def evidence_shown(*, question: Question) -> list[EvidenceView]:
    """Return a question's evidence with its surroundings; ``found`` is false when the document is gone."""
    documents = {source.document_id: source for source in _cited(question)}
    views = []
    for citation in question.evidence:
        source = documents.get(citation["document_id"])
        start, end = citation["char_start"], citation["char_end"]
        text = source.content.text if source else ""
        found = source is not None and text[start:end] == citation["text"]
        views.append(
            EvidenceView(
                document_id=citation["document_id"],
                filename=citation["filename"],
                page_start=citation["page_start"],
                page_end=citation["page_end"],
                before=text[max(start - CONTEXT_CHARACTERS, 0) : start] if found else "",
                quote=citation["text"],
                after=text[end : end + CONTEXT_CHARACTERS] if found else "",
                found=found,
            )
        )
    return views


def _cited(question: Question) -> Sequence[SourceDocument]:
    """Return the documents that the evidence itself names; what they say is there while they are read anew."""
    named = {UUID(citation["document_id"]) for citation in question.evidence}
    return documents_for_owner(owner_id=question.owner_id, document_ids=named)


def question_locked(question_id: UUID, expected_version: int) -> Question:
    """Lock a question at the version a person looked at; raises QuestionNotFound or QuestionChanged."""
    question = Question.objects.select_for_update(of=("self",)).filter(pk=question_id).first()
    if question is None:
        raise QuestionNotFound
    if question.version != expected_version:
        raise QuestionChanged(present=question.version, expected=expected_version)
    return question


@transaction.atomic
def question_approve(*, question_id: UUID, expected_version: int, user: Any, reason: str = "") -> Question:
    """Publish a waiting question. Overruling the verifier needs a reason.

    Raises QuestionNotFound, QuestionChanged, DecisionNeedsReason, QuestionStateConflict.
    """
    question = question_locked(question_id, expected_version)
    if question.failures and not reason.strip():
        raise DecisionNeedsReason(why="the verifier refused this question, and you overrule it.", attr="reason")
    state = QuestionState(question.state)
    for wanted in STATES_TO_PUBLISHED.get(state, (QuestionState.PUBLISHED,)):
        state = next_state(state, wanted)
    return revise(question, "approve", {"state": state.value}, user=user, reason=reason)


@transaction.atomic
def question_reject(*, question_id: UUID, expected_version: int, user: Any, reason: str) -> Question:
    """Retire a question for good; learners keep what they answered.

    Raises QuestionNotFound, QuestionChanged, DecisionNeedsReason, QuestionStateConflict.
    """
    question = question_locked(question_id, expected_version)
    if not reason.strip():
        raise DecisionNeedsReason(why="a rejected question is not written again.", attr="reason")
    state = QuestionState(question.state)
    if state is QuestionState.DRAFT:
        state = next_state(state, QuestionState.QUARANTINED)
    state = next_state(state, QuestionState.RETIRED)
    changes = {"state": state.value, "retired_reason": reason[:300]}
    return revise(question, "reject", changes, user=user, reason=reason)


@transaction.atomic
def question_quarantine(*, question_id: UUID, expected_version: int, user: Any, reason: str) -> Question:
    """Take a question away from learners until somebody has looked at it; raises what question_reject raises."""
    question = question_locked(question_id, expected_version)
    if not reason.strip():
        raise DecisionNeedsReason(why="whoever reviews the question must know what to look for.", attr="reason")
    state = next_state(QuestionState(question.state), QuestionState.QUARANTINED)
    failures = [*question.failures, {"rule": "person", "detail": reason[:300]}]
    return revise(question, "quarantine", {"state": state.value, "failures": failures}, user=user, reason=reason)


@transaction.atomic
def question_edit(
    *, question_id: UUID, expected_version: int, user: Any, changes: Mapping[str, Any], reason: str = ""
) -> Question:
    """Change a question and have it verified again.

    A published question that passes stays published; a waiting one becomes verified; one that fails is quarantined
    with the reasons. Options keep their ids, so earlier answers still name them. Raises QuestionNotFound,
    QuestionChanged, QuestionEditInvalid, QuestionDuplicate.
    """
    question = question_locked(question_id, expected_version)
    was = QuestionState(question.state)
    if was is QuestionState.RETIRED:
        next_state(was, QuestionState.DRAFT)  # raises: retired is final
    edited = {name: sanitize(value) if isinstance(value, str) else value for name, value in changes.items()}
    unknown = set(edited) - set(EDITABLE)
    if unknown:
        raise QuestionEditInvalid(reason=f"{', '.join(sorted(unknown))} cannot be edited.")
    _ensure_whole(question, edited)
    before = {name: getattr(question, name) for name in edited}
    for name, value in edited.items():
        setattr(question, name, value)
    failures = _failures(question)
    state = QuestionState.QUARANTINED if failures else QuestionState.VERIFIED
    if was is QuestionState.PUBLISHED and not failures:
        state = QuestionState.PUBLISHED
    for name, value in before.items():
        setattr(question, name, value)
    edited |= {"fingerprint": _fingerprint(question, edited), "failures": failures, "state": state.value}
    return revise(question, "edit", edited, user=user, reason=reason)


def _failures(question: Question) -> list[dict[str, str]]:
    """What the verifier says about a question as it is in memory, against the bank without it."""
    bank = BankView.load(owner_id=question.owner_id, without=question.pk)
    verdict = _verifier(question).verify(candidate_of(question), bank.items)
    return [{"rule": failure.rule, "detail": failure.detail} for failure in verdict.failures]


def _verifier(question: Question) -> Verifier:
    """Return the check against the material, or against the documents the question cites while that is not analysed."""
    try:
        return question_verifier(study_load(session_id=question.session_id))
    except (NoMaterial, MaterialProcessing):
        return evidence_verifier(_cited(question))


def _fingerprint(question: Question, edited: Mapping[str, Any]) -> str:
    copy = Question(**{name: edited.get(name, getattr(question, name)) for name in _CANDIDATE_FIELDS})
    return candidate_of(copy).fingerprint


_CANDIDATE_FIELDS = (
    "kind", "stem", "key", "explanation", "evidence", "options", "concept", "related_section", "topic", "difficulty",
    "estimate", "points", "pattern", "engine",
)  # fmt: skip


def _ensure_whole(question: Question, edited: Mapping[str, Any]) -> None:
    """Refuse a key of another type, a key that names no option, options that appear, vanish or are empty."""
    options: Sequence[Mapping[str, str]] = edited.get("options", question.options)
    known = [option["id"] for option in question.options]
    if [option.get("id") for option in options] != known:
        raise QuestionEditInvalid(reason="Options keep their ids and their order; change their texts only.")
    if any(not str(option.get("text", "")).strip() for option in options):
        raise QuestionEditInvalid(reason="An option without a text cannot be chosen.")
    if not str(edited.get("stem", question.stem)).strip():
        raise QuestionEditInvalid(reason="A question needs a stem.")
    if edited.get("difficulty", question.difficulty) not in ("easy", "medium", "hard"):
        raise QuestionEditInvalid(reason="The difficulty is easy, medium or hard.")
    points = edited.get("points", question.points)
    if not isinstance(points, int) or not 1 <= points <= 100:
        raise QuestionEditInvalid(reason="A question is worth 1 to 100 points.")
    key = edited.get("key", question.key)
    try:
        valid = key_as_dict(key_from_dict(key)) == key and key["type"] == question.key["type"]
    except (KeyError, TypeError, ValueError, AttributeError):
        valid = False
    if not valid:
        raise QuestionEditInvalid(reason=f"The key of this question has the form {question.key}.")
    if key["type"] == "choice" and key["option_id"] not in known:
        raise QuestionEditInvalid(reason="The key names no option of this question.")


def revise(question: Question, action: str, changes: Mapping[str, Any], *, user: Any, reason: str) -> Question:
    """Apply ``changes`` to a locked question as its next version and keep the step in its history."""
    before = {name: getattr(question, name) for name in changes}
    for name, value in changes.items():
        setattr(question, name, value)
    question.version += 1
    try:
        with transaction.atomic():
            question.save(update_fields=[*changes, "version", "updated_at"])
    except IntegrityError as error:
        raise QuestionDuplicate from error
    QuestionRevision.objects.create(
        question=question,
        version=question.version,
        action=action,
        before=before,
        after=dict(changes),
        reason=reason[:500],
        changed_by=user,
    )
    return question


@transaction.atomic
def answer_decide(
    *, answer_id: UUID, correct: bool, user: Any, credit: float | None = None, note: str = ""
) -> AnswerRecord:
    """Decide an answer that waits for a person; the attempt's score and the session's mastery follow.

    ``credit`` is the share of the points, in [0, 1]; all of them for a right answer and none for a wrong one when it is
    left out. Raises AnswerNotFound or AnswerDecided.
    """
    record = AnswerRecord.objects.filter(pk=answer_id).values_list("session_id", flat=True).first()
    if record is None:
        raise AnswerNotFound
    LearningSession.objects.select_for_update().get(pk=record)  # before the answer, as every refresh of mastery does
    answer = AnswerRecord.objects.select_for_update(of=("self",)).get(pk=answer_id)
    if answer.verdict != AnswerRecord.Verdict.NEEDS_REVIEW:
        raise AnswerDecided(verdict=answer.verdict)
    share = (1.0 if correct else 0.0) if credit is None else min(max(credit, 0.0), 1.0)
    partial = not correct and share > 0
    answer.verdict = (
        AnswerRecord.Verdict.CORRECT
        if correct
        else (AnswerRecord.Verdict.PARTIAL if partial else AnswerRecord.Verdict.INCORRECT)
    )
    answer.credit, answer.reason = share, stored_reason(Reason.DECIDED_BY_PERSON)
    answer.reviewed_by, answer.reviewed_at, answer.review_note = user, timezone.now(), note[:500]
    answer.save(
        update_fields=["verdict", "credit", "reason", "reviewed_by", "reviewed_at", "review_note", "updated_at"]
    )
    if answer.attempt_id is not None:
        attempt_recompute(attempt_id=answer.attempt_id)
    mastery_refresh(session_id=answer.session_id)
    return answer
