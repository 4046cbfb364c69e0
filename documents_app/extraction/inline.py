"""Inline content: runs of text with what their markup means, and the one rule that turns them into stored text.

Raised and lowered text becomes the Unicode characters for it where all of them exist (10⁵, H₂O) and ``^(…)`` or
``_(…)`` where not; a formula becomes its LaTeX between dollar signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from documents_app.domain.blocks import Mark, MarkKind
from documents_app.domain.normalise import clean

_SPACE = re.compile(r"\s+")
_SPACES = re.compile(r"[ \t]+")
_ORDINAL = re.compile(r"[^\W\d_]{2,4}\Z")
_BASES = "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδφχ"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡ"
_LOWERED_BASES = "0123456789+-−=()aehijklmnoprstuvxβγρφχ"
_LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
_SCRIPTS = {
    MarkKind.SUPERSCRIPT: ("^", dict(zip(_BASES, _RAISED, strict=True))),
    MarkKind.SUBSCRIPT: ("_", dict(zip(_LOWERED_BASES, _LOWERED, strict=True))),
}


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text with its marks; of a formula ``latex`` is the source, and ``text`` does not matter."""

    text: str
    marks: frozenset[MarkKind] = frozenset()
    latex: str | None = None


Inline = str | Run | Sequence[str | Run]
"""What a block or cell is made of: a string, a run, or several of both."""


def render(content: Inline, *, one_line: bool = False) -> tuple[str, tuple[Mark, ...]]:
    """Return the text of ``content`` and its marks, offsets from 0; with ``one_line`` white space is single spaces."""
    if isinstance(content, str):
        text = clean(content).replace("\f", "\n")
        return " ".join(text.split()) if one_line else text, ()
    runs = list(_cleaned(content))
    if one_line:
        runs = list(_on_one_line(runs))
    parts: list[str] = []
    marks: list[Mark] = []
    length = 0
    for script, members in groupby(runs, key=_script):
        pieces = _scripted(list(members), script, parts[-1][-1:] if parts else "")
        for text, run in pieces:
            parts.append(text)
            marks += [Mark(kind, length, length + len(text), run.latex) for kind in sorted(run.marks)]
            length += len(text)
    text = "".join(parts)
    return text, tuple(_trimmed(_joined(marks), text))


def squeezed(runs: Iterable[Run]) -> list[Run]:
    """Return runs as a browser lays them out: spaces run together, none around a line end, at the start or the end."""
    result: list[Run] = []
    last = "\n"
    for run in runs:
        text = _SPACES.sub(" ", run.text) if run.latex is None else run.text
        if text.startswith(" ") and last in " \n":
            text = text[1:]
        if text.startswith("\n"):
            _strip_end(result)
        if text or run.latex is not None:
            result.append(Run(text, run.marks, run.latex))
            last = text[-1:] if run.latex is None else "$"
    _strip_end(result)
    return result


def _strip_end(runs: list[Run]) -> None:
    """Cut white space at the end of the last runs."""
    while runs and runs[-1].latex is None:
        text = runs[-1].text.rstrip(" \n")
        last = runs.pop()
        if text:
            runs.append(Run(text, last.marks))
            return


def plain(content: Inline) -> str:
    """Return the text of ``content`` on one line."""
    return render(content, one_line=True)[0]


def _cleaned(content: Run | Sequence[str | Run]) -> Iterator[Run]:
    for piece in [content] if isinstance(content, Run) else content:
        run = Run(piece) if isinstance(piece, str) else piece
        if run.latex is not None:
            latex = clean(run.latex).replace("\f", "\n").strip()
            if latex:
                yield Run(f"${latex}$", run.marks | {MarkKind.FORMULA}, latex)
        elif run.text:
            yield Run(clean(run.text).replace("\f", "\n"), run.marks)


def _on_one_line(runs: Iterable[Run]) -> Iterator[Run]:
    open_space = True
    for run in runs:
        text = _SPACE.sub(" ", run.text)
        if open_space and text.startswith(" "):
            text = text[1:]
        if text:
            open_space = text.endswith(" ")
            yield Run(text, run.marks, run.latex)


def _script(run: Run) -> MarkKind | None:
    """Whether a run is raised or lowered; a formula says so itself, and what is both is neither."""
    both = run.marks & _SCRIPTS.keys()
    return next(iter(both)) if len(both) == 1 and run.latex is None else None


def _scripted(runs: list[Run], script: MarkKind | None, before: str) -> list[tuple[str, Run]]:
    """Return the runs with their text as stored; ``before`` is the character in front of them."""
    whole = "".join(run.text for run in runs).strip() if script else ""
    if script is None or not whole:
        return [(run.text, run) for run in runs]
    sign, table = _SCRIPTS[script]
    if before.isdigit() and _ORDINAL.match(whole):  # the 20th century, le 1er mai
        return [(run.text, run) for run in runs]
    if all(char in table for char in whole):
        return [("".join(table.get(char, char) for char in run.text), run) for run in runs]
    opening, closing = f"{sign}(", ")"
    if len(runs) == 1:
        return [(f"{opening}{whole}{closing}", runs[0])]
    edge = Run("", frozenset({script}))
    return [(opening, edge), *((run.text, run) for run in runs), (closing, edge)]


def _trimmed(marks: Iterable[Mark], text: str) -> Iterator[Mark]:
    for mark in marks:
        covered = text[mark.char_start : mark.char_end]
        content = covered.strip()
        if content:
            start = mark.char_start + len(covered) - len(covered.lstrip())
            yield Mark(mark.kind, start, start + len(content), mark.latex)


def _joined(marks: Iterable[Mark]) -> list[Mark]:
    """Join marks of one kind that touch, as where a word is half bold and half bold and italic."""
    joined: list[Mark] = []
    open_marks: dict[MarkKind, int] = {}
    for mark in marks:
        place = open_marks.get(mark.kind)
        if place is not None and _touch(joined[place], mark):
            joined[place] = Mark(mark.kind, joined[place].char_start, mark.char_end)
            continue
        open_marks[mark.kind] = len(joined)
        joined.append(mark)
    return joined


def _touch(first: Mark, second: Mark) -> bool:
    return first.char_end == second.char_start and first.latex is None and second.latex is None
