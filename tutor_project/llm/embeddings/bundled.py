"""The bundled static embedder: token vectors of the ``wordllama`` wheel, pooled per text.

Only the two data files of the wheel are used. Importing the package itself would configure the root logger and
pull in an HTTP client, and its loader looks in a cache folder of the user's home first.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from tutor_project.llm.embeddings.port import BUNDLED, EmbeddingModelUnknown, Vectors, WordWeight, unit_rows

_NAME = "wordllama-l2-supercat-256/lead"
_DIMENSIONS = 256
_SIMILARITY_FLOOR = 0.4
_LEAD_WORDS = 30
"""The first words of a text count twice: a passage opens with its topic (heading, title, first sentence)."""

_WORD = re.compile(r"\w{1,48}")
_PIECE = re.compile(r"\S{1,48}")
_CACHED_WORDS = 200_000


@lru_cache(maxsize=1)
def _folder() -> Path:
    spec = importlib.util.find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise EmbeddingModelUnknown(spec=BUNDLED)
    return Path(spec.origin).parent


class _Tokens:
    """Token ids per word, remembered: running text repeats its words, and words are tokenized independently."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(_folder() / "tokenizers" / "l2_supercat_tokenizer_config.json"))
        self._known: dict[str, list[int]] = {}

    def __call__(self, words: Sequence[str]) -> list[list[int]]:
        known = self._known
        new = list({word for word in words if word not in known})
        if new:
            if len(known) + len(new) > _CACHED_WORDS:
                known, new = {}, list(set(words))
            encoded = self._tokenizer.encode_batch_fast(new, add_special_tokens=False)
            known.update(zip(new, (item.ids for item in encoded), strict=True))
            self._known = known
        return [known[word] for word in words]


@lru_cache(maxsize=1)
def _tokens() -> _Tokens:
    return _Tokens()


def word_tokens(text: str) -> list[list[int]]:
    """Return the token ids of each piece of ``text`` between white space."""
    return _tokens()(_PIECE.findall(text))


class BundledEmbedder:
    """Mean of the token vectors of a text's words, length 1. Loads in about 0.2 s; safe to share between threads."""

    name = _NAME
    dimensions = _DIMENSIONS
    similarity_floor = _SIMILARITY_FLOOR

    def __init__(self) -> None:
        self._vectors = _stored_vectors(_folder() / "weights" / "l2_supercat_256.safetensors")
        _tokens()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return float32 ``[len(texts), 256]``; a text without a word gets zeros."""
        tokens = [_text_tokens(text) for text in texts]
        # Texts repeat their words: each vector is widened once for all of them.
        known, places = np.unique(
            np.array([token for ids in tokens for token in ids], dtype=np.int64), return_inverse=True
        )
        vectors = self._vectors[known].astype(np.float32)
        # Summed row by row: as one matrix product it would be BLAS threads that fight with the other workers for cores.
        result = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        start = 0
        for row, ids in enumerate(tokens):
            if ids:
                vectors[places[start : start + len(ids)]].sum(axis=0, out=result[row])
                start += len(ids)
        return unit_rows(result)

    def embed_query(self, text: str) -> Vectors:
        """Return float32 ``[256]``."""
        return self.embed_weighted_query(text, lambda word: 1.0)

    def embed_weighted_query(self, text: str, weight: WordWeight) -> Vectors:
        """Return float32 ``[256]``, each word counted ``weight(word)`` times."""
        words = _WORD.findall(text)
        by_word = _tokens()(words)
        ids = [token for tokens in by_word for token in tokens]
        if not ids:
            return np.zeros(self.dimensions, dtype=np.float32)
        weights = np.repeat([weight(word) for word in words], [len(tokens) for tokens in by_word])
        pooled = (self._vectors[ids] * weights[:, None].astype(np.float32)).sum(axis=0, keepdims=True)
        vector: npt.NDArray[np.float32] = unit_rows(pooled)[0]
        return vector


def _stored_vectors(path: Path) -> npt.NDArray[np.float16]:
    """Return the token vectors as pages of their file, in 16 bits: what a text needs of them is read and widened.

    The format: the length of a description in eight bytes, the description as JSON, the numbers.
    """
    with path.open("rb") as file:
        described = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(described))["embedding.weight"]
    if entry["dtype"] != "F16":
        raise EmbeddingModelUnknown(spec=BUNDLED)
    start = 8 + described + entry["data_offsets"][0]
    return np.asarray(np.memmap(path, np.float16, "r", offset=start, shape=tuple(entry["shape"])))


def _text_tokens(text: str) -> list[int]:
    by_word = _tokens()(_WORD.findall(text))
    return [token for ids in by_word for token in ids] + [token for ids in by_word[:_LEAD_WORDS] for token in ids]
