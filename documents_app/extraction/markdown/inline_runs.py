"""From the inline tokens of Markdown to runs: what is said, and with which marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from documents_app.domain.blocks import MarkKind
from documents_app.extraction.html.tags import TAG, TAG_MARKS, UNSEEN, VOID_TAGS
from documents_app.extraction.inline import Run
from documents_app.extraction.markdown.parser import ATTRIBUTES

if TYPE_CHECKING:
    from markdown_it.token import Token

_OPENING = {
    "strong_open": MarkKind.EMPHASIS,
    "em_open": MarkKind.EMPHASIS,
    "highlight_open": MarkKind.EMPHASIS,
    "link_open": MarkKind.LINK,
}
_PLAIN = {"text": None, "text_special": None, "code_inline": MarkKind.CODE, "wiki_link": MarkKind.LINK,
          "raised": MarkKind.SUPERSCRIPT, "lowered": MarkKind.SUBSCRIPT}  # fmt: skip


def inline_runs(children: Sequence[Token]) -> list[Run]:
    """Return the runs of inline tokens: link texts, descriptions of images, code, formulas; no markup.

    A tag of HTML counts as one only with its other half: the ``<b>`` of ``a <b> c`` and the ``<int>`` of
    ``vector<int>`` are text.
    """
    return _Reader(children).read()


def without_heading_attributes(runs: list[Run]) -> list[Run]:
    """Return the runs of a heading without the attributes at its end (``{#id .unnumbered}``)."""
    if not runs or not runs[-1].text.endswith("}"):
        return runs
    last = runs[-1]
    found = ATTRIBUTES.fullmatch(last.text, max(last.text.rfind("{"), 0))
    return [*runs[:-1], Run(last.text[: found.start()].rstrip(), last.marks)] if found else runs


class _Reader:
    def __init__(self, children: Sequence[Token]) -> None:
        self._children = children
        self._pairs = _tag_pairs(children)
        self._marks: list[MarkKind | None] = []
        self._runs: list[Run] = []
        self._unseen = 0

    def read(self) -> list[Run]:
        place = 0
        while place < len(self._children):
            place = self._token(place)
        return self._runs

    def _token(self, place: int) -> int:
        """Read one token; return the place of the next."""
        token = self._children[place]
        if token.type in _PLAIN:
            self._add(token.content, _PLAIN[token.type])
        elif token.type == "formula":
            self._add("", MarkKind.FORMULA, latex=token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            self._add(" " if token.type == "softbreak" else "\n")
        elif token.type == "image":
            self._runs += inline_runs(token.children or [])
        elif token.type == "footnote_ref":
            self._add(f"[{token.meta['label']}]", MarkKind.LINK)
        elif token.type in {"note_open", "note_close"}:
            self._add(" [" if token.nesting > 0 else "]")
        elif token.type == "html_inline":
            return self._tag(place)
        elif token.nesting:
            self._nest(token.nesting, _OPENING.get(token.type))
        return place + 1

    def _tag(self, place: int) -> int:
        content = self._children[place].content
        found = TAG.match(content)
        name = found["name"].lower() if found else ""
        if name == "br":
            self._add("\n")
        elif content.startswith("<!--") or name in VOID_TAGS:
            return place + 1  # nothing of it is text
        elif place not in self._pairs:
            self._add(content)
        elif name == "math":
            return self._mathml(place)
        elif name in UNSEEN:
            return self._pairs[place] + 1
        else:
            self._nest(-1 if content.startswith("</") else 1, TAG_MARKS.get(name))
        return place + 1

    def _mathml(self, place: int) -> int:
        from documents_app.extraction.html.formulas import latex_of_markup

        end = self._pairs[place] + 1
        markup = "".join(token.content for token in self._children[place:end])
        self._add("", MarkKind.FORMULA, latex=latex_of_markup(markup))
        return end

    def _nest(self, nesting: int, mark: MarkKind | None) -> None:
        if nesting > 0:
            self._marks.append(mark)
        elif self._marks:
            self._marks.pop()

    def _add(self, text: str, mark: MarkKind | None = None, latex: str | None = None) -> None:
        marks = frozenset(kind for kind in (*self._marks, mark) if kind is not None)
        self._runs.append(Run(text, marks, latex))


def _tag_pairs(children: Sequence[Token]) -> dict[int, int]:
    """Map the places of opening tags to those of their closing ones, and back; what has no other half is left out."""
    pairs: dict[int, int] = {}
    waiting: dict[str, list[int]] = {}
    for place, token in enumerate(children):
        found = TAG.match(token.content) if token.type == "html_inline" else None
        if found is None:
            continue
        name = found["name"].lower()
        if not found["closing"]:
            waiting.setdefault(name, []).append(place)
        elif waiting.get(name):
            opening = waiting[name].pop()
            pairs[opening], pairs[place] = place, opening
    return pairs
