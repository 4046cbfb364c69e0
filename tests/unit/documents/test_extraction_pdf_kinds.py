"""PDF: what is a list, code, a caption, a footnote; raised text and emphasis; forms, notes, and what nobody sees."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from benchmarks.made.files import Run, flate, paragraph, pdf, pdf_objects, serialise, stream
from documents_app.domain.blocks import BlockKind, MarkKind, check_tiling
from documents_app.domain.errors import NoTextLayer, PdfPortfolio, UnreadableFonts, XfaForm
from documents_app.domain.material import DocumentText
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.pdf.boxes import span_boxes
from documents_app.extraction.pdf.reading import extract_pdf

LIMITS = ExtractionLimits(use_ocr=False)
PROSE = [
    "Cells are the smallest units of life, and most of them are far too",
    "small to be seen without a microscope. They were first described in",
    "1665, when thin slices of cork were looked at through simple lenses.",
]


def read(data: bytes, limits: ExtractionLimits = LIMITS) -> DocumentText:
    document = extract_pdf(data, limits)
    check_tiling(document.blocks, len(document.text))
    return document


def texts(document: DocumentText, kind: BlockKind) -> list[str]:
    return [document.text[block.char_start : block.char_end] for block in document.of_kind(kind)]


def marked(document: DocumentText, kind: MarkKind) -> list[str]:
    marks = [mark for block in document.blocks for mark in block.marks if mark.kind is kind]
    return [document.text[mark.char_start : mark.char_end] for mark in marks]


def codes(document: DocumentText) -> list[tuple[str, int | None]]:
    return [(str(warning.code), warning.page) for warning in document.warnings]


def typed(lines: Sequence[tuple[float, str]], *, top: float = 700) -> bytes:
    """Lines in Courier, each with its indentation in points."""
    shown = [f"BT /F3 10 Tf {72 + left} {top - 12 * n} Td ({text}) Tj ET" for n, (left, text) in enumerate(lines)]
    return "\n".join(shown).encode() + b"\n"


def shown(runs: Sequence[Run]) -> bytes:
    """The content of a page of runs."""
    return b"".join(
        f"BT /{'F2' if run.bold else 'F1'} {run.size} Tf {run.x} {run.y} Td ({run.text}) Tj ET\n".encode()
        for run in runs
    )


def built(
    content: bytes, *, page: bytes = b"", catalog: bytes = b"", resources: bytes = b"", more: Sequence[bytes] = ()
) -> bytes:
    """A PDF of one page with entries added to page, catalogue and resources; objects of ``more`` count from 7."""
    courier = b"/F3 << /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >> "
    objects = pdf_objects([content])
    objects[0] = objects[0].replace(b" >>", b" " + catalog + b" >>")
    objects[4] = objects[4].replace(b"/Resources << ", page + b" /Resources << " + resources)
    objects[4] = objects[4].replace(b"/Font << ", b"/Font << " + courier)
    return serialise([*objects, *more])


# Raised text, emphasis


def test_raised_and_lowered_characters_keep_their_meaning() -> None:
    content = (
        b"BT /F1 10 Tf 72 700 Td (Avogadro is 6.022 x 10) Tj 6 Tf 4 Ts (23) Tj 0 Ts 10 Tf ( per mole of H) Tj "
        b"6 Tf -2 Ts (2) Tj 0 Ts 10 Tf (O.) Tj ET\n"
    )
    document = read(built(content))
    assert document.text == "Avogadro is 6.022 x 10²³ per mole of H₂O."
    assert marked(document, MarkKind.SUPERSCRIPT) == ["²³"]
    assert marked(document, MarkKind.SUBSCRIPT) == ["₂"]


def test_raised_characters_in_the_cell_of_a_table_are_raised() -> None:
    rules = b"".join(b"%d 600 m %d 560 l S\n" % (x, x) for x in (72, 200, 330))
    rules += b"".join(b"72 %d m 330 %d l S\n" % (y, y) for y in (600, 580, 560))
    cells = shown([Run(80, 586, "name"), Run(210, 586, "value"), Run(80, 566, "mole"), Run(210, 566, "10")])
    document = read(built(rules + cells + b"BT /F1 6 Tf 221 570 Td (23) Tj ET\n"))
    (table,) = document.tables
    assert table.cells == (("name", "value"), ("mole", "10²³"))


def test_a_smaller_word_on_the_same_baseline_is_not_raised() -> None:
    content = b"BT /F1 10 Tf 72 700 Td (A word in ) Tj 7 Tf (SMALL) Tj 10 Tf ( capitals stays.) Tj ET\n"
    assert read(built(content)).text == "A word in SMALL capitals stays."


def test_bold_words_are_emphasised_but_not_a_page_that_is_all_bold() -> None:
    content = b"BT /F1 10 Tf 72 700 Td (The ) Tj /F2 10 Tf (cell membrane) Tj /F1 10 Tf ( is thin.) Tj ET\n"
    assert marked(read(built(content)), MarkKind.EMPHASIS) == ["cell membrane"]
    assert (
        marked(read(pdf([[Run(72, 700, "All of this is set in bold type here.", bold=True)]])), MarkKind.EMPHASIS) == []
    )


# Lists, code, captions, notes


def test_numbered_lines_are_items_with_their_numbers_and_prose_is_not() -> None:
    lines = [
        "Three things are needed:",
        "1. a membrane",
        "2. water that can move",
        "3. a difference",
        "The rest follows.",
    ]
    document = read(pdf([paragraph(lines)]))
    assert texts(document, BlockKind.LIST_ITEM) == ["1. a membrane", "2. water that can move", "3. a difference"]
    prose = [
        "It was first seen on the day of",
        "12. June by a student, who wrote it down at once.",
        "Nothing else is known.",
    ]
    assert texts(read(pdf([paragraph(prose)])), BlockKind.LIST_ITEM) == []


def test_items_run_over_lines_and_stand_in_one_another() -> None:
    page = [
        *paragraph(["• the first item begins here and goes", "• second"], top=700, step=24),
        Run(80, 688, "on in a second line"),
        Run(90, 664, "• inner item"),
    ]
    page = [page[0], page[2], page[1], page[3]]
    document = read(pdf([page]).replace("•".encode(), b"\x95").replace(b"\xe2\x80\xa2", b"\x95"))
    items = document.of_kind(BlockKind.LIST_ITEM)
    assert [item.level for item in items] == [1, 1, 2]
    assert texts(document, BlockKind.LIST_ITEM)[0].split("\n")[1].strip() == "on in a second line"


def test_a_listing_is_code_with_its_indentation() -> None:
    content = shown(paragraph(PROSE, top=760)) + typed(
        [(0, "def f\\(n\\):"), (24, "if n:"), (48, "return 1"), (24, "return 0")]
    )
    document = read(built(content + shown(paragraph(PROSE, top=640))))
    assert texts(document, BlockKind.CODE) == ["def f(n):\n    if n:\n        return 1\n    return 0"]
    assert len(document.of_kind(BlockKind.PARAGRAPH)) == 2


def test_a_word_of_code_in_a_sentence_is_marked_and_a_typewritten_text_is_prose() -> None:
    content = b"BT /F1 10 Tf 72 700 Td (Call ) Tj /F3 10 Tf (print) Tj /F1 10 Tf ( to see it.) Tj ET\n"
    document = read(built(content))
    assert marked(document, MarkKind.CODE) == ["print"]
    assert document.of_kind(BlockKind.CODE) == ()
    assert read(built(typed([(0, line) for line in PROSE]))).of_kind(BlockKind.CODE) == ()


def test_a_caption_is_one_and_a_sentence_about_a_figure_is_not() -> None:
    page = [*paragraph(PROSE), *paragraph(["Figure 1: A cell under the microscope,", "drawn by hand."], top=660)]
    document = read(pdf([[*page, *paragraph(["Figure 1 shows what they saw then.", *PROSE], top=600)]]))
    assert texts(document, BlockKind.CAPTION) == ["Figure 1: A cell under the microscope,\ndrawn by hand."]


def test_notes_at_the_foot_of_a_page_are_footnotes() -> None:
    notes = [
        Run(72, 90, "1", 5), Run(76, 87, "First described by Hooke.", 8), Run(72, 78, "2", 5), Run(76, 75, "In cork.", 8)
    ]  # fmt: skip
    document = read(pdf([[*paragraph(PROSE * 4), *notes]]))
    assert texts(document, BlockKind.FOOTNOTE) == ["¹First described by Hooke.", "² In cork."]


# Forms and annotations


FIELD = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (mitochondrion) /Rect [200 590 450 610] /F 4 /P 5 0 R >>"
BOX = b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (b) /V /Yes /AS /Yes /Rect [200 560 215 575] /F 4 /P 5 0 R >>"
FORM = b"/AcroForm << /Fields [7 0 R 8 0 R] >>"


def test_values_of_fields_stand_beside_their_labels() -> None:
    labels = shown([*paragraph(PROSE), Run(72, 596, "Name of the organelle:"), Run(72, 563, "Agreed:")])
    document = read(built(labels, page=b"/Annots [7 0 R 8 0 R]", catalog=FORM, more=[FIELD, BOX]))
    lines = document.text.split("\n")
    assert "Name of the organelle:\tmitochondrion" in lines
    assert any(line.startswith("Agreed:") and line.endswith("☑") for line in lines)


def test_a_value_has_the_box_of_its_field() -> None:
    labels = shown([*paragraph(PROSE), Run(72, 596, "Name of the organelle:"), Run(72, 563, "Agreed:")])
    data = built(labels, page=b"/Annots [7 0 R 8 0 R]", catalog=FORM, more=[FIELD, BOX])
    text = read(data).text
    start = text.index("mitochondrion")
    found = span_boxes(data, 1, text, start, start + len("mitochondrion"))
    (box,) = found.boxes
    assert box == pytest.approx((200 / 612, 1 - 610 / 792, 450 / 612, 1 - 590 / 792), abs=0.001)


def test_a_page_with_only_a_filled_field_is_read_and_one_with_an_empty_field_is_refused() -> None:
    document = read(built(b" ", page=b"/Annots [7 0 R]", catalog=FORM, more=[FIELD, BOX]))
    assert document.text == "mitochondrion"
    with pytest.raises(NoTextLayer):
        empty = FIELD.replace(b"/V (mitochondrion) ", b"")
        read(built(b" ", page=b"/Annots [7 0 R]", catalog=FORM, more=[empty, BOX]))


def test_a_note_on_the_page_is_text_and_a_comment_beside_it_is_a_warning() -> None:
    note = b"<< /Type /Annot /Subtype /FreeText /Contents (Mind the units) /DA (/F1 9 Tf) /Rect [72 500 300 520] >>"
    comment = b"<< /Type /Annot /Subtype /Text /Contents (see me) /Rect [500 500 520 520] >>"
    document = read(built(shown(paragraph(PROSE)), page=b"/Annots [7 0 R 8 0 R]", more=[note, comment]))
    assert "Mind the units" in document.text
    assert "see me" not in document.text
    assert codes(document) == [("comments_not_read", 1)]


def test_an_xfa_form_is_refused_by_its_name() -> None:
    wait = shown([Run(72, 700, "Please wait...")])
    for extra in (b"/NeedsRendering true", b""):
        catalog = b"/AcroForm << /Fields [] /XFA 7 0 R >> " + extra
        with pytest.raises(XfaForm, match="XFA"):
            read(built(wait, catalog=catalog, more=[stream(b"<xdp/>")]))


def test_a_portfolio_is_refused_with_what_is_in_it_and_attachments_are_named() -> None:
    names = b"/Names << /EmbeddedFiles << /Names [(inner.pdf) 7 0 R] >> >>"
    inside = [b"<< /Type /Filespec /F (inner.pdf) /EF << /F 8 0 R >> >>", stream(b"data", "/Type /EmbeddedFile ")]
    content = shown(paragraph(PROSE))
    with pytest.raises(PdfPortfolio, match=r"inner\.pdf"):
        read(built(content, catalog=names + b" /Collection << /Type /Collection >>", more=inside))
    document = read(built(content, catalog=names, more=inside))
    assert codes(document) == [("attachments_not_read", None)]
    assert "inner.pdf" in document.warnings[0].detail


# What nobody sees


def test_a_layer_that_is_switched_off_is_left_out_and_one_that_is_on_stays() -> None:
    content = shown(paragraph(PROSE)) + b"/OC /L1 BDC BT /F1 10 Tf 72 600 Td (The answers are here.) Tj ET EMC\n"
    group = [b"<< /Type /OCG /Name (answers) >>"]
    layers = b"/OCProperties << /OCGs [7 0 R] /D << %b >> >>"
    properties = b"/Properties << /L1 7 0 R >> "
    hidden = read(built(content, catalog=layers % b"/OFF [7 0 R]", resources=properties, more=group))
    assert "answers" not in hidden.text
    assert codes(hidden) == [("hidden_text_left_out", 1)]
    seen = read(built(content, catalog=layers % b"/ON [7 0 R]", resources=properties, more=group))
    assert "The answers are here." in seen.text
    assert codes(seen) == []


def test_white_on_white_is_left_out_and_white_on_black_and_invisible_text_over_a_scan_stay() -> None:
    white = b"1 g BT /F1 10 Tf 72 600 Td (A secret in white.) Tj ET 0 g\n"
    document = read(built(shown(paragraph(PROSE)) + white))
    assert "secret" not in document.text
    assert codes(document) == [("hidden_text_left_out", 1)]
    on_black = read(built(shown(paragraph(PROSE)) + b"0 g 60 590 300 30 re f\n" + white))
    assert "A secret in white." in on_black.text
    scan = b"q 300 0 0 30 60 590 cm BI /W 2 /H 1 /CS /G /BPC 8 ID \x00\xff EI Q\n"
    under = b"BT 3 Tr /F1 10 Tf 72 600 Td (Recognised words.) Tj ET\n"
    assert "Recognised words." in read(built(scan + under)).text


def test_text_outside_the_page_is_left_out_also_of_a_line_that_begins_inside() -> None:
    runs = [*paragraph(PROSE), Run(72, 600, "inside"), Run(900, 600, "outside"), Run(72, -50, "below")]
    document = read(built(shown(runs)))
    assert document.text.endswith("inside")
    assert codes(document) == [("off_page_text_left_out", 1)]


def test_fonts_that_do_not_say_their_letters_are_told_from_words() -> None:
    mapping = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <ff> "
        b"endcodespacerange 1 beginbfrange <20> <7e> <e020> endbfrange endcmap end end"
    )
    font = b"/F4 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >> "
    garbled = b"BT /F4 10 Tf 72 700 Td (Osmosis is the movement of water.) Tj ET\n"
    with pytest.raises(UnreadableFonts, match="fonts"):
        data = built(garbled, more=[stream(mapping)])
        read(data.replace(b"/Font << ", b"/Font << " + font))
    shifted = ["".join(chr(ord(char) - 29) if char > "<" else char for char in line) for line in PROSE * 3]
    escaped = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in shifted]
    pages = [paragraph(PROSE), paragraph(escaped)]
    document = read(pdf(pages))
    assert document.text.strip() == "\n".join(PROSE)
    assert codes(document) == [("unreadable_font", 2)]


# Limits


def image(width: int, height: int) -> bytes:
    head = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8 "
    )
    return flate(b"\x00" * 64).replace(b"/Filter", head.encode() + b"/Filter")


def test_a_picture_of_a_billion_pixels_is_a_warning_and_its_page_is_read() -> None:
    content = shown(paragraph(PROSE)) + b"q 200 0 0 200 72 300 cm /Im Do Q\n"
    document = read(built(content, resources=b"/XObject << /Im 7 0 R >> ", more=[image(30_000, 30_000)]))
    assert document.figures == ()
    assert codes(document) == [("figure_too_large", 1)]
    assert document.text == "\n".join(PROSE)


def test_ten_thousand_specks_are_no_figures_and_cost_little() -> None:
    specks = b"".join(
        b"q 2 0 0 2 %d %d cm /Im Do Q\n" % (72 + 4 * (n % 100), 100 + 4 * (n // 100)) for n in range(10_000)
    )
    data = built(shown(paragraph(PROSE)) + specks, resources=b"/XObject << /Im 7 0 R >> ", more=[image(8, 8)])
    began = time.process_time()
    assert read(data).figures == ()
    assert time.process_time() - began < 10


def test_the_strips_of_one_picture_are_one_figure_and_a_logo_on_every_page_is_none() -> None:
    strips = b"".join(b"q 200 0 0 20 72 %d cm /Im Do Q\n" % (300 + 20 * n) for n in range(10))
    content = shown([*paragraph(PROSE), Run(72, 285, "Figure 2. Made of strips.", 9)]) + strips
    (figure,) = read(built(content, resources=b"/XObject << /Im 7 0 R >> ", more=[image(200, 20)])).figures
    assert (figure.caption, figure.width, figure.height) == ("Figure 2. Made of strips.", 200, 200)
    logo = b"q 50 0 0 50 500 700 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q\n"
    assert read(pdf([shown(paragraph(PROSE)) + logo] * 4)).figures == ()


def test_no_more_figures_than_the_limit_and_the_rest_are_said() -> None:
    small = b"BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI"
    drawn = b"".join(b"q 40 0 0 40 72 %d cm %b Q\n" % (100 + 60 * n, small) for n in range(5))
    document = read(built(shown(paragraph(PROSE)) + drawn), ExtractionLimits(use_ocr=False, max_figures=3))
    assert len(document.figures) == 3
    assert codes(document) == [("figures_left_out", None)]
