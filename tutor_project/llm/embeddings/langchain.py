"""Embedding providers reached through LangChain. Imported only when such a provider is configured."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tutor_project.llm.config import ModelConfig
from tutor_project.llm.embeddings.port import EmbeddingModelUnknown, EmbeddingUnavailable, Vectors, unit_rows
from tutor_project.llm.profiles import profile_serving

_BATCH = 128


def _provider_class(provider: str, spec: str) -> type[Any]:
    """Return the one embeddings class that the package ``langchain_<provider>`` exports."""
    from langchain_core.embeddings import Embeddings

    if not provider.replace("_", "").isalnum():
        raise EmbeddingModelUnknown(spec=spec)
    try:
        module = importlib.import_module(f"langchain_{provider}")
    except ModuleNotFoundError as error:
        raise EmbeddingModelUnknown(spec=spec) from error
    candidates = [getattr(module, name) for name in getattr(module, "__all__", dir(module))]
    classes = [item for item in candidates if isinstance(item, type) and issubclass(item, Embeddings)]
    if not classes:
        raise EmbeddingModelUnknown(spec=spec)
    return min(classes, key=lambda item: len(item.__name__))


def _profile_of(spec: str) -> ModelConfig | None:
    """Return the configuration of the profile that serves embeddings, if it names this model."""
    profile = profile_serving("embedding")
    names_it = profile is not None and spec in (profile.config.model, f"openai:{profile.config.name}")
    return profile.config if profile is not None and names_it else None


def _reached_by(config: ModelConfig | None) -> dict[str, Any]:
    """Return address and key as the provider's class takes them; without a profile it reads its own variables."""
    if config is None:
        return {}
    if config.provider == "ollama":
        return {"base_url": config.base_url}
    # Other servers of the protocol know no token ids, and counting tokens would download a vocabulary.
    plain = {"check_embedding_ctx_length": False} if config.provider == "openai_compatible" else {}
    return {"base_url": config.base_url, "api_key": config.api_key or "none", **plain}


class LangChainEmbedder:
    """Any ``langchain_core.embeddings.Embeddings``: batched, checked, scaled to length 1."""

    def __init__(self, provider: str, model: str) -> None:
        self.name = f"{provider}:{model}"
        self.similarity_floor = 0.0
        package = "openai" if provider == "openai_compatible" else provider
        self._client = _provider_class(package, self.name)(model=model, **_reached_by(_profile_of(self.name)))

    @cached_property
    def dimensions(self) -> int:
        """The length of the provider's vectors, asked once."""
        return int(self.embed_query("dimensions").shape[0])

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return float32 ``[len(texts), dimensions]``. Raises EmbeddingUnavailable.

        Blank texts are not sent (several providers refuse a whole batch for one) and get zeros.
        """
        rows = [row for row, text in enumerate(texts) if text.strip()]
        if not rows:
            return np.zeros((len(texts), self.dimensions), dtype=np.float32)
        vectors: list[list[float]] = []
        for start in range(0, len(rows), _BATCH):
            batch = [texts[row] for row in rows[start : start + _BATCH]]
            vectors += self._ask(self._client.embed_documents, batch, expected=len(batch))
        found = np.asarray(vectors, dtype=np.float32)
        result = np.zeros((len(texts), found.shape[1]), dtype=np.float32)
        result[rows] = found
        return unit_rows(result)

    def embed_query(self, text: str) -> Vectors:
        """Return float32 ``[dimensions]``. Raises EmbeddingUnavailable."""
        if not text.strip():
            return np.zeros(self.dimensions, dtype=np.float32)
        vector = self._ask(lambda one: [self._client.embed_query(one)], text, expected=1)
        return unit_rows(np.asarray(vector, dtype=np.float32))[0]

    def _ask(self, call: Any, argument: Any, *, expected: int) -> list[list[float]]:
        try:
            vectors: list[list[float]] = call(argument)
        except Exception as error:  # each provider raises its own classes; all end as one named failure
            raise EmbeddingUnavailable(name=self.name) from error
        if len(vectors) != expected or len({len(vector) for vector in vectors}) != 1:
            raise EmbeddingUnavailable(name=self.name)
        return vectors
