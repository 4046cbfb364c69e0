"""Characters of symbol fonts: what the letters of Symbol and Wingdings stand for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PRIVATE = 0xF000
_LAST = 0xFF


def is_symbol_font(font: str | None) -> bool:
    """Whether the letters of a font are signs of its own."""
    return (font or "").strip().lower() in _fonts()


def plain_text(text: str, font: str | None) -> str:
    """Return text with the signs of a symbol font as Unicode; what the font's table does not know stays as it is."""
    signs = _fonts().get((font or "").strip().lower(), {})
    return "".join(signs.get(_code(character), character) for character in text) if signs else text


def _code(character: str) -> int:
    number = ord(character)
    return number - _PRIVATE if _PRIVATE <= number <= _PRIVATE + _LAST else number


@cache
def _fonts() -> dict[str, dict[int, str]]:
    """Return the tables by font: each line of the file has a font, the first code in hexadecimal, and its signs."""
    fonts: dict[str, dict[int, str]] = {}
    path = Path(__file__).resolve().parents[1] / "data" / "symbol_fonts.txt"
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            font, first, *signs = line.split("\t")
            table = fonts.setdefault(font, {})
            table.update({int(first, 16) + place: sign for place, sign in enumerate(signs) if sign})
    return fonts
