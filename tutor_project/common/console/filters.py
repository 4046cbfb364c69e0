"""Filters and searches of big tables: neither may read all of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.admin.filters import ChoicesFieldListFilter
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet

from tutor_project.common.words import WordsLookup

RECENT_ROWS = 5_000
FOUND_AT_MOST = 1_000
"""Rows that a search takes from each of its fields; whoever finds so many narrows the search."""


LOOKUPS = frozenset({"exact", "iexact", "startswith", "istartswith", "contains", "icontains", WordsLookup.lookup_name})


FILTERED_BY = frozenset({"", "exact", "id__exact", "in", "isnull", "gte", "gt", "lte", "lt"})


def lookup_of_filters(lookup: str, filters: Sequence[Any]) -> bool:
    """Tell whether a lookup is one that a list's filters ask with."""
    names = {item if isinstance(item, str) else item[0] for item in filters}
    field, _, rest = lookup.partition("__")
    return field in names and rest in FILTERED_BY


class RecentValuesFilter(ChoicesFieldListFilter):
    """Offers the values of the newest rows, where Django would read the whole table for them."""

    def __init__(self, field: Any, request: Any, params: Any, model: Any, model_admin: Any, field_path: str) -> None:
        newest = model._default_manager.order_by("-pk").values_list(field_path, flat=True)[:RECENT_ROWS]
        values = {value for value in newest if value not in (None, "")}
        super().__init__(field, request, params, model, model_admin, field_path)
        if self.lookup_val:
            values.update(self.lookup_val)
        self._values = sorted(values)

    def has_output(self) -> bool:
        """Tell whether there is anything to choose."""
        return bool(self._values)

    def choices(self, changelist: Any) -> Any:
        """Offer all, and each value."""
        chosen = set(self.lookup_val or ())
        yield {
            "selected": not chosen,
            "query_string": changelist.get_query_string(remove=[self.lookup_kwarg, self.lookup_kwarg_isnull]),
            "display": "All",
        }
        for value in self._values:
            yield {
                "selected": str(value) in chosen,
                "query_string": changelist.get_query_string({self.lookup_kwarg: value}, [self.lookup_kwarg_isnull]),
                "display": value,
            }


def bounded_filters(model: type[models.Model], wanted: Sequence[Any]) -> list[Any]:
    """Return a list's filters, those on free text replaced by ``RecentValuesFilter``."""
    return [(name, RecentValuesFilter) if _is_free_text(model, name) else name for name in wanted]


def _is_free_text(model: type[models.Model], name: Any) -> bool:
    if not isinstance(name, str):
        return False
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return isinstance(field, models.CharField) and not field.choices


def rows_found(rows: QuerySet[Any], fields: Sequence[str], term: str) -> QuerySet[Any]:
    """Return the rows of which one of ``fields`` (as in ``search_fields``) matches the whole ``term``.

    Each field is asked once, by itself and without a join, so that it can use an index or one quick scan; the page and
    its count then go by keys alone.
    """
    found = Q(pk__in=[])
    for name in fields:
        path, _, lookup = name.rpartition("__")
        if lookup not in LOOKUPS or not path:
            path, lookup = name, "icontains"
        relation, _, column = path.partition("__")
        if column and lookup != "exact":
            related: Any = rows.model._meta.get_field(relation).related_model
            found |= Q(**{f"{relation}__in": _keys(related, f"{column}__{lookup}", term)})
        elif lookup != "exact":
            found |= Q(pk__in=_keys(rows.model, f"{path}__{lookup}", term))
        elif (value := _of_type(rows.model, path, term)) is not None:
            found |= Q(**{path: value})
    return rows.filter(found)


def _keys(model: Any, lookup: str, term: str) -> list[Any]:
    return list(model._default_manager.filter(**{lookup: term}).order_by().values_list("pk", flat=True)[:FOUND_AT_MOST])


def _of_type(model: type[models.Model], path: str, term: str) -> Any:
    """Return ``term`` as the field takes it, None when it cannot be a value of it."""
    field: Any = model._meta.get_field(path.split("__")[0])
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.UUIDField):
        try:
            return UUID(term)
        except ValueError:
            return None
    if isinstance(field, models.IntegerField):
        return int(term) if term.isascii() and term.isdigit() and len(term) < 10 else None
    return term
