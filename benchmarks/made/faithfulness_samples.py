"""Course material made by rule, and how each format writes it: what must be found again is known exactly.

A sample is a list of sections in no format at all; a writer turns it into the bytes of a file. A new format is a new
writer in ``WRITERS``.
"""

from __future__ import annotations

import csv
import html
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from benchmarks.made import files

_ONSETS = "b d f g k l m n p r s t v br dr fl gr kl pl st tr".split()
_VOWELS = "a e i o u ei au".split()
_SYMBOLS = "≥ ≤ ± × ½ µ ° → Ω ∑ € § é ß".split()


@dataclass(frozen=True)
class Piece:
    """Something that a reader must find again: its kind, how the source holds it, and the spellings that are right.

    ``kind`` is word, number, symbol or formula; of a raised or lowered sign ``base`` and ``script`` are its parts.
    """

    kind: str
    accepted: tuple[str, ...]
    base: str = ""
    raised: str = ""
    lowered: str = ""
    latex: str = ""


@dataclass(frozen=True)
class Section:
    """A heading, a paragraph, a list, a table and a piece of code."""

    title: list[Piece]
    paragraph: list[Piece]
    items: list[list[Piece]]
    rows: list[list[list[Piece]]]
    code: list[Piece]

    def only(self, held: Callable[[Piece], bool]) -> Section:
        """Return the section without the pieces that a format cannot hold."""
        return Section(
            title=self.title,
            paragraph=[*filter(held, self.paragraph)],
            items=[[*filter(held, item)] for item in self.items],
            rows=[[[*filter(held, cell)] for cell in row] for row in self.rows],
            code=self.code,
        )

    def pieces(self) -> Iterator[Piece]:
        """Yield everything in reading order."""
        yield from self.title
        yield from self.paragraph
        for item in self.items:
            yield from item
        for row in self.rows:
            for cell in row:
                yield from cell
        yield from self.code


def sections(count: int, seed: int = 7) -> list[Section]:
    """Return ``count`` sections; words never come twice, so that order can be told."""
    maker = _Maker(random.Random(seed))
    return [maker.section() for _ in range(count)]


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._seen: set[str] = set()

    def section(self) -> Section:
        return Section(
            title=self._words(3),
            paragraph=[piece for _ in range(6) for piece in (*self._words(8), self._special())],
            items=[[*self._words(4), self._special()] for _ in range(4)],
            rows=[[self._words(1), [self._number()], [self._special()]] for _ in range(4)],
            code=self._words(6),
        )

    def _words(self, count: int) -> list[Piece]:
        return [self._word() for _ in range(count)]

    def _word(self) -> Piece:
        while True:
            word = "".join(self._chance.choice(_ONSETS) + self._chance.choice(_VOWELS) for _ in range(4))
            if word not in self._seen:
                self._seen.add(word)
                return Piece("word", (word,), base=word)

    def _number(self) -> Piece:
        number = f"{self._chance.randint(1, 999)}.{self._chance.randint(10, 99)}"
        return Piece("number", (number,), base=number)

    def _special(self) -> Piece:
        kind = self._chance.choice(("number", "power", "lowered", "symbol", "fraction", "root"))
        figure, other = str(self._chance.randint(12, 98)), str(self._chance.randint(2, 9))
        if kind == "number":
            return self._number()
        if kind == "power":
            raised = other.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
            spelled = (f"{figure}{raised}", f"{figure}^{other}", f"{figure}^({other})", f"{figure}^{{{other}}}")
            return Piece("number", spelled, base=figure, raised=other)
        if kind == "lowered":
            lowered = other.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
            return Piece("symbol", (f"Xe{lowered}", f"Xe_{other}", f"Xe_{{{other}}}"), base="Xe", lowered=other)
        if kind == "symbol":
            symbol = self._chance.choice(_SYMBOLS)
            return Piece("symbol", (f"{symbol}{figure}",), base=f"{symbol}{figure}")
        if kind == "fraction":
            return Piece("formula", (f"\\frac{{{figure}}}{{{other}}}", f"{figure}/{other}"), figure, lowered=other,
                         latex=f"\\frac{{{figure}}}{{{other}}}")  # fmt: skip
        return Piece("formula", (f"\\sqrt{{{figure}}}", f"√{figure}"), figure, latex=f"\\sqrt{{{figure}}}")


def _markdown(material: Sequence[Section]) -> bytes:
    def inline(pieces: Sequence[Piece]) -> str:
        return " ".join(
            f"${piece.latex}$" if piece.latex else f"{piece.base}<sup>{piece.raised}</sup>" if piece.raised
            else f"{piece.base}~{piece.lowered}~" if piece.lowered else f"*{piece.base}*" if place % 5 == 4
            else piece.base
            for place, piece in enumerate(pieces)
        )  # fmt: skip

    parts: list[str] = []
    for section in material:
        parts += [f"## {inline(section.title)}", inline(section.paragraph)]
        parts.append("\n".join(f"{place}. {inline(item)}" for place, item in enumerate(section.items, 1)))
        head = f"| {' | '.join(map(inline, section.rows[0]))} |\n|---|---|---|"
        parts.append("\n".join([head, *(f"| {' | '.join(map(inline, row))} |" for row in section.rows[1:])]))
        parts.append(f"```python\n{code_of(section)}\n```")
    return "\n\n".join(parts).encode()


def _html_inline(pieces: Sequence[Piece]) -> str:
    made = []
    for place, piece in enumerate(pieces):
        text = html.escape(piece.base)
        if piece.latex.startswith("\\frac"):
            text = f"<math><mfrac><mn>{piece.base}</mn><mn>{piece.lowered}</mn></mfrac></math>"
        elif piece.latex:
            text = f"<math><msqrt><mn>{piece.base}</mn></msqrt></math>"
        elif piece.raised or piece.lowered:
            text += f"<sup>{piece.raised}</sup>" if piece.raised else f"<sub>{piece.lowered}</sub>"
        made.append(f"<b>{text}</b>" if place % 5 == 4 else text)
    return " ".join(made)


def _html_body(material: Sequence[Section]) -> str:
    parts: list[str] = []
    for section in material:
        parts.append(f"<h2>{_html_inline(section.title)}</h2><p>{_html_inline(section.paragraph)}</p>")
        parts.append(f"<ol>{''.join(f'<li>{_html_inline(item)}</li>' for item in section.items)}</ol>")
        cells = ("".join(f"<td>{_html_inline(cell)}</td>" for cell in row) for row in section.rows)
        parts.append(f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>")
        parts.append(f"<pre><code class='language-python'>{code_of(section)}</code></pre>")
    return "\n".join(parts)


def html_page(material: Sequence[Section]) -> bytes:
    """Return a page of HTML with the equations in MathML."""
    return f"<!doctype html><html><head><title>Course</title></head><body>{_html_body(material)}</body></html>".encode()


def _epub(material: Sequence[Section]) -> bytes:
    chapter = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{_html_body(material)}</body></html>'
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest><item id="c" href="c.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>'
    )
    container = '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>'
    return files.archive(
        {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "p.opf": package, "c.xhtml": chapter}
    )


def _notebook(material: Sequence[Section]) -> bytes:
    cells = []
    for place, section in enumerate(material):
        prose = _markdown([section]).decode().rpartition("\n\n```")[0]
        cells.append({"cell_type": "markdown", "id": f"m{place}", "metadata": {}, "source": prose})
        cells.append({"cell_type": "code", "id": f"c{place}", "metadata": {}, "execution_count": 1,
                      "source": code_of(section), "outputs": []})  # fmt: skip
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def plain(pieces: Sequence[Piece]) -> str:
    """Return the pieces in signs alone: raised and lowered figures by the characters that Unicode has."""
    return " ".join(piece.accepted[0] for piece in pieces)


def _text(material: Sequence[Section]) -> bytes:
    parts: list[str] = []
    for section in material:
        parts += [plain(section.title), plain(section.paragraph)]
        parts.append("\n".join(f"{place}. {plain(item)}" for place, item in enumerate(section.items, 1)))
        parts.append("\n".join("   ".join(map(plain, row)) for row in section.rows))
        parts.append(code_of(section))
    return "\n\n".join(parts).encode()


def _csv(material: Sequence[Section]) -> bytes:
    file = StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow(["first", "second", "third"])
    for section in material:
        rest = [section.title, section.paragraph, *section.items]
        writer.writerows([plain(pieces), "", ""] for pieces in rest)
        writer.writerows([*map(plain, row)] for row in section.rows)
        writer.writerow([code_of(section), "", ""])
    return file.getvalue().encode()


def _source_code(material: Sequence[Section]) -> bytes:
    return "\n\n".join(
        "\n".join([*(f"# {plain(part)}" for part in (section.title, section.paragraph, *section.items)),
                   *(f"# {' | '.join(map(plain, row))}" for row in section.rows), code_of(section)])
        for section in material
    ).encode()  # fmt: skip


def code_of(section: Section) -> str:
    """Return the lines of code of a section."""
    return "\n".join(f"    {piece.base} = __init__(*a_b)" for piece in section.code)


WRITERS: dict[str, Callable[[Sequence[Section]], bytes]] = {
    "course.md": _markdown,
    "course.html": html_page,
    "course.epub": _epub,
    "course.ipynb": _notebook,
    "course.txt": _text,
    "course.csv": _csv,
    "course.py": _source_code,
}
"""How each format writes the material, by the name of the file."""
