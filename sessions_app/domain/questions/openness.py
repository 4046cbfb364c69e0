"""Whether a learner's words ask what a question that is open in a quiz asks."""

from __future__ import annotations

from sessions_app.domain.questions.lint import GAP
from sessions_app.domain.questions.text import content_roots
from sessions_app.domain.questions.verifier import spoken
from tutor_project.language import pattern_of_all

LEAST_SHARED = 2
SHARE_OF_STEM = 0.5
SHARE_OF_TEXT = 0.75
_ASKS_OUTRIGHT = pattern_of_all("asks_outright_patterns")


def is_close_to_stem(text: str, stem: str) -> bool:
    """Return whether a text shares half of the stem's content words, or most of its own are the stem's.

    At least two words must be shared (one where the stem or the text has but one), so that naming a subject is not asking for the key.
    """
    asked, wanted = frozenset(content_roots(text)), frozenset(content_roots(GAP.sub(" ", spoken(stem))))
    if not asked or not wanted:
        return False
    shared = len(asked & wanted)
    if shared < min(LEAST_SHARED, len(wanted), len(asked)) or not shared:
        return False
    return shared >= SHARE_OF_STEM * len(wanted) or (shared >= LEAST_SHARED and shared >= SHARE_OF_TEXT * len(asked))


def asks_outright(text: str) -> bool:
    """Return whether a text asks, in any full language, for "the right answer" without saying of what."""
    return _ASKS_OUTRIGHT.search(text) is not None
