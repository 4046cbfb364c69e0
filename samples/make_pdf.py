"""Typeset the sample chapter: ``python samples/make_pdf.py`` turns every ``samples/*.md`` into a PDF beside it.

Knows the Markdown the samples use: headings, paragraphs and pipe tables. The output is the same on every run.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from fpdf import FPDF

FONT = "Helvetica"
HEADING_POINTS = {1: 20, 2: 14, 3: 12}
# The built-in fonts know Latin-1 only.
SPELLED = {"→": "->", "’": "'", "–": "-"}


def main() -> None:
    """Make the PDFs and say which."""
    for source in sorted(Path(__file__).parent.glob("[a-z]*.md")):
        target = source.with_suffix(".pdf")
        typeset(source.read_text(encoding="utf-8"), target)
        print(target)


def typeset(markdown: str, target: Path) -> None:
    """Write ``markdown`` to the PDF ``target``, A4, with the headings as its outline."""
    for character, spelled in SPELLED.items():
        markdown = markdown.replace(character, spelled)
    blocks = markdown.strip().split("\n\n")
    pdf = Chapter(format="A4")
    pdf.set_title(blocks[0].lstrip("# "))
    pdf.set_creation_date(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    pdf.set_margins(25, 22)
    pdf.set_auto_page_break(True, margin=22)
    pdf.add_page()
    for block in blocks:
        if block.startswith("#"):
            pdf.heading(block)
        elif block.startswith("|"):
            pdf.pipe_table(block)
        else:
            pdf.paragraph(block)
    pdf.output(str(target))


class Chapter(FPDF):
    """A page layout with numbered pages."""

    def footer(self) -> None:
        """Put the page number at the foot."""
        self.set_y(-15)
        self.set_font(FONT, size=9)
        self.cell(0, 8, str(self.page_no()), align="C")

    def heading(self, block: str) -> None:
        """A heading of one to three hashes, also entered into the outline."""
        level = len(block) - len(block.lstrip("#"))
        self.ln(3)
        self.start_section(block.lstrip("# "), level=level - 1)
        self.set_font(FONT, style="B", size=HEADING_POINTS[level])
        self.multi_cell(0, HEADING_POINTS[level] * 0.5, block.lstrip("# "), new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def paragraph(self, block: str) -> None:
        """Running text."""
        self.set_font(FONT, size=11)
        self.multi_cell(0, 5.6, " ".join(block.split()), align="L", new_x="LMARGIN", new_y="NEXT")
        self.ln(3)

    def pipe_table(self, block: str) -> None:
        """A table with ruled lines and a bold first row."""
        self.set_font(FONT, size=10)
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        with self.table(line_height=5.5) as table:
            for row in rows[:1] + rows[2:]:
                table.row(row)
        self.ln(4)


if __name__ == "__main__":
    main()
