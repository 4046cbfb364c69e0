"""Formulas of any markup as LaTeX, within a bound."""

from __future__ import annotations

from typing import Any, Protocol

from documents_app.extraction.builder import TextBuilder
from documents_app.extraction.latex import MAX_DEPTH, TooDeep
from documents_app.extraction.notes import FORMULA_TOO_DEEP


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
            FORMULA_TOO_DEEP.format(depth=MAX_DEPTH),
            builder.page,
        )
        return markup.flat_text(formula)
