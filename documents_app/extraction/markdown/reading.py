"""Markdown to what a learner reads: no link targets, markup, comments, options or hidden code chunks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from documents_app.domain.blocks import BlockKind, MarkKind
from documents_app.domain.material import DocumentText
from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.inline import Run
from documents_app.extraction.limits import ExtractionLimits
from documents_app.extraction.markdown.front_matter import split_front_matter
from documents_app.extraction.markdown.inline_runs import inline_runs, without_heading_attributes
from documents_app.extraction.markdown.parser import parser

if TYPE_CHECKING:
    from markdown_it.token import Token

_CHUNK = re.compile(r"\{[ \t]*(?P<engine>[A-Za-z]\w*)[ \t]*(?P<options>[^}]*)\}")
_CLASS = re.compile(r"\{[^}]*?\.(?P<name>[\w+#-]+)")
_HIDDEN = re.compile(r"\b(?:echo|include)\s*[=:]\s*(?:F\b|FALSE|false)|#\|\s*(?:echo|include):\s*false")
_SHOWS_FIGURE = re.compile(r"include_graphics|knitr::opts_chunk|^\s*(?:library|require)\(", re.MULTILINE)
_CAPTION = re.compile(r"""fig[.-]cap\s*[=:]\s*(?P<quote>["'])(?P<caption>(?!\(ref:).+?)(?P=quote)""")
_CAPTION_REFERENCE = re.compile(r"\(ref:[\w-]+\)[ \t]*")
_CALLOUT = re.compile(r"\[![\w-]+\][+-]?[ \t]*")
_TASK = re.compile(r"\[(?P<done>[ xX])\](?=\s)")
# A bar inside code stays in its cell: while the parser reads, this noncharacter stands for it.
_BAR = "\ufdd0"
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)([^`\n]+)\1(?!`)")


def extract_markdown(text: str, limits: ExtractionLimits) -> DocumentText:
    """Return the rendered text of a Markdown document; a form feed in the source begins a new page."""
    builder = TextBuilder(limits)
    metadata, source = split_front_matter(text)
    for index, page in enumerate(source.split("\f")):
        if index:
            builder.end_page()
        write_markdown(page, builder)
    title = metadata.pop("title", "") or builder.first_heading
    language = metadata.pop("language", None)
    return builder.build({**metadata, **({"title": title} if title else {})}, language=language)


def write_markdown(source: str, builder: TextBuilder) -> None:
    """Append one piece of Markdown to the page being written."""
    barred = _BAR not in source and "|" in source and "`" in source
    tokens = parser().parse(_without_bars_in_code(source) if barred else source)
    if barred:
        _restore_bars(tokens)
    _Renderer(builder).render(tokens)


def _without_bars_in_code(source: str) -> str:
    return "\n".join(
        _CODE_SPAN.sub(lambda span: span[0].replace("|", _BAR), line) if "|" in line and "`" in line else line
        for line in source.split("\n")
    )


def _restore_bars(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if _BAR in token.content:
            token.content = token.content.replace(_BAR, "|")
        if token.children:
            _restore_bars(token.children)


class _Renderer:
    """Walks block tokens and writes them as blocks."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._lists: list[int | None] = []
        self._quotes = 0
        self._marker = ""
        self._note = ""
        self._in_note = False
        self._heading = 0
        self._term = False
        self._tight_next = False
        self._row: list[list[Run]] | None = None
        self._rows: list[list[list[Run]]] = []
        self._handlers: dict[str, Callable[[Token], None]] = {
            "heading_open": self._open_heading,
            "heading_close": self._close_heading,
            "bullet_list_open": lambda token: self._lists.append(None),
            "ordered_list_open": self._open_numbered_list,
            "bullet_list_close": self._close_list,
            "ordered_list_close": self._close_list,
            "list_item_open": self._open_item,
            "list_item_close": self._close_item,
            "blockquote_open": self._open_quote,
            "blockquote_close": self._close_quote,
            "footnote_reference_open": self._open_note,
            "footnote_reference_close": self._close_note,
            "dt_open": self._open_term,
            "dt_close": self._close_term,
            "inline": self._inline,
            "fence": self._fence,
            "code_block": self._code,
            "formula_block": self._formula,
            "html_block": self._html,
            "tr_open": self._open_row,
            "tr_close": self._close_row,
            "table_close": self._close_table,
        }

    def render(self, tokens: Sequence[Token]) -> None:
        """Write all tokens."""
        for token in tokens:
            handler = self._handlers.get(token.type)
            if handler:
                handler(token)

    def _open_heading(self, token: Token) -> None:
        self._heading = int(token.tag[1:])

    def _close_heading(self, token: Token) -> None:
        self._heading = 0

    def _open_numbered_list(self, token: Token) -> None:
        start = token.attrGet("start")
        self._lists.append(1 if start is None else int(start))

    def _close_list(self, token: Token) -> None:
        self._lists.pop()
        self._tight_next = bool(self._lists)

    def _open_item(self, token: Token) -> None:
        number = self._lists[-1]
        self._marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _close_item(self, token: Token) -> None:
        self._marker = ""

    def _open_quote(self, token: Token) -> None:
        self._quotes += 1

    def _close_quote(self, token: Token) -> None:
        self._quotes -= 1

    def _open_note(self, token: Token) -> None:
        self._note, self._in_note = f"[{token.meta['label']}] ", True

    def _close_note(self, token: Token) -> None:
        self._note, self._in_note = "", False

    def _open_term(self, token: Token) -> None:
        self._term = True

    def _close_term(self, token: Token) -> None:
        self._term = False

    def _inline(self, token: Token) -> None:
        children = token.children or []
        runs = inline_runs(children)
        if self._row is not None:
            self._row.append(runs)
        elif self._heading:
            self._builder.heading(self._heading, without_heading_attributes(runs))
            self._tight_next = False
        elif self._term:
            runs = [Run(run.text, run.marks | {MarkKind.TERM}, run.latex) for run in runs]
            self._write(BlockKind.PARAGRAPH, runs)
        else:
            self._paragraph(children, runs)

    def _paragraph(self, children: Sequence[Token], runs: list[Run]) -> None:
        if len(children) == 1 and children[0].type == "formula" and not self._marker:
            self._builder.block(BlockKind.FORMULA, "", latex=children[0].content)
        elif children and all(token.type in {"image", "softbreak"} for token in children):
            self._write(BlockKind.FIGURE, runs)
        elif self._quotes:
            self._write(BlockKind.QUOTE, _without_first(runs, _CALLOUT))
        elif self._in_note:
            self._write(BlockKind.FOOTNOTE, [self._note, *runs] if self._note else runs)
            self._note = ""
        else:
            self._write(BlockKind.PARAGRAPH, _without_first(runs, _CAPTION_REFERENCE))

    def _write(self, kind: BlockKind, runs: Sequence[str | Run]) -> None:
        if not any(run if isinstance(run, str) else run.text.strip() or run.latex for run in runs):
            return
        in_list = bool(self._lists)
        tight = in_list and self._tight_next
        if self._marker:
            content = [self._marker, *_with_box(runs)]
            self._builder.block(BlockKind.LIST_ITEM, content, level=len(self._lists), tight=tight)
        else:
            self._builder.block(kind, runs, tight=tight)
        self._marker = ""
        self._tight_next = in_list

    def _code(self, token: Token) -> None:
        self._builder.block(BlockKind.CODE, token.content)

    def _fence(self, token: Token) -> None:
        """Write a fenced block as a reader of the rendered document sees it: code, a caption, or nothing."""
        info = token.info.strip()
        chunk = _CHUNK.match(info)
        if not chunk:
            named = _CLASS.match(info)
            language = named["name"] if named else info.split(" ")[0].split("{")[0]
            self._builder.block(BlockKind.CODE, token.content, code_language=language)
            return
        options, body = chunk["options"], token.content
        if not (_HIDDEN.search(options) or _HIDDEN.search(body) or _SHOWS_FIGURE.search(body)):
            visible = [line for line in body.split("\n") if not line.lstrip().startswith("#|")]
            self._builder.block(BlockKind.CODE, "\n".join(visible), code_language=chunk["engine"])
        caption = _CAPTION.search(options) or _CAPTION.search(body)
        if caption:
            self._builder.block(BlockKind.CAPTION, caption["caption"])

    def _formula(self, token: Token) -> None:
        number = token.meta["number"]
        content = f"$${token.content}$$ {number}" if number else ""
        self._builder.block(BlockKind.FORMULA, content, latex=token.content)

    def _html(self, token: Token) -> None:
        from documents_app.extraction.html.parsing import parse
        from documents_app.extraction.html.writing import write_html

        write_html(parse(token.content), self._builder)
        self._tight_next = False

    def _open_row(self, token: Token) -> None:
        self._row = []

    def _close_row(self, token: Token) -> None:
        if self._row:
            self._rows.append(self._row)
        self._row = None

    def _close_table(self, token: Token) -> None:
        self._builder.table(self._rows)
        self._rows = []


def _without_first(runs: list[Run], mark: re.Pattern[str]) -> list[Run]:
    """Return the runs without the ``mark`` that the first one begins with."""
    found = mark.match(runs[0].text) if runs else None
    return [Run(runs[0].text[found.end() :], runs[0].marks, runs[0].latex), *runs[1:]] if found else runs


def _with_box(runs: Sequence[str | Run]) -> list[str | Run]:
    """Return the runs of a list item with the box of a task as a character."""
    first = runs[0]
    found = _TASK.match(first.text) if isinstance(first, Run) else None
    if found is None or not isinstance(first, Run):
        return list(runs)
    box = "☐" if found["done"] == " " else "☑"
    return [Run(box + first.text[found.end() :], first.marks), *runs[1:]]
