"""The question bank of a session as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.text import slugify

from sessions_app.engine import scheduling
from sessions_app.exports.anki import export_anki
from sessions_app.exports.bank import ExportedQuestion, ExportedReview
from sessions_app.exports.csv_table import export_csv
from sessions_app.exports.qti import export_qti
from sessions_app.models import LearningSession, ReviewCard
from sessions_app.selectors.practice import questions_exportable, review_cards_of
from sessions_app.services.bank import candidate_of

Writer = Callable[[LearningSession, Sequence[ExportedQuestion]], bytes]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A file format of the export."""

    media_type: str
    extension: str
    write: Writer


def _anki(session: LearningSession, questions: Sequence[ExportedQuestion]) -> bytes:
    return export_anki(questions, deck_name=session.title, deck_key=str(session.pk), at=timezone.now())


def _csv(session: LearningSession, questions: Sequence[ExportedQuestion]) -> bytes:
    return export_csv(questions)


def _qti(session: LearningSession, questions: Sequence[ExportedQuestion]) -> bytes:
    return export_qti(questions, title=session.title, package_key=str(session.pk))


FORMATS = {
    "anki": ExportFormat("application/vnd.anki", "apkg", _anki),
    "csv": ExportFormat("text/csv", "csv", _csv),
    "qti": ExportFormat("application/zip", "zip", _qti),
}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A finished export."""

    filename: str
    content: bytes


def questions_export(*, session: LearningSession, name: str, sealed: bool) -> ExportedFile:
    """Return the bank in the format ``name`` (a key of FORMATS); ``sealed`` leaves out what was not answered yet."""
    cards = review_cards_of(owner_id=session.owner_id, session_id=session.pk)
    rows = questions_exportable(session_id=session.pk, owner_id=session.owner_id, sealed=sealed)
    questions = [ExportedQuestion(str(row.pk), candidate_of(row), _review(cards.get(row.pk))) for row in rows]
    chosen = FORMATS[name]
    stem = slugify(session.title) or "questions"
    return ExportedFile(f"{stem}.{chosen.extension}", chosen.write(session, questions))


def _review(card: ReviewCard | None) -> ExportedReview | None:
    if card is None:
        return None
    return ExportedReview(card.due_at, card.review_count, scheduling.stability_days(card.state))
