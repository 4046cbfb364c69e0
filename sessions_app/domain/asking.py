"""What a question leans on: "And in winter?" is about what was asked before."""

from __future__ import annotations

from tutor_project.language import FULL_LANGUAGES, Language, language

_FEW_WORDS = 3
"""A question with a word that points back and more words of its own than this says itself what it is about."""


def language_of_question(question: str) -> Language:
    """Return the language, of those known in full, that has the most of its small words in a question."""
    return max(map(language, FULL_LANGUAGES), key=lambda one: _small_words(question, one))


def _small_words(question: str, one: Language) -> int:
    return sum(one.is_stop_word(word.text) for word in one.words(question))


def tells_of_no_answer(text: str, one: Language) -> bool:
    """Tell whether a sentence that stands where an answer should says that there is none, instead of answering."""
    said = " ".join(text.casefold().replace("\u2019", "'").split())
    return any(phrase in said for phrase in one.phrase_set("no_answer_said"))


def addresses_the_marker(text: str) -> bool:
    """Tell whether a learner's answer speaks to whoever marks it, in any language known in full."""
    said = " ".join(text.casefold().replace("\u2019", "'").split())
    return any(phrase in said for tag in FULL_LANGUAGES for phrase in language(tag).phrase_set("marker_addressed"))


def is_polar(question: str, one: Language) -> bool:
    """Tell whether a question asks for yes or no: it has no word that asks for anything else."""
    return not any(word.text.casefold() in one.phrase_set("question_words") for word in one.words(question))


def leans_on(question: str, one: Language) -> bool:
    """Tell whether a question takes its subject from the one before: it opens with "and", or points back and says little."""
    words = [word.text.lower() for word in one.words(question)]
    if not words:
        return False
    if words[0] in one.phrase_set("follow_up_openers"):
        return True
    points = any(word in one.phrase_set("pointing_words") for word in words)
    return points and len(one.content_words(question)) <= _FEW_WORDS
