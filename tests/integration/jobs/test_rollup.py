"""Ended jobs are counted by the hour: the same figures as from the jobs themselves, and still there when these are gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs_app.job_kinds import _cleanup
from jobs_app.models import Job, JobHour
from jobs_app.selectors.console import outcomes
from jobs_app.services.cleanup import completed_jobs_cleanup
from jobs_app.services.creation import job_create
from jobs_app.services.rollup import KEPT, hours_roll

pytestmark = pytest.mark.django_db

HOURS = 30


def ended(at: datetime, status: str = "completed") -> None:
    job = job_create(job_type="ping")
    Job.objects.filter(pk=job.pk).update(status=status, completed_at=at)


@pytest.fixture
def now() -> datetime:
    """Two jobs completed and one failed each half hour of more than a day, up to a quarter of an hour ago."""
    moment = timezone.now()
    for half in range(2 * HOURS):
        at = moment - timedelta(minutes=15 + 30 * half)
        ended(at)
        ended(at)
        ended(at, "failed")
    job_create(job_type="ping")
    return moment


def figures(start: datetime, end: datetime) -> dict[str, int]:
    return outcomes(start=start, end=end)["ping"]


@pytest.mark.parametrize("back", [0.2, 1.0, 1.7, 5.0, 24.0, 29.9])
def test_counted_hours_and_jobs_give_the_same_figures(now: datetime, back: float) -> None:
    spans = [(now - timedelta(hours=back), now), (now - timedelta(hours=back), now - timedelta(hours=back / 3))]
    before = [figures(*span) for span in spans]
    assert hours_roll() > HOURS
    assert [figures(*span) for span in spans] == before
    assert before[0]["pending"] == 1


def test_counting_again_changes_nothing_and_goes_on_where_it_was(now: datetime) -> None:
    hours_roll()
    before = list(JobHour.objects.values_list("hour", "job_type", "status", "number"))
    assert hours_roll() == 0
    assert list(JobHour.objects.values_list("hour", "job_type", "status", "number")) == before


def test_the_figures_outlive_the_jobs(now: datetime, settings: Any) -> None:
    long_ago = now - timedelta(days=60)
    for _ in range(5):
        ended(long_ago)
    start = (long_ago - timedelta(hours=2), now - timedelta(days=50))
    assert figures(*start)["completed"] == 5
    _cleanup(None)  # type: ignore[arg-type]
    assert not Job.objects.filter(completed_at__lt=now - timedelta(days=50)).exists()
    assert figures(*start)["completed"] == 5
    assert completed_jobs_cleanup()["jobs_deleted"] == 0


def test_counts_end_too(now: datetime) -> None:
    JobHour.objects.create(hour=now - KEPT - timedelta(days=1), job_type="ping", status="completed", number=1)
    hours_roll()
    assert not JobHour.objects.filter(hour__lt=now - KEPT).exists()
