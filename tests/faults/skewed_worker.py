"""The worker with another clock: ``celery --app tests.faults.skewed_worker worker``, ``CLOCK_SKEW_SECONDS`` ahead."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta

from django.utils import timezone

SKEW = float(os.environ["CLOCK_SKEW_SECONDS"])

_time, _now = time.time, timezone.now


def _skewed_time() -> float:
    return _time() + SKEW


def _skewed_now() -> datetime:
    return _now() + timedelta(seconds=SKEW)


time.time = _skewed_time
timezone.now = _skewed_now

from tutor_project.celery import app  # noqa: E402, F401  (after the clocks are set)
