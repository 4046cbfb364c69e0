"""A text in pieces: numerals, words, single signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutor_project.language.quantities.characters import fold_word
from tutor_project.language.quantities.numerals import NUMERAL

_PIECE = re.compile(rf"(?P<number>{NUMERAL})|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)|(?P<sign>\S)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A numeral, a word (``folded``: lower case, no accents) or a sign; ``glued``: nothing stands between it and the piece before."""

    kind: str
    text: str
    folded: str
    start: int
    end: int
    glued: bool


def pieces_of(text: str) -> list[Piece]:
    """Return the pieces of a text whose characters have been folded."""
    pieces: list[Piece] = []
    end = -1
    for match in _PIECE.finditer(text):
        kind = match.lastgroup or "sign"
        written = match[0]
        folded = fold_word(written) if kind == "word" else written
        if kind == "word" and "'" in folded:
            pieces.extend(_apart(written, folded, match.start(), match.start() == end))
        else:
            pieces.append(Piece(kind, written, folded, match.start(), match.end(), match.start() == end))
        end = match.end()
    return pieces


def _apart(written: str, folded: str, start: int, glued: bool) -> list[Piece]:
    """A French elision is two words (``d'un``); an English ending is none (``isn't`` stays one)."""
    head, _, tail = written.partition("'")
    if len(head) > 2 or len(tail) < 2:
        return [Piece("word", written, folded.replace("'", ""), start, start + len(written), glued)]
    after = start + len(head) + 1
    return [
        Piece("word", head, fold_word(head), start, start + len(head), glued),
        Piece("word", tail, fold_word(tail).replace("'", ""), after, after + len(tail), False),
    ]


def words_from(pieces: Sequence[Piece], at: int, most: int = 6) -> tuple[list[str], list[int]]:
    """Return up to ``most`` folded words from ``at`` on, over full stops and hyphens between them, and the index after each."""
    words: list[str] = []
    ends: list[int] = []
    index = at
    while index < len(pieces) and len(words) < most:
        piece = pieces[index]
        if piece.kind == "word":
            words.append(piece.folded)
            index += 1
            ends.append(index)
        elif words and piece.kind == "sign" and piece.text in ".-":
            index += 1
        else:
            break
    return words, ends
