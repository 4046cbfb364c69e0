"""The cohort figures as pages of the console: who struggles, what is missed, what nobody uses; each also as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from analytics_app.console.dashboard import percent, whole
from analytics_app.selectors.cohorts import MIN_ANSWERS, cohort_report
from tutor_project.common.console.tables import MOST_ROWS, csv_response
from tutor_project.common.errors import DomainError

PERMISSION = "analytics_app.view_sessionanalytics"
ROWS_SHOWN = 100
SPAN = timedelta(days=30)

Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A report in words: its title, what it says, its columns, and how a row is shown."""

    title: str
    note: str
    heads: tuple[str, ...]
    cells: Callable[[dict[str, Any]], list[Any]]
    link: Callable[[dict[str, Any]], str] = lambda row: ""
    """Where the first cell of a row leads."""


def _learner(row: dict[str, Any]) -> str:
    return reverse("admin:learner", args=[row["user_id"]])


def _question(row: dict[str, Any]) -> str:
    return reverse("admin:review_question", args=[row["question_id"]])


def _document(row: dict[str, Any]) -> str:
    return reverse("admin:documents_app_document_change", args=[row["document_id"]])


def _period(row: dict[str, Any]) -> str:
    return f"{row['day']:%A, %d %b}" if "day" in row else f"week of {row['week']:%d %b}"


PAGES: Mapping[str, Page] = {
    "struggling-learners": Page(
        "Who struggles",
        "Learners with shaky concepts, those who know least first. A concept counts from three answers on.",
        ("Learner", "Weakest concepts", "Shaky", "Expected right", "Last answer"),
        lambda row: [
            row["learner"], row["weakest"], f"{row['shaky']} of {row['concepts']}", percent(row["mean_probability"]),
            f"{row['last_answer_at']:%d %b %Y}",
        ],
        _learner,
    ),
    "missed-questions": Page(
        "What is missed",
        f"Questions answered wrong most often, of those with at least {MIN_ANSWERS} answers. "
        "A question that everybody misses may be at fault itself.",
        ("Question", "Concept", "Wrong", "Share", "State"),
        lambda row: [
            row["question"], row["concept"] or "–", f"{row['missed']} of {row['answers']}", percent(row["miss_rate"]),
            row["state"],
        ],
        _question,
    ),
    "mastery": Page(
        "What is known",
        "Concepts over all learners, the least known first.",
        ("Concept", "Learners", "Mastered by", "Expected right", "Answers a learner"),
        lambda row: [
            row["concept"], whole(row["learners"]), whole(row["mastered"]), percent(row["mean_probability"]),
            f"{row['answers']:.1f}",
        ],
    ),
    "unused-documents": Page(
        "What nobody uses",
        "Documents that no published question, lesson or answer stands on, the oldest first.",
        ("Document", "Pages", "Uploaded"),
        lambda row: [row["filename"], whole(row["page_count"]), f"{row['uploaded_at']:%d %b %Y}"],
        _document,
    ),
    "active-learners": Page(
        "Who learns",
        "Learners and sessions with an interaction, of the last 30 days.",
        ("Day", "Learners", "Sessions"),
        lambda row: [_period(row), whole(row["learners"]), whole(row["sessions"])],
    ),
    "retention": Page(
        "Who comes back",
        "Of those who began in a week, how many were active so many weeks later.",
        ("Began in the week of", "Learners", "Weeks later", "Active", "Share"),
        lambda row: [
            f"{row['cohort_week']:%d %b %Y}", whole(row["learners"]), row["weeks_later"], whole(row["active"]),
            percent(row["retention"]),
        ],
    ),
}  # fmt: skip


@require_GET
def report_view(request: Any, name: str) -> HttpResponse:
    """Show a report of everybody or of one folder; ``?csv`` gives it as a file."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    page, folder = PAGES.get(name), _folder(request)
    if page is None:
        raise Http404
    now = timezone.now()
    as_file = "csv" in request.GET
    try:
        rows = cohort_report(name, now - SPAN, now, folder_id=folder, limit=MOST_ROWS if as_file else ROWS_SHOWN)
    except DomainError as error:
        raise Http404(error.message) from error
    if as_file:
        return csv_response(name, page.heads, (page.cells(row) for row in rows))
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": page.title,
        "page": page,
        "pages": [(known, other.title, known == name) for known, other in PAGES.items()],
        "rows": [{"link": page.link(row), "cells": page.cells(row)} for row in rows],
        "most": ROWS_SHOWN,
        "folder": folder,
    }
    return TemplateResponse(request, "admin/report.html", context)


def _folder(request: Any) -> UUID | None:
    asked = request.GET.get("folder", "")
    try:
        return UUID(asked) if asked else None
    except ValueError as error:
        raise Http404 from error
