"""Extraction in a child process with bounded memory and time, so that a file that needs too much of either harms no worker.

It bounds, it does not isolate: the child sees the files and the network that the worker sees.

One child is kept warm per process and used for one file at a time; it is replaced after a failure that
may have left it unwell, after many files, and when it has grown, and ends when nothing was read for a while.
Works from daemonic (Celery prefork) processes, which may not have ``multiprocessing`` children.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents_app.domain.errors import (
    ExtractionCrashed,
    ExtractionError,
    ExtractionOutOfMemory,
    ExtractionTimeout,
    FileTooLarge,
)
from documents_app.domain.material import DocumentText
from documents_app.extraction import wire
from documents_app.extraction.limits import DEFAULT_LIMITS, MEBIBYTE, ExtractionLimits
from documents_app.extraction.progress import Listener

log = logging.getLogger(__name__)

_MAX_FILES = 300
_MAX_RESIDENT = 300 * MEBIBYTE
_START_SECONDS = 60.0
_IDLE_SECONDS = 0.4
"""How long a silent child may keep a cancelled job waiting."""
_REST_SECONDS = 30.0
"""A child that had nothing to read for so long is ended: it holds 40 MB, and another is there within half a second."""
_BLOCK = 1024 * 1024
_MAX_ANSWER = 1024 * MEBIBYTE
_MEMORY_SHARE = 0.7
_PROJECT = Path(__file__).resolve().parents[2]
# The child gets no secrets: its environment holds what it needs to start and nothing else.
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OMP_THREAD_LIMIT": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def extract(
    source: bytes | Path,
    filename: str,
    limits: ExtractionLimits = DEFAULT_LIMITS,
    *,
    on_progress: Listener | None = None,
) -> DocumentText:
    """Return the stored form of a file, read in the child process.

    ``on_progress(pages_done, pages_total)`` is called while reading, also when nothing new is done; if it raises, reading stops and the
    exception goes through. Raises a subclass of ``ExtractionError`` for every failure: the named ones of the
    extractors, ExtractionTimeout, ExtractionOutOfMemory or ExtractionCrashed. A child is never left hanging.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > limits.max_bytes:
        raise FileTooLarge(size=size, limit=limits.max_bytes)
    answer = ask(source, "extract", {"filename": filename}, limits, on_progress=on_progress)
    try:
        return wire.unpack_document(answer.payload, answer.attached)
    except (KeyError, TypeError, ValueError) as error:
        raise ExtractionCrashed from error


@dataclass(frozen=True, slots=True)
class ChildAnswer:
    """What the child answered: the result, and the bytes that came before it."""

    payload: dict[str, Any]
    attached: tuple[bytes, ...]


def ask(
    source: bytes | Path,
    task: str,
    arguments: dict[str, Any],
    limits: ExtractionLimits,
    *,
    on_progress: Listener | None = None,
    patience: float = -1,
) -> ChildAnswer:
    """Have the child do one of its tasks on a file.

    Waits at most ``patience`` seconds (negative: as long as it takes) for other threads that use the child, and raises
    SandboxBusy if that is not enough. Raises ExtractionError as ``extract`` does.
    """
    with _as_path(source) as path:
        return _child().ask(_Request(path, task, arguments, limits), on_progress, patience)


def warm_up() -> None:
    """Start the child now, so that the first file does not wait for its imports."""
    _child().start()


def close() -> None:
    """End the child of this process, if there is one."""
    global _current
    with _lock:
        if _current is not None and _current.owner == os.getpid():
            _current.stop()
        _current = None


class SandboxBusy(Exception):
    """The child of this process is at work for another thread."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A task on a file, within limits."""

    path: Path
    task: str
    arguments: dict[str, Any]
    limits: ExtractionLimits

    def line(self) -> bytes:
        """Return the request as it is sent."""
        request = {
            "task": self.task,
            "path": str(self.path),
            "arguments": self.arguments,
            "limits": wire.pack_limits(self.limits),
        }
        return json.dumps(request).encode() + b"\n"


class _Child:
    """A child process and the one conversation with it."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._rest: threading.Timer | None = None

    def start(self) -> None:
        """Start the process unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "documents_app.extraction.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_PROJECT,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
        self._files = 0

    def stop(self) -> int | None:
        """Kill the process with everything it started; return the peak resident memory in bytes if known."""
        process, self._process = self._process, None
        if process is None:
            return None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        peak = None
        with suppress(ChildProcessError):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            peak = usage.ru_maxrss * (1024 if sys.platform == "linux" else 1)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return peak

    def ask(self, request: _Request, listener: Listener | None, patience: float) -> ChildAnswer:
        """Have one task done."""
        if not self._turn.acquire(timeout=patience):
            raise SandboxBusy
        try:
            if self._rest is not None:
                self._rest.cancel()
            fresh = self._process is None or self._process.poll() is not None
            self.start()
            try:
                kind, answer = self._converse(request, listener, _START_SECONDS if fresh else 0.0)
            except BaseException:
                # Whatever interrupted us, the child may be in the middle of a file.
                self.stop()
                raise
            self._files += 1
            if self._files >= _MAX_FILES or answer.payload.get("resident_bytes", 0) > _MAX_RESIDENT:
                self.stop()
        finally:
            self._rest = threading.Timer(_REST_SECONDS, self._stop_idle)
            self._rest.daemon = True
            self._rest.start()
            self._turn.release()
        if kind == wire.FAILURE:
            payload = answer.payload
            if payload.get("trace"):
                log.warning(
                    "extraction_failed", extra={"error": payload["data"].get("error"), "trace": payload["trace"]}
                )
            raise wire.unpack_error(payload)
        return answer

    def _stop_idle(self) -> None:
        if self._turn.acquire(blocking=False):
            try:
                self.stop()
            finally:
                self._turn.release()

    def _converse(self, request: _Request, listener: Listener | None, spare: float) -> tuple[bytes, ChildAnswer]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        limits = request.limits
        try:
            process.stdin.write(request.line())
            process.stdin.flush()
        except OSError as error:
            raise self._died(limits) from error
        reached = (0, 0)
        attached: list[bytes] = []

        def listen() -> None:
            if listener is not None:
                listener(*reached)

        reader = _Reader(process.stdout.fileno(), time.monotonic() + limits.wall_seconds + spare, listen)
        while True:
            try:
                kind, payload = reader.message()
            except TimeoutError as error:
                raise ExtractionTimeout(seconds=f"{limits.wall_seconds:g}") from error
            except EOFError as error:
                raise self._died(limits) from error
            if kind == wire.PROGRESS:
                reached = (int(payload[0]), int(payload[1]))
                listen()
            elif kind == wire.BYTES:
                attached.append(bytes(payload))
            else:
                return kind, ChildAnswer(dict(payload), tuple(attached))

    def _died(self, limits: ExtractionLimits) -> ExtractionError:
        process = self._process
        peak = self.stop() or 0
        code = process.returncode if process is not None else None
        log.warning("extraction_child_died", extra={"exit_code": code, "peak_bytes": peak})
        if code == -signal.SIGXCPU:
            return ExtractionTimeout(seconds=f"{limits.wall_seconds:g}")
        if peak > _MEMORY_SHARE * limits.memory_bytes:
            return ExtractionOutOfMemory()
        return ExtractionCrashed(exit_code=code)


class _Reader:
    """Reads framed messages from a pipe until a deadline (monotonic seconds).

    ``idle`` is called while nothing comes; what it raises goes through, so that one slow page can be given up.
    """

    def __init__(self, descriptor: int, deadline: float, idle: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._deadline = deadline
        self._idle = idle

    def message(self) -> tuple[bytes, Any]:
        """Return the next message; raises TimeoutError, or EOFError if the pipe closes or talks nonsense."""
        kind, length = wire.HEADER.unpack(self._exactly(wire.HEADER.size))
        if kind not in (wire.PROGRESS, wire.BYTES, wire.RESULT, wire.FAILURE) or length > _MAX_ANSWER:
            raise EOFError
        body = self._exactly(length)
        try:
            return kind, body if kind == wire.BYTES else json.loads(body)
        except (ValueError, RecursionError) as error:
            raise EOFError from error

    def _exactly(self, size: int) -> bytearray:
        received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            while len(received) < size:
                left = self._deadline - time.monotonic()
                if not selector.select(max(0.0, min(left, _IDLE_SECONDS))):
                    if left <= _IDLE_SECONDS:
                        raise TimeoutError
                    self._idle()
                    continue
                block = os.read(self._descriptor, min(_BLOCK, size - len(received)))
                if not block:
                    raise EOFError
                received += block
        return received


@contextmanager
def _as_path(source: bytes | Path) -> Iterator[Path]:
    if isinstance(source, Path):
        yield source.resolve()
        return
    with tempfile.NamedTemporaryFile(prefix="extract-") as file:
        file.write(source)
        file.flush()
        yield Path(file.name)


_lock = threading.Lock()
_current: _Child | None = None


def _child() -> _Child:
    """Return this process's child object; one inherited through a fork belongs to the parent and is left alone."""
    global _current
    with _lock:
        if _current is None or _current.owner != os.getpid():
            _current = _Child()
        return _current


atexit.register(close)
