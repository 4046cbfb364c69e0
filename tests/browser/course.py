"""A course as the console finds it: material that was really read, an upload that really failed, two days of figures."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from analytics_app.domain.facts import KINDS
from analytics_app.models import SessionAnalytics, SpendReservation
from analytics_app.services.partitions import partitions_ensure
from analytics_app.services.rollup import rollup_mark_stale, rollup_run
from documents_app.models import Document
from jobs_app.models import Job
from jobs_app.runner import job_run
from sessions_app.models import Folder, LearningSession, Question
from tests.support.console import make_question
from tests.support.fixtures import client_for
from tutor_project.common.models import new_id
from tutor_project.platform.models import Alert

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"
LEARNERS = ("amara", "bjorn", "chiara", "deniz", "emeka", "farida", "goran", "hanna")
PIGMENT = "Chlorophyll a is the main pigment of photosynthesis."
MODELS = {"course-model-small": Decimal("0.4"), "course-model-large": Decimal("12")}
"""US dollars for a million tokens."""
PHASES = {"analysis": "material analysis", "planning": "plan", "generation": "lesson", "interaction": "answer"}


def make_course() -> dict[str, Any]:
    """Make the learners, the material of one of them, the failed upload of another, and the figures."""
    people = [get_user_model().objects.create(username=name, email=f"{name}@example.org") for name in LEARNERS]
    sessions = []
    for number, person in enumerate(people):
        folder = Folder.objects.create(owner=person, name="Biology 101")
        sessions.append(LearningSession.objects.create(owner=person, title="Photosynthesis", folder=folder))
        SessionAnalytics.objects.create(
            session_id=sessions[-1].pk, user_id=person.pk, engagement_score=35 + 6 * number,
            last_activity=timezone.now() - timedelta(hours=2 + 3 * number),
            started_at=timezone.now() - timedelta(hours=4 + 3 * number), computed_at=timezone.now(), total_interactions=20 + number,
        )  # fmt: skip
    _upload(people[0], sessions[0], SimpleUploadedFile("photosynthesis.md", SAMPLE.read_bytes()))
    _upload(people[1], sessions[1], SimpleUploadedFile("lecture-3.pdf", b"%PDF-1.7\n" + b"cut off in the middle" * 40))
    document = Document.objects.get(filename="photosynthesis.md")
    question = _question(sessions[0], document)
    _figures(people, sessions)
    Alert.objects.create(
        code="disk_low", severity="critical", message="Less than 5 % of the disk is free. Make room for uploads."
    )
    return {
        "question": question.pk,
        "failed": Document.objects.get(filename="lecture-3.pdf").pk,
        "document": document.pk,
    }


def _upload(person: Any, session: LearningSession, file: SimpleUploadedFile) -> None:
    path = f"/api/v1/sessions/{session.pk}/documents"
    response = client_for(person).post(path, {"files": [file]}, format="multipart")
    assert response.status_code == 202, response.content
    while job := Job.objects.filter(status="pending", is_group=False).order_by("id").first():
        job_run(job_id=job.pk, worker="worker-1")


def _question(session: LearningSession, document: Document) -> Question:
    text = document.content.text
    start = text.index(PIGMENT)
    evidence = {
        "document_id": str(document.pk), "filename": document.filename, "page_start": 1, "page_end": 1,
        "char_start": start, "char_end": start + len(PIGMENT), "text": PIGMENT,
    }  # fmt: skip
    names = ("Chlorophyll a", "Carotenoids", "Anthocyanin", "Chlorophyll b")
    return make_question(
        session, 1, state=Question.State.QUARANTINED, evidence=[evidence], document_ids=[document.pk], concept="pigments",
        stem="Which pigment does most of the work in photosynthesis?",
        options=[{"id": f"o1-{place}", "text": name} for place, name in enumerate(names)],
        failures=[{"rule": "ambiguous", "detail": "“Chlorophyll b” is close to the key; a learner may defend it."}],
    )  # fmt: skip


def _figures(people: list[Any], sessions: list[LearningSession]) -> None:
    """Two days of facts, rolled up; yesterday one person had long lessons written by the dear model."""
    pick = random.Random(7)
    end = datetime.now(UTC)
    start = (end - timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for hour in range(int((end - start) / timedelta(hours=1)) + 1):
        busy = 4 + 26 * (8 <= (start + timedelta(hours=hour)).hour <= 21)
        for _ in range(busy):
            moment = start + timedelta(hours=hour, minutes=60 * pick.random())
            if moment < end:
                _visit(rows, pick, moment, pick.randrange(len(people)), people, sessions)
    yesterday = end.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for number in range(60):
        moment = yesterday + timedelta(hours=9 + number / 6)
        _call(rows, moment, people[3], sessions[3], "course-model-large", "generation", 42_000, 6_000)
    for kind, found in rows.items():
        _store(kind, found, start, end)
    rollup_run()


def _visit(rows: Any, pick: random.Random, moment: datetime, who: int, people: Any, sessions: Any) -> None:
    shared = {"occurred_at": moment, "user_id": people[who].pk, "session_id": sessions[who].pk}
    for _ in range(3):
        took = int(pick.lognormvariate(10.4, 0.7))
        rows["performance"].append(
            {**shared, "operation": "GET api/v1/sessions", "category": "request", "duration_us": took, "ok": pick.random() < 0.995}
        )  # fmt: skip
    rows["interaction"].append(
        {**shared, "interaction_type": "question", "duration_us": 400_000, "ok": pick.random() < 0.7}
    )
    if pick.random() < 0.5:
        phase = pick.choice(list(PHASES))
        _call(rows, moment, people[who], sessions[who], "course-model-small", phase, 3_000, 500)


def _call(
    rows: Any, moment: datetime, person: Any, session: Any, model: str, phase: str, prompt: int, completion: int
) -> None:
    cost = MODELS[model] * (prompt + completion) / 1_000_000
    rows["token_usage"].append(
        {"occurred_at": moment, "user_id": person.pk, "session_id": session.pk, "model": model, "phase": phase,
         "prompt_tokens": prompt, "completion_tokens": completion, "cost_usd": cost, "duration_us": 2_400_000,
         "ok": True, "measured": True}
    )  # fmt: skip
    made = SpendReservation.objects.create(
        id=new_id(), day=moment.date(), user=person, folder_id=session.folder_id, session_id=session.pk, model=model,
        phase=phase, feature=PHASES[phase], state="settled", reserved_usd=cost * 2, settled_usd=cost,
        prompt_tokens=prompt, completion_tokens=completion, measured=True, settled_at=moment,
    )  # fmt: skip
    SpendReservation.objects.filter(pk=made.pk).update(created_at=moment)


def _store(kind: str, rows: list[dict[str, Any]], start: datetime, end: datetime) -> None:
    days = [start.date() + timedelta(days=number) for number in range((end.date() - start.date()).days + 1)]
    partitions_ensure(fact=kind, days=days)
    if not rows:
        return
    columns = list(rows[0])
    places = ", ".join(["%s"] * (len(columns) + 1))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {KINDS[kind].table} (id, {', '.join(columns)}) VALUES ({places})",
            [[new_id(), *row.values()] for row in rows],
        )
    rollup_mark_stale(fact=kind, start=start, end=end)
