"""Comma-, semicolon-, tab- or bar-separated values as one sheet."""

from __future__ import annotations

import csv
import re
from io import StringIO

from documents_app.domain.errors import CorruptFile, ExpandedTooLarge
from documents_app.domain.material import DocumentText
from documents_app.domain.normalise import clean
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.grid import write_grid
from documents_app.extraction.limits import ExtractionLimits

_SAMPLE = 16_384
_DELIMITERS = ",;\t|"
# The first line by which spreadsheet programs are told the delimiter; it is no row.
_NAMED_DELIMITER = re.compile(r"\s*\"?sep=([^\s\"]|\t)\"?[ \t]*(?:\n|$)", re.IGNORECASE)


def extract_csv(text: str, limits: ExtractionLimits) -> DocumentText:
    """Return the rows as tables; the delimiter is the one the file states, or is detected from the first lines."""
    text = clean(text).replace("\f", "\n")
    csv.field_size_limit(limits.max_chars)
    builder = TextBuilder(limits)
    named = _NAMED_DELIMITER.match(text)
    delimiter = named[1] if named else _delimiter(text[:_SAMPLE])
    try:
        rows = csv.reader(StringIO(text[named.end() if named else 0 :], newline=""), delimiter=delimiter, strict=False)
        write_grid(([cell.strip() for cell in row] for row in rows), builder)
    except csv.Error as error:
        if "field larger" in str(error):
            raise ExpandedTooLarge(limit=limits.max_chars, unit="characters in one cell") from error
        raise CorruptFile(reason="its rows cannot be read") from error
    return builder.build({})


def _delimiter(sample: str) -> str:
    """Return the delimiter that gives most lines of the sample the same number of cells, more than one."""
    lines = [line for line in sample.split("\n")[:50] if line.strip()]
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        if not widths:
            continue
        common = max(set(widths), key=widths.count)
        score = widths.count(common) / len(widths) if common > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best
