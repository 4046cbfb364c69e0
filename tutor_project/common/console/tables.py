"""Lists and reports of the console as CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import unescape
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.utils.html import strip_tags

from tutor_project.common.spreadsheet import inert

MOST_ROWS = 10_000
"""A file of more rows is no answer to a question of a person; filters make it smaller."""


def csv_response(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Return a table as a file that spreadsheets open: UTF-8 with a byte order mark, RFC 4180, no formulas."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([inert(cell) for cell in row])
    return response


def list_as_csv(admin: Any, request: Any) -> HttpResponse:
    """Return the columns of a list for all rows that its filters leave, in its order, at most ``MOST_ROWS``."""
    shown = admin.get_changelist_instance(request)
    names = [name for name in shown.list_display if name != "action_checkbox"]
    heads = [_head(str(label_for_field(name, admin.model, admin))) for name in names]
    rows = ([_text(admin, name, row) for name in names] for row in shown.queryset[:MOST_ROWS])
    return csv_response(str(admin.opts.verbose_name_plural).replace(" ", "-"), heads, rows)


def _head(label: str) -> str:
    return label[:1].upper() + label[1:]


def _text(admin: Any, name: str, row: Any) -> Any:
    try:
        field, _, value = lookup_field(name, row, admin)
    except ObjectDoesNotExist:
        return ""
    if field is not None and getattr(field, "flatchoices", None):
        value = dict(field.flatchoices).get(value, value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value if isinstance(value, int | float) else unescape(strip_tags(str(value)))
