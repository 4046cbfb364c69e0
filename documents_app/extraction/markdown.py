"""Markdown to what a learner reads: no link targets, markup, comments, options or hidden code chunks.

CommonMark with tables by markdown-it; before it, a few line rules for what common dialects add (front
matter, R Markdown and Quarto chunks, Pandoc attributes, cross-references, captions).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from documents_app.domain.blocks import BlockKind
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.limits import ExtractionLimits

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A(?:---|\+\+\+)[ \t]*\n(?P<body>.*?)\n(?:---|\.\.\.|\+\+\+)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*[:=][ \t]*(?P<title>\S.*)$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^(?P<indent>[ \t]{0,12})(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)$")
_CHUNK = re.compile(r"^\{[ \t]*(?P<engine>[A-Za-z]\w*)[ \t]*(?P<options>[^}]*)\}")
_HIDDEN = re.compile(r"\b(?:echo|include)\s*[=:]\s*(?:F\b|FALSE|false)|#\|\s*(?:echo|include):\s*false")
_SHOWS_FIGURE = re.compile(r"include_graphics|knitr::opts_chunk|^\s*(?:library|require)\(", re.MULTILINE)
_CAPTION = re.compile(r"""fig[.-]cap\s*[=:]\s*(?P<quote>["'])(?P<caption>(?!\(ref:).+?)(?P=quote)""")
_DIALECT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^[ \t]*:{3,}.*$", re.MULTILINE), ""),
    (re.compile(r"^\(ref:[\w-]+\)[ \t]*", re.MULTILINE), ""),
    (re.compile(r"^(\[\^[^\]\s]+\]):[ \t]*", re.MULTILINE), ""),
    (re.compile(r"[ \t]*\\?@ref\([^)\n]*\)"), ""),
    (re.compile(r"\[\^[^\]\s]+\]"), ""),
    (re.compile(r"[ \t]*\[-?@[\w:.#$%&+?<>~/-]+(?:[;,][^\]\n]*)?\]"), ""),
    (re.compile(r"(?<=[\])}`*_\w.])[ \t]*\{[ \t]*[#.:=][^{}\n]*\}"), ""),
    (re.compile(r"(?<=\))\{[^{}\n]*=[^{}\n]*\}"), ""),
    (re.compile(r"^(#{1,6}[ \t][^\n]*?)[ \t]*\{[^{}\n]*\}[ \t]*$", re.MULTILINE), r"\1"),
    (re.compile(r"(?<=[\w)\]])~([^\s~]{1,20})~(?!~)"), r"\1"),
    (re.compile(r"\{\{[<%].*?[%>]\}\}"), ""),
)
_RAISED = re.compile(r"(?<=[\w)\]])\^([^\s^]{1,20})\^")
_SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_MATH = re.compile(r"(\$\$.+?\$\$|(?<![\w$\\])\$(?=\S)[^$\n]{1,300}?(?<=\S)\$(?![\w$]))", re.DOTALL)
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>~^|])")
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)


def extract_markdown(text: str, limits: ExtractionLimits) -> DocumentText:
    """Return the rendered text of a Markdown document; a form feed in the source begins a new page."""
    builder = TextBuilder(limits)
    source, title = _without_front_matter(text)
    for index, page in enumerate(source.split("\f")):
        if index:
            builder.end_page()
        write_markdown(page, builder)
    if not title:
        title = builder.first_heading
    return builder.build({"title": title} if title else {})


def write_markdown(source: str, builder: TextBuilder) -> None:
    """Append one piece of Markdown to the page being written."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 40}).enable(["table", "strikethrough"])
    tokens = parser.parse(_plain_dialect(source))
    _Renderer(builder).render(tokens)


def _without_front_matter(text: str) -> tuple[str, str]:
    front = _FRONT_MATTER.match(text)
    if not front or (":" not in front["body"] and "=" not in front["body"]):
        return text, ""
    found = _FRONT_TITLE.search(front["body"])
    return text[front.end() :], found["title"].strip().strip("\"'") if found else ""


def _plain_dialect(source: str) -> str:
    """Rewrite dialect extras outside code into plain CommonMark, and drop code chunks that are not shown."""
    source = _COMMENT.sub("", source)
    return "\n".join(_rewrite(kind, body) for kind, body in _fenced_parts(source))


def _rewrite(kind: str, body: str) -> str:
    if kind:
        return body
    # Formulas stand at the odd places; escaped, their signs are not taken for markup.
    pieces = _MATH.split(body) if "$" in body else [body]
    return "".join(
        _SPECIAL.sub(r"\\\1", piece) if place % 2 else _without_dialect(piece) for place, piece in enumerate(pieces)
    )


def _without_dialect(prose: str) -> str:
    for pattern, replacement in _DIALECT:
        prose = pattern.sub(replacement, prose)
    return _RAISED.sub(_raised, prose) if "^" in prose else prose


def _raised(found: re.Match[str]) -> str:
    """Superscript digits and signs where Unicode has them ("10¹³", "Na⁺"), plain letters else ("20th")."""
    raised = found[1].translate(_SUPERSCRIPTS)
    if not any(char.isascii() for char in raised):
        return raised
    return found[1] if found[1].isalpha() else f"^{found[1]}"


def _fenced_parts(source: str) -> Iterator[tuple[str, str]]:
    """Yield ``("", prose)`` and ``("code", fenced block)`` in order."""
    prose: list[str] = []
    code: list[str] = []
    mark = info = ""
    for line in source.split("\n"):
        fence = _FENCE.match(line)
        if not mark and fence:
            yield "", "\n".join(prose)
            prose = []
            mark, info, code = fence["mark"], fence["info"].strip(), [line]
        elif mark:
            code.append(line)
            if fence and fence["mark"].startswith(mark) and not fence["info"].strip():
                yield "code", _shown_code(info, code)
                mark = ""
        else:
            prose.append(line)
    yield ("code", _shown_code(info, code)) if mark else ("", "\n".join(prose))


def _shown_code(info: str, lines: list[str]) -> str:
    """Return the fenced block as a reader of the rendered document sees it: code, a caption, or nothing."""
    chunk = _CHUNK.match(info)
    if not chunk:
        return "\n".join(lines)
    body = "\n".join(lines[1:])
    caption = _CAPTION.search(chunk["options"]) or _CAPTION.search(body)
    shown = f"\n{caption['caption']}\n" if caption else ""
    if _HIDDEN.search(chunk["options"]) or _HIDDEN.search(body) or _SHOWS_FIGURE.search(body):
        return shown
    visible = [line for line in lines[1:] if not line.lstrip().startswith("#|")]
    return "\n".join([lines[0].split("{")[0] + chunk["engine"], *visible]) + shown


class _Renderer:
    """Walks block tokens and writes them as blocks; keeps list markers and nesting as indentation."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._lists: list[int | None] = []
        self._marker: str | None = None
        self._heading = 0
        self._tight_next = False
        self._row: list[str] | None = None
        self._rows: list[list[str]] = []
        self._handlers: dict[str, Callable[[Token], None]] = {
            "heading_open": self._open_heading,
            "heading_close": self._close_heading,
            "bullet_list_open": lambda token: self._lists.append(None),
            "ordered_list_open": lambda token: self._lists.append(int(token.attrGet("start") or 1)),
            "bullet_list_close": self._close_list,
            "ordered_list_close": self._close_list,
            "list_item_open": self._open_item,
            "inline": self._inline,
            "fence": self._code,
            "code_block": self._code,
            "html_block": self._html,
            "tr_open": self._open_row,
            "tr_close": self._close_row,
            "table_close": self._close_table,
        }

    def render(self, tokens: list[Token]) -> None:
        """Write all tokens."""
        for token in tokens:
            handler = self._handlers.get(token.type)
            if handler:
                handler(token)

    def _open_heading(self, token: Token) -> None:
        self._heading = int(token.tag[1:])

    def _close_heading(self, token: Token) -> None:
        self._heading = 0

    def _close_list(self, token: Token) -> None:
        self._lists.pop()
        self._marker = None
        self._tight_next = bool(self._lists)

    def _open_item(self, token: Token) -> None:
        number = self._lists[-1]
        if number is None:
            self._marker = "- "
        else:
            self._marker = f"{number}. "
            self._lists[-1] = number + 1

    def _inline(self, token: Token) -> None:
        text = inline_text(token.children or [])
        if self._row is not None:
            self._row.append(text.replace("\n", " "))
        elif self._heading:
            self._builder.heading(self._heading, text)
            self._tight_next = False
        else:
            self._write(text)

    def _write(self, text: str) -> None:
        if not text.strip():
            return
        in_list = bool(self._lists)
        marker, self._marker = self._marker, None
        tight = in_list and self._tight_next
        if marker:
            self._builder.block(BlockKind.LIST_ITEM, f"{marker}{text.strip()}", level=len(self._lists), tight=tight)
        else:
            self._builder.block(BlockKind.PARAGRAPH, text, tight=tight)
        self._tight_next = in_list

    def _code(self, token: Token) -> None:
        self._builder.block(BlockKind.CODE, token.content, code_language=token.info.split(" ")[0] or None)

    def _html(self, token: Token) -> None:
        from documents_app.extraction.html import fragment_text

        self._write(fragment_text(token.content))

    def _open_row(self, token: Token) -> None:
        self._row = []

    def _close_row(self, token: Token) -> None:
        if self._row:
            self._rows.append(self._row)
        self._row = None

    def _close_table(self, token: Token) -> None:
        self._builder.table(self._rows)
        self._rows = []


def inline_text(children: list[Any]) -> str:
    """Return the readable text of inline tokens: link texts, image descriptions, code, no markup."""
    parts: list[str] = []
    for token in children:
        if token.type in {"text", "code_inline", "text_special"}:
            parts.append(token.content)
        elif token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak" or (token.type == "html_inline" and _BREAK_TAG.match(token.content)):
            parts.append("\n")
        elif token.type == "image":
            parts.append(inline_text(token.children or []) or token.content)
    return "".join(parts)
