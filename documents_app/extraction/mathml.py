"""MathML (W3C, presentation markup) as LaTeX: of web pages, books and OpenDocument files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from documents_app.extraction.latex import (
    ACCENTS,
    BIG_OPERATORS,
    FENCES,
    FUNCTIONS,
    MAX_DEPTH,
    TooDeep,
    environment,
    escaped,
    grouped,
)

_TEX = ("application/x-tex", "tex", "latex")
_VARIANTS = {
    "bold": "\\mathbf",
    "double-struck": "\\mathbb",
    "script": "\\mathcal",
    "fraktur": "\\mathfrak",
    "normal": "\\mathrm",
}
_INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b"), None)


def latex(math: Any) -> str:
    """Return the LaTeX of a ``math`` element: as its author noted it, or else written from its structure.

    Raises TooDeep for what is nested beyond MAX_DEPTH levels.
    """
    for note in math.iter():
        if _name(note) == "annotation" and (note.get("encoding") or "").lower() in _TEX and (note.text or "").strip():
            return " ".join((note.text or "").split())
    try:
        return " ".join(_row(math, 0).split())
    except RecursionError as error:  # rows in rows do not count as levels and may be many
        raise TooDeep from error


def flat_text(math: Any) -> str:
    """Return the bare characters of a formula that is too deep to be written."""
    return "".join(piece.text or "" for piece in math.iter() if _name(piece) in {"mi", "mn", "mo", "mtext"})


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def _children(element: Any) -> list[Any]:
    return [child for child in element if _name(child) not in {"", "annotation", "annotation-xml"}]


def _row(element: Any, depth: int) -> str:
    return " ".join(part for child in _children(element) if (part := _node(child, depth)))


def _node(element: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise TooDeep
    writer = _WRITERS.get(_name(element))
    return writer(element, depth + 1) if writer else _row(element, depth)


def _parts(element: Any, depth: int, count: int) -> list[str]:
    """Return the first children written, "" for those that are missing."""
    written = [_node(child, depth) for child in _children(element)[:count]]
    return written + [""] * (count - len(written))


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).translate(_INVISIBLE).split())


def _identifier(element: Any, depth: int) -> str:
    del depth
    text = _words(element)
    variant = _VARIANTS.get(element.get("mathvariant") or "")
    if text in FUNCTIONS:
        return f"\\{text}"
    if variant and text:
        return f"{variant}{{{escaped(text)}}}"
    return f"\\mathrm{{{escaped(text)}}}" if len(text) > 1 and text.isalpha() else escaped(text)


def _number(element: Any, depth: int) -> str:
    del depth
    return escaped(_words(element))


def _operator(element: Any, depth: int) -> str:
    del depth
    text = _words(element)
    return BIG_OPERATORS.get(text) or (f"\\{text}" if text in FUNCTIONS else escaped(text))


def _plain(element: Any, depth: int) -> str:
    del depth
    text = _words(element)
    return f"\\text{{{escaped(text)}}}" if text else ""


def _fraction(element: Any, depth: int) -> str:
    above, below = _parts(element, depth, 2)
    if (element.get("linethickness") or "").strip() in {"0", "0px", "0pt"}:
        return f"\\genfrac{{}}{{}}{{0pt}}{{}}{{{above}}}{{{below}}}"
    return f"\\frac{{{above}}}{{{below}}}"


def _square_root(element: Any, depth: int) -> str:
    return f"\\sqrt{{{_row(element, depth)}}}"


def _root(element: Any, depth: int) -> str:
    base, degree = _parts(element, depth, 2)
    return f"\\sqrt[{degree}]{{{base}}}"


def _scripts(*marks: str) -> Callable[[Any, int], str]:
    def write(element: Any, depth: int) -> str:
        base, *scripts = _parts(element, depth, 1 + len(marks))
        written = (f"{mark}{{{part}}}" for mark, part in zip(marks, scripts, strict=True) if part)
        return grouped(base) + "".join(written)

    return write


def _under(element: Any, depth: int) -> str:
    base, below = _parts(element, depth, 2)
    if _takes_limits(base):
        return f"{base}_{{{below}}}"
    known = {"⏟": "\\underbrace", "_": "\\underline", "\u0332": "\\underline"}.get(_last_words(element))
    return f"{known}{{{base}}}" if known else f"\\underset{{{below}}}{{{base}}}"


def _over(element: Any, depth: int) -> str:
    base, above = _parts(element, depth, 2)
    if _takes_limits(base):
        return f"{base}^{{{above}}}"
    sign = _last_words(element)
    known = {"⏞": "\\overbrace"}.get(sign) or ACCENTS.get(sign)
    return f"{known}{{{base}}}" if known else f"\\overset{{{above}}}{{{base}}}"


def _under_over(element: Any, depth: int) -> str:
    base, below, above = _parts(element, depth, 3)
    if _takes_limits(base):
        return f"{base}_{{{below}}}^{{{above}}}"
    return f"\\overset{{{above}}}{{\\underset{{{below}}}{{{base}}}}}"


def _takes_limits(base: str) -> bool:
    return base in BIG_OPERATORS.values() or base.removeprefix("\\") in FUNCTIONS


def _last_words(element: Any) -> str:
    children = _children(element)
    return _words(children[-1]) if children else ""


def _before_and_after(element: Any, depth: int) -> str:
    """Write scripts on both sides of a base, as of isotopes."""
    children = _children(element)
    names = [_name(child) for child in children]
    split = names.index("mprescripts") if "mprescripts" in names else len(children)
    base = _node(children[0], depth) if children else ""
    return (
        _script_pairs(children[split + 1 :], depth, "{}") + grouped(base) + _script_pairs(children[1:split], depth, "")
    )


def _script_pairs(children: list[Any], depth: int, base: str) -> str:
    written = "".join(
        f"{'^' if place % 2 else '_'}{{{part}}}"
        for place, child in enumerate(children)
        if (part := _node(child, depth))
    )
    return base + written if written else ""


def _table(element: Any, depth: int) -> str:
    rows = []
    for row in _children(element):
        cells = _children(row)[1:] if _name(row) == "mlabeledtr" else _children(row)
        rows.append(" & ".join(_row(cell, depth + 1) for cell in cells))
    return environment("matrix", rows)


def _fenced(element: Any, depth: int) -> str:
    opening, closing = element.get("open", "("), element.get("close", ")")
    separators = (element.get("separators", ",") or " ").strip() or " "
    parts = [_node(child, depth) for child in _children(element)]
    inside = f"{separators[0]} ".join(parts)
    return f"\\left{FENCES.get(opening, opening)} {inside} \\right{FENCES.get(closing, closing)}"


def _phantom(element: Any, depth: int) -> str:
    return f"\\phantom{{{_row(element, depth)}}}"


def _nothing(element: Any, depth: int) -> str:
    del element, depth
    return ""


_WRITERS: dict[str, Callable[[Any, int], str]] = {
    "mi": _identifier,
    "mn": _number,
    "mo": _operator,
    "mtext": _plain,
    "ms": _plain,
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "msub": _scripts("_"),
    "msup": _scripts("^"),
    "msubsup": _scripts("_", "^"),
    "munder": _under,
    "mover": _over,
    "munderover": _under_over,
    "mmultiscripts": _before_and_after,
    "mtable": _table,
    "mfenced": _fenced,
    "mphantom": _phantom,
    "mspace": _nothing,
    "none": _nothing,
    "mprescripts": _nothing,
}
