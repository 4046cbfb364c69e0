"""Search over PostgreSQL: what is found, what is not, and that citations are exact."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.db import connection

from documents_app.domain.passage_ids import PassageIds
from documents_app.models import Document, DocumentContent
from documents_app.retrieval import dense_search, maintenance
from documents_app.retrieval.indexing import document_unindex
from documents_app.retrieval.scope import Scope, scope_statistics
from documents_app.retrieval.search import Mode, search
from documents_app.retrieval.spaces import spaces_in_use
from documents_app.selectors.documents import DocumentNotFound
from tests.integration.documents.searchable import document, rows_of
from tutor_project.llm.embeddings import get_embedder

pytestmark = pytest.mark.django_db

CELL = "The plasma membrane encloses the cell. It is a bilayer of phospholipids, and proteins span it."
NERVE = "A neuron carries electrical signals. Its axon is wrapped in myelin, which makes conduction fast."
MARKET = "Shares are traded at an exchange. Prices move with supply and demand, and brokers earn a fee."
MODES: tuple[Mode, ...] = ("hybrid", "dense", "lexical")


def found(scope: Scope, query: str, **options: Any) -> list[str]:
    return [hit.citation.filename for hit in search(scope=scope, query=query, **options).hits]


@pytest.mark.parametrize("mode", MODES)
def test_the_document_that_answers_comes_first(learner: Any, mode: Mode) -> None:
    session = uuid4()
    for name, text in (("cell", CELL), ("nerve", NERVE), ("market", MARKET)):
        document(learner, session, text, name=name)
    scope = Scope.of_session(learner.pk, session)
    assert found(scope, "what is the plasma membrane made of", mode=mode)[0] == "cell"
    assert found(scope, "myelin of the axon", mode=mode)[0] == "nerve"


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_scope_and_an_empty_query_have_no_hits(learner: Any, mode: Mode) -> None:
    session = uuid4()
    assert found(Scope.of_session(learner.pk, session), "cell", mode=mode) == []
    assert found(Scope.of_sessions(learner.pk, []), "cell", mode=mode) == []
    document(learner, session, CELL)
    for query in ("", "  \n", "\x00", "!?"):
        assert found(Scope.of_session(learner.pk, session), query, mode=mode) == []


def test_a_query_about_something_else_has_no_hits(learner: Any) -> None:
    session = uuid4()
    document(learner, session, CELL)
    assert found(Scope.of_session(learner.pk, session), "medieval castles") == []


@pytest.mark.parametrize("mode", MODES)
def test_nothing_of_another_owner_or_session_is_found(learner: Any, make_user: Any, mode: Mode) -> None:
    other, mine, elsewhere, theirs = make_user("other"), uuid4(), uuid4(), uuid4()
    document(learner, mine, CELL, name="mine")
    document(learner, elsewhere, CELL, name="elsewhere")
    document(other, theirs, CELL, name="theirs")
    assert found(Scope.of_session(learner.pk, mine), "plasma membrane", mode=mode) == ["mine"]
    assert found(Scope.of_session(learner.pk, theirs), "plasma membrane", mode=mode) == []
    assert sorted(found(Scope.of_library(learner.pk), "plasma membrane", mode=mode)) == ["elsewhere", "mine"]
    assert found(Scope.of_sessions(learner.pk, [elsewhere, theirs]), "plasma membrane", mode=mode) == ["elsewhere"]


@pytest.mark.parametrize("mode", MODES)
def test_a_scope_can_be_some_documents(learner: Any, mode: Mode) -> None:
    session = uuid4()
    for name in ("one", "two"):
        document(learner, session, f"{CELL} This is {name}.", name=name)
    one = Document.objects.get(filename="one").pk
    for scope in (Scope.of_session(learner.pk, session), Scope.of_library(learner.pk)):
        narrow = scope.narrowed([one])
        assert found(narrow, "plasma membrane", mode=mode) == ["one"]
        assert scope_statistics(narrow).chunks * 2 == scope_statistics(scope).chunks
    with pytest.raises(DocumentNotFound):
        Scope.of_session(learner.pk, uuid4()).narrowed([one])


def long_text() -> str:
    paragraphs = [f"Paragraph {number} about topic{number}. {CELL} {NERVE}\n\n" for number in range(30)]
    return "\f".join("".join(paragraphs[start : start + 6]) for start in range(0, 30, 6)) + " 𝔘nicode ünd 细胞膜 ends."


@pytest.mark.parametrize(
    "query", ["plasma membrane", "topic7 paragraph", "topic12 topic13", "细胞膜", "myelin 𝔘nicode"]
)
def test_every_citation_is_a_slice_of_the_stored_text(learner: Any, query: str) -> None:
    session = uuid4()
    row = document(learner, session, long_text(), target_tokens=40)
    text = DocumentContent.objects.get(pk=row.pk).text
    pages = [text.count("\f", 0, place) + 1 for place in range(len(text))]
    hits = search(scope=Scope.of_session(learner.pk, session), query=query, limit=20).hits
    assert hits
    for hit in hits:
        citation = hit.citation
        assert text[citation.char_start : citation.char_end] == citation.text
        assert (citation.page_start, citation.page_end) == (pages[citation.char_start], pages[citation.char_end - 1])
        assert 0 < hit.score < 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_neighbouring_chunks_are_one_hit(learner: Any) -> None:
    session = uuid4()
    document(learner, session, long_text(), target_tokens=40)
    hits = search(scope=Scope.of_session(learner.pk, session), query="topic12 topic13", limit=20).hits
    spans = sorted((hit.citation.char_start, hit.citation.char_end) for hit in hits)
    assert any("topic12" in hit.citation.text and "topic13" in hit.citation.text for hit in hits)
    assert len(spans) == len(set(spans))


def test_no_more_hits_than_asked_for(learner: Any) -> None:
    session = uuid4()
    document(learner, session, long_text(), target_tokens=40)
    for limit in (1, 3, 50):
        assert 0 < len(search(scope=Scope.of_session(learner.pk, session), query="cell", limit=limit).hits) <= limit


def test_an_unindexed_document_leaves_no_row_and_no_hit(learner: Any) -> None:
    session = uuid4()
    gone = document(learner, session, f"{CELL} zyzzyvax", name="gone")
    document(learner, session, NERVE, name="stays")
    assert all(rows_of(gone.pk).values())
    document_unindex(document_id=gone.pk)
    assert not any(rows_of(gone.pk).values())
    for mode in MODES:
        assert "gone" not in found(Scope.of_session(learner.pk, session), "zyzzyvax plasma membrane", mode=mode)


def test_indexing_twice_leaves_one_index(learner: Any) -> None:
    from documents_app.retrieval.indexing import IndexChunk, document_index

    session = uuid4()
    row = document(learner, session, CELL)
    before = rows_of(row.pk)
    piece = IndexChunk(0, 0, CELL)
    document_index(document_id=row.pk, owner_id=learner.pk, session_id=session, chunks=[piece])
    assert rows_of(row.pk) == before


def test_a_document_of_stop_words_is_indexed_and_hidden_from_words(learner: Any) -> None:
    session = uuid4()
    document(learner, session, "it is what it is, and that was that")
    assert found(Scope.of_session(learner.pk, session), "cell") == []


def test_a_citation_of_a_document_deleted_meanwhile_is_left_out(learner: Any) -> None:
    session = uuid4()
    row = document(learner, session, CELL)
    row.delete()  # its index rows are still there, as for a search that began before
    assert found(Scope.of_session(learner.pk, session), "plasma membrane") == []


def test_the_index_finds_what_exact_search_finds(learner: Any, make_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the exact limit the vectors are in the index or wait for it; nothing is lost either way."""
    session, other = uuid4(), make_user("other")
    words = [f"word{number}" for number in range(300)]
    pick = np.random.default_rng(3)
    text = ". ".join(" ".join(pick.choice(words, 12)).capitalize() for _ in range(900)) + "."
    document(learner, session, text, target_tokens=40)
    document(other, uuid4(), text[:4000], target_tokens=40)
    scope = Scope.of_library(learner.pk)
    space, chunks = spaces_in_use()[0], scope_statistics(scope).chunks
    vector, nobody = get_embedder().embed_query("word7 word9 word21"), PassageIds.of(b"", np.zeros(0, dtype=np.int64))
    exact = dense_search.dense_search(space, scope, chunks, vector, wanted=100, also=nobody).best(10).keys().tolist()
    monkeypatch.setattr(dense_search, "EXACT_LIMIT", 50)
    monkeypatch.setattr(maintenance, "EXACT_LIMIT", 50)
    monkeypatch.setattr(dense_search, "_INDEX_PAYS", 0)
    taken = [maintenance.vector_index_extend(limit=chunks // 3) for _ in range(2)]
    assert taken == [chunks // 3] * 2
    half = dense_search.dense_search(space, scope, chunks, vector, wanted=100, also=nobody).best(10).keys().tolist()
    while maintenance.vector_index_extend():
        pass
    full = dense_search.dense_search(space, scope, chunks, vector, wanted=100, also=nobody).best(10).keys().tolist()
    assert half == exact
    assert len(set(full) & set(exact)) >= 9
    with connection.cursor() as cursor:
        cursor.execute("SELECT owner_id, bool_or(ann) FROM documents_app_chunkembedding GROUP BY owner_id")
        assert dict(cursor.fetchall()) == {learner.pk: True, other.pk: False}


def test_the_coverage_outside_a_re_embed_is_whole(learner: Any) -> None:
    session = uuid4()
    document(learner, session, CELL)
    result = search(scope=Scope.of_session(learner.pk, session), query="cell")
    assert result.coverage.as_dict() == {"model": get_embedder().name, "searched": 1.0}
