"""Embedding models behind one small port.

``bundled`` is the 256-dimensional static model in the ``wordllama`` wheel: no network, no download, about
as fast as reading the text. Any other specification, ``provider:model``, goes to LangChain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from tutor_project.common.errors import DomainError

Vectors = npt.NDArray[np.float32]
WordWeight = Callable[[str], float]

BUNDLED = "bundled"


class EmbeddingModelUnknown(DomainError):
    """The specification names no model this installation can load."""

    code = "embedding_model_unknown"
    status = 400
    detail = (
        "There is no embedding model {spec!r}. Use 'bundled' or 'provider:model' of an installed LangChain package."
    )


class EmbeddingUnavailable(DomainError):
    """The embedding provider did not answer, or answered with something that is not a vector per text."""

    code = "embedding_unavailable"
    status = 503
    detail = "The embedding model {name!r} does not answer. Check its key and address, then try again."


class Embedder(Protocol):
    """Texts in, unit vectors out.

    ``name`` identifies the space: vectors of two embedders are comparable only if their names are equal.
    A text without any known token gets the zero vector, never NaN.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    @property
    def similarity_floor(self) -> float:
        """The cosine below which a passage that shares no word with the query is taken to be unrelated."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return float32 ``[len(texts), dimensions]``, each row of length 1 (or all zeros)."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Return float32 ``[dimensions]`` of length 1 (or all zeros)."""
        ...


@runtime_checkable
class WeightedQueryEmbedder(Protocol):
    """An embedder that pools words, so that rare words of a query can be made to count for more."""

    def embed_weighted_query(self, text: str, weight: WordWeight) -> Vectors:
        """Return float32 ``[dimensions]``; ``weight`` gives each word of ``text`` its share (≥ 0)."""
        ...


_instances: dict[str, Embedder] = {}
_lock = threading.Lock()


def get_embedder(spec: str = BUNDLED) -> Embedder:
    """Return the process-wide embedder of ``spec``, loading it at the first call.

    ``spec`` is ``bundled`` or ``provider:model``; the address and the key of the latter are those of the profile that
    serves embeddings, if it names that model. Raises EmbeddingModelUnknown.
    """
    found = _instances.get(spec)
    if found is not None:
        return found
    with _lock:
        if spec not in _instances:
            _instances[spec] = _load(spec)
        return _instances[spec]


def _load(spec: str) -> Embedder:
    if spec == BUNDLED:
        from tutor_project.llm.embeddings_bundled import BundledEmbedder

        return BundledEmbedder()
    provider, separator, model = spec.partition(":")
    if not (provider and separator and model):
        raise EmbeddingModelUnknown(spec=spec)
    from tutor_project.llm.embeddings_langchain import LangChainEmbedder

    return LangChainEmbedder(provider, model)


def count_tokens(text: str) -> int:
    """Return the number of tokens of ``text`` in the bundled model's vocabulary (used to size chunks)."""
    from tutor_project.llm.embeddings_bundled import word_tokens

    return sum(len(ids) for ids in word_tokens(text))


def unit_rows(vectors: Vectors) -> Vectors:
    """Scale each row to length 1 in place; rows of length 0 and rows that are not finite become zeros."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    usable = np.isfinite(norms) & (norms > 0)
    np.divide(vectors, norms, out=vectors, where=usable)
    vectors[~usable[..., 0]] = 0.0
    return vectors


def stack_vectors(batches: Sequence[Vectors], dimensions: int) -> Vectors:
    """Return the batches as one float32 ``[n, dimensions]``, also when there are none."""
    return np.concatenate(batches) if batches else np.zeros((0, dimensions), dtype=np.float32)
