"""Negations of a text and what they reach; words of one family."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sessions_app.domain.questions.text import STOP_WORDS, content_roots, fold, root
from sessions_app.domain.questions.vocabulary import NEGATORS, WEAK_NEGATORS

_SUFFIXES = frozenset(
    """i ion ation at al ial ic ical or er ment iv ativ ous ly li alli nes iti ar ari ori abl ibl anc enc ant ent
    is iz ifi ur um us e y t s en th ern an ian ship hood ful les iel ator cation isation ization izat se tic
    sion tion""".split()
) | {""}


def related(a: str, b: str) -> bool:
    """Return whether two roots are one word family (regulat/regulation), opposites by prefix excepted."""
    if a == b:
        return True
    size = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        size += 1
    return size >= max(4, min(len(a), len(b)) - 3) and a[size:] in _SUFFIXES and b[size:] in _SUFFIXES


@dataclass(frozen=True, slots=True)
class Denial:
    """A negation: the word that denies, and the content roots it reaches, nearest first."""

    word: str
    scope: tuple[str, ...]


def denials(text: str) -> list[Denial]:
    """Return the negations of a text with their scope: up to five content words in the same clause."""
    found: list[Denial] = []
    folded = fold(text)
    tokens = [
        (match[0], match.start(), match.end()) for match in re.finditer(r"[^\W_]+(?:[-'][^\W_]+)*|[,;:()]", folded)
    ]
    for i, (word, _, _) in enumerate(tokens):
        if word in {"not", "without"} and i + 1 < len(tokens) and tokens[i + 1][0] == "only":
            continue
        if not (word in NEGATORS or word in WEAK_NEGATORS or re.fullmatch(r"non-[a-z-]+", word)):
            continue
        scope: list[str] = []
        if word.startswith("non-"):
            scope = [root(part) for part in word.split("-")[1:] if part]
        else:
            for other, _, _ in tokens[i + 1 :]:
                if other in {
                    ",",
                    ";",
                    ":",
                    "(",
                    ")",
                    "but",
                    "because",
                    "although",
                    "while",
                    "whereas",
                    "and",
                    "which",
                } and (scope or other not in {","}):
                    break
                for part in other.split("-"):
                    if part and part not in STOP_WORDS and part[0].isalnum():
                        scope.append(root(part))
                if len(scope) >= 5:
                    break
        found.append(Denial(word, tuple(scope)))
    return found


def negation_faults(statement: str, passage: str) -> list[str]:
    """Denials on one side only, where both sides speak of the same words."""
    mine, theirs = denials(statement), denials(passage)
    faults = []
    matched: set[int] = set()
    own_words = set(content_roots(statement))
    for denial in mine:
        partner = next(
            (j for j, other in enumerate(theirs) if j not in matched and _overlap(denial, other)),
            None,
        )
        if partner is None:
            faults.append(f"{denial.word!r} is not in the passage")
        else:
            matched.add(partner)
    for j, other in enumerate(theirs):
        if j in matched or not other.scope or len(mine) >= len(theirs):
            continue
        reached = [part for part in other.scope if any(part == own or related(part, own) for own in own_words)]
        if reached and (other.scope[0] in reached and len(reached) >= min(2, len(other.scope))):
            faults.append(f"the passage says {other.word!r} of {', '.join(reached)}")
    return faults


def _overlap(a: Denial, b: Denial) -> bool:
    return any(x == y or related(x, y) for x in a.scope for y in b.scope)
