"""Very many small things in one file or answer: all are read, or what is too much is named, and nobody waits for long."""

from __future__ import annotations

import time

from documents_app.domain.alignment import align
from documents_app.domain.blocks import BlockKind
from sessions_app.domain.grading.short_answer import grade_text
from sessions_app.domain.grading.types import GradeVerdict
from tests.support.office import drawing, only, paragraph, read, word
from tests.unit.documents.test_extraction_word import picture


def test_a_table_of_fifty_thousand_cells_is_read() -> None:
    row = "<w:tr>" + "".join(f"<w:tc>{paragraph('x')}</w:tc>" for _ in range(50)) + "</w:tr>"
    document = read(word(f"<w:tbl>{row * 1000}</w:tbl>" + paragraph("neighbour")))
    assert sum(map(len, only(document, BlockKind.TABLE).rows or ())) == 50_000
    assert document.text.endswith("neighbour")


def test_ten_thousand_tiny_pictures_harm_nobody() -> None:
    tiny = picture(2, 2)
    pictures = {f"word/media/i{n}.png": tiny + n.to_bytes(4, "big") for n in range(10_000)}
    related = {f"p{n}": ("image", f"media/i{n}.png") for n in range(10_000)}
    body = "".join(paragraph(drawing(f'<a:blip r:embed="p{n}"/>')) for n in range(10_000))
    document = read(word(body + paragraph("neighbour"), pictures, related))
    assert (document.text, document.figures) == ("neighbour", ())


def test_aligning_takes_linear_time_whatever_repeats() -> None:
    def seconds(size: int) -> float:
        stored, drawn = "ab " * size + "x\n" + "5\t" * size, "5 " * size + "ab" * size
        start = time.process_time()
        align(stored, drawn)
        return time.process_time() - start

    small = min(seconds(4_000) for _ in range(3))
    assert min(seconds(16_000) for _ in range(3)) < 12 * small + 0.2


def test_a_huge_answer_is_graded_and_not_right() -> None:
    for text in ("1,2." * 30_000, "minus " * 20_000, "zwei" * 25_000, "a<" * 50_000, "(" * 100_000, "½" * 50_000):
        assert grade_text(text, ["42"]).verdict is not GradeVerdict.CORRECT
