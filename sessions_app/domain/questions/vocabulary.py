"""Word lists of the checks, as data of English: words of questions, general academic words, absolutes, negations."""

from __future__ import annotations

from sessions_app.domain.questions.text import root
from tutor_project.language import language


def _roots(name: str) -> frozenset[str]:
    return frozenset(map(root, _ENGLISH.phrases(name)))


_ENGLISH = language("en")

QUESTION_ROOTS = _roots("asking_words")
GENERAL_ROOTS = _roots("general_words") | QUESTION_ROOTS
VERB_ROOTS = _roots("base_verbs")
STRONG_ABSOLUTES = _ENGLISH.phrase_set("absolutes")
VAGUE = _ENGLISH.phrase_set("vague_frequencies")
COMPARED = _ENGLISH.phrase_set("comparison_words")
"""Small words that carry the sense of a comparison; everywhere else they are noise."""
WEAK_NEGATORS = _ENGLISH.phrase_set("weak_negations")
NEGATORS = _ENGLISH.phrase_set("negations") - WEAK_NEGATORS
"""Words that deny what follows them."""
