"""Figures of documents."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, Avg, Count, FloatField, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncDate

from documents_app.models import Document
from tutor_project.common.api.time_range import TimeRange


class Percentile(Aggregate):
    """PostgreSQL's ``percentile_cont``: interpolated, exact."""

    function = "percentile_cont"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, fraction: float) -> None:
        super().__init__(expression, fraction=fraction)


def document_stats(*, documents: QuerySet[Document], span: TimeRange) -> dict[str, Any]:
    """Return the figures of the documents uploaded in the range; times are milliseconds."""
    rows = documents.filter(uploaded_at__gte=span.start, uploaded_at__lt=span.end).order_by()
    by_status = dict(rows.values_list("status").annotate(n=Count("pk")))
    ended = by_status.get("completed", 0) + by_status.get("failed", 0)
    total_ms = Cast(KeyTextTransform("total_ms", "timings"), FloatField())
    times = rows.filter(status="completed").aggregate(
        mean=Avg(total_ms), p50=Percentile(total_ms, 0.5), p95=Percentile(total_ms, 0.95)
    )
    days = rows.annotate(day=TruncDate("uploaded_at")).values("day").annotate(count=Count("pk")).order_by("day")
    sums = rows.aggregate(size=Sum("size"), pages=Sum("page_count"))
    return {
        "total": sum(by_status.values()),
        "by_status": {status: by_status.get(status, 0) for status in Document.Status.values},
        "success_rate": by_status.get("completed", 0) / ended if ended else None,
        "processing_time_ms": times,
        "file_types": dict(rows.values_list("mime_type").annotate(n=Count("pk"))),
        "uploads_per_day": [{"day": row["day"].isoformat(), "count": row["count"]} for row in days],
        "total_size": sums["size"] or 0,
        "total_pages": sums["pages"] or 0,
    }
