"""Messages in the language that ``Accept-Language`` names: refusals, failed work, streams; the rest stays as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from documents_app.domain.errors import TooManyPages
from jobs_app.errors import TimeLimitExceeded
from jobs_app.models import Job
from tutor_project.common.api.sse import StreamEvent, event_stream
from tutor_project.common.api.waiting import WaitingResponse
from tutor_project.common.threads import in_thread

pytestmark = pytest.mark.django_db

NOBODY = "01a227dd-9a35-76da-be09-1968de49d736"
NO_SESSION = {
    "de": "Diese Sitzung gibt es nicht, oder sie gehört Ihnen nicht.",
    "es": "Esa sesión no existe o no es suya.",
    "fr": "Cette session n’existe pas, ou n’est pas à vous.",
    "pt": "Essa sessão não existe, ou não é sua.",
    "en": "There is no such session, or it is not yours.",
}


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("ja, fr;q=0.5", "fr"), ("es", "es"), ("pt-BR", "pt"), ("en-GB,de", "en"),
     ("ja", "en"), ("", "en"), ("*;q=x,,;;", "en")],
)  # fmt: skip
def test_a_refusal_is_said_in_the_language_asked_for(wanted: str, spoken: str, api: APIClient) -> None:
    answer = api.get(f"/api/v1/sessions/{NOBODY}", headers={"Accept-Language": wanted})
    error = answer.json()["errors"][0]
    assert (error["code"], error["detail"]) == ("session_not_found", NO_SESSION[spoken])
    assert answer["Content-Language"] == spoken
    assert "Accept-Language" in answer["Vary"]


def test_what_is_said_after_a_request_is_english_again(api: APIClient) -> None:
    api.get(f"/api/v1/sessions/{NOBODY}", headers={"Accept-Language": "de"})
    assert translation.get_language() == "en-us"
    assert api.get(f"/api/v1/sessions/{NOBODY}").json()["errors"][0]["detail"] == NO_SESSION["en"]


def test_validation_and_unrouted_paths_speak_too(api: APIClient) -> None:
    api.credentials(HTTP_ACCEPT_LANGUAGE="de", **api._credentials)
    refused = api.post("/api/v1/sessions", {"title": "x" * 10_000}).json()["errors"][0]
    assert refused["attr"] == "title"
    assert "Zeichen" in refused["detail"]
    assert api.get("/api/v1/nothing").json()["errors"][0]["detail"].startswith("Unter diesem Pfad gibt es nichts.")
    anonymous = Client().get("/api/v1/sessions", headers={"Accept-Language": "de"})
    assert anonymous.json()["errors"][0]["detail"] == "Anmeldedaten fehlen."


def test_a_bad_password_says_its_reasons(client: Client) -> None:
    body = {"username": "neu", "password": "12345678"}
    answer = client.post("/api/v1/auth/register", body, "application/json", headers={"Accept-Language": "de"})
    detail = answer.json()["errors"][0]["detail"]
    assert detail.startswith("Das Passwort ist zu schwach: Dieses Passwort")


def test_a_failed_job_is_kept_in_english_and_told_in_the_readers_language(api: APIClient, learner: Any) -> None:
    failure = TimeLimitExceeded(seconds=90)
    job = Job.objects.create(
        job_type="ping", status="failed", owner=learner, error_code=failure.code, error_message=failure.message
    )
    for path in (f"/api/v1/jobs/{job.pk}", "/api/v1/jobs"):
        shown = api.get(path, headers={"Accept-Language": "fr"}).json()
        told = (shown["results"][0] if "results" in shown else shown)["error_message"]
        assert told.startswith("La tâche a dépassé sa limite de 90 secondes.")
    assert api.get(f"/api/v1/jobs/{job.pk}").json()["error_message"] == failure.message
    job.refresh_from_db()
    assert job.error_message == failure.message


def test_a_refused_file_is_told_in_the_language_of_who_sent_it(api: APIClient) -> None:
    session = api.post("/api/v1/sessions", {"title": "One"}).json()["session_id"]
    path = f"/api/v1/sessions/{session}/documents"
    files = [SimpleUploadedFile("good.txt", b"Light reactions make ATP. " * 20), SimpleUploadedFile("void.txt", b"")]
    sent = api.post(path, {"files": files}, format="multipart", headers={"Accept-Language": "de"}).json()
    assert sent["messages"][0] == "good.txt: angekommen, die Verarbeitung beginnt."
    assert sent["messages"][1].startswith("void.txt: abgelehnt. Die Datei ist leer")
    listed = api.get(path, headers={"Accept-Language": "es"}).json()["results"]
    refused = next(entry for entry in listed if entry["filename"] == "void.txt")
    assert refused["error"]["detail"].startswith("El archivo está vacío")


def test_the_console_speaks_english(client: Client) -> None:
    answer = client.get("/admin/login/", headers={"Accept-Language": "de"})
    assert "Content-Language" not in answer
    assert "Passwort" not in answer.content.decode()


async def _broken(seen: list[str | None]) -> AsyncIterator[StreamEvent]:
    seen.append(translation.get_language())
    yield StreamEvent("token", {"text": "a"})
    await asyncio.sleep(0)
    seen.append(await in_thread(translation.get_language))
    raise TooManyPages(pages=9, limit=3)


async def test_a_stream_goes_on_in_the_language_of_its_request() -> None:
    seen: list[str | None] = []
    with translation.override("pt"):
        response = await in_thread(lambda: event_stream(_broken(seen)))
    wire = b"".join([part async for part in response]).decode()  # type: ignore[union-attr]
    assert seen == ["pt", "pt"]
    assert "O ficheiro tem 9 páginas; são permitidas no máximo 3." in wire
    assert translation.get_language() == "en-us"


async def test_an_answer_that_is_waited_for_fails_in_the_language_of_its_request() -> None:
    async def work() -> Any:
        raise TooManyPages(pages=9, limit=3)

    class Request:
        parser_context = {"view": None}

    with translation.override("es"):
        waited = WaitingResponse(work, Request())
    status, _, body = await waited.resolve()
    assert status == 413
    assert "El archivo tiene 9 páginas" in body.decode()
