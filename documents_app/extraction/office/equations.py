"""Office's equations (OMML, ECMA-376 part 1, chapter 22) as LaTeX.

What has a structure becomes commands (``\\frac``, ``\\sqrt``, ``\\sum``); letters and signs stay the Unicode characters that
they are, which KaTeX and MathJax draw too and a reader of the plain text understands.
"""

from __future__ import annotations

import unicodedata
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
from documents_app.extraction.office.names import M, W, is_on, local

_MATRICES = {
    ("(", ")"): "pmatrix",
    ("[", "]"): "bmatrix",
    ("|", "|"): "vmatrix",
    ("‖", "‖"): "Vmatrix",
    ("{", "}"): "Bmatrix",
}
_STYLES = {"double-struck": "\\mathbb", "script": "\\mathcal", "fraktur": "\\mathfrak", "sans-serif": "\\mathsf"}


def latex(equation: Any) -> str:
    """Return the LaTeX of an ``m:oMath`` element (or of what stands in it); raises TooDeep beyond MAX_DEPTH levels."""
    return " ".join(_children(equation, 0).split())


def equations(paragraph: Any) -> list[Any]:
    """Return the equations of an ``m:oMathPara``, one a line."""
    return list(paragraph.iter(f"{M}oMath"))


def flat_text(equation: Any) -> str:
    """Return the bare characters of an equation that is too deep to be written."""
    return "".join(piece.text or "" for piece in equation.iter(f"{M}t"))


def _children(element: Any, depth: int) -> str:
    if element is None:
        return ""
    if depth > MAX_DEPTH:
        raise TooDeep
    return "".join(_node(child, depth + 1) for child in element)


def _node(element: Any, depth: int) -> str:
    name = local(element)
    writer = _WRITERS.get(name)
    if writer is not None:
        return writer(element, depth)
    if name.endswith("Pr") or name in {"del", "moveFrom"}:
        return ""
    if element.tag == f"{W}br":
        return " \\\\ "
    if element.tag == f"{W}t":
        return escaped(element.text or "")
    return _children(element, depth)


def _run(element: Any, depth: int) -> str:
    del depth
    text = "".join(piece.text or "" for piece in element.iter(f"{M}t", f"{W}t"))
    properties = element.find(f"{M}rPr")
    if is_on(properties, f"{M}nor"):
        return f"\\text{{{escaped(text)}}}" if text.strip() else " "
    style, script = _value(properties, "sty"), _value(properties, "scr")
    plain = escaped(unicodedata.normalize("NFKC", text) if _has_styled_letters(text) else text)
    if script in _STYLES and text.strip():
        return f"{_STYLES[script]}{{{plain}}}"
    if style == "p" and text.strip() in FUNCTIONS:
        return f"\\{text.strip()} "
    if style == "p" and len(text.strip()) > 1 and text.strip().isalpha():
        return f"\\mathrm{{{plain}}}"
    if style in {"b", "bi"} and text.strip():
        return f"\\mathbf{{{plain}}}"
    return plain


def _has_styled_letters(text: str) -> bool:
    """Whether letters are of the block of mathematical italics and bolds, which PowerPoint writes for ordinary ones."""
    return any("\U0001d400" <= character <= "\U0001d7ff" or character == "ℎ" for character in text)


def _value(properties: Any, name: str, default: str = "") -> str:
    found = properties.find(f"{M}{name}") if properties is not None else None
    return default if found is None else found.get(f"{M}val") or ""


def _part(element: Any, name: str, depth: int) -> str:
    return _children(element.find(f"{M}{name}"), depth).strip()


def _base(element: Any, depth: int) -> str:
    return grouped(_part(element, "e", depth))


def _fraction(element: Any, depth: int) -> str:
    above, below = _part(element, "num", depth), _part(element, "den", depth)
    kind = _value(element.find(f"{M}fPr"), "type")
    if kind == "lin":
        return f"{{{above}}}/{{{below}}}"
    if kind == "noBar":
        return f"\\genfrac{{}}{{}}{{0pt}}{{}}{{{above}}}{{{below}}}"
    return f"\\frac{{{above}}}{{{below}}}"


def _root(element: Any, depth: int) -> str:
    degree = _part(element, "deg", depth)
    hidden = is_on(element.find(f"{M}radPr"), f"{M}degHide")
    return f"\\sqrt{f'[{degree}]' if degree and not hidden else ''}{{{_part(element, 'e', depth)}}}"


def _scripts(*names: str) -> Callable[[Any, int], str]:
    marks = {"sub": "_", "sup": "^"}

    def write(element: Any, depth: int) -> str:
        written = "".join(f"{marks[name]}{{{part}}}" for name in names if (part := _part(element, name, depth)))
        return _base(element, depth) + written

    return write


def _before(element: Any, depth: int) -> str:
    low, high = _part(element, "sub", depth), _part(element, "sup", depth)
    return f"{{}}_{{{low}}}^{{{high}}}{_base(element, depth)}"


def _big_operator(element: Any, depth: int) -> str:
    properties = element.find(f"{M}naryPr")
    sign = _value(properties, "chr", "∫") or "∫"
    written = BIG_OPERATORS.get(sign, f"\\mathop{{{sign}}}")
    for name, mark in (("sub", "_"), ("sup", "^")):
        part = _part(element, name, depth)
        if part and not is_on(properties, f"{M}{name}Hide"):
            written += f"{mark}{{{part}}}"
    return f"{written} {_part(element, 'e', depth)}"


def _fenced(element: Any, depth: int) -> str:
    properties = element.find(f"{M}dPr")
    opening, closing = _value(properties, "begChr", "("), _value(properties, "endChr", ")")
    parts = element.findall(f"{M}e")
    if len(parts) == 1 and (opening, closing) in _MATRICES:
        inside = [child for child in parts[0] if local(child) not in {"ctrlPr", "argPr"}]
        if len(inside) == 1 and local(inside[0]) == "m":
            return _matrix(inside[0], depth + 1, _MATRICES[opening, closing])
        if len(inside) == 1 and local(inside[0]) == "f" and _value(inside[0].find(f"{M}fPr"), "type") == "noBar":
            return f"\\binom{{{_part(inside[0], 'num', depth)}}}{{{_part(inside[0], 'den', depth)}}}"
    separator = _value(properties, "sepChr", "|")
    middle = f" {FENCES.get(separator, separator)} ".join(_children(part, depth).strip() for part in parts)
    return f"\\left{FENCES.get(opening, opening)} {middle} \\right{FENCES.get(closing, closing)} "


def _function(element: Any, depth: int) -> str:
    return f"{_part(element, 'fName', depth)} {_part(element, 'e', depth)}"


def _limit(mark: str, command: str) -> Callable[[Any, int], str]:
    def write(element: Any, depth: int) -> str:
        base, limit = _part(element, "e", depth), _part(element, "lim", depth)
        if base.removeprefix("\\").removeprefix("mathrm{").removesuffix("}") in FUNCTIONS or base.startswith("\\under"):
            return f"{base}{mark}{{{limit}}}"
        return f"{command}{{{limit}}}{{{base}}}"

    return write


def _accent(element: Any, depth: int) -> str:
    sign = _value(element.find(f"{M}accPr"), "chr", "\u0302")
    command = ACCENTS.get(sign) or ACCENTS.get(sign.strip()) or "\\hat"
    return f"{command}{{{_part(element, 'e', depth)}}}"


def _bar(element: Any, depth: int) -> str:
    above = _value(element.find(f"{M}barPr"), "pos") == "top"
    return f"\\{'overline' if above else 'underline'}{{{_part(element, 'e', depth)}}}"


def _group(element: Any, depth: int) -> str:
    properties = element.find(f"{M}groupChrPr")
    sign, base = _value(properties, "chr", "⏟"), _part(element, "e", depth)
    above = _value(properties, "pos") == "top"
    if sign in {"⏟", "⏞"}:
        return f"\\{'overbrace' if sign == '⏞' else 'underbrace'}{{{base}}}"
    return f"\\{'overset' if above else 'underset'}{{{sign}}}{{{base}}}"


def _matrix(element: Any, depth: int, kind: str = "matrix") -> str:
    rows = (
        " & ".join(_children(cell, depth).strip() for cell in row.findall(f"{M}e")) for row in element.findall(f"{M}mr")
    )
    return environment(kind, list(rows))


def _lines(element: Any, depth: int) -> str:
    # In an array of equations "&" marks where lines are aligned; it was escaped as a letter.
    lines = (_children(line, depth).strip().replace("\\&", "&") for line in element.findall(f"{M}e"))
    return environment("aligned", list(lines))


def _hidden(element: Any, depth: int) -> str:
    shown = is_on(element.find(f"{M}phantPr"), f"{M}show")
    base = _part(element, "e", depth)
    return f"\\phantom{{{base}}}" if shown is False else base


def _boxed(element: Any, depth: int) -> str:
    return f"\\boxed{{{_part(element, 'e', depth)}}}"


_WRITERS: dict[str, Callable[[Any, int], str]] = {
    "r": _run,
    "f": _fraction,
    "rad": _root,
    "sSup": _scripts("sup"),
    "sSub": _scripts("sub"),
    "sSubSup": _scripts("sub", "sup"),
    "sPre": _before,
    "nary": _big_operator,
    "d": _fenced,
    "func": _function,
    "limLow": _limit("_", "\\underset"),
    "limUpp": _limit("^", "\\overset"),
    "acc": _accent,
    "bar": _bar,
    "groupChr": _group,
    "m": _matrix,
    "eqArr": _lines,
    "phant": _hidden,
    "borderBox": _boxed,
}
