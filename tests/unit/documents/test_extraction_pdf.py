"""PDF: reading order, headings, running heads, ruled tables, hyphens; every span slices back."""

from __future__ import annotations

import io
import shutil
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from benchmarks.made import files, hostile_files, hostile_pdfs
from benchmarks.made.files import Run, paragraph, pdf
from documents_app.domain.errors import CorruptFile, EncryptedFile, NoPages, NoTextLayer, TooManyPages
from documents_app.domain.material import DocumentText
from documents_app.domain.normalise import search_form
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf.boxes import span_boxes
from documents_app.extraction.pdf.reading import extract_pdf
from documents_app.extraction.registry import extract

LIMITS = ExtractionLimits(use_ocr=False)
BODY = [
    "Cells are the smallest units of life, and most of them are far too",
    "small to be seen without a microscope. They were first described in",
    "1665, when thin slices of cork were looked at through simple lenses.",
]


def read(data: bytes, limits: ExtractionLimits = LIMITS) -> DocumentText:
    document = extract_pdf(data, limits)
    text = document.text
    for heading in document.headings:
        assert text[heading.char_start : heading.char_end].split() == heading.text.split()
        assert document.page_at(heading.char_start) == heading.page
    for table in document.tables:
        lines = text[table.char_start : table.char_end].split("\n")
        assert [line.split("\t")[0] for line in lines] == [row[0] for row in table.cells]
    assert [page.page for page in document.pages] == list(range(1, len(document.pages) + 1))
    return document


def test_lines_of_a_paragraph_stay_together_and_paragraphs_apart() -> None:
    document = read(pdf([[*paragraph(BODY), *paragraph(BODY, top=660)]]))
    assert document.text == "\n".join(BODY) + "\n\n" + "\n".join(BODY)


def test_larger_and_bold_lines_are_headings_by_rank() -> None:
    page = [
        Run(72, 760, "Cell Biology", 20),
        Run(72, 735, "The Membrane", 10, bold=True),
        *paragraph(BODY, top=715),
        Run(72, 660, "The Nucleus", 10, bold=True),
        *paragraph(BODY, top=640),
    ]
    document = read(pdf([page]))
    assert [(h.level, h.text) for h in document.headings] == [
        (1, "Cell Biology"),
        (2, "The Membrane"),
        (2, "The Nucleus"),
    ]
    assert "Cell Biology\n\nThe Membrane\n\nCells are" in document.text


def test_a_heading_of_two_lines_is_one_heading() -> None:
    page = [Run(72, 760, "A Long Title That Needs", 18), Run(72, 739, "Two Whole Lines", 18), *paragraph(BODY, top=700)]
    assert [h.text for h in read(pdf([page])).headings] == ["A Long Title That Needs Two Whole Lines"]


def test_a_bold_phrase_within_a_paragraph_is_no_heading() -> None:
    page = [*paragraph(BODY), Run(72, 684, "Bold words go on here", 10, bold=True), *paragraph(BODY, top=672)]
    assert read(pdf([page])).headings == ()


def test_columns_are_read_one_after_the_other_however_they_are_drawn() -> None:
    left = [f"left column line {n} of the text" for n in range(12)]
    right = [f"right column line {n} of the text" for n in range(12)]
    in_order = [*paragraph(left), *paragraph(right, x=330)]
    by_rows = [run for pair in zip(paragraph(left), paragraph(right, x=330), strict=True) for run in pair]
    for page in (in_order, by_rows, [*paragraph(right, x=330), *paragraph(left)]):
        text = read(pdf([page])).text
        assert text.split() == " ".join([*left, *right]).split()


def test_a_title_across_the_columns_comes_first() -> None:
    left = [f"left column line {n} of the text" for n in range(12)]
    right = [f"right column line {n} of the text" for n in range(12)]
    page = [*paragraph(left), *paragraph(right, x=330), Run(72, 760, "A title that spans both of the columns here", 20)]
    assert read(pdf([page])).text.split("\n")[0].startswith("A title")


def test_running_heads_and_page_numbers_are_marked_and_stay_in_the_text() -> None:
    pages = [
        [
            Run(72, 770, "Chapter 1 Cells", 8),
            *paragraph([f"{word} {place} {word}" for place in ("begins", "goes on", "lasts", "nears", "ends")]),
            Run(300, 30, str(n + 10), 8),
        ]
        for n, word in enumerate(("Alpha", "Beta", "Gamma", "Delta", "Epsilon"), 1)
    ]
    document = read(pdf(pages))
    marked = [document.text[start:end] for start, end in document.furniture]
    assert [piece for piece in marked if "Chapter" in piece] == ["Chapter 1 Cells"] * 5
    assert [piece for piece in marked if piece.isdigit()] == ["11", "12", "13", "14", "15"]
    assert document.text.count("Chapter 1 Cells") == 5
    assert not any("begins" in piece or "ends" in piece for piece in marked)


def test_a_ruled_table_is_rows_of_cells_with_its_box_and_the_text_around_it_stays() -> None:
    xs, ys = (72, 200, 330), (600, 580, 560)
    rules = [(x, 600, x, 560) for x in xs] + [(72, y, 330, y) for y in ys]
    cells = [Run(80, 586, "name"), Run(210, 586, "value"), Run(80, 566, "ATP"), Run(210, 566, "30.5")]
    document = read(pdf([[*paragraph(BODY), *cells, *paragraph(BODY, top=530)]], rules=rules))
    (table,) = document.tables
    assert table.cells == (("name", "value"), ("ATP", "30.5"))
    assert document.text[table.char_start : table.char_end] == "name\tvalue\nATP\t30.5"
    assert table.bbox == pytest.approx((72, 192, 330, 232), abs=1)
    assert document.text.count("Cells are the smallest") == 2


def test_slanted_lines_and_specks_of_a_plot_are_no_table() -> None:
    slants = [(72 + 9 * n, 600, 80 + 9 * n, 602.5) for n in range(30)] + [
        (72, 540 + 9 * n, 74.5, 548 + 9 * n) for n in range(8)
    ]
    slants += [(330, 540 + 9 * n, 332.5, 548 + 9 * n) for n in range(8)] + [
        (200, 540 + 9 * n, 202.5, 548 + 9 * n) for n in range(8)
    ]
    slants += [(72 + 9 * n, y, 80 + 9 * n, y + 2.5) for n in range(30) for y in (575, 545)]
    slants += [(400, 500 + 20 * n, 450, 560 + 20 * n) for n in range(4)]
    labels = [Run(80, 586, "sin"), Run(210, 586, "cos"), Run(80, 560, "0.5"), Run(210, 560, "1.5")]
    document = read(pdf([[*paragraph(BODY), *labels]], rules=slants))
    assert document.tables == ()
    assert all(label.text in document.text for label in labels)


def test_hyphens_at_line_ends_stay_in_the_stored_text_and_vanish_from_the_search_form() -> None:
    document = read(pdf([paragraph(["The inner mem-", "brane is folded."])]))
    assert document.text == "The inner mem-\nbrane is folded."
    assert search_form(document.text) == "The inner membrane is folded."


def test_raised_characters_join_their_line() -> None:
    page = [Run(72, 700, "The area is R"), Run(128, 704, "2", 6), Run(134, 700, "in the plane.")]
    assert read(pdf([page])).text == "The area is R² in the plane."


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_rotated_page_reads_the_same(rotate: int) -> None:
    for upright in (True, False):
        document = read(pdf([[Run(72, 590, "A Title", 18), *paragraph(BODY, top=560)]], rotate=rotate, upright=upright))
        assert document.text == "A Title\n\n" + "\n".join(BODY)


def test_pages_without_text_among_others_are_listed() -> None:
    image = b"q 100 0 0 100 72 600 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q"
    document = read(pdf([paragraph(BODY), image, paragraph(BODY), []]))
    assert document.metadata["pages_without_text"] == [2]
    assert [(warning.code, warning.page) for warning in document.warnings] == [("page_without_text", 2)]
    assert len(document.pages) == 4


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (pdf([b"q 9 0 0 9 72 600 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q"]), NoTextLayer),
        (pdf([[]]), NoTextLayer),
        (files.encrypted_pdf(), EncryptedFile),
        (b"%PDF-1.7\n", CorruptFile),
        (pdf([paragraph(BODY)])[:400], CorruptFile),
        (pdf([[]] * 21), TooManyPages),
    ],
)
def test_a_pdf_that_cannot_be_used_has_its_named_error(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(data, ExtractionLimits(max_pages=20, use_ocr=False))


def test_a_page_tree_without_pages_never_counts_as_read() -> None:
    empty = files.serialise([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 0 /Kids [] >>"])
    with pytest.raises((NoPages, CorruptFile)):
        read(empty)


def test_bookmarks_give_the_levels_of_the_headings_they_name() -> None:
    objects = files.pdf_objects(
        [[Run(72, 760, "Part", 12, bold=True), *paragraph(BODY, top=730), Run(72, 650, "Sub", 12, bold=True)]]
    )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R /Outlines 7 0 R >>"
    objects += [
        b"<< /Type /Outlines /First 8 0 R /Last 8 0 R /Count 1 >>",
        b"<< /Title (Part) /Parent 7 0 R /First 9 0 R /Last 9 0 R /Count 1 /Dest [5 0 R /Fit] >>",
        b"<< /Title (Sub) /Parent 8 0 R /Dest [5 0 R /Fit] >>",
    ]
    assert [(h.level, h.text) for h in read(files.serialise(objects)).headings] == [(1, "Part"), (2, "Sub")]


def test_bookmarks_in_a_circle_end() -> None:
    assert read(hostile_pdfs.outline_loop()).text.startswith("Cells are")


def test_reading_twice_gives_the_same() -> None:
    data = pdf([paragraph(BODY)] * 3)
    assert read(data) == read(data)


def test_pages_that_are_all_alike_are_not_taken_for_running_heads() -> None:
    assert not read(pdf([paragraph(BODY)] * 6)).furniture


def word(place: tuple[int, int, int], left: int, confidence: float, text: str) -> str:
    """A row of tesseract's table: a word in a block, paragraph and line."""
    block, part, line = place
    return f"5\\t1\\t{block}\\t{part}\\t{line}\\t1\\t{left}\\t{300 * line}\\t100\\t40\\t{confidence}\\t{text}\\n"


def test_image_only_pages_are_recognised_where_a_program_for_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "level\\tpage_num\\n" + "".join(
        [
            word((1, 1, 1), 300, 90, "Recognised"),
            word((1, 1, 1), 420, 80, "words"),
            word((1, 1, 2), 300, 70, "of"),
            word((1, 2, 3), 300, 60, "Second"),
            word((1, 2, 3), 420, 50, "part."),
        ]
    )
    program = tmp_path / "tesseract"
    program.write_text(f"#!/bin/sh\nhead -c 4 | grep -q PNG && printf '{table}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    image = b"q 100 0 0 100 72 600 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q"
    document = read(pdf([paragraph(BODY), image]), ExtractionLimits())
    assert document.text.endswith("Recognised words\nof\n\nSecond part.")
    assert document.metadata["pages_recognised"] == [2]
    assert document.metadata["ocr_confidence"] == {"2": 70}
    words = document.metadata["ocr_words"]["2"]
    assert words[1] == ("words", 0.16471, 0.09091, 0.20392, 0.10303)  # of a page of 2550 by 3300 pixels
    at = document.text.index("words") - document.pages[1].char_start
    page = document.text[document.pages[1].char_start :]
    found = span_boxes(pdf([paragraph(BODY), image]), 2, page, at, at + len("words"), words)
    assert [tuple(round(edge, 4) for edge in box) for box in found.boxes] == [(0.1647, 0.0909, 0.2039, 0.103)]
    assert "pages_without_text" not in document.metadata
    ((code, detail, page),) = [(warning.code, warning.detail, warning.page) for warning in document.warnings]
    assert (code, page) == ("page_recognised", 2)
    assert "70 %" in detail
    drawn = extract(hostile_files.png(1, 1, zlib.compress(b"\x00\x00")), "a.png")
    assert drawn.text == "Recognised words\nof\n\nSecond part."


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract, which reads scans, is not installed here")
def test_the_words_of_a_scan_have_boxes() -> None:
    scan = Image.new("L", (1275, 1650), 255)
    draw = ImageDraw.Draw(scan)
    for line, sentence in enumerate(("The membrane surrounds the cell.", "Ribosomes build proteins.")):
        draw.text((150, 300 + 120 * line), sentence, fill=0, font=ImageFont.load_default(size=40))
    file = io.BytesIO()
    scan.save(file, "PDF", resolution=150)
    document = read(file.getvalue(), ExtractionLimits())
    at = document.text.index("proteins")
    words = document.metadata["ocr_words"]["1"]
    (box,) = span_boxes(file.getvalue(), 1, document.text, at, at + len("proteins"), words).boxes
    assert box[1] * 1650 == pytest.approx(420, abs=30)
    assert box[0] * 1275 > 450


def test_a_line_that_repeats_within_the_page_is_not_a_running_head() -> None:
    words = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")
    pages = [
        paragraph([f"{word} begins.", "Answer all questions.", *(f"{word} {n} goes on." for n in "abcdef")])
        for word in words[:3]
    ]
    assert not read(pdf(pages)).furniture
