"""Hooks of the worker's main process: its heartbeat."""

from __future__ import annotations

from typing import Any

from celery import signals

from jobs_app.heartbeat import ProcessHeart

_heart: ProcessHeart | None = None


@signals.worker_ready.connect
def start_heart(sender: Any, **kwargs: Any) -> None:
    """Report this worker as alive from now on."""
    global _heart
    queues = sorted(queue.name for queue in sender.task_consumer.queues)
    _heart = ProcessHeart(role="worker", queues=queues, concurrency=sender.controller.concurrency or 1)
    _heart.start()


@signals.worker_shutting_down.connect
def stop_heart(**kwargs: Any) -> None:
    """Report this worker as gone."""
    if _heart is not None:
        _heart.stop()
