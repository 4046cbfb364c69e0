"""Programs of the project as forks of one process that has imported it: what they only read, they share (ADR 0024).

``python -m tutor_project.stack.forking FD`` imports the project once and then waits at the socket FD. Asked to start a
program, it forks, and the child goes on as ``python -m MODULE …`` would. It opens no connection, starts no thread and
runs nothing of the project itself, so a fork of it is as good as a fresh process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tutor_project.common.memory import fill_holes, trim_memory

ANSWER_SECONDS = 60.0
"""What the import of the project may take on a busy machine."""
UNKNOWN_CODE = 255
"""Reported of a program whose parent ended first and took the exit code with it."""
_REQUEST_BYTES = 65536


class BaseAway(OSError):
    """The process to fork from has ended or does not answer."""


def can_fork() -> bool:
    """Whether this system lets one process watch another that is not its child (Linux 5.3)."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


class ForkedProcess:
    """A program that was started by the base: as much of ``subprocess.Popen`` as the supervisor needs."""

    def __init__(self, base: Base, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._base = base
        self._handle = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return the exit code, or ``None`` while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when it has ended. Raises ``subprocess.TimeoutExpired``."""
        if self.returncode is None:
            ended = select.poll()
            ended.register(self._handle, select.POLLIN)
            if not ended.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired("", timeout or 0)
            self.returncode = self._base.exit_code(self.pid)
            os.close(self._handle)
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)


class Base:
    """The supervisor's end of the socket to the process that is forked."""

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.settimeout(ANSWER_SECONDS)

    def started(self) -> None:
        """Close the other end, which the started process has now: its death is heard here."""
        self.theirs.close()

    def close(self) -> None:
        """Let go of it."""
        self._ours.close()
        self.theirs.close()

    def start(self, command: Sequence[str], *, role: str, output: int) -> ForkedProcess:
        """Start ``python -m MODULE …`` as a fork whose output goes to a file descriptor. Raises ``BaseAway``."""
        answer = self._ask({"command": list(command[2:]), "role": role}, [output])
        return ForkedProcess(self, answer["pid"])

    def exit_code(self, pid: int) -> int:
        """Return how a program that was started here ended."""
        try:
            return int(self._ask({"ended": pid})["code"])
        except BaseAway:
            return UNKNOWN_CODE

    def _ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        try:
            socket.send_fds(self._ours, [json.dumps(request).encode()], list(descriptors))
            answer = self._ours.recv(_REQUEST_BYTES)
        except OSError as error:
            raise BaseAway from error
        if not answer:
            raise BaseAway
        found: dict[str, Any] = json.loads(answer)
        return found


def main() -> None:
    """Import the project, start what is asked for; returns in each started program, and when nobody asks any more."""
    asking = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()  # no hole in the pages that will be shared
    import_project()
    gc.collect()
    trim_memory()  # what importing has left over
    fill_holes()
    gc.freeze()
    _show_name("base")  # from now on it can be forked
    request = _forked(asking)
    if request is not None:
        gc.enable()
        _take_role(request["role"])
        module, *arguments = request["command"]
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def _forked(asking: socket.socket) -> dict[str, Any] | None:
    """Answer requests; returns one in the child that has to carry it out, and ``None`` at their end."""
    with asking:
        while True:
            message, descriptors, _, _ = socket.recv_fds(asking, _REQUEST_BYTES, 1)
            if not message:
                return None
            request: dict[str, Any] = json.loads(message)
            if "ended" in request:
                asking.send(json.dumps({"code": _exit_code(request["ended"])}).encode())
                continue
            sys.stdout.flush()
            if (pid := os.fork()) == 0:
                _stand_alone(descriptors[0])
                return request
            _lead_a_group(pid)  # here as well: whoever is told of it may end the group of base at once
            os.close(descriptors[0])
            asking.send(json.dumps({"pid": pid}).encode())


def _exit_code(pid: int) -> int:
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return UNKNOWN_CODE  # the child of another base
    return os.waitstatus_to_exitcode(status)


def _stand_alone(output: int) -> None:
    """Be what a freshly started process is: a group of its own, its own output, no input."""
    _lead_a_group(os.getpid())
    for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
        os.dup2(descriptor, target)
    os.close(output)


def _lead_a_group(pid: int) -> None:
    """Make a child the leader of a process group in the session of base, which has no terminal."""
    with suppress(ProcessLookupError):
        os.setpgid(pid, pid)


def _take_role(role: str) -> None:
    """Go by a name of its own in logs, in PostgreSQL and in the system's list of processes."""
    from tutor_project.settings.role import take

    os.environ["TUTOR_ROLE"] = role
    take(role)
    _show_name(role)


def _show_name(name: str) -> None:
    with suppress(OSError), open("/proc/self/comm", "w", encoding="ascii") as shown:
        shown.write(name)


_COMMON = (
    "argon2", "billiard.popen_fork", "billiard.sharedctypes", "billiard.synchronize", "celery.apps.beat", "celery.apps.worker",
    "celery.beat", "celery.bin.celery", "celery.concurrency.prefork", "celery.events.dispatcher", "celery.events.receiver",
    "celery.worker.autoscale", "celery.worker.components", "celery.worker.consumer", "celery.worker.consumer.delayed_delivery",
    "celery.worker.loops", "celery.worker.pidbox", "celery.worker.strategy", "cffi.cparser", "constance.backends.database",
    "django.contrib.messages.storage.fallback", "django.core.cache.backends.locmem", "django.core.cache.backends.redis",
    "granian.cli", "jobs_app.beat", "kombu.mixins", "kombu.transport.redis", "tutor_project.serving",
)  # fmt: skip
"""What the programs import when they start. What one leaves out here, each pays for itself."""


def import_project() -> None:
    """Load what web, workers and beat have in common, and the models that a request or a job asks first.

    Not onnxruntime: it starts a thread when it is imported, and a fork that ends without having it aborts.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutor_project.settings")
    import django

    django.setup()
    for module in _COMMON:
        importlib.import_module(module)
    from django.conf import settings
    from django.urls import get_resolver

    from tutor_project.celery import app
    from tutor_project.language import FULL_LANGUAGES, detection, language
    from tutor_project.llm.embeddings import get_embedder
    from tutor_project.llm.sentence_encoder import ENGLISH, question_encoder

    for middleware in settings.MIDDLEWARE:
        importlib.import_module(middleware.rpartition(".")[0])
    importlib.import_module(settings.SESSION_ENGINE)
    _ = get_resolver().url_patterns
    app.loader.import_default_modules()
    app.finalize()
    _ = app.amqp, app.log, app.control, app.events
    get_embedder()
    question_encoder(ENGLISH)
    detection.detect("What language is this?")
    for tag in FULL_LANGUAGES:
        language(tag).stem("word")


if __name__ == "__main__":
    main()
