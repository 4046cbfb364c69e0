"""The embedder port: the bundled model, and LangChain providers behind a stand-in package."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from tutor_project.llm.embeddings import (
    Embedder,
    EmbeddingModelUnknown,
    EmbeddingUnavailable,
    WeightedQueryEmbedder,
    count_tokens,
    get_embedder,
    stack_vectors,
)
from tutor_project.llm.embeddings.langchain import LangChainEmbedder


@pytest.fixture(autouse=True)
def _no_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the console's profiles, which need a database."""
    monkeypatch.setattr("tutor_project.llm.profiles._source", tuple)


@pytest.fixture(scope="module")
def bundled() -> Embedder:
    return get_embedder("bundled")


def test_vectors_have_length_one(bundled: Embedder) -> None:
    vectors = bundled.embed_documents(["The cell has a membrane.", "Größe", "细胞膜", "x" * 5000])
    assert vectors.shape == (4, bundled.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "…—!?"])
def test_a_text_without_a_word_gets_zeros_not_nan(bundled: Embedder, text: str) -> None:
    assert not bundled.embed_documents([text, "cell"])[0].any()
    assert not bundled.embed_query(text).any()


def test_no_texts_give_no_rows(bundled: Embedder) -> None:
    assert bundled.embed_documents([]).shape == (0, bundled.dimensions)
    assert stack_vectors([], 7).shape == (0, 7)


def test_related_texts_are_nearer_than_unrelated_ones(bundled: Embedder) -> None:
    cell, membrane, market = bundled.embed_documents(
        ["The plasma membrane encloses the cell.", "Cells are bounded by a membrane.", "Stock prices fell on Monday."]
    )
    assert cell @ membrane > bundled.similarity_floor > cell @ market


def test_a_batch_gives_the_same_vectors_as_single_texts(bundled: Embedder) -> None:
    texts = [f"text number {number} about cells" for number in range(7)]
    single = np.concatenate([bundled.embed_documents([text]) for text in texts])
    np.testing.assert_allclose(bundled.embed_documents(texts), single, rtol=1e-6)


def test_the_opening_of_a_long_text_counts_twice(bundled: Embedder) -> None:
    filler = "stock market prices " * 40
    first, last = bundled.embed_documents([f"mitochondria respiration {filler}", f"{filler} mitochondria respiration"])
    topic = bundled.embed_query("mitochondria respiration")
    assert first @ topic > last @ topic


def test_a_word_of_weight_nought_does_not_count(bundled: Embedder) -> None:
    assert isinstance(bundled, WeightedQueryEmbedder)
    weighted = bundled.embed_weighted_query("the Mitochondria", lambda word: float(word != "the"))
    np.testing.assert_allclose(weighted, bundled.embed_query("Mitochondria"), rtol=1e-5)


def test_threads_share_one_embedder() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: (get_embedder("bundled"), number), range(32)))
        assert len({id(embedder) for embedder, _ in found}) == 1
        vectors = list(pool.map(lambda number: found[0][0].embed_query(f"cell {number % 4}"), range(64)))
    for number, vector in enumerate(vectors):
        np.testing.assert_array_equal(vector, vectors[number % 4])


def test_tokens_are_counted_and_add_up() -> None:
    assert count_tokens("") == 0
    assert count_tokens("cell membrane") == count_tokens("cell") + count_tokens("membrane")


@pytest.mark.parametrize("spec", ["", "nonsense", "nonsense:", ":model", "no_such_provider:model", "../etc:model"])
def test_an_unknown_model_is_named_with_the_cure(spec: str) -> None:
    with pytest.raises(EmbeddingModelUnknown, match="bundled"):
        get_embedder(spec)


def test_the_port_loads_neither_the_model_nor_langchain_before_they_are_asked_for() -> None:
    code = (
        "import sys, tutor_project.llm.embeddings as port;"
        "heavy = {'tokenizers', 'safetensors', 'langchain_core', 'wordllama', 'requests'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
        "port.get_embedder('bundled').embed_query('cell');"
        "assert not {'langchain_core', 'wordllama', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


class Provider(Embeddings):
    """A provider of three dimensions; ``fault`` is what goes wrong."""

    fault = ""

    def __init__(self, model: str) -> None:
        self.model = model

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.fault == "down":
            raise ConnectionError("no route")
        if self.fault == "short":
            return [[1.0, 0.0, 0.0]] * (len(texts) - 1)
        assert all(text.strip() for text in texts)
        return [[float(len(text)), 1.0, 0.0] for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> LangChainEmbedder:
    module = ModuleType("langchain_standin")
    module.StandinEmbeddings = Provider  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "langchain_standin", module)
    return LangChainEmbedder("standin", "small")


def test_a_provider_is_named_by_its_package_and_model(provider: LangChainEmbedder) -> None:
    assert (provider.name, provider.dimensions) == ("standin:small", 3)


def test_blank_texts_are_not_sent_and_get_zeros(provider: LangChainEmbedder) -> None:
    vectors = provider.embed_documents(["cell", " ", "wall"])
    assert not vectors[1].any()
    np.testing.assert_allclose(np.linalg.norm(vectors[[0, 2]], axis=1), 1.0)
    assert provider.embed_documents([""]).shape == (1, 3)
    assert not provider.embed_query(" ").any()


@pytest.mark.parametrize("fault", ["down", "short"])
def test_a_provider_that_fails_ends_in_one_named_error(
    provider: LangChainEmbedder, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(Provider, "fault", fault)
    with pytest.raises(EmbeddingUnavailable, match="standin:small"):
        provider.embed_documents(["cell", "wall"])
