"""Grading of an answer in a learner's own words: right where it says what the key says, wrong only where it contradicts it.

Whatever lies between waits for a person: the learner is shown the expected answer with its passage, and marks it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sessions_app.domain.grading.reasons import Reason
from sessions_app.domain.grading.short_answer import gives_up
from sessions_app.domain.grading.statements import contradicts_closely, grade_statement
from sessions_app.domain.grading.types import Grade, right, unsure, wrong
from sessions_app.domain.questions.text import content_roots

LEAST_SAID = 0.4
"""Share of what the key says beyond the question that a right answer has in the key's own words."""


def grade_own_words(answer: str, accepted: Sequence[str], stem: str) -> Grade:
    """Grade an answer to an open question; what the question says itself counts for nothing."""
    if answer.strip() in {text.strip() for text in accepted}:
        return right(Reason.SAME_TEXT)
    if gives_up(answer, accepted):
        return wrong(Reason.GIVES_UP)
    asked = set(content_roots(stem))
    said = set(content_roots(answer)) - asked
    if not said:
        return unsure(Reason.FEWER_WORDS)
    if contradicts_closely(answer, accepted):
        return wrong(Reason.OPPOSITE)
    wanted = [set(content_roots(text)) - asked for text in accepted]
    covers = any(len(said & one) >= LEAST_SAID * len(one) > 0 for one in wanted)
    if covers and grade_statement(answer, accepted).correct:
        return right(Reason.SAYS_THE_SAME)
    return unsure(Reason.IN_OTHER_WORDS)
