"""Stored text as a reader sees it: one line, without the marks of Markdown."""

from __future__ import annotations

import re
from functools import lru_cache

from tutor_project.language import FULL_LANGUAGES, either, language

_HYPHENS = "-\u00ad\u2010\u2011\ufffe\x02"
_LINE_HYPHEN = re.compile(rf"(?<=[^\W\d_])[{_HYPHENS}][ \t]*\r?\n[ \t]*(?=[a-zß-öø-ÿ])")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3}|__)(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])")
_SUPERSCRIPT = re.compile(r"[\^~]([\w+\-−]{1,12})[\^~]")
_SPACE = re.compile(r"\s+")


def reading_form(text: str) -> str:
    """Return ``text`` as a reader sees it: one line, words joined over line ends, links and emphasis unwrapped."""
    if "\n" in text:
        text = _LINE_HYPHEN.sub(lambda m: "-" if _compound_ends().match(m.string, m.end()) else "", text)
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "*" in text or "__" in text:
        text = _EMPHASIS.sub(r"\2", text)
    if "^" in text or "~" in text:
        text = _SUPERSCRIPT.sub(r"\1", text)
    return _SPACE.sub(" ", text).strip()


@lru_cache(maxsize=1)
def _compound_ends() -> re.Pattern[str]:
    """Match the words that keep their hyphen where a line ends before them ("membrane-bound"), in every language."""
    words = either(word for tag in FULL_LANGUAGES for word in language(tag).phrases("compound_ends"))
    return re.compile(rf"(?:{words})\b")
