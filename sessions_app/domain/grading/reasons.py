"""Why an answer was graded as it was, in the learner's language.

Grades are kept with an English reason, which staff read; the learner's own sentence is made when feedback is.
"""

from __future__ import annotations

import re

from tutor_project.language import Language

_NUMBER = re.compile(r"\d+")


def said_reason(reason: str, tongue: Language) -> str:
    """Return a grade's reason in a language; as it is where the language has no words for it, or a model wrote it."""
    known = tongue.mapping("grade_reasons").get(_NUMBER.sub("{}", reason))
    return known.format(*_NUMBER.findall(reason)) if known else reason
