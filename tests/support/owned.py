"""One object of each kind of one learner, and the routes that lead to them."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.utils import timezone

from documents_app.models import Document, StoredFile
from jobs_app.services.creation import job_create
from sessions_app.models import AnswerRecord, Folder, LearningSession, Question, Quiz, QuizAttempt, ReviewCard


def owned_by(learner: Any) -> dict[str, str]:
    """Make one object of each kind, all of the learner; their ids by the names that routes use."""
    folder = Folder.objects.create(owner=learner, name="Theirs")
    session = LearningSession.objects.create(owner=learner, title="Theirs", folder=folder)
    stored = StoredFile.objects.create(sha256="0" * 64, size=1, path="files/00/0")
    document = Document.objects.create(
        owner=learner, session_id=session.pk, file=stored, filename="theirs.txt", mime_type="text/plain", size=1
    )
    question = Question.objects.create(
        owner=learner,
        session=session,
        kind="true_false",
        stem="Theirs?",
        key={"type": "boolean", "value": True},
        engine="builtin",
        fingerprint="f" * 16,
    )
    quiz = Quiz.objects.create(
        session=session, owner=learner, title="Theirs", difficulty="easy", passing_score=70, total_points=1,
        estimated_completion_time_minutes=1, requested_count=1,
    )  # fmt: skip
    attempt = QuizAttempt.objects.create(quiz=quiz, owner=learner, number=1)
    AnswerRecord.objects.create(
        attempt=attempt, question=question, owner=learner, session=session, verdict="needs_review"
    )
    card = ReviewCard.objects.create(owner=learner, question=question, session=session, state={}, due_at=timezone.now())
    return {
        "job_id": str(job_create(job_type="ping", owner_id=learner.pk).pk),
        "document_id": str(document.pk),
        "folder_id": str(folder.pk),
        "session_id": str(session.pk),
        "quiz_id": str(quiz.pk),
        "attempt_id": str(attempt.pk),
        "review_id": str(card.pk),
        "question_id": str(question.pk),
        "answer_id": str(uuid.uuid4()),
        "user_id": str(learner.pk),
        "key": "UPLOAD_MAX_FILES",
        "report": "active-learners",
        "page": "1",
        "n": "1",
        "model_id": "environment",
    }


@pytest.fixture
def owned(learner: Any) -> dict[str, str]:
    """One object of each kind, all of the learner."""
    return owned_by(learner)


def url_of(route: str, owned: dict[str, str]) -> str:
    return "/api/v1/" + re.sub(r"<\w+:(\w+)>", lambda match: owned[match[1]], route)


__all__ = ["owned", "owned_by", "url_of"]
