"""From the tree of a page to blocks: one walk, with what is around each piece of text in mind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.extraction import mathml
from documents_app.extraction.builder import Cell, TextBuilder
from documents_app.extraction.formulas import written_or_flat
from documents_app.extraction.html.formulas import formula_of
from documents_app.extraction.html.roles import (
    is_furniture,
    is_hidden,
    is_note,
    local_name,
    mark_of,
    note_mark,
    types_of,
)
from documents_app.extraction.html.tags import BLOCK_TAGS
from documents_app.extraction.inline import Run, squeezed

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SPACE = re.compile(r"[ \t\n\r\x0b\x0c]+")
_HEADING = re.compile(r"h([1-6])$")
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:lang(?:uage)?-|brush:\s*|sourceCode\s+|highlight-source-|highlight\s+)(?P<name>[\w+#-]+)"
)
_MAX_DEPTH = 200
_MAX_COLSPAN = 1000
_MAX_ROWSPAN = 65_534
_MARKERS = {"a": "abcdefghijklmnopqrstuvwxyz", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_CONTEXTS = {"blockquote": BlockKind.QUOTE, "figcaption": BlockKind.CAPTION}


def write_html(root: HtmlElement, builder: TextBuilder) -> None:
    """Append the readable content below ``root`` to the page being written."""
    _Writer(builder, sum(map(len, root.itertext()))).walk(root)


class _Writer:
    """Collects runs until a block ends, then writes them as what they stand in.

    Inside a cell or a heading (``_inline``) nothing ends a block: borders of blocks are spaces there, and tables found
    in a cell are kept for later.
    """

    def __init__(self, builder: TextBuilder, total_chars: int) -> None:
        self._builder = builder
        self._total_chars = total_chars
        self._runs: list[Run] = []
        self._display = False
        self._only_images = True
        self._marks: list[MarkKind] = []
        self._kinds: list[BlockKind] = []
        self._lists: list[_Numbering] = []
        self._marker = ""
        self._tight = False
        self._inline = 0
        self._nested_tables: list[HtmlElement] = []

    def walk(self, root: HtmlElement) -> None:
        """Write ``root`` and everything below it."""
        self._element(root, 0)
        self._flush()

    def _element(self, element: HtmlElement, depth: int) -> None:
        tag = local_name(element)
        formula = formula_of(element, tag, self._latex)
        if formula is not None:
            self._add("", latex=formula[0])
            self._display = self._display or formula[1]
        elif is_hidden(element, tag):
            return
        elif depth > _MAX_DEPTH:
            self._add(_SPACE.sub(" ", " ".join(element.itertext())))
        elif tag in BLOCK_TAGS:
            self._block(element, tag, depth)
        else:
            self._phrase(element, tag, depth)

    def _latex(self, math: HtmlElement) -> str:
        return written_or_flat(mathml, math, self._builder)

    def _phrase(self, element: HtmlElement, tag: str, depth: int) -> None:
        """Read an element inside a line."""
        label = note_mark(element, tag) if tag in {"a", "sup"} else ""
        if tag == "br":
            self._add(" " if self._inline else "\n")
        elif tag == "img":
            self._image(element)
        elif label:
            with self._marked(MarkKind.LINK):
                self._add(f"[{label}]")
        else:
            with self._marked(mark_of(element, tag)):
                self._children(element, depth)

    def _image(self, element: HtmlElement) -> None:
        only_images = self._only_images
        self._add(_SPACE.sub(" ", element.get("alt") or ""))
        self._only_images = only_images

    def _block(self, element: HtmlElement, tag: str, depth: int) -> None:
        """Read an element that begins and ends a block."""
        self._flush()
        kind = _CONTEXTS.get(tag)
        if BlockKind.FURNITURE not in self._kinds and is_furniture(element, tag, self._total_chars):
            kind = BlockKind.FURNITURE
        elif is_note(element):
            kind = BlockKind.FOOTNOTE
        with self._inside(kind):
            self._content(element, tag, depth)
            self._flush()
        if kind in {BlockKind.FURNITURE, BlockKind.FOOTNOTE}:
            self._tight = False

    def _content(self, element: HtmlElement, tag: str, depth: int) -> None:
        level = _heading_level(element, tag)
        if self._inline:
            if tag == "table":
                self._nested_tables.append(element)
            else:
                self._children(element, depth)
        elif level:
            self._heading(element, level, depth)
        elif tag == "table" and BlockKind.FURNITURE not in self._kinds and _is_data_table(element):
            self._table(element, depth)
        elif tag == "pre":
            self._code(element)
        elif tag in {"ul", "ol", "menu"}:
            self._list(element, tag, depth)
        elif tag == "li":
            self._marker = self._lists[-1].next(element) if self._lists else "- "
            self._children(element, depth)
            self._flush()
            self._marker = ""
        elif tag == "dt":
            with self._marked(MarkKind.TERM):
                self._children(element, depth)
        else:
            self._children(element, depth)

    def _children(self, element: HtmlElement, depth: int) -> None:
        if element.text:
            self._add(_SPACE.sub(" ", element.text))
        for child in element:
            if isinstance(child.tag, str):
                self._element(child, depth + 1)
            if child.tail:
                self._add(_SPACE.sub(" ", child.tail))

    def _add(self, text: str, latex: str | None = None) -> None:
        if latex is not None:
            if latex:
                self._runs.append(Run("", frozenset((*self._marks, MarkKind.FORMULA)), latex))
        elif text:
            self._runs.append(Run(text, frozenset(self._marks)))
        if latex or text.strip():
            self._only_images = False

    def _flush(self) -> None:
        """Write the runs collected so far as one block."""
        if self._inline:
            self._add(" ")
            return
        runs, display, only_images = squeezed(self._runs), self._display, self._only_images
        self._runs, self._display, self._only_images = [], False, True
        if runs:
            self._write_runs(runs, display, only_images)

    def _write_runs(self, runs: list[Run], display: bool, only_images: bool) -> None:
        tight = self._tight and bool(self._lists)
        kind = self._kinds[-1] if self._kinds else BlockKind.FIGURE if only_images else BlockKind.PARAGRAPH
        if BlockKind.FURNITURE in self._kinds or (not self._builder.first_heading and _is_menu(runs)):
            self._builder.block(BlockKind.FURNITURE, self._with_marker(runs), tight=tight)
        elif len(runs) == 1 and runs[0].latex and display and not self._marker:
            self._builder.block(BlockKind.FORMULA, "", latex=runs[0].latex, tight=tight)
        elif self._marker and kind in {BlockKind.PARAGRAPH, BlockKind.FIGURE, BlockKind.QUOTE}:
            level = len(self._lists) or 1
            self._builder.block(BlockKind.LIST_ITEM, self._with_marker(runs), level=level, tight=tight)
        else:
            self._builder.block(kind, self._with_marker(runs), tight=tight)
        self._marker = ""
        self._tight = bool(self._lists)

    def _with_marker(self, runs: list[Run]) -> list[Run]:
        return [Run(self._marker), *runs] if self._marker else runs

    def _list(self, element: HtmlElement, tag: str, depth: int) -> None:
        self._lists.append(_Numbering(element, numbered=tag == "ol"))
        self._children(element, depth)
        self._flush()
        self._lists.pop()
        self._tight = bool(self._lists)

    def _heading(self, element: HtmlElement, level: int, depth: int) -> None:
        runs = self._collected(element, depth)
        if BlockKind.FURNITURE in self._kinds:
            self._builder.block(BlockKind.FURNITURE, runs)
        else:
            self._builder.heading(level, runs)
        self._tight = False

    def _code(self, element: HtmlElement) -> None:
        kind = BlockKind.FURNITURE if BlockKind.FURNITURE in self._kinds else BlockKind.CODE
        self._builder.block(kind, _verbatim(element), code_language=_code_language(element))
        self._tight = False

    def _table(self, table: HtmlElement, depth: int) -> None:
        for caption in table:
            if local_name(caption) == "caption":
                self._builder.block(BlockKind.CAPTION, squeezed(self._collected(caption, depth)))
        rows = [[self._cell(cell, depth) for cell in row] for row in map(_cells, _rows(table))]
        self._builder.table(rows)
        self._tight = False
        nested, self._nested_tables = self._nested_tables, []
        for inner in nested:
            self._block(inner, "table", depth + 1)

    def _cell(self, cell: HtmlElement, depth: int) -> Cell:
        rowspan, colspan = _number(cell, "rowspan", _MAX_ROWSPAN), _number(cell, "colspan", _MAX_COLSPAN)
        return Cell(self._collected(cell, depth), rowspan, colspan)

    def _collected(self, element: HtmlElement, depth: int) -> list[Run]:
        """Return what stands in ``element`` as runs, without writing it."""
        outer, self._runs = self._runs, []
        display = self._display
        self._inline += 1
        self._children(element, depth)
        self._inline -= 1
        runs, self._runs, self._display = self._runs, outer, display
        return runs

    @contextmanager
    def _marked(self, mark: MarkKind | None) -> Iterator[None]:
        if mark is not None:
            self._marks.append(mark)
        yield
        if mark is not None:
            self._marks.pop()

    @contextmanager
    def _inside(self, kind: BlockKind | None) -> Iterator[None]:
        if kind is not None:
            self._kinds.append(kind)
        yield
        if kind is not None:
            self._kinds.pop()


class _Numbering:
    """The markers of one list, as a browser counts them."""

    def __init__(self, element: HtmlElement, *, numbered: bool) -> None:
        self._numbered = numbered
        self._letters = _MARKERS.get(element.get("type") or "", "")
        self._number = _number(element, "start", 10**6)

    def next(self, item: HtmlElement) -> str:
        """Return the marker of the next item."""
        if not self._numbered:
            return "- "
        number = _number(item, "value", 10**6, default=self._number)
        self._number = number + 1
        letters = 0 < number <= len(self._letters)
        return f"{self._letters[number - 1] if letters else number}. "


def _is_menu(runs: Sequence[Run]) -> bool:
    """Whether a line above the first heading is nothing but links, several of them."""
    links = sum(1 for run in runs if MarkKind.LINK in run.marks)
    return links > 1 and not any(run.text.strip(" |·•/\n") for run in runs if MarkKind.LINK not in run.marks)


def _heading_level(element: HtmlElement, tag: str) -> int:
    found = _HEADING.match(tag)
    if found:
        return int(found[1])
    return _number(element, "aria-level", 9, default=2) if "heading" in types_of(element) else 0


def _number(element: HtmlElement, name: str, limit: int, default: int = 1) -> int:
    value = (element.get(name) or "").strip()
    return min(int(value), limit) if value.isascii() and value.isdigit() and len(value) < 9 else default


def _verbatim(element: HtmlElement) -> str:
    """Return the text of code with its line ends; numbers of lines that only a program needs are left out."""
    pieces: list[str] = []
    pending: list[tuple[HtmlElement | None, str]] = [(element, "")]
    while pending:
        node, tail = pending.pop()
        if node is None:
            pieces.append(tail)
            continue
        tag = local_name(node)
        if is_hidden(node, tag):
            continue
        pieces.append("\n" if tag == "br" else node.text or "")
        for child in reversed(node):
            if child.tail:
                pending.append((None, child.tail))
            if isinstance(child.tag, str):
                pending.append((child, ""))
    return "".join(pieces).strip("\n")


def _code_language(element: HtmlElement) -> str | None:
    """Return the language that the code, or what is around it, names."""
    inner = next((child for child in element if local_name(child) == "code"), None)
    for node in (inner, element, element.getparent()):
        if node is None:
            continue
        found = _LANGUAGE.search(node.get("class") or "")
        stated = node.get("data-lang") or node.get("data-language") or (found["name"] if found else "")
        if stated:
            return str(stated)[:40]
    return None


def _rows(table: HtmlElement) -> Iterator[HtmlElement]:
    for child in table:
        tag = local_name(child)
        if tag == "tr":
            yield child
        elif tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in child if local_name(row) == "tr")


def _cells(row: HtmlElement) -> list[HtmlElement]:
    return [cell for cell in row if local_name(cell) in {"td", "th"} and not is_hidden(cell, "td")]


def _is_data_table(table: HtmlElement) -> bool:
    """A table of data, not one that lays out a page: at least two columns, and no headings in its cells."""
    if (table.get("role") or "") in {"presentation", "none"}:
        return False
    rows: Sequence[Sequence[HtmlElement]] = [_cells(row) for row in _rows(table)]
    if max(map(len, rows), default=0) < 2:
        return False
    cells = [cell for row in rows for cell in row]
    if any(local_name(cell) == "th" for cell in cells):
        return True
    laid_out = sum(1 for cell in cells if any(_HEADING.match(local_name(inner)) for inner in cell.iter()))
    return not laid_out
