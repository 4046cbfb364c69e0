"""Hooks of a worker's processes: the heartbeat of the main one, its watch over leases and over beat."""

from __future__ import annotations

from typing import Any

from celery import signals

from jobs_app import leases
from jobs_app.heartbeat import ProcessHeart
from jobs_app.limits import MEBIBYTE, resident_bytes
from jobs_app.services.watching import Watch
from tutor_project.common.memory import trim_memory

_GROWTH_BYTES = 8 * MEBIBYTE
_size = 0
_heart: ProcessHeart | None = None
_watch: Watch | None = None
_leases: leases.LeaseWatch | None = None


@signals.worker_init.connect
def open_board(**kwargs: Any) -> None:
    """Make the board on which the processes of this worker's pool, and of no other, write what they run."""
    leases.open_board()


@signals.worker_process_init.connect
def join_board(**kwargs: Any) -> None:
    """Give this process of the pool a line of the board of leases; a process that follows another takes over its line."""
    from billiard.process import current_process

    leases.join_board(getattr(current_process(), "index", 0))


@signals.task_postrun.connect
def give_memory_back(**kwargs: Any) -> None:
    """Give the system what a job has freed, when this process has grown by more than small change since the last time."""
    global _size
    if resident_bytes() - _size > _GROWTH_BYTES:
        trim_memory()
        _size = resident_bytes()


@signals.worker_ready.connect
def start_heart(sender: Any, **kwargs: Any) -> None:
    """Report this worker as alive from now on."""
    global _heart, _watch, _leases
    queues = sorted(queue.name for queue in sender.task_consumer.queues)
    _heart = ProcessHeart(role="worker", queues=queues, concurrency=sender.controller.concurrency or 1)
    _heart.start()
    _watch = Watch("worker")
    _watch.start()
    _leases = leases.LeaseWatch(processes=sender.controller.concurrency or 1, queues=queues)
    _leases.start()


@signals.worker_shutting_down.connect
def stop_heart(**kwargs: Any) -> None:
    """Report this worker as gone."""
    if _watch is not None:
        _watch.stop()
    if _heart is not None:
        _heart.stop()
