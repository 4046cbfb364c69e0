"""The material of ``benchmarks.faithfulness`` as the programs of an office write it: with styles, not with signs.

Raised and lowered figures are formatting here, equations are objects of their own where the format has them.
"""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Any

from benchmarks.made import files
from benchmarks.made.faithfulness_samples import Piece, Section, code_of, html_page, plain

_MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def word(material: Sequence[Section]) -> bytes:
    """Return a Word document: headings, numbered paragraphs, tables, equations, code in a style of its own."""
    from docx import Document

    document = Document()
    for section in material:
        _word_pieces(document.add_heading(level=2), section.title)
        _word_pieces(document.add_paragraph(), section.paragraph)
        for item in section.items:
            _word_pieces(document.add_paragraph(style="List Number"), item)
        table = document.add_table(len(section.rows), 3)
        for cells, row in zip(table.rows, section.rows, strict=True):
            for cell, pieces in zip(cells.cells, row, strict=True):
                _word_pieces(cell.paragraphs[0], pieces)
        document.add_paragraph(code_of(section), style="macro")
    return _saved(document)


def _word_pieces(paragraph: Any, pieces: Sequence[Piece]) -> None:
    from docx.oxml import parse_xml

    for place, piece in enumerate(pieces):
        paragraph.add_run(" " if place else "")
        if piece.latex:
            number = f"<m:r><m:t>{piece.base}</m:t></m:r>"
            inside = (
                f"<m:f><m:num>{number}</m:num><m:den><m:r><m:t>{piece.lowered}</m:t></m:r></m:den></m:f>"
                if piece.lowered
                else f"<m:rad><m:radPr><m:degHide m:val='1'/></m:radPr><m:deg/><m:e>{number}</m:e></m:rad>"
            )
            paragraph._p.append(parse_xml(f"<m:oMath {_MATH}>{inside}</m:oMath>"))
            continue
        paragraph.add_run(piece.base).bold = place % 5 == 4
        if piece.raised or piece.lowered:
            script = paragraph.add_run(piece.raised or piece.lowered)
            script.font.superscript, script.font.subscript = bool(piece.raised), bool(piece.lowered)


def slides(material: Sequence[Section]) -> bytes:
    """Return a presentation: a slide of text and one with a table for each section. Equations are left out."""
    from pptx import Presentation
    from pptx.util import Inches

    presentation = Presentation()
    for section in material:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        _slide_pieces(slide.shapes.title.text_frame.paragraphs[0], section.title)
        frame = slide.placeholders[1].text_frame
        for place, pieces in enumerate([section.paragraph, *section.items]):
            _slide_pieces(frame.paragraphs[0] if place == 0 else frame.add_paragraph(), pieces)
        table_slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        shape = table_slide.shapes.add_table(len(section.rows), 3, Inches(1), Inches(1), Inches(8), Inches(2))
        for number, row in enumerate(section.rows):
            for column, pieces in enumerate(row):
                _slide_pieces(shape.table.cell(number, column).text_frame.paragraphs[0], pieces)
        box = table_slide.shapes.add_textbox(Inches(1), Inches(4), Inches(8), Inches(2))
        box.text_frame.text = code_of(section)
    return _saved(presentation)


def _slide_pieces(paragraph: Any, pieces: Sequence[Piece]) -> None:
    for place, piece in enumerate(pieces):
        run = paragraph.add_run()
        run.text = f"{' ' if place else ''}{piece.base}"
        if piece.raised or piece.lowered:
            script = paragraph.add_run()
            script.text = piece.raised or piece.lowered
            script.font._element.set("baseline", "30000" if piece.raised else "-25000")


def workbook(material: Sequence[Section]) -> bytes:
    """Return a workbook of one sheet: texts in the first column, tables in three, decimals as numbers."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["first", "second", "third"])
    for section in material:
        for pieces in (section.title, section.paragraph, *section.items):
            sheet.append([plain(pieces)])
        for row in section.rows:
            first, number, last = map(plain, row)
            sheet.append([first, float(number), last])
            sheet.cell(sheet.max_row, 2).number_format = "0.00"
        sheet.append([code_of(section)])
    return _saved(book)


def open_text(material: Sequence[Section]) -> bytes:
    """Return an OpenDocument text. Equations are left out: they are objects beside the text there."""
    names = " ".join(
        f'xmlns:{prefix}="{_ODF}{name}:1.0"'
        for prefix, name in {"office": "office", "text": "text", "table": "table", "style": "style"}.items()
    )
    styles = "".join(
        f'<style:style style:name="{name}" style:family="text">'
        f'<style:text-properties style:text-position="{position} 58%"/></style:style>'
        for name, position in {"Up": "super", "Down": "sub"}.items()
    )
    body = "".join(map(_open_section, material))
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return files.archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def _open_section(section: Section) -> str:
    items = "".join(f"<text:list-item><text:p>{_open_pieces(item)}</text:p></text:list-item>" for item in section.items)
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{_open_pieces(cell)}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in section.rows
    )
    code = html.escape(code_of(section)).replace("\n", "<text:line-break/>")
    return (
        f'<text:h text:outline-level="2">{_open_pieces(section.title)}</text:h>'
        f"<text:p>{_open_pieces(section.paragraph)}</text:p><text:list>{items}</text:list>"
        f"<table:table>{rows}</table:table><text:p>{code}</text:p>"
    )


def _open_pieces(pieces: Sequence[Piece]) -> str:
    def written(piece: Piece) -> str:
        style = "Up" if piece.raised else "Down"
        script = piece.raised or piece.lowered
        return html.escape(piece.base) + (
            f'<text:span text:style-name="{style}">{script}</text:span>' if script else ""
        )

    return " ".join(map(written, pieces))


def rich_text(material: Sequence[Section]) -> bytes:
    """Return a text in RTF. Equations are left out: RTF has no form of its own for them."""

    def pieces_of(pieces: Sequence[Piece]) -> str:
        return " ".join(
            _rtf(piece.base)
            + (f"{{\\super {piece.raised}}}" if piece.raised else f"{{\\sub {piece.lowered}}}" if piece.lowered else "")
            for piece in pieces
        )

    parts = ["{\\rtf1\\ansi"]
    for section in material:
        parts += [f"\\pard {pieces_of(pieces)}\\par" for pieces in (section.title, section.paragraph, *section.items)]
        for row in section.rows:
            cells = "".join(f"\\intbl {pieces_of(cell)}\\cell" for cell in row)
            parts.append(f"\\trowd\\cellx2000\\cellx4000\\cellx6000\\pard{cells}\\row")
        parts += [f"\\pard {_rtf(line)}\\par" for line in code_of(section).split("\n")]
    return "\n".join([*parts, "}"]).encode("ascii")


def _rtf(text: str) -> str:
    units = memoryview(text.encode("utf-16-le")).cast("H")
    return "".join(
        chr(unit) if 32 <= unit < 127 and chr(unit) not in "\\{}" else f"\\u{unit - 65536 * (unit > 32767)}?"
        for unit in units
    )


def mail(material: Sequence[Section]) -> bytes:
    """Return an e-mail whose body is a page of HTML."""
    message = EmailMessage()
    message["Subject"] = "Course"
    message.set_content(html_page(material).decode(), subtype="html", cte="quoted-printable")
    return message.as_bytes()


def printed(material: Sequence[Section]) -> bytes:
    """Return a PDF: raised and lowered figures by size and baseline. Only signs of the fonts that every reader has."""
    from fpdf import FPDF

    document = FPDF()
    document.core_fonts_encoding = "windows-1252"
    document.add_page()
    for section in material:
        _printed_pieces(document, section.title, 16)
        document.ln(12)
        _printed_pieces(document, section.paragraph, 10)
        document.ln(8)
        for number, item in enumerate(section.items, 1):
            _printed_pieces(document, item, 10, f"{number}. ")
            document.ln(6)
        for row in section.rows:
            _printed_row(document, row)
        document.ln(4)
        document.set_font("Courier", size=9)
        for text in code_of(section).split("\n"):
            document.write(5, text)
            document.ln(5)
        document.ln(4)
    return bytes(document.output())


def _printed_pieces(document: Any, pieces: Sequence[Piece], size: float, lead: str = "") -> None:
    document.set_font("Helvetica", size=size)
    document.write(size / 2, lead)
    for place, piece in enumerate(pieces):
        document.write(size / 2, f"{' ' if place else ''}{piece.base}")
        document.char_vpos = "SUP" if piece.raised else "SUB" if piece.lowered else "LINE"
        document.write(size / 2, piece.raised or piece.lowered)
        document.char_vpos = "LINE"


def _printed_row(document: Any, row: Sequence[Sequence[Piece]], width: float = 50, height: float = 7) -> None:
    if document.will_page_break(height):
        document.add_page()
    top = document.get_y()
    for column, pieces in enumerate(row):
        left = document.l_margin + column * width
        document.rect(left, top, width, height)
        document.set_xy(left + 1, top + 1)
        _printed_pieces(document, pieces, 10)
    document.set_xy(document.l_margin, top + height)


def _saved(made: Any) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _prints(piece: Piece) -> bool:
    """Whether the fonts that need not be brought along have all signs of a piece: those of Windows-1252."""
    try:
        piece.base.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return not piece.latex


WRITERS: dict[str, tuple[Callable[[Sequence[Section]], bytes], Callable[[Piece], bool]]] = {
    "course.docx": (word, lambda piece: True),
    "course.pptx": (slides, lambda piece: not piece.latex),
    "course.xlsx": (workbook, lambda piece: not piece.latex),
    "course.odt": (open_text, lambda piece: not piece.latex),
    "course.rtf": (rich_text, lambda piece: not piece.latex),
    "course.eml": (mail, lambda piece: True),
    "course.pdf": (printed, _prints),
}
"""How each format writes the material, and which pieces it can hold, by the name of the file."""
