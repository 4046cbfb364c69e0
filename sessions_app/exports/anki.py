"""The question bank as an Anki deck (``.apkg``)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO

from sessions_app.exports.bank import GAP, ExportedQuestion, choices, right_option, source_line, stable_number

FIELDS = ("Question", "Options", "Answer", "Explanation", "Source")
NOTE_TYPE = "AI tutor question"
STYLE = """.card { font-family: sans-serif; font-size: 20px; text-align: left; max-width: 40em; margin: auto; }
ol { list-style: upper-alpha; } .source { color: #666; font-size: 14px; } .right { font-weight: bold; }"""
FRONT = "{{Question}}{{Options}}"
BACK = (
    '{{FrontSide}}<hr id="answer"><p class="right">{{Answer}}</p><p>{{Explanation}}</p><p class="source">{{Source}}</p>'
)


def export_anki(questions: Iterable[ExportedQuestion], *, deck_name: str, deck_key: str, at: datetime) -> bytes:
    """Return a deck of one card a question; importing a newer export updates the notes in place.

    ``deck_key`` (the session's id) and the ids of the questions make deck and notes stable; ``at`` is the time
    the notes are marked with. All text is escaped: nothing of the material becomes HTML in Anki.
    """
    import genanki  # loaded by the first export, not by every web process

    model = genanki.Model(
        stable_number(NOTE_TYPE),
        NOTE_TYPE,
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": "Question", "qfmt": FRONT, "afmt": BACK}],
        css=STYLE,
    )
    deck = genanki.Deck(stable_number(deck_key), deck_name.replace("::", ":") or "AI tutor")
    for item in questions:
        deck.add_note(
            genanki.Note(
                model=model, fields=_fields(item), guid=genanki.guid_for(item.id), tags=_tags(item), sort_field=item.id
            )
        )
    buffer = BytesIO()
    genanki.Package(deck).write_to_file(buffer, timestamp=at.astimezone(UTC).timestamp())
    return buffer.getvalue()


def _fields(item: ExportedQuestion) -> list[str]:
    question = item.question
    right = right_option(question)
    rows = "".join(f"<li>{_escaped(text)}</li>" for _, text in choices(question))
    answer = next((text for identity, text in choices(question) if identity == right), question.key_text)
    stem = _escaped(question.stem).replace(GAP, "<u>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;</u>")
    return [
        f"<p>{stem}</p>",
        f"<ol>{rows}</ol>" if rows else "",
        _escaped(answer),
        _escaped(question.explanation),
        _escaped(source_line(question)),
    ]


def _escaped(text: str) -> str:
    """Escape HTML, and Anki's own field marks so that a ``{{`` of the material stays text."""
    return html.escape(text).replace("{{", "{&#123;").replace("}}", "}&#125;").replace("\n", "<br>")


def _tags(item: ExportedQuestion) -> list[str]:
    question = item.question
    words = (question.kind.value, question.difficulty.value, question.concept, question.section_title)
    return sorted({re.sub(r"\s+", "_", word.strip()) for word in words if word.strip()})
