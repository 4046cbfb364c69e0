"""Hooks of the worker's main process: its heartbeat, and its watch over beat."""

from __future__ import annotations

from typing import Any

from celery import signals

from jobs_app.heartbeat import ProcessHeart
from jobs_app.services.watching import Watch

_heart: ProcessHeart | None = None
_watch: Watch | None = None


@signals.worker_ready.connect
def start_heart(sender: Any, **kwargs: Any) -> None:
    """Report this worker as alive from now on."""
    global _heart, _watch
    queues = sorted(queue.name for queue in sender.task_consumer.queues)
    _heart = ProcessHeart(role="worker", queues=queues, concurrency=sender.controller.concurrency or 1)
    _heart.start()
    _watch = Watch("worker")
    _watch.start()


@signals.worker_shutting_down.connect
def stop_heart(**kwargs: Any) -> None:
    """Report this worker as gone."""
    if _watch is not None:
        _watch.stop()
    if _heart is not None:
        _heart.stop()
