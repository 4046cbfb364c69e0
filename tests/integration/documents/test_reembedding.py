"""Vectors made anew by staff: what was wrong is right again, nothing is found twice, nothing is lost meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from documents_app.models import Document, DocumentEmbedding, EmbeddingSpace
from documents_app.retrieval import reembed
from documents_app.retrieval.scope import Scope
from documents_app.retrieval.search import search
from documents_app.retrieval.spaces import spaces_in_use
from documents_app.services.reembedding import (
    DocumentNotSearchable,
    SpaceRetired,
    document_reembed_request,
    space_reembed_request,
)
from jobs_app.models import Job
from jobs_app.services.control import job_retry
from tests.integration.documents.searchable import HashedWords, document, other_model

__all__ = ["other_model"]

pytestmark = pytest.mark.django_db

WORDS = ("osmosis", "glaciers", "sonnets", "tariffs")


@pytest.fixture
def library(learner: Any) -> tuple[Scope, list[Document]]:
    session = uuid4()
    texts = [f"This chapter is about {word}, and what {word} do." for word in WORDS]
    made = [document(learner, session, text, name=f"{word}.txt") for word, text in zip(WORDS, texts, strict=True)]
    return Scope.of_session(learner.pk, session), made


def found(scope: Scope, query: str) -> list[str]:
    return [hit.citation.filename for hit in search(scope=scope, query=query, mode="dense").hits]


def mix_up() -> None:
    """Give every chunk the vector of one of them."""
    table = "documents_app_chunkembedding"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET embedding = (SELECT embedding FROM {table} ORDER BY document_id LIMIT 1)")


def vectors() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM documents_app_chunkembedding")
        return int(cursor.fetchone()[0])


def test_a_document_gets_its_vectors_back(library: tuple[Scope, list[Document]], run_jobs: Callable[[], int]) -> None:
    scope, made = library
    before = vectors()
    mix_up()
    first = document_reembed_request(document=made[1])
    assert document_reembed_request(document=made[1]) == first
    run_jobs()
    assert Job.objects.get(pk=first).status == "completed"
    assert found(scope, "glaciers")[0] == "glaciers.txt"
    assert (vectors(), DocumentEmbedding.objects.count()) == (before, len(WORDS))


def test_a_whole_space_gets_its_vectors_back_each_document_once(
    library: tuple[Scope, list[Document]], run_jobs: Callable[[], int]
) -> None:
    scope, _ = library
    before = vectors()
    mix_up()
    job = space_reembed_request(space=EmbeddingSpace.objects.get())
    run_jobs()
    assert Job.objects.get(pk=job).result == {"documents": len(WORDS)}
    assert [found(scope, word)[0] for word in WORDS] == [f"{word}.txt" for word in WORDS]
    assert (vectors(), DocumentEmbedding.objects.count()) == (before, len(WORDS))


def test_a_run_that_was_cut_off_goes_on_where_it_was(
    library: tuple[Scope, list[Document]], run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from documents_app.services import reembedding

    real, calls = reembedding._replace, []

    def failing(context: Any, space: Any, document_id: Any) -> bool:
        calls.append(document_id)
        if len(calls) == 3:
            raise ConnectionError
        return real(context, space, document_id)

    monkeypatch.setattr(reembedding, "_replace", failing)
    monkeypatch.setattr("documents_app.services.reembedding.PAGE", 2)
    job = Job.objects.get(pk=space_reembed_request(space=EmbeddingSpace.objects.get()))
    run_jobs()
    job.refresh_from_db()
    assert job.status == "failed"
    job_retry(job_id=job.pk)
    run_jobs()
    job.refresh_from_db()
    assert (job.status, job.result) == ("completed", {"documents": 2})
    assert calls.count(calls[2]) == 2
    assert len(calls) == len(WORDS) + 1


def test_a_space_that_is_being_built_is_finished_and_switched_to(
    library: tuple[Scope, list[Document]], run_jobs: Callable[[], int], other_model: Callable[..., HashedWords]
) -> None:
    scope, _ = library
    other_model()
    space = reembed.reembed_begin(spec="standin:wide")
    space_reembed_request(space=EmbeddingSpace.objects.get(pk=space.id))
    run_jobs()
    assert [one.id for one in spaces_in_use()] == [space.id]
    assert found(scope, "sonnets")[0] == "sonnets.txt"


def test_what_cannot_be_embedded_again_is_named(library: tuple[Scope, list[Document]], learner: Any) -> None:
    bare = Document.objects.create(
        owner=learner, session_id=uuid4(), filename="bare.pdf", mime_type="application/pdf", size=1, status="failed"
    )
    with pytest.raises(DocumentNotSearchable, match="Retry it instead"):
        document_reembed_request(document=bare)
    space = EmbeddingSpace.objects.get()
    space.state = EmbeddingSpace.State.RETIRED
    with pytest.raises(SpaceRetired):
        space_reembed_request(space=space)


def test_a_document_that_is_deleted_meanwhile_is_a_quiet_success(
    library: tuple[Scope, list[Document]], run_jobs: Callable[[], int]
) -> None:
    from documents_app.services.removal import document_delete

    _, made = library
    job = document_reembed_request(document=made[0])
    document_delete(document_id=made[0].pk)
    run_jobs()
    assert not Job.objects.filter(pk=job).exclude(status__in=["completed", "cancelled"]).exists()
    assert not DocumentEmbedding.objects.filter(document_id=made[0].pk).exists()
