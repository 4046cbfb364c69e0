"""Formulas in a page, each once: MathML, and what KaTeX, MathJax and MediaWiki make of one formula."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from documents_app.extraction import mathml
from documents_app.extraction.html.parsing import parse
from documents_app.extraction.html.roles import local_name
from documents_app.extraction.html.tags import names
from documents_app.extraction.latex import TooDeep

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CONTAINERS = names("katex katex-display mathjax mathjax_display mathjax_chtml mjx-chtml mwe-math-element")
_DISPLAYED = names("katex-display mathjax_display mwe-math-element-block")
_DELIMITED = re.compile(r"\s*(?:\\\((.*)\\\)|\\\[(.*)\\\]|\$\$(.*)\$\$)\s*", re.DOTALL)

Write = Callable[[Any], str]
"""Writes a ``math`` element as LaTeX."""


def formula_of(element: HtmlElement, tag: str, write: Write) -> tuple[str, bool] | None:
    """Return the LaTeX of an element that is a formula, and whether it stands on a line of its own; else None.

    The LaTeX is empty where a program left the formula's source beside what it drew.
    """
    if tag == "math":
        return write(element) or _described(element), element.get("display") == "block"
    if tag == "script":
        return _of_script(element)
    classes = names((element.get("class") or "").lower())
    if tag == "mjx-container" or classes & _CONTAINERS:
        source = _source(element, write)
        return None if source is None else (source, bool(classes & _DISPLAYED) or element.get("display") == "true")
    if tag in {"span", "div"} and "math" in classes:
        found = _DELIMITED.fullmatch("".join(element.itertext()))
        source = next(filter(None, found.groups()), "") if found else _source(element, write)
        return (source.strip(), "display" in classes) if source else None
    return None


def latex_of_markup(markup: str) -> str:
    """Return the LaTeX of a ``math`` element given as text; the bare characters of one that is too deep."""
    found = next((inner for inner in parse(markup).iter() if local_name(inner) == "math"), None)
    if found is None:
        return ""
    try:
        return mathml.latex(found)
    except TooDeep:
        return mathml.flat_text(found)


def _of_script(element: HtmlElement) -> tuple[str, bool] | None:
    kind = (element.get("type") or "").lower().replace(" ", "")
    return (" ".join((element.text or "").split()), "mode=display" in kind) if kind.startswith("math/tex") else None


def _source(container: HtmlElement, write: Write) -> str | None:
    """Return the formula inside what a program drew; None if it left nothing but the drawing."""
    beside = container.getnext()
    if beside is not None and _of_script(beside):
        return ""
    for inner in container.iter():
        if local_name(inner) == "math":
            return write(inner) or _described(inner)
    described = (_described(inner) for inner in container.iter() if local_name(inner) == "img")
    return next(filter(None, described), None)


def _described(element: HtmlElement) -> str:
    return " ".join((element.get("alttext") or element.get("alt") or "").split())
