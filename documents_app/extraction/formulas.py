"""Formulas of any markup as LaTeX, within a bound."""

from __future__ import annotations

from typing import Any, Protocol

from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.latex import MAX_DEPTH, TooDeep


class FormulaMarkup(Protocol):
    """A module that reads one markup of formulas."""

    def latex(self, formula: Any, /) -> str:
        """Return the LaTeX of a formula; raises TooDeep."""

    def flat_text(self, formula: Any, /) -> str:
        """Return its bare characters."""


def written_or_flat(markup: FormulaMarkup, formula: Any, builder: TextBuilder) -> str:
    """Return the LaTeX of a formula; one too deep to be written is given as its bare characters, and that is said."""
    try:
        return markup.latex(formula)
    except TooDeep:
        builder.warn(
            "formula_too_deep",
            f"A formula is nested more than {MAX_DEPTH} deep; only its characters were kept. Split it into several.",
            builder.page,
        )
        return markup.flat_text(formula)
