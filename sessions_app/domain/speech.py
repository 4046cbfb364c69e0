"""Sentences said to a learner, in the learner's language; they are data (``tutor_texts`` and the lists beside it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tutor_project.language import Language, wording

NAME = "tutor_texts"


@dataclass(frozen=True, slots=True)
class Speech:
    """The sentences of one list in one language; a language without such sentences is spoken to in English."""

    language: Language
    texts: str = NAME

    def __call__(self, code: str, **values: object) -> str:
        """Return the sentence ``code``, its ``{names}`` filled in; raises KeyError for a code that is not there."""
        return wording(self.language, self.texts)[code].format(**values)

    def joined(self, *sentences: str) -> str:
        """Return sentences one after the other, the empty ones left out."""
        return " ".join(sentence for sentence in sentences if sentence)

    def listed(self, parts: Sequence[str]) -> str:
        """Return "a, b and c"; the list of sentences has the word for "and"."""
        return f"{', '.join(parts[:-1])} {self('and')} {parts[-1]}" if len(parts) > 1 else "".join(parts)

    def number(self, value: float) -> str:
        """Return a number as the language writes it: 52.5 in English, 52,5 in the others."""
        written = f"{value:g}"
        return written.replace(".", self.language.decimal_mark)
