"""What OMML and MathML have in common when they are written as LaTeX."""

from __future__ import annotations

MAX_DEPTH = 120

ACCENTS = {
    "\u0302": "\\hat", "^": "\\hat", "\u02c6": "\\hat", "\u0303": "\\tilde", "~": "\\tilde", "\u02dc": "\\tilde", "\u0304": "\\bar",
    "\u0305": "\\overline", "\u00af": "\\overline", "\u203e": "\\overline", "\u0307": "\\dot", "\u02d9": "\\dot", "\u0308": "\\ddot",
    "\u00a8": "\\ddot", "\u20db": "\\dddot", "\u0300": "\\grave", "`": "\\grave", "\u0301": "\\acute", "\u00b4": "\\acute",
    "\u0306": "\\breve", "\u02d8": "\\breve", "\u030c": "\\check", "\u02c7": "\\check", "\u20d7": "\\vec", "→": "\\vec",
    "\u20d6": "\\overleftarrow", "\u20e1": "\\overleftrightarrow",
}  # fmt: skip
BIG_OPERATORS = {
    "∑": "\\sum", "∏": "\\prod", "∐": "\\coprod", "∫": "\\int", "∬": "\\iint", "∭": "\\iiint", "∮": "\\oint", "⋃": "\\bigcup",
    "⋂": "\\bigcap", "⋁": "\\bigvee", "⋀": "\\bigwedge", "⨁": "\\bigoplus", "⨂": "\\bigotimes",
}  # fmt: skip
FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp lim max min sup inf det dim ker deg gcd "
    "arg hom Pr limsup liminf".split()
)
FENCES = {
    "{": "\\{",
    "}": "\\}",
    "‖": "\\|",
    "⟨": "\\langle",
    "⟩": "\\rangle",
    "〈": "\\langle",
    "〉": "\\rangle",
    "": ".",
}
_ESCAPED = {
    "\\": "\\backslash ", "{": "\\{", "}": "\\}", "%": "\\%", "#": "\\#", "&": "\\&", "$": "\\$", "_": "\\_", "~": "\\sim ",
    "^": "\\hat{}",
}  # fmt: skip


class TooDeep(Exception):
    """The formula is nested deeper than anybody could read."""


def escaped(text: str) -> str:
    """Return letters and signs as LaTeX means them."""
    return "".join(_ESCAPED.get(character, character) for character in text)


def grouped(base: str) -> str:
    """Return what a script is set on, in braces unless it is one sign."""
    return base if len(base) <= 1 or (base.startswith("\\") and base[1:].isalpha()) else f"{{{base}}}"


def environment(name: str, lines: list[str]) -> str:
    """Return lines as an environment: a matrix, or aligned equations."""
    written = " \\\\ ".join(lines)
    return f"\\begin{{{name}}} {written} \\end{{{name}}}"
