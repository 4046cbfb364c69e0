"""Change of the embedding model while searches go on: nothing is lost, nothing is mixed, nothing stays behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from documents_app.models import EmbeddingSpace
from documents_app.retrieval import reembed
from documents_app.retrieval.scope import Scope
from documents_app.retrieval.search import search
from documents_app.retrieval.spaces import ReembedRunning, partition, space_drop, spaces_in_use
from tests.integration.documents.searchable import HashedWords, document, other_model, rows_of
from tutor_project.common.errors import Conflict
from tutor_project.llm.embeddings import get_embedder

__all__ = ["other_model"]

pytestmark = pytest.mark.django_db

TEXTS = [f"Chapter {number} treats subject{number} and the plasma membrane of cells." for number in range(6)]
Maker = Callable[..., HashedWords]


@pytest.fixture
def scope(learner: Any) -> Scope:
    session = uuid4()
    for number, text in enumerate(TEXTS):
        document(learner, session, text, name=f"{number}.txt")
    return Scope.of_session(learner.pk, session)


def answers(scope: Scope) -> list[str]:
    return [hit.citation.filename for hit in search(scope=scope, query="subject3 plasma membrane", mode="dense").hits]


def vectors_in(space_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM documents_app_chunkembedding WHERE space_id = %s", [space_id])
        return int(cursor.fetchone()[0])


def test_searches_use_the_old_vectors_until_the_new_ones_cover_everything(scope: Scope, other_model: Maker) -> None:
    other_model()
    before = answers(scope)
    space = reembed.reembed_begin(spec="standin:wide")
    for done, document_id in enumerate(reembed._pending(space)):
        result = search(scope=scope, query="subject3 plasma membrane", mode="dense")
        assert [hit.citation.filename for hit in result.hits] == before
        assert result.coverage.as_dict() == {
            "model": get_embedder().name,
            "searched": 1.0,
            "rebuilding": "standin:wide",
            "rebuilt": round(done / len(TEXTS), 4),
        }
        with pytest.raises(reembed.ReembedIncomplete):
            reembed.reembed_switch(space=space)
        reembed.document_embed(space=space, document_id=document_id)
    reembed.reembed_switch(space=space)
    active = spaces_in_use()
    assert [(one.id, one.dimensions) for one in active] == [(space.id, 768)]
    assert search(scope=scope, query="subject3", mode="dense").coverage.model == "standin:wide"
    assert answers(scope)[0] == "3.txt"


def test_old_vectors_are_removed_only_after_the_switch(scope: Scope, other_model: Maker) -> None:
    other_model()
    old = spaces_in_use()[0]
    space = reembed.reembed_begin(spec="standin:wide")
    reembed.reembed_continue(space=space)
    assert vectors_in(old.id) == vectors_in(space.id) == len(TEXTS)
    with pytest.raises(Conflict):
        space_drop(space_id=old.id)
    reembed.reembed_switch(space=space)
    assert reembed.spaces_prune() == 0
    assert vectors_in(old.id) == len(TEXTS)
    EmbeddingSpace.objects.filter(pk=old.id).update(retired_at="2001-01-01T00:00:00Z")
    assert reembed.spaces_prune() == 1
    assert vectors_in(old.id) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [partition(old.id)])
        assert cursor.fetchone() == (None,)


def test_a_re_embed_that_was_stopped_goes_on_where_it_was(scope: Scope, other_model: Maker) -> None:
    calls: list[str] = []

    def stop_at_fourth(texts: Sequence[str]) -> None:
        calls.extend(texts)
        if len(calls) == 4:
            raise KeyboardInterrupt

    other_model(before=stop_at_fourth)
    before = answers(scope)
    with pytest.raises(KeyboardInterrupt):
        reembed.reembed_continue(space=reembed.reembed_begin(spec="standin:wide"))
    assert answers(scope) == before
    space = reembed.reembed_begin(spec="standin:wide")
    assert reembed.reembed_progress(space).embedded == 3
    assert reembed.reembed_continue(space=space).share == 1.0
    assert len(calls) == len(TEXTS) + 1
    reembed.reembed_switch(space=space)


def test_a_document_that_comes_in_meanwhile_is_in_both_generations(
    learner: Any, scope: Scope, other_model: Maker
) -> None:
    other_model()
    old = spaces_in_use()[0]
    space = reembed.reembed_begin(spec="standin:wide")
    assert scope.session_ids is not None
    document(learner, scope.session_ids[0], "Glaciers carve valleys.", name="new.txt")
    assert vectors_in(old.id) == len(TEXTS) + 1
    assert vectors_in(space.id) == 1
    assert search(scope=scope, query="glaciers").hits[0].citation.filename == "new.txt"
    reembed.reembed_continue(space=space)
    reembed.reembed_switch(space=space)
    assert search(scope=scope, query="glaciers").hits[0].citation.filename == "new.txt"


def test_a_document_prepared_before_the_switch_and_indexed_after_it_is_complete(
    learner: Any, scope: Scope, other_model: Maker
) -> None:
    from documents_app.models import Document
    from documents_app.retrieval.indexing import IndexChunk, document_index, document_prepare

    other_model()
    assert scope.session_ids is not None
    pieces = [IndexChunk(0, 0, "Glaciers carve valleys.")]
    prepared = document_prepare(pieces)
    space = reembed.reembed_begin(spec="standin:wide")
    reembed.reembed_continue(space=space)
    reembed.reembed_switch(space=space)
    row = Document.objects.create(
        owner=learner, session_id=scope.session_ids[0], filename="late", mime_type="text/plain", size=1
    )
    document_index(
        document_id=row.pk, owner_id=learner.pk, session_id=scope.session_ids[0], chunks=pieces, prepared=prepared
    )
    assert vectors_in(space.id) == len(TEXTS) + 1


def test_a_deleted_document_is_gone_from_every_generation(learner: Any, scope: Scope, other_model: Maker) -> None:
    from documents_app.models import Document
    from documents_app.retrieval.indexing import document_unindex

    other_model()
    space = reembed.reembed_begin(spec="standin:wide")
    reembed.reembed_continue(space=space)
    row = Document.objects.filter(filename="3.txt").get()
    assert rows_of(row.pk)["documents_app_chunkembedding"] == 2
    document_unindex(document_id=row.pk)
    assert not any(rows_of(row.pk).values())
    assert reembed.reembed_progress(space).share == 1.0


def test_only_one_generation_is_built_at_a_time(scope: Scope, other_model: Maker) -> None:
    other_model()
    other_model("standin:narrow", 32)
    reembed.reembed_begin(spec="standin:wide")
    with pytest.raises(ReembedRunning, match="standin:wide"):
        reembed.reembed_begin(spec="standin:narrow")
    assert reembed.reembed_cancel()
    assert not reembed.reembed_cancel()
    assert reembed.reembed_begin(spec="standin:narrow").dimensions == 32


def test_the_model_in_use_is_not_built_again(scope: Scope) -> None:
    with pytest.raises(reembed.EmbeddingModelInUse):
        reembed.reembed_begin(spec="bundled")


def test_a_vector_of_other_dimensions_cannot_get_into_a_generation(scope: Scope) -> None:
    from django.db import IntegrityError, transaction

    space = spaces_in_use()[0]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO documents_app_chunkembedding (space_id, document_id, ordinal, owner_id, session_id, embedding)"
            " VALUES (%s, %s, 0, %s, %s, '[1,2,3]')",
            [space.id, uuid4(), uuid4(), uuid4()],
        )


def test_the_command_shows_coverage_switches_and_cleans_up(
    scope: Scope, other_model: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_model()
    monkeypatch.setattr("documents_app.management.commands.reembed.time.sleep", lambda seconds: None)
    old = spaces_in_use()[0]
    out = StringIO()
    call_command("reembed", model="standin:wide", stdout=out)
    assert "6 of 6 chunks, 100.0 %" in out.getvalue()
    assert "searches use standin:wide now" in out.getvalue()
    EmbeddingSpace.objects.filter(pk=old.id).update(retired_at="2001-01-01T00:00:00Z")
    call_command("reembed", prune=True, stdout=out)
    assert "1 retired generations removed" in out.getvalue()
    call_command("reembed", status=True, stdout=out)
    assert "active    standin:wide (768 dimensions)" in out.getvalue()
    with pytest.raises(CommandError, match="embedding_model_in_use"):
        call_command("reembed", model="standin:wide", stdout=out)
