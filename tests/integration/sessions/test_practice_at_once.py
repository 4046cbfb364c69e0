"""Reviews and mastery under concurrent answers."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from sessions_app.models import AnswerRecord, LearningSession, MasteryState, Question, ReviewCard
from tests.support.fixtures import client_for

ANSWERS = 10


@pytest.mark.django_db(transaction=True)
def test_ten_answers_to_one_review_at_once_count_once(learner: Any) -> None:
    session = LearningSession.objects.create(owner=learner, title="Cells")
    question = Question.objects.create(
        owner=learner,
        session=session,
        kind="true_false",
        stem="Water moves by osmosis.",
        options=[{"id": "true", "text": "True"}, {"id": "false", "text": "False"}],
        key={"type": "boolean", "value": True},
        concept="osmosis",
        engine="builtin",
        fingerprint="1",
        state=Question.State.PUBLISHED,
    )
    card = ReviewCard.objects.create(
        owner=learner,
        session=session,
        question=question,
        state={"card_id": 0, "state": 1, "step": 0, "stability": None, "difficulty": None, "last_review": None},
        due_at=timezone.now() - timedelta(days=1),
    )
    clients = [client_for(learner) for _ in range(ANSWERS)]
    statuses: list[int] = []

    def answer_once(client: Any) -> None:
        try:
            statuses.append(client.post(f"/api/v1/reviews/{card.pk}/answer", {"option_id": "true"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer_once, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * (ANSWERS - 1)
    assert AnswerRecord.objects.filter(source="review").count() == 1
    assert MasteryState.objects.get().answer_count == 1
    card.refresh_from_db()
    assert card.review_count == 1
