"""Small files made to be slow: each repeats what some pattern, parser or pairing of sentences may take badly."""

from __future__ import annotations

SIZE = 60_000


def _filled(pattern: str, size: int) -> str:
    return pattern * (size // len(pattern))


def _headings(size: int) -> str:
    return "".join(f"# {number}.{number} A\n" for number in range(size // 10))


def _definitions(size: int) -> str:
    return "".join(f"A term{number} is a term{number + 1} that is a term{number + 2}. " for number in range(size // 45))


def _distinct_words(size: int) -> str:
    return " ".join(f"w{number}ord" for number in range(size // 9))


PATTERNS: dict[str, str] = {
    "contents.md": "Chapter 1 . . . . . . . . . . . . . . . . . . . . . . 1 ",
    "dots.md": ". ",
    "numbers.md": "1.1.1.1.1.1, ",
    "figures.md": "see Fig. 1.1 (a) and Eq. (1.1), ",
    "brackets.md": "[(",
    "emphasis.md": "*a **b ",
    "links.md": "[a](",
    "table.md": "|a",
    "quotes.md": "> ",
    "capitals.md": "A.B. ",
    "abbreviations.md": "e.g. i.e. Dr. ",
    "hyphens.md": "a-",
    "spaces.md": "  \t",
    "one_word.md": "a",
    "signs.md": "\u0301\u200b\u202e",
    "same_sentence.md": "The cell takes up water because the membrane lets it pass. ",
    "and_so_on.md": "cells, and tissues, or organs, and ",
    "deep.html": "<div>",
    "spans.html": "<span><b><i>a ",
    "entities.html": "&amp;&lt;&#0;",
    "commas.csv": ",",
    "groups.rtf": "{\\rtf1 ",
}


def poison_files(size: int = SIZE) -> dict[str, bytes]:
    """Return the files by name, each of about ``size`` characters."""
    made = {name: _filled(pattern, size) for name, pattern in PATTERNS.items()}
    made |= {"headings.md": _headings(size), "definitions.md": _definitions(size), "words.md": _distinct_words(size)}
    return {name: text.encode() for name, text in made.items()}
