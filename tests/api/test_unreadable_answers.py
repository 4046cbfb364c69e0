"""What cannot be an answer, a time zone or a date: named where it is refused, and nothing moves; never taken for right."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from sessions_app.models import AnswerRecord, LearningSession, MasteryState, Question, ReviewCard
from tests.api.test_practice import answer, make_question, make_quiz, submit
from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEXT = {"kind": "short_answer", "options": [], "key": {"type": "text", "accepted": ["42"]}}
NUMBER = {"kind": "numeric", "options": [], "key": {"type": "numeric", "value": 42.0, "tolerance": 0.5, "unit": ""}}


@pytest.fixture
def session(learner: Any) -> LearningSession:
    return LearningSession.objects.create(owner=learner, title="Cells")


def due_card(session: LearningSession, number: int, described: dict[str, Any]) -> ReviewCard:
    question = make_question(session, number, **described)
    return ReviewCard.objects.create(
        owner=session.owner, session=session, question=question, state={}, due_at=NOON - timedelta(days=1)
    )


def kept(card: ReviewCard) -> tuple[Any, ...]:
    """All that an answer could move."""
    card.refresh_from_db()
    mastery = list(MasteryState.objects.order_by("pk").values_list("pk", "updated_at"))
    return card.state, card.due_at, card.last_reviewed_at, card.review_count, AnswerRecord.objects.count(), mastery


@pytest.mark.parametrize("described", [TEXT, NUMBER], ids=["text", "number"])
@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ('{"text": "' + "4" * 100_000 + '"}', "text"),
        ('{"text": Infinity}', None),
        ('{"text": NaN}', None),
        ('{"text": "42", "time_taken_seconds": 1e309}', None),
        ('{"text": "42", "time_taken_seconds": Infinity}', None),
        ('{"text": "42", "time_taken_seconds": "Infinity"}', "time_taken_seconds"),
        ('{"text": "42", "time_taken_seconds": -1}', "time_taken_seconds"),
        ('{"text": "4\\u0000002"}', "text"),
        ('{"text": ["42"]}', "text"),
    ],
)
def test_what_is_no_answer_is_named_and_nothing_moves(
    session: LearningSession, described: dict[str, Any], body: str, attr: str | None
) -> None:
    card = due_card(session, 1, described)
    with time_machine.travel(NOON, tick=False):
        before = kept(card)
        response = client_for(session.owner).post(
            f"/api/v1/reviews/{card.pk}/answer", body, content_type="application/json"
        )
        assert response.status_code == 400, response.content[:300]
        error = response.json()["errors"][0]
        assert error["code"]
        assert attr is None or error["attr"] == attr
        assert kept(card) == before


@pytest.mark.parametrize("described", [TEXT, NUMBER], ids=["text", "number"])
@pytest.mark.parametrize(
    "text",
    ["Infinity", "inf", "NaN", "∞", "1e309", "-1e309", "+-+-", "−", "%", "4٢", "४2", "4２٣", "9" * 400, "42 ☂", "1/0"],
)
def test_what_cannot_be_read_is_never_right_and_raises_nothing(
    session: LearningSession, described: dict[str, Any], text: str
) -> None:
    with time_machine.travel(NOON, tick=False):
        api = client_for(session.owner)
        quiz = make_quiz(session, [make_question(session, 1, **described)])
        [item] = quiz.items.all()
        said = {"answers": [{"question_id": str(item.question_id), "text": text}]}
        response = api.post(f"/api/v1/quizzes/{quiz.pk}/submit", json.dumps(said), content_type="application/json")
        assert response.status_code == 200, response.json()
        record = AnswerRecord.objects.get()
        assert record.verdict in {"incorrect", "needs_review"}
        assert record.credit == 0.0
        before = client_for(session.owner).get(f"/api/v1/sessions/{session.pk}/mastery").json()["concepts"]
        assert [row["answers"] for row in before] == [int(record.verdict == "incorrect")]


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/Santiago", datetime(2026, 9, 6)),
        ("Asia/Beirut", datetime(2026, 3, 29)),
        ("America/Havana", datetime(2026, 3, 8)),
        ("Africa/Cairo", datetime(2026, 4, 24)),
        ("America/Santiago", datetime(2026, 4, 5)),
        ("Asia/Beirut", datetime(2026, 10, 25)),
    ],
)
def test_reviews_go_by_the_learners_day_where_the_clock_changes_at_midnight(
    session: LearningSession, zone: str, change: datetime
) -> None:
    """The day before, the day of the change, which may begin at one o'clock, and the day after: each asks once."""
    place = ZoneInfo(zone)
    session.owner.time_zone = zone
    session.owner.save()
    questions: list[Question] = [make_question(session, number) for number in range(3)]
    evening = (change - timedelta(minutes=70)).replace(tzinfo=place)
    with time_machine.travel(evening, tick=False):
        submit(client_for(session.owner), make_quiz(session, questions), right=set())  # type: ignore[arg-type]
        assert client_for(session.owner).get("/api/v1/reviews/due").json()["results"] == []
    for day in range(3):
        for moment in (timedelta(hours=1, minutes=5), timedelta(hours=23, minutes=55)):
            now = (change + timedelta(days=day) + moment).replace(tzinfo=place)
            with time_machine.travel(now, tick=False):
                api = client_for(session.owner)
                due = api.get("/api/v1/reviews/due").json()["results"]
                assert len(due) == (3 if moment < timedelta(hours=2) else 0), now
                for review in due:
                    moved = answer(api, review, 1)
                    assert moved.status_code == 200, moved.json()
                    due_on = datetime.fromisoformat(moved.json()["due_at"]).astimezone(place).date()
                    assert due_on == (change + timedelta(days=day + 1)).date()


def test_an_exam_on_the_day_whose_midnight_does_not_exist(session: LearningSession) -> None:
    session.owner.time_zone = "America/Santiago"
    session.owner.save()
    with time_machine.travel(datetime(2026, 9, 1, 12, tzinfo=UTC), tick=False):
        api = client_for(session.owner)
        submit(api, make_quiz(session, [make_question(session, 1)]), right={0})
        path = f"/api/v1/sessions/{session.pk}"
        assert api.patch(path, {"exam_on": "2026-09-06"}).status_code == 200
        body = api.get(f"{path}/readiness").json()
        assert [row["date"] for row in body["workload"]] == [f"2026-09-{day:02d}" for day in range(1, 7)]
        for day, code in (("2026-08-31", "exam_in_the_past"), ("2100-01-01", "exam_too_far")):
            refused = api.patch(path, {"exam_on": day})
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, code)
            assert api.get(path).json()["exam_on"] == "2026-09-06"


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "", "Europe/Berlin\u0000", "UTC+25", "x" * 100_000, "europe/berlin/.."]
)
def test_a_time_zone_that_does_not_exist_is_named_and_no_review_moves(session: LearningSession, name: str) -> None:
    card = due_card(session, 1, TEXT)
    api = client_for(session.owner)
    before = kept(card)
    refused = api.patch("/api/v1/auth/me", {"time_zone": name})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["attr"] == "time_zone"
    assert api.get("/api/v1/auth/me").json()["time_zone"] == "UTC"
    assert kept(card) == before
