"""Of several beats one fires; another takes over when it falls silent, and gives way to nobody who came later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from jobs_app.beat import LEADER_SILENT_AFTER, LedgerScheduler
from jobs_app.models import Job, ProcessHeartbeat
from tutor_project.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


class Recorded(LedgerScheduler):
    """A beat of this process that notes what it would send."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        super().__init__(app=app, lazy=True)

    def apply_async(self, entry: Any, *arguments: Any, **options: Any) -> None:
        self.sent.append(entry.name)

    def passes(self) -> bool:
        """Let the heart beat and the schedule be looked at; whether this beat fires."""
        self._beaten_at = float("-inf")
        self.tick()
        return self._leads


@pytest.fixture
def beat(settings: Any) -> Any:
    call_command("bootstrap", stdout=StringIO())
    PeriodicTask.objects.update(last_run_at=timezone.now() - timedelta(days=1))  # everything is due
    made = Recorded()
    made._watch.stop()
    made._finalize.cancel()  # what it would do when this process ends
    yield made
    made.close()


@pytest.fixture
def other(db: None) -> Callable[..., ProcessHeartbeat]:
    def make(*, started: timedelta, seen: timedelta = timedelta()) -> ProcessHeartbeat:
        now = timezone.now()
        return ProcessHeartbeat.objects.create(
            name="beat@elsewhere:1", role="beat", pid=1, started_at=now + started, seen_at=now - seen
        )

    return make


def test_a_stand_by_fires_nothing_while_the_one_before_it_lives_and_takes_over_when_that_falls_silent(
    beat: Recorded, other: Callable[..., ProcessHeartbeat]
) -> None:
    first = other(started=-timedelta(hours=1))
    assert not beat.passes()
    assert beat.sent == []
    silent_since = timezone.now() - LEADER_SILENT_AFTER - timedelta(seconds=1)
    ProcessHeartbeat.objects.filter(pk=first.pk).update(seen_at=silent_since)
    assert beat.passes()
    beat.tick()
    assert beat.sent
    assert Job.objects.count() == 0  # what is sent makes the jobs, in a worker


def test_the_one_that_leads_does_not_give_way_to_one_that_came_later(
    beat: Recorded, other: Callable[..., ProcessHeartbeat]
) -> None:
    assert beat.passes()
    other(started=timedelta(minutes=1))
    assert beat.passes()
