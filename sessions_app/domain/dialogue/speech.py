"""The tutor's own sentences in the learner's language; they are data (``tutor_texts``)."""

from __future__ import annotations

from dataclasses import dataclass

from tutor_project.language import Language, language

NAME = "tutor_texts"
_FALLBACK = language("en")


@dataclass(frozen=True, slots=True)
class Speech:
    """What the tutor says in one language; a language without such sentences is spoken to in English."""

    language: Language

    def __call__(self, code: str, **values: object) -> str:
        """Return the sentence ``code``, its ``{names}`` filled in; raises KeyError for a code that is not there."""
        texts = self.language.mapping(NAME) or _FALLBACK.mapping(NAME)
        return texts[code].format(**values)

    def joined(self, *sentences: str) -> str:
        """Return sentences one after the other, the empty ones left out."""
        return " ".join(sentence for sentence in sentences if sentence)
