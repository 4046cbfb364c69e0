"""Encoding the sentences of a document in a process of its own, which ends when it is done.

The encoder for many sentences takes 200 MB; a worker that kept it would pay for it day and night. The child reads its
texts as JSON from standard input and writes quantised vectors to standard output. Run as
``python -m tutor_project.llm.encoding NAME`` with the name of an encoder.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

from tutor_project.llm.minilm import DIMENSIONS
from tutor_project.llm.sentence_encoder import MULTILINGUAL, open_encoder, quantised

Progress = Callable[[int, int], None]

BATCH = 256
_SECONDS_BEFORE = 30
_SECONDS_A_TEXT = {MULTILINGUAL: 1.5}
_SECONDS_A_TEXT_ELSE = 0.25
"""Processor seconds a child may use, five to ten times what it needs: a bound for what loops, not for what is slow."""


class EncodingFailed(Exception):
    """The child ended without all vectors: out of time, out of memory, or without its wheels."""


def encode_in_child(texts: Sequence[str], *, encoder: str, on_progress: Progress | None = None) -> list[bytes]:
    """Return the quantised vector of each text by the encoder of that name: 384 bytes, to be read by ``sentence_encoder.restored``.

    ``on_progress(done, total)`` is called now and then; if it raises, the child ends and the exception goes through.
    Raises EncodingFailed.
    """
    if not texts:
        return []
    with tempfile.TemporaryFile() as source:
        source.write(json.dumps(list(texts)).encode())
        source.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-m", "tutor_project.llm.encoding", encoder],
            stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            vectors = _received(child, len(texts), on_progress)
        finally:
            child.kill()
            child.wait()
    if len(vectors) != len(texts):
        raise EncodingFailed
    return vectors


def _received(child: subprocess.Popen[bytes], total: int, on_progress: Progress | None) -> list[bytes]:
    assert child.stdout is not None
    vectors: list[bytes] = []
    with child.stdout as stream:
        while len(vector := stream.read(DIMENSIONS)) == DIMENSIONS:
            vectors.append(vector)
            if on_progress is not None and len(vectors) % BATCH == 0:
                on_progress(len(vectors), total)
    return vectors


def _serve(name: str) -> None:
    texts = json.load(sys.stdin)
    seconds = int(_SECONDS_BEFORE + _SECONDS_A_TEXT.get(name, _SECONDS_A_TEXT_ELSE) * len(texts))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.nice(5)
    encoder = open_encoder(name)
    if encoder is None:
        sys.exit(1)
    for start in range(0, len(texts), BATCH):
        sys.stdout.buffer.write(quantised(encoder.encode(texts[start : start + BATCH])).tobytes())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve(sys.argv[1])
