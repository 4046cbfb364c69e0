"""Questions find passages: exact citations, by words alone and by meaning, never across owners."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from documents_app.domain.blocks import block_to_dict, tile
from documents_app.models import Document, DocumentContent, DocumentReading, ReadChunk
from documents_app.retrieval.passages import find_passages
from documents_app.retrieval.scope import Scope
from documents_app.services import reading as reading_service
from documents_app.services.reading import READING_VERSION, reading_ensure, reading_request, readings_renew
from documents_app.services.removal import document_delete
from documents_app.services.studying import study_ensure
from jobs_app.models import Job
from tests.integration.documents.searchable import document
from tutor_project.llm import encoding
from tutor_project.llm.sentence_encoder import encoder_name

pytestmark = pytest.mark.django_db

TEXT = (
    "Rocks\n\nGranite cooled slowly deep in the crust. Its crystals are large.\n\n"
    "Rivers\n\nWater carries sand to the sea. Deltas grow where it comes to rest.\n\n"
    "Weather\n\nCold air sinks and warm air rises. Wind blows from high to low pressure."
)


def stored(learner: Any, text: str = TEXT) -> tuple[Document, Scope]:
    session_id = uuid4()
    row = document(learner, session_id, text)
    blocks = [block_to_dict(block) for block in tile(text, [0])]
    DocumentContent.objects.filter(document=row).update(
        blocks=blocks, pages=[{"page": 1, "char_start": 0, "char_end": len(text)}]
    )
    Document.objects.filter(pk=row.pk).update(status="completed")
    return row, Scope.of_session(learner.pk, session_id)


@pytest.mark.parametrize("read", [False, True])
def test_a_passage_is_an_exact_slice_of_the_stored_text(learner: Any, read: bool) -> None:
    row, scope = stored(learner)
    if read:
        reading_ensure(document_id=row.pk)
    found = find_passages(scope=scope, question="How did granite cool?")
    best = found.passages[0]
    assert TEXT[best.citation.char_start : best.citation.char_end] == best.citation.text
    assert "Granite cooled slowly" in best.citation.text
    start, end = best.highlights[0]
    assert TEXT[start:end] == "Granite cooled slowly deep in the crust."
    assert (best.citation.page_start, best.citation.page_end) == (1, 1)


def test_a_question_in_other_words_finds_its_passage_once_the_document_was_read(learner: Any) -> None:
    row, scope = stored(learner)
    reading_ensure(document_id=row.pk)
    found = find_passages(scope=scope, question="Why do breezes happen?")
    assert "Wind blows" in found.passages[0].citation.text


def test_what_the_material_deals_with_is_more_certain_than_what_it_does_not(learner: Any) -> None:
    row, scope = stored(learner)
    reading_ensure(document_id=row.pk)
    known = find_passages(scope=scope, question="What carries sand to the sea?")
    unknown = find_passages(scope=scope, question="Who composed the Brandenburg Concertos?")
    assert known.certainty > unknown.certainty


def test_nobody_finds_what_is_not_theirs(learner: Any, make_user: Any) -> None:
    row, scope = stored(learner)
    reading_ensure(document_id=row.pk)
    foreign = Scope(make_user("other").pk, scope.session_ids)
    assert not find_passages(scope=foreign, question="How did granite cool?").passages


def test_a_document_is_read_once_for_each_version_of_its_content(learner: Any, monkeypatch: Any) -> None:
    row, _ = stored(learner)
    reading_ensure(document_id=row.pk)
    reading = DocumentReading.objects.get(document=row)
    assert (reading.version, reading.encoder) == (READING_VERSION, encoder_name("en"))
    monkeypatch.setattr(reading_service, "encode_in_child", lambda *_, **__: pytest.fail("it was read already"))
    assert reading_ensure(document_id=row.pk) == reading.unit_count
    assert readings_renew() == 1  # what it says was not read yet
    study_ensure(document_id=row.pk)
    assert readings_renew() == 0


def test_a_reading_without_vectors_leaves_the_document_answerable(learner: Any, monkeypatch: Any) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise encoding.EncodingFailed

    monkeypatch.setattr(reading_service, "encode_in_child", fails)
    row, scope = stored(learner)
    reading_ensure(document_id=row.pk)
    assert DocumentReading.objects.get(document=row).encoder == ""
    assert find_passages(scope=scope, question="How did granite cool?").passages
    assert readings_renew() == 1
    assert Job.objects.filter(job_type="document_read", input__document_id=str(row.pk)).exists()


def test_asking_again_for_a_reading_makes_no_second_job(learner: Any) -> None:
    row, _ = stored(learner)
    job_id = reading_request(document=row)
    assert reading_request(document=row) == job_id
    reading_ensure(document_id=row.pk)
    study_ensure(document_id=row.pk)
    assert reading_request(document=row) is None
    DocumentContent.objects.filter(document=row).update(version=2)
    assert readings_renew() == 1
    assert reading_request(document=row) not in (None, job_id)


def test_nothing_of_a_reading_outlives_its_document(learner: Any) -> None:
    row, _ = stored(learner)
    reading_ensure(document_id=row.pk)
    assert ReadChunk.objects.filter(document=row).exists()
    document_delete(document_id=row.pk)
    assert not ReadChunk.objects.filter(document_id=row.pk).exists()
    assert not DocumentReading.objects.filter(document_id=row.pk).exists()
