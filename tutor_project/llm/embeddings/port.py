"""What every embedding model offers here, and how it fails."""

from __future__ import annotations

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
