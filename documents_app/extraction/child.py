"""The child process that reads files: one request per line on standard input, framed answers on a private pipe.

Run as ``python -m documents_app.extraction.child``. It bounds itself before each file and ends when its
input closes. Standard output is pointed elsewhere, since libraries print.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from documents_app.domain.errors import ExtractionError, ExtractionOutOfMemory
from documents_app.extraction import progress, registry, wire
from documents_app.extraction.lifetime import end_with_parent
from documents_app.extraction.limits import MEBIBYTE, ExtractionLimits
from documents_app.extraction.ocr import RecognisedWord
from documents_app.extraction.pdf import boxes, picture, reading  # noqa: F401 - the usual reader is imported to be warm

_PAGE = os.sysconf("SC_PAGE_SIZE")
_SPARE_CPU_SECONDS = 5


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the input ends."""
    for line in requests:
        request = json.loads(line)
        limits = ExtractionLimits(**request["limits"])
        _bound(limits)
        answers.writelines(_answer(request, limits, answers))
        answers.flush()


def _answer(request: dict[str, Any], limits: ExtractionLimits, answers: BinaryIO) -> list[bytes]:
    def tell(done: int, total: int) -> None:
        answers.write(wire.frame(wire.PROGRESS, [done, total]))
        answers.flush()

    try:
        with progress.listening(tell):
            return list(_TASKS[request["task"]](Path(request["path"]), limits, **request["arguments"]))
    except ExtractionError as error:
        return [wire.frame(wire.FAILURE, wire.pack_error(error))]
    except MemoryError:
        return [wire.frame(wire.FAILURE, wire.pack_error(ExtractionOutOfMemory()))]
    except Exception as error:  # noqa: BLE001 - recorded in the log of the worker, ends as extraction_failed
        # Whatever a library raises on a hostile file ends as a named failure; the trace goes to the worker's log.
        failure = ExtractionError(error=type(error).__name__)
        return [wire.frame(wire.FAILURE, {**wire.pack_error(failure), "trace": traceback.format_exc(limit=-12)})]


def _extract(path: Path, limits: ExtractionLimits, *, filename: str) -> Iterator[bytes]:
    document = registry.extract(path, filename, limits)
    yield from wire.frames_of(document)
    yield _result(wire.pack_document(document))


def _draw(path: Path, limits: ExtractionLimits, *, page: int, width: int, place: list[float]) -> Iterator[bytes]:
    drawn = picture.draw(path, page, width, (place[0], place[1], place[2], place[3]))
    yield wire.frame_bytes(drawn.data)
    yield _result({"width": drawn.width, "height": drawn.height})


def _locate(
    path: Path, limits: ExtractionLimits, *, page: int, stored: str, start: int, end: int, words: list[RecognisedWord]
) -> Iterator[bytes]:
    found = boxes.span_boxes(path, page, stored, start, end, words)
    yield _result({"width": found.width, "height": found.height, "boxes": found.boxes})


_TASKS: dict[str, Callable[..., Iterator[bytes]]] = {"extract": _extract, "draw": _draw, "locate": _locate}


def _result(payload: dict[str, Any]) -> bytes:
    return wire.frame(wire.RESULT, {**payload, "resident_bytes": _resident_bytes()})


def _bound(limits: ExtractionLimits) -> None:
    """Allow so much more address space and processor time than is in use now."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE if sys.platform == "linux" else 0
    if used:
        resource.setrlimit(resource.RLIMIT_AS, (used + limits.memory_bytes, resource.RLIM_INFINITY))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    allowed = limits.wall_seconds + _SPARE_CPU_SECONDS if limits.cpu_seconds is None else limits.cpu_seconds
    seconds = math.ceil(usage.ru_utime + usage.ru_stime + allowed)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def _resident_bytes() -> int:
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _prepare() -> BinaryIO:
    """Keep the answer pipe to ourselves, leave no core files, write no large files, end with the worker."""
    answers = os.fdopen(os.dup(1), "wb", buffering=1024 * 1024)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (512 * MEBIBYTE, 512 * MEBIBYTE))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(os.getppid())
    return answers


if __name__ == "__main__":
    # What is imported stays, and lines and blocks form no circles: looking for some less often saves a twentieth.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    serve(sys.stdin.buffer, _prepare())
