"""Digits with separators: which numbers a run of digits, commas, points and spaces can be."""

from __future__ import annotations

import re

# Digits in groups of three after a space or an apostrophe, else digits with commas and points, else a decimal without its zero.
NUMERAL = r"\d{1,3}(?:[ ']\d{3})+(?![\d])(?:[.,]\d+)?|\d+(?:[.,]\d+)*|(?<![\w.,])[.,]\d+"
MAX_DIGITS = 40


def numeral_readings(written: str) -> tuple[float, ...]:
    """Return the values a numeral can have, the one usual in English first; empty when it is no number.

    One comma or point before exactly three digits may be either kind of separator; everything else is unambiguous.
    """
    if len(written) > MAX_DIGITS or not written.isascii():
        return ()
    text = re.sub(r"(?<=\d)[ '](?=\d)", "", written)
    grouped = text != written
    commas, points = text.count(","), text.count(".")
    if not commas and not points:
        return (float(text),)
    if grouped or (commas and points):
        return _mixed(text, grouped)
    mark = "," if commas else "."
    if commas + points > 1:
        return (float(text.replace(mark, "")),) if _well_grouped(text, mark) else ()
    return _one_separator(*text.split(mark), comma=bool(commas))


def _one_separator(before: str, after: str, *, comma: bool) -> tuple[float, ...]:
    decimal = float(f"{before or '0'}.{after}")
    if len(after) != 3 or not 1 <= len(before) <= 3 or before.startswith("0"):
        return (decimal,)
    whole = float(before + after)
    return (whole, decimal) if comma else (decimal, whole)


def decimals(written: str) -> int:
    """Return how many digits stand after the last separator."""
    return len(re.split(r"[.,]", written)[-1]) if re.search(r"[.,]", written) else 0


def _well_grouped(text: str, mark: str) -> bool:
    first, *rest = text.split(mark)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in rest)


def _mixed(text: str, grouped: bool) -> tuple[float, ...]:
    """Both separators, or groups of three by spaces: the last separator is the decimal one."""
    at = max(text.rfind(","), text.rfind("."))
    if at < 0:
        return (float(text),)
    mark, other = text[at], "," if text[at] == "." else "."
    whole, fraction = text[:at], text[at + 1 :]
    if mark in whole or (other in whole and not _well_grouped(whole, other)) or (grouped and other in whole):
        return ()
    return (float(f"{whole.replace(other, '')}.{fraction}"),)
