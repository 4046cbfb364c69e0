"""Embedding models behind one small port.

``bundled`` is the 256-dimensional static model in the ``wordllama`` wheel: no network, no download, about
as fast as reading the text. Any other specification, ``provider:model``, goes to LangChain.
"""

from __future__ import annotations

import threading

from tutor_project.llm.embeddings.port import (
    BUNDLED,
    Embedder,
    EmbeddingModelUnknown,
    EmbeddingUnavailable,
    Vectors,
    WeightedQueryEmbedder,
    WordWeight,
    stack_vectors,
    unit_rows,
)

__all__ = [
    "BUNDLED",
    "Embedder",
    "EmbeddingModelUnknown",
    "EmbeddingUnavailable",
    "Vectors",
    "WeightedQueryEmbedder",
    "WordWeight",
    "count_tokens",
    "get_embedder",
    "stack_vectors",
    "unit_rows",
]

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
        from tutor_project.llm.embeddings.bundled import BundledEmbedder

        return BundledEmbedder()
    provider, separator, model = spec.partition(":")
    if not (provider and separator and model):
        raise EmbeddingModelUnknown(spec=spec)
    from tutor_project.llm.embeddings.langchain import LangChainEmbedder

    return LangChainEmbedder(provider, model)


def count_tokens(text: str) -> int:
    """Return the number of tokens of ``text`` in the bundled model's vocabulary (used to size chunks)."""
    from tutor_project.llm.embeddings.bundled import word_tokens

    return sum(len(ids) for ids in word_tokens(text))
