"""The question bank as a CSV table that opens in any spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from sessions_app.exports.bank import ExportedQuestion, choices, source_line
from tutor_project.common.spreadsheet import inert

COLUMNS = (
    "id", "kind", "question", "options", "answer", "explanation", "source", "concept", "section", "topic",
    "difficulty", "points", "due_at", "reviews", "stability_days",
)  # fmt: skip


def export_csv(questions: Iterable[ExportedQuestion]) -> bytes:
    """Return the table as UTF-8 with a byte order mark, one question a row, options joined by `` | ``."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in questions:
        question, review = item.question, item.review
        row = (
            item.id,
            question.kind.value,
            question.stem,
            " | ".join(text for _, text in choices(question)),
            question.key_text,
            question.explanation,
            source_line(question),
            question.concept,
            question.section_title,
            question.topic,
            question.difficulty.value,
            str(question.points),
            review.due_at.isoformat() if review else "",
            str(review.reviews) if review else "",
            f"{review.stability_days:.1f}" if review and review.stability_days is not None else "",
        )
        writer.writerow([inert(cell) for cell in row])
    return buffer.getvalue().encode("utf-8-sig")
