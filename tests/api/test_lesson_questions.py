"""The check questions of a lesson over HTTP: the main points of a section are asked for in lessons alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs_app.services.control import job_cancel
from jobs_app.services.creation import job_create
from sessions_app.domain.questions.types import RECALL
from sessions_app.models import LearningSession, Lesson, Plan, Question
from sessions_app.services import lesson_writing

pytestmark = pytest.mark.django_db

COAST = """# Coasts

## Harbours

The harbour is dry at low water, and ships have to wait outside until the sea is back. Three sailors went to the bay in 1820
with poor tools and a small boat, and came home late in the winter. The tides of the coast are strong where the bay is narrow
and the sea is deep. They lost the notes in 1845. A fisher found them in 1850 and sold them in the town for little money.

## Islands

The islands of the coast are far from the harbours and have few roads. Their beaches are long and have many stones on them.
A ferry went to the largest island in 1870 for the first time. The people were glad of it and told all others on the coast.
The lighthouse of the largest island is old and has no keeper. The birds of the cliffs have their nests there in the spring.
"""


def test_main_points_are_asked_for_in_a_lesson_again_and_never_in_a_quiz(api: Any, learner: Any, run_jobs: Any) -> None:
    session = LearningSession.objects.create(owner=learner, title="Coasts")
    at = f"/api/v1/sessions/{session.pk}"
    file = SimpleUploadedFile("coasts.md", COAST.encode())
    api.post(f"{at}/documents", {"files": [file]}, format="multipart")
    run_jobs()

    def asked() -> list[list[str]]:
        return [[one["id"] for one in part["check_questions"]] for part in api.post(f"{at}/lesson").json()["sections"]]

    first = asked()
    points = {str(pk) for pk in Question.objects.filter(pattern=RECALL).values_list("pk", flat=True)}
    assert points & {one for part in first for one in part}
    Lesson.objects.all().delete()
    assert asked() == first, "a question of the bank serves again"
    quiz = api.post(f"{at}/quiz", {"question_count": 10, "question_types": ["short_answer"]}).json()
    assert not points & {str(one["id"]) for one in quiz.get("questions", ())}


@pytest.mark.parametrize(("kind", "kept"), [("lesson_generation", Lesson), ("plan_generation", Plan)])
def test_what_a_cancelled_job_has_written_is_not_stored(
    kind: str, kept: Any, api: Any, learner: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = LearningSession.objects.create(owner=learner, title="Coasts")
    file = SimpleUploadedFile("coasts.md", COAST.encode())
    api.post(f"/api/v1/sessions/{session.pk}/documents", {"files": [file]}, format="multipart")
    run_jobs()
    job = job_create(job_type=kind, job_data={"session_id": str(session.pk), "topic": ""}, owner_id=learner.pk)
    name = {"lesson_generation": "make_lesson", "plan_generation": "make_plan"}[kind]
    write = getattr(lesson_writing, name)

    def cancelled_meanwhile(*given: Any, **wanted: Any) -> Any:
        written = write(*given, **wanted)
        job_cancel(job_id=job.pk)
        return written

    monkeypatch.setattr(lesson_writing, name, cancelled_meanwhile)
    run_jobs()
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert not kept.objects.filter(session=session).exists()
