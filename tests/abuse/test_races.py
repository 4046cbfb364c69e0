"""Two requests at once for one thing: one of them may come too late, neither fails, and nothing waits for ever."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from jobs_app.domain.lifecycle import ACTIVE, FINAL
from jobs_app.models import Job
from jobs_app.registry import GroupOutcome, JobKind, _kinds
from jobs_app.services import control
from jobs_app.services.creation import job_create, job_create_many
from sessions_app.models import LearningSession
from sessions_app.services.sessions import session_delete
from tests.support.access import ACCESS
from tests.support.fixtures import client_for
from tests.support.owned import owned_by, url_of

pytestmark = pytest.mark.django_db(transaction=True)

BODIES: dict[str, dict[str, Any]] = {
    "sessions/<uuid:session_id>": {"title": "Renamed"},
    "sessions/<uuid:session_id>/ask": {"question": "What is a cell?"},
    "sessions/<uuid:session_id>/search": {"query": "cell"},
    "sessions/<uuid:session_id>/interact": {"type": "start"},
    "sessions/<uuid:session_id>/analysis": {"analysis_type": "full_analysis"},
    "sessions/<uuid:session_id>/documents": {"files": [{"filename": "a.txt", "content": "QSBjZWxsIGlzIHNtYWxsLg=="}]},
    "sessions/<uuid:session_id>/log/mini-quiz": {
        "question": "q", "selectedOption": "a", "correctOption": "a", "isCorrect": True,
    },
    "sessions/<uuid:session_id>/log/summary": {"section": "s", "topic": "t", "summary": "A cell is small."},
    "quizzes/<uuid:quiz_id>/submit": {"answers": []},
    "attempts/<uuid:attempt_id>/answers/<uuid:question_id>/self-assessment": {"correct": True},
    "reviews/<uuid:review_id>/answer": {"text": "true"},
    "review-queue/questions/<uuid:question_id>/decide": {"decision": "approve"},
    "questions/<uuid:question_id>/regrade": {"value": False},
}  # fmt: skip
GOES_WITH_A_SESSION = ("session_id", "quiz_id", "attempt_id", "document_id", "review_id", "question_id")
ROUTES = [
    (route, method)
    for route, access in ACCESS.items()
    for method in access.methods
    if any(f":{name}>" in route for name in GOES_WITH_A_SESSION)
]


def waits_or_is_over(threads_before: set[int], seconds: float = 5.0) -> None:
    """Come back when another connection waits for what this one holds, or nobody is at work any more."""
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            alive = {thread.ident for thread in threading.enumerate()} - threads_before
            if cursor.fetchone()[0] or not alive:
                return
            time.sleep(0.005)


def raced(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do the first in a transaction that ends only when the second waits for it; returns what the second did."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(second())
        finally:
            connection.close()

    before = {thread.ident for thread in threading.enumerate() if thread.ident}
    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        waits_or_is_over(before)
    thread.join(60)
    return found[0]


@pytest.mark.parametrize(("route", "method"), ROUTES, ids=[f"{method} {route}" for route, method in ROUTES])
def test_whoever_comes_while_a_session_is_deleted_is_told_so(
    route: str, method: str, learner: Any, staff: Any, settings: Any
) -> None:
    ids = owned_by(learner)
    person = learner if ACCESS[route].rule_of(method) in ("self", "owned") else staff
    client = client_for(person)
    client.raise_request_exception = False
    session = LearningSession.objects.get(pk=ids["session_id"])
    response = raced(
        lambda: session_delete(session=session),
        lambda: client.generic(
            method.upper(), url_of(route, ids), json.dumps(BODIES.get(route, {})), "application/json"
        ),
    )
    assert response.status_code < 500, getattr(response, "data", None)


def test_a_group_that_is_tried_again_while_it_is_cancelled_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_kinds, "child", JobKind(name="child", handler=lambda context: None))
    summarise = JobKind(name="many", handler=None, summarise=lambda group, children: GroupOutcome({}))
    monkeypatch.setitem(_kinds, "many", summarise)
    group = job_create(job_type="many")
    job_create_many(job_type="child", items=[{}, {}], owner_id=None, parent=group)
    raced(lambda: control.job_cancel(job_id=group.pk), lambda: control.job_retry(job_id=group.pk))
    assert Job.objects.get(pk=group.pk).status in FINAL or group.children.filter(status__in=ACTIVE).exists()
    if Job.objects.get(pk=group.pk).status not in FINAL:
        control.job_cancel(job_id=group.pk)
    assert Job.objects.get(pk=group.pk).status == "cancelled"
