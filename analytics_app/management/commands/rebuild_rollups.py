"""``manage.py rebuild_rollups``: recompute the rollups of all kept facts, e.g. after facts were loaded by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand

from analytics_app.domain.facts import KINDS
from analytics_app.services.partitions import partition_days
from analytics_app.services.rollup import rollup_mark_stale, rollup_run


class Command(BaseCommand):
    """Mark every hour that still has facts, then roll up."""

    help = "Recomputes the rollups of all kept facts. Figures stay right while it runs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Mark and run."""
        for fact in KINDS:
            days = partition_days(fact)
            if days:
                start = datetime.combine(days[0], datetime.min.time(), UTC)
                end = min(datetime.combine(days[-1], datetime.min.time(), UTC) + timedelta(days=1), datetime.now(UTC))
                rollup_mark_stale(fact=fact, start=start, end=end)
        report = rollup_run()
        self.stdout.write(f"{report.hours} hours and {report.days} days recomputed from {report.facts} facts")
