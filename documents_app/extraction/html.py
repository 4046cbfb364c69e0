"""HTML to readable text: headings, paragraphs, lists, tables; no scripts, styles, menus or markup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from documents_app.domain.blocks import BlockKind
from documents_app.domain.errors import UnsafeMarkup
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.decode import decode
from documents_app.extraction.limits import ExtractionLimits

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SILENT = _names(
    "script style noscript template iframe object embed svg math-annotation head title meta link nav form button "
    "select option input textarea audio video canvas map"
)
_BLOCK = _names(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer header "
    "hr html li main ol p pre section summary ul table tr td th thead tbody tfoot caption h1 h2 h3 h4 h5 h6"
)
_SPACE = re.compile(r"[ \t\n\r\x0b\x0c]+")
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?(?P<charset>[A-Za-z0-9_-]{2,30})""", re.IGNORECASE)
_HEADING = re.compile(r"h[1-6]$")
_MAX_DEPTH = 200


def extract_html(source: bytes | Path, limits: ExtractionLimits) -> DocumentText:
    """Return the readable text of an HTML page as one page; the title goes to the metadata."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    declared = _DECLARED.search(data[:4096])
    text, encoding = decode(data, declared["charset"].decode("ascii") if declared else None)
    builder = TextBuilder(limits)
    root = parse(text)
    write_html(root, builder)
    title = " ".join((root.findtext(".//title") or "").split()) or builder.first_heading
    return builder.build({"encoding": encoding, **({"title": title[:1000]} if title else {})})


def fragment_text(markup: str) -> str:
    """Return the readable text of a piece of markup, blocks on lines of their own."""
    builder = TextBuilder(ExtractionLimits())
    write_html(parse(markup), builder)
    return builder.build({}).text


def parse(markup: str | bytes) -> HtmlElement:
    """Parse any markup leniently; no network, no entities beyond HTML's own, depth bounded by the parser."""
    from lxml import etree, html

    encoding = "utf-8" if isinstance(markup, str) else None
    data = markup.encode("utf-8", "replace") if isinstance(markup, str) else markup
    # huge_tree admits long attributes (embedded images); depth stays bounded by the parser, size by the file's.
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, encoding=encoding)
    try:
        root = html.document_fromstring(data, parser=parser, ensure_head_body=False)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        root = html.Element("html")
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        raise UnsafeMarkup(reason="it is nested too deeply or has too long a part")
    return root


def write_html(root: HtmlElement, builder: TextBuilder) -> None:
    """Append the readable content below ``root`` to the page being written."""
    _Writer(builder).walk(root)


class _Writer:
    """Walks elements with an explicit stack of inline text, so depth costs no Python frames beyond a bound."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._inline: list[str] = []
        self._marker = ""
        self._lists: list[int | None] = []
        self._tight = False

    def walk(self, root: HtmlElement) -> None:
        """Write ``root`` and everything below it."""
        self._element(root, 0)
        self._flush()

    def _element(self, element: HtmlElement, depth: int) -> None:
        tag = _local_name(element)
        if tag in _SILENT or _is_hidden(element):
            return
        if depth > _MAX_DEPTH:
            self._inline.append(" ".join(element.itertext()))
            return
        if tag == "table" and _is_data_table(element):
            self._flush()
            self._table(element)
        elif tag == "br":
            self._inline.append("\n")
        elif tag == "img":
            self._inline.append(element.get("alt") or "")
        elif _HEADING.match(tag):
            self._flush()
            self._builder.heading(int(tag[1]), _SPACE.sub(" ", "".join(_texts(element))))
            self._tight = False
        elif tag == "pre":
            self._flush()
            self._builder.block(BlockKind.CODE, "".join(_texts(element)).strip("\n"))
        elif tag in _BLOCK:
            self._block(element, tag, depth)
        else:
            self._children(element, depth)

    def _block(self, element: HtmlElement, tag: str, depth: int) -> None:
        self._flush()
        if tag in {"ul", "ol"}:
            self._lists.append(_start_number(element) if tag == "ol" else None)
        elif tag == "li":
            self._marker = self._next_marker()
        self._children(element, depth)
        self._flush()
        if tag in {"ul", "ol"}:
            self._lists.pop()
            self._tight = bool(self._lists)
        elif tag == "li":
            self._marker = ""

    def _children(self, element: HtmlElement, depth: int) -> None:
        if element.text:
            self._inline.append(_SPACE.sub(" ", element.text))
        for child in element:
            if isinstance(child.tag, str):
                self._element(child, depth + 1)
            if child.tail:
                self._inline.append(_SPACE.sub(" ", child.tail))

    def _next_marker(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _flush(self) -> None:
        text = "".join(self._inline)
        self._inline.clear()
        lines = [" ".join(line.split(" ")).strip() for line in re.sub(r" {2,}", " ", text).split("\n")]
        text = "\n".join(lines).strip()
        if not text:
            return
        tight = self._tight and bool(self._lists)
        if self._marker:
            self._builder.block(BlockKind.LIST_ITEM, self._marker + text, level=len(self._lists) or 1, tight=tight)
        else:
            self._builder.block(BlockKind.PARAGRAPH, text, tight=tight)
        self._marker = ""
        self._tight = bool(self._lists)

    def _table(self, table: HtmlElement) -> None:
        rows = []
        for row in table.iter("tr"):
            cells = [cell for cell in row if _local_name(cell) in {"td", "th"}]
            rows.append([_SPACE.sub(" ", "".join(_texts(cell))).strip() for cell in cells])
        caption = table.find("caption")
        if caption is not None:
            self._builder.block(BlockKind.CAPTION, _SPACE.sub(" ", "".join(_texts(caption))))
        self._builder.table(rows)
        self._tight = False


def _texts(element: HtmlElement) -> list[str]:
    """Return the text pieces below ``element`` without those of silent elements, in document order."""
    pieces: list[str] = []
    pending: list[tuple[HtmlElement | None, str]] = [(element, "")]
    while pending:
        node, tail = pending.pop()
        if node is None:
            pieces.append(tail)
            continue
        tag = _local_name(node)
        if tag in _SILENT and node is not element:
            continue
        if tag == "br":
            pieces.append("\n")
        elif tag in _BLOCK and pieces and node is not element:
            pieces.append(" ")
        pieces.append(node.text or "")
        for child in reversed(node):
            if child.tail:
                pending.append((None, child.tail))
            if isinstance(child.tag, str):
                pending.append((child, ""))
    return pieces


def _local_name(element: HtmlElement) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _is_hidden(element: HtmlElement) -> bool:
    style = element.get("style") or ""
    return element.get("hidden") is not None or "display:none" in style.replace(" ", "").lower()


def _is_data_table(table: HtmlElement) -> bool:
    """A table of data, not one used to lay out a page (nested tables, or a single cell)."""
    if table.find(".//table") is not None or (table.get("role") or "") == "presentation":
        return False
    widths = [sum(1 for cell in row if _local_name(cell) in {"td", "th"}) for row in table.iter("tr")]
    return len(widths) >= 2 and max(widths, default=0) >= 2


def _start_number(element: HtmlElement) -> int:
    start = element.get("start") or ""
    return int(start) if start.isascii() and start.isdigit() and len(start) < 7 else 1
