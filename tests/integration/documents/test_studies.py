"""What a document says is read once, whatever asks for it; the analysis of a session only joins what was read."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents_app.domain.blocks import block_to_dict, tile
from documents_app.models import Document, DocumentContent, SessionAnalysis, StoredStudy
from documents_app.services import studying
from documents_app.services.analysis import analysis_ensure, analysis_request, study_load
from documents_app.services.documents import document_retry
from documents_app.services.reading import UNREAD, reading_fail, reading_request, readings_renew
from documents_app.services.removal import document_delete
from jobs_app.models import Job
from tests.integration.documents.searchable import document

pytestmark = pytest.mark.django_db

THINGS = ("lever", "pulley", "wedge", "screw", "wheel", "ramp")


def text_about(thing: str) -> str:
    return (
        f"A {thing} is a simple machine that changes the size of a force. The {thing} was known to the builders of old. "
        f"Every {thing} loses a part of the work to friction. Builders used the {thing} to lift heavy stones."
    )


def stored(learner: Any, session_id: Any, thing: str) -> Document:
    text = text_about(thing)
    row = document(learner, session_id, text)
    DocumentContent.objects.filter(document=row).update(
        blocks=[block_to_dict(block) for block in tile(text, [0])],
        pages=[{"page": 1, "char_start": 0, "char_end": len(text)}],
    )
    Document.objects.filter(pk=row.pk).update(status="completed", language="en")
    return row


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the documents that are read, in their order."""
    ids: list[str] = []
    original = studying.study_document

    def counted(source: Any, embed: Any) -> Any:
        ids.append(source.document_id)
        return original(source, embed)

    monkeypatch.setattr(studying, "study_document", counted)
    return ids


def test_one_more_document_is_one_more_reading(learner: Any, read: list[str]) -> None:
    session_id = uuid4()
    for count, thing in enumerate(THINGS, 1):
        row = stored(learner, session_id, thing)
        analysis_ensure(owner_id=learner.pk, session_id=session_id)
        assert read[count - 1 :] == [str(row.pk)]
    study = study_load(session_id=session_id)
    assert {thing for thing in THINGS for c in study.analysis.concepts if thing in c.name} == set(THINGS)
    for statement in study.matter.statements:
        cited = study.matter.cite(statement.span)
        assert cited.text in study.material[statement.span.document].content.text
        assert study.analysis.sections[statement.section].document == statement.span.document
    assert read == [source.document_id for source in study.material]


def test_an_analysis_asks_the_database_as_often_for_many_documents_as_for_few(learner: Any) -> None:
    sessions = {count: uuid4() for count in (2, 6)}
    for count, session_id in sessions.items():
        for thing in THINGS[:count]:
            stored(learner, session_id, thing)
        analysis_ensure(owner_id=learner.pk, session_id=session_id)
    SessionAnalysis.objects.all().delete()
    asked = []
    for session_id in sessions.values():
        with CaptureQueriesContext(connection) as queries:
            analysis_ensure(owner_id=learner.pk, session_id=session_id)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_what_earlier_rules_read_serves_until_it_was_read_anew(learner: Any, read: list[str]) -> None:
    session_id = uuid4()
    row = stored(learner, session_id, "lever")
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    StoredStudy.objects.filter(pk=row.pk).update(version=1)
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    assert study_load(session_id=session_id).analysis.concepts
    assert len(read) == 1
    assert readings_renew() == 1
    studying.study_ensure(document_id=row.pk)
    assert len(read) == 2


def test_what_was_stored_by_other_types_is_read_again(learner: Any, read: list[str]) -> None:
    session_id = uuid4()
    row = stored(learner, session_id, "lever")
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    StoredStudy.objects.filter(pk=row.pk).update(shape="other", digest=b"x", matter=b"x")
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    assert len(read) == 2


def test_nothing_of_a_study_outlives_its_document(learner: Any) -> None:
    session_id = uuid4()
    row = stored(learner, session_id, "lever")
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    document_delete(document_id=row.pk)
    assert not StoredStudy.objects.filter(pk=row.pk).exists()
    assert not SessionAnalysis.objects.filter(session_id=session_id).exists()


def test_a_document_that_cannot_be_read_says_so_and_keeps_no_other_from_its_analysis(learner: Any) -> None:
    session_id = uuid4()
    good, bad = stored(learner, session_id, "lever"), stored(learner, session_id, "pulley")
    analysis_request(owner_id=learner.pk, session_id=session_id)
    Job.objects.all().delete()
    SessionAnalysis.objects.update(status="failed", error_code="time_limit_exceeded")
    studying.study_ensure(document_id=good.pk)
    reading_fail(document_id=bad.pk, code="processor_limit_exceeded", message="It took too long.")
    bad.refresh_from_db()
    assert (bad.status, [warning["code"] for warning in bad.warnings]) == ("completed", [UNREAD])
    assert "It took too long." in bad.warnings[0]["detail"]
    assert Job.objects.filter(job_type="session_analysis", status="pending").count() == 1
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    assert [source.document_id for source in study_load(session_id=session_id).material] == [str(good.pk)]
    assert str(bad.pk) not in map(str, Job.objects.filter(job_type="document_read").values_list("input", flat=True))


def test_a_failed_reading_is_tried_again_when_asked_and_not_before(learner: Any) -> None:
    session_id = uuid4()
    bad = stored(learner, session_id, "pulley")
    reading_fail(document_id=bad.pk, code="processor_limit_exceeded", message="It took too long.")
    assert readings_renew() == 0
    bad.refresh_from_db()
    job_id = document_retry(document=bad)
    assert Job.objects.get(pk=job_id).job_type == "document_read"
    bad.refresh_from_db()
    assert bad.warnings == []
    assert reading_request(document=bad) == job_id
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    assert study_load(session_id=session_id).analysis.concepts


def test_a_reading_that_serves_is_not_lost_when_a_later_one_fails(learner: Any) -> None:
    session_id = uuid4()
    row = stored(learner, session_id, "lever")
    analysis_ensure(owner_id=learner.pk, session_id=session_id)
    reading_fail(document_id=row.pk, code="processor_limit_exceeded", message="The vectors took too long.")
    assert study_load(session_id=session_id).analysis.concepts
