"""What every export is made from, and the texts they share."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from sessions_app.domain.questions.types import BooleanKey, CandidateQuestion, ChoiceKey, QuestionKind

GAP = "_____"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""Every file in an archive carries the earliest date a ZIP can hold, so equal banks give equal bytes."""


@dataclass(frozen=True, slots=True)
class ExportedReview:
    """Where a question stands in the learner's reviews; ``stability_days``: days until recall falls to 90 %."""

    due_at: datetime
    reviews: int
    stability_days: float | None


@dataclass(frozen=True, slots=True)
class ExportedQuestion:
    """A question of the bank with its stable id and, if it is being reviewed, its schedule."""

    id: str
    question: CandidateQuestion
    review: ExportedReview | None = None


def source_line(question: CandidateQuestion) -> str:
    """Return the decisive evidence as a line to read: quote, file and pages ('' without evidence)."""
    if not question.evidence:
        return ""
    citation = question.evidence[0]
    pages = f"p. {citation.page_start}"
    if citation.page_end != citation.page_start:
        pages = f"pp. {citation.page_start}-{citation.page_end}"
    return f"“{' '.join(citation.text.split())}” ({citation.filename}, {pages})"


def right_option(question: CandidateQuestion) -> str:
    """Return the id of the right option of a choice question ('' for the other kinds)."""
    match question.key:
        case ChoiceKey(option_id):
            return option_id
        case BooleanKey(value):
            return "true" if value else "false"
    return ""


def choices(question: CandidateQuestion) -> list[tuple[str, str]]:
    """Return (id, text) of the options; true/false questions have theirs even when none are stored."""
    if question.options:
        return [(option.id, option.text) for option in question.options]
    return [("true", "True"), ("false", "False")] if question.kind is QuestionKind.TRUE_FALSE else []


def printable(text: str) -> str:
    """Return ``text`` without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("", text)


def stable_number(text: str, bits: int = 31) -> int:
    """Return a number below ``2 ** bits`` that is the same for the same text in every process."""
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=8).digest()) >> (64 - bits)


def zipped(files: dict[str, bytes]) -> bytes:
    """Return an archive of ``files``; the same files give the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()
