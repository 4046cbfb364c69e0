"""The filters of lists: the library's, without its work when nobody filters."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend

PAGING = frozenset({"limit", "cursor"})


class FilterBackend(DjangoFilterBackend):
    """Builds no form for a request that only pages; no filter set of this project has required filters or defaults."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> Any:
        """Return the filtered queryset; raises ValidationError."""
        if request.query_params.keys() <= PAGING:
            return queryset
        return super().filter_queryset(request, queryset, view)
