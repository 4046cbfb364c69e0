"""The date of an exam, readiness, and reviews by the learner's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from sessions_app.models import LearningSession, Question, ReviewCard
from sessions_app.selectors import practice as selectors_practice
from tests.api.test_practice import answer, make_question, make_quiz, submit
from tests.support.fixtures import client_for

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def session(learner: Any) -> LearningSession:
    return LearningSession.objects.create(owner=learner, title="Cells")


@pytest.fixture
def questions(session: LearningSession) -> list[Question]:
    return [make_question(session, number) for number in range(5)] + [make_question(session, 9, "mitosis")]


def set_exam(api: Any, session: LearningSession, day: Any) -> Any:
    return api.patch(f"/api/v1/sessions/{session.pk}", {"exam_on": day})


def ready(api: Any, session: LearningSession) -> dict[str, Any]:
    response = api.get(f"/api/v1/sessions/{session.pk}/readiness")
    assert response.status_code == 200, response.json()
    return dict(response.json())


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2026-03-01", "exam_in_the_past"),
        ("2100-01-01", "exam_too_far"),
        ("tomorrow", "invalid"),
        ("2026-02-30", "invalid"),
        (5, "invalid"),
        ("2026-03-09T10:00:00Z", "invalid"),
    ],
)
def test_a_bad_date_is_named_and_nothing_moves(api: Any, session: LearningSession, day: Any, code: str) -> None:
    with time_machine.travel(NOON, tick=False):
        api = client_for(session.owner)
        assert set_exam(api, session, "2026-03-10").json()["exam_on"] == "2026-03-10"
        response = set_exam(api, session, day)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, code)
        assert response.json()["errors"][0]["attr"] == "exam_on"
        assert api.get(f"/api/v1/sessions/{session.pk}").json()["exam_on"] == "2026-03-10"


def test_readiness_is_an_expected_share_with_an_interval_and_a_workload(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    empty = ready(api, LearningSession.objects.create(owner=session.owner, title="Empty"))
    assert (empty["exam_on"], empty["days_left"], empty["expected_share"], empty["by_concept"]) == (
        None,
        None,
        None,
        [],
    )
    with time_machine.travel(NOON, tick=False):
        api = client_for(session.owner)
        submit(api, make_quiz(session, questions), right=range(5))
        set_exam(api, session, "2026-03-16")
        body = ready(api, session)
    assert set(body) == {"exam_on", "days_left", "expected_share", "low", "high", "by_concept", "workload"}
    assert (body["exam_on"], body["days_left"]) == ("2026-03-16", 14)
    assert 0 <= body["low"] < body["expected_share"] < body["high"] <= 1
    shares = {row["concept"]: row["expected_share"] for row in body["by_concept"]}
    assert shares["mitosis"] < shares["osmosis"]
    assert [row["date"] for row in body["workload"]] == [f"2026-03-{day:02d}" for day in range(2, 17)]
    assert sum(row["reviews"] for row in body["workload"]) >= 6


def test_cards_come_once_more_before_the_exam_and_go_back_when_it_is_over(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    with time_machine.travel(NOON, tick=False):
        submit(client_for(session.owner), make_quiz(session, questions), right=range(6))
    ReviewCard.objects.update(due_at=NOON + timedelta(days=60))
    with time_machine.travel(NOON + timedelta(days=20), tick=False):
        api = client_for(session.owner)
        assert api.get("/api/v1/reviews/due").json()["results"] == []
        set_exam(api, session, "2026-03-23")
        due = api.get("/api/v1/reviews/due").json()["results"]
        assert len(due) == 6
        assert answer(api, due[3], 0).status_code == 200
        assert len(api.get("/api/v1/reviews/due").json()["results"]) == 5
        set_exam(api, session, None)
        assert api.get("/api/v1/reviews/due").json()["results"] == []
        assert answer(api, due[0], 0).json()["errors"][0]["code"] == "review_not_due"
        set_exam(api, session, "2026-03-23")
    with time_machine.travel(NOON + timedelta(days=30), tick=False):
        api = client_for(session.owner)
        assert api.get("/api/v1/reviews/due").json()["results"] == []
        body = ready(api, session)
        assert (body["exam_on"], body["days_left"]) == ("2026-03-23", 0)
        assert body["expected_share"] is not None


def test_a_review_missed_in_the_evening_and_known_next_morning_moves(
    api: Any, session: LearningSession, questions: list[Question]
) -> None:
    with time_machine.travel(NOON, tick=False):
        submit(client_for(session.owner), make_quiz(session, questions[:1]), right=range(1))
    evening = datetime(2026, 3, 6, 19, 12, tzinfo=UTC)
    with time_machine.travel(evening, tick=False):
        api = client_for(session.owner)
        [due] = api.get("/api/v1/reviews/due").json()["results"]
        assert answer(api, due, 1).json()["rating"] == "again"
        assert api.get("/api/v1/reviews/due").json()["results"] == []
    with time_machine.travel(evening + timedelta(hours=13), tick=False):
        api = client_for(session.owner)
        [due] = api.get("/api/v1/reviews/due").json()["results"]
        body = answer(api, due, 0).json()
        assert datetime.fromisoformat(body["due_at"]) > evening + timedelta(hours=37)
        assert api.get("/api/v1/reviews/due").json()["results"] == []


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "UTC"])
def test_listing_and_answering_go_by_the_learners_day(
    session: LearningSession, questions: list[Question], name: str
) -> None:
    zone = ZoneInfo(name)
    session.owner.time_zone = name
    session.owner.save()
    late = datetime(2026, 3, 2, 23, 50, tzinfo=zone)
    with time_machine.travel(late, tick=False):
        submit(client_for(session.owner), make_quiz(session, questions[:1]), right=set())  # type: ignore[arg-type]
        assert client_for(session.owner).get("/api/v1/reviews/due").json()["results"] == []
    with time_machine.travel(late + timedelta(minutes=20), tick=False):
        api = client_for(session.owner)
        [due] = api.get("/api/v1/reviews/due").json()["results"]
        moved = answer(api, due, 0).json()
        assert datetime.fromisoformat(moved["due_at"]).astimezone(zone).date() > date(2026, 3, 3)
        assert api.get("/api/v1/reviews/due").json()["results"] == []


def test_a_time_zone_that_does_not_exist_is_utc(learner: Any) -> None:
    for stored, read in (
        ("", "UTC"),
        ("Mars/Olympus", "UTC"),
        ("../etc/passwd", "UTC"),
        ("Europe/Berlin", "Europe/Berlin"),
    ):
        learner.time_zone = stored
        learner.save()
        assert str(selectors_practice.learner_zone(owner_id=learner.pk)) == read
