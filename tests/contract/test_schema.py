"""The API keeps to its own OpenAPI document: generated requests, valid and invalid, meet documented answers only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.test import APIClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.fixtures import client_for

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "photosynthesis.md"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 1}
STREAMS = {
    "jobs_events": "an asynchronous stream that lasts as long as the job",
    "analytics_stream": "an asynchronous stream without an end",
}


@pytest.fixture
def places(api: Any, learner: Any, run_jobs: Any) -> dict[str, str]:
    """The ids of a learner's own objects, made by a studied sample, for the paths of the schema."""
    folder = api.post("/api/v1/folders", {"name": "Biology"}).json()["id"]
    session = api.post("/api/v1/sessions", {"title": "Photosynthesis", "folder_id": folder}).json()["id"]
    files = {"files": [SimpleUploadedFile(SAMPLE.name, SAMPLE.read_bytes())]}
    upload = api.post(f"/api/v1/sessions/{session}/documents", files, format="multipart").json()
    run_jobs()
    quiz = api.post(f"/api/v1/sessions/{session}/quiz", {"question_count": 3}).json()
    answers = [{"question_id": question["id"]} for question in quiz["questions"]]
    api.post(f"/api/v1/quizzes/{quiz['id']}/submit", {"answers": answers})
    from sessions_app.models import ReviewCard

    return {
        "folder_id": folder,
        "session_id": session,
        "document_id": upload["documents"][0]["id"],
        "job_id": upload["job_id"],
        "quiz_id": quiz["id"],
        "question_id": quiz["questions"][0]["id"],
        "review_id": str(ReviewCard.objects.filter(owner=learner).values_list("id", flat=True)[0]),
        "user_id": str(learner.pk),
        "key": "REVIEW_DAILY_CAP",
        "report": "retention",
    }


def operations() -> Iterator[Any]:
    """Yield the operations of the schema as this application serves it, but for the streams."""
    schema = schemathesis.openapi.from_dict(APIClient().get("/api/schema?format=json").json())
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"] not in STREAMS:
            yield operation


def send(case: Any, client: APIClient) -> Response:
    """Send a generated request within the test's own transaction, and undo what it did."""
    sent = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    own = {"Authorization", "Content-Type", "Content-Length"}
    headers = {name: value for name, value in sent.headers.items() if name not in own}
    with transaction.atomic():
        given = client.generic(
            str(sent.method),
            str(sent.path_url),
            data=sent.body or b"",
            content_type=sent.headers.get("Content-Type", ""),
            headers=headers | {"Accept": "application/json"},
        )
        transaction.set_rollback(True)
    return Response(
        status_code=given.status_code,
        headers={name.lower(): [value] for name, value in given.headers.items()},
        content=given.getvalue(),
        request=sent,
        elapsed=0.0,
        verify=True,
        message=given.reason_phrase,
    )


def faults_of(operation: Any, places: dict[str, str], client: APIClient) -> list[str]:
    """Try generated requests on one operation, each undone afterwards; returns what was wrong."""
    faults: list[str] = []
    known = {
        parameter.name: places[parameter.name] for parameter in operation.path_parameters if parameter.name in places
    }
    for mode, examples in EXAMPLES.items():

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=known or None))
        def attempt(case: Any) -> None:
            try:
                case.validate_response(send(case, client), checks=CHECKS)
            except FailureGroup as group:
                faults.append(str(group))

        attempt()
    return faults


@pytest.mark.parametrize("role", ["learner", "staff"])
def test_generated_requests_get_documented_answers_only(
    role: str, learner: Any, staff: Any, places: dict[str, str], settings: Any
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
    client = client_for(learner if role == "learner" else staff)
    client.raise_request_exception = False
    faults = [fault for operation in operations() for fault in faults_of(operation, places, client)]
    assert not faults, f"{len(faults)} faults\n\n" + "\n\n".join(faults[:60])
