"""Roots of the word lists of the checks, as data of English: words of questions, general academic words, verbs."""

from __future__ import annotations

from sessions_app.domain.questions.text import ENGLISH, root


def _roots(name: str) -> frozenset[str]:
    return frozenset(map(root, ENGLISH.phrases(name)))


QUESTION_ROOTS = _roots("asking_words")
GENERAL_ROOTS = _roots("general_words") | QUESTION_ROOTS
VERB_ROOTS = _roots("base_verbs")
COMPARED = ENGLISH.phrase_set("comparison_words")
"""Small words that carry the sense of a comparison; everywhere else they are noise."""
