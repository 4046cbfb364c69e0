"""What an element is for, by its tag, role, class and style: content, furniture, hidden, a note, a term."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from documents_app.domain.blocks import MarkKind
from documents_app.extraction.html.tags import TAG_MARKS, UNSEEN, names

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DATA = Path(__file__).with_name("data")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_FURNITURE_ROLES = names("navigation banner contentinfo search complementary menu menubar toolbar alertdialog")
_NOTE_TYPES = names("footnote footnotes endnote endnotes rearnote rearnotes doc-footnote doc-endnote doc-endnotes")
_NOTE_MARKS = names("noteref doc-noteref footnote-ref footnote-reference")
_TITLES = names("h1 main article")
_CONTENT = names("main article section")
_LARGE_SHARE = 0.4


def local_name(element: HtmlElement) -> str:
    """Return the tag without its namespace, in small letters; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def types_of(element: HtmlElement) -> frozenset[str]:
    """Return what an element calls itself: its role, its type in a book, its class names."""
    stated = (element.get(name) or "" for name in ("role", "epub:type", "data-type", "class"))
    return names(" ".join(stated).lower())


def is_hidden(element: HtmlElement, tag: str) -> bool:
    """Whether no sighted reader sees the element."""
    if tag in UNSEEN or element.get("hidden") is not None:
        return True
    # A drawn formula is hidden from screen readers only; it is reached where its source was not left beside it.
    if element.get("aria-hidden") == "true" and "katex-html" not in types_of(element):
        return True
    style = _style(element)
    if "display:none" in style or "visibility:hidden" in style or (tag == "dialog" and element.get("open") is None):
        return True
    return _is_called(element.get("class") or "", "hidden_names")


def is_furniture(element: HtmlElement, tag: str, total_chars: int) -> bool:
    """Whether the element is a menu, a banner, a footer of the page; never one that holds most of the text."""
    if tag in {"header", "footer", "aside"}:
        found = not any(local_name(outer) in _CONTENT for outer in element.iterancestors())
    elif tag in {"body", "html", "main", "article"}:
        found = False
    else:
        role = (element.get("role") or "").lower()
        called = f"{element.get('class') or ''} {element.get('id') or ''}"
        found = tag == "nav" or role in _FURNITURE_ROLES or _is_called(called, "furniture_names")
    if not found or is_note(element):
        return False
    if tag in {"nav", "footer"}:
        return True
    if any(local_name(inner) in _TITLES for inner in element.iter()):
        return False
    return sum(map(len, element.itertext())) <= max(_LARGE_SHARE * total_chars, 200)


def is_note(element: HtmlElement) -> bool:
    """Whether the element holds foot- or endnotes."""
    return bool(types_of(element) & _NOTE_TYPES)


def note_mark(element: HtmlElement, tag: str) -> str:
    """Return the label of a reference to a note ("2"), or an empty string for anything else."""
    link = element
    if tag == "sup":
        inner = [child for child in element if isinstance(child.tag, str)]
        link = inner[0] if len(inner) == 1 and not (element.text or "").strip() else element
        if local_name(link) != "a" or (link.tail or "").strip() or not (link.get("href") or "").startswith("#"):
            return ""
    elif tag != "a" or not types_of(element) & _NOTE_MARKS:
        return ""
    return " ".join("".join(link.itertext()).split()).strip("[]()")


def mark_of(element: HtmlElement, tag: str) -> MarkKind | None:
    """Return what the element makes of its text."""
    if tag in {"a", "span", "em", "strong", "b", "i", "cite"} and _is_term(element):
        return MarkKind.TERM
    if tag in TAG_MARKS:
        return None if tag == "a" and element.get("href") is None else TAG_MARKS[tag]
    style = _style(element)
    if "vertical-align:super" in style:
        return MarkKind.SUPERSCRIPT
    if "vertical-align:sub" in style:
        return MarkKind.SUBSCRIPT
    return MarkKind.EMPHASIS if "font-weight:bold" in style or "font-style:italic" in style else None


def _is_term(element: HtmlElement) -> bool:
    return any(
        _is_called(element.get(name) or "", "term_names") for name in ("class", "data-type", "epub:type", "role")
    )


def _style(element: HtmlElement) -> str:
    return (element.get("style") or "").replace(" ", "").lower()


def _is_called(called: str, listed: str) -> bool:
    """Whether a name of the data file ``listed`` is one of the space-separated names in ``called``, or part of one."""
    return any(_matches(name, listed) for name in called.split()) if called else False


@lru_cache(maxsize=4096)
def _matches(name: str, listed: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    whole = listed != "furniture_names"
    return any(" ".join(part) in _listed(listed) for part in ([words] if whole else _parts(words)))


def _parts(words: list[str]) -> Iterator[list[str]]:
    for start in range(len(words)):
        for length in (1, 2, 3):
            yield words[start : start + length]


@lru_cache(maxsize=8)
def _listed(file: str) -> frozenset[str]:
    lines = (_DATA / f"{file}.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
