"""The filters of lists: the library's, strict about what it ignores, and without its work when nobody filters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django_filters import rest_framework as filters
from django_filters.rest_framework import DjangoFilterBackend

from tutor_project.common.errors import InvalidInput

PAGING = frozenset({"limit", "cursor"})


class FilterUnknown(InvalidInput):
    """400: the list has no such filter, and leaving it out would answer another question."""

    code = "filter_unknown"
    detail = "There is no filter {name} here. There are: {known}."


class FilterBackend(DjangoFilterBackend):
    """Builds no form for a request that only pages; no filter set of this project has required filters or defaults."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> Any:
        """Return the filtered queryset; raises FilterUnknown, or ValidationError for a value of the wrong type."""
        if request.query_params.keys() <= PAGING:
            return queryset
        known = PAGING | set(getattr(getattr(view, "filterset_class", None), "base_filters", ()))
        for name in request.query_params:
            if name not in known:
                raise FilterUnknown(name=name[:50], known=", ".join(sorted(known)), attr=name[:50])
        return super().filter_queryset(request, queryset, view)


class StrictBooleanField(forms.NullBooleanField):
    """Yes, no, or not asked; the library takes every other word for "not asked"."""

    WORDS = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override]
        """Return the value; raises ValidationError."""
        if value in (None, ""):
            return None
        try:
            return self.WORDS[str(value).lower()]
        except KeyError as error:
            raise forms.ValidationError(gettext("Give true or false."), code="invalid") from error


class StrictBooleanFilter(filters.BooleanFilter):
    """A filter that is true, false, or refused."""

    field_class = StrictBooleanField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": forms.TextInput, **kwargs})
