"""Text of any language: detection, words, sentences, stems, lemmas and word lists. No Django, nothing of ours."""

from tutor_project.language.detection import detect, detect_mostly
from tutor_project.language.folding import fold
from tutor_project.language.languages import (
    FULL_LANGUAGES,
    Language,
    language,
    pattern_of_all,
    primary_subtag,
    wording,
    words_of_all,
)
from tutor_project.language.wordlists import either
from tutor_project.language.words import Word

__all__ = [
    "FULL_LANGUAGES",
    "Language",
    "Word",
    "detect",
    "detect_mostly",
    "either",
    "fold",
    "language",
    "pattern_of_all",
    "primary_subtag",
    "wording",
    "words_of_all",
]
