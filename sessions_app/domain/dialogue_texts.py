"""Reading what a learner writes in the dialogue: an answer, a question, or a request for help."""

from __future__ import annotations

import re

_ASKS = re.compile(
    r"^\W*(?:(?:sorry|wait|hm+|ok(?:ay)?|but|and|so|please|excuse me|hey|hi|hello)\W+)*"
    r"(?:what (?:do|does|did|is|are|was|were|if|about)\b|what's\b|why\b|how (?:do|does|did|is|are|"
    r"can|come|would|should|about)\b|when (?:do|does|did|is|are|was)\b|"
    r"where (?:do|does|did|is|are|can)\b|who (?:is|are|was|were)\b|which (?:one|of|do|does|is|are)\b|"
    r"(?:can|could|would|will) (?:you|i|we|it)\b|"
    r"(?:do|does|did|is|are|was|were|should|must) (?:i|you|we|it|that|this|there|they|the)\b|"
    r"(?:please )?(?:explain|clarify|repeat|rephrase|elaborate|tell me|show me|remind me|help)\b|"
    r"i (?:do not|don[’']?t|didn[’']?t|did not|can[’']?t|cannot) (?:understand|get|see|follow|"
    r"know what)\b|i[’']?m (?:confused|lost|not sure what|stuck)\b|"
    r"i have a question\b|not clear\b|unclear\b|meaning of\b|define\b|definition of\b)",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"^\W*(?:what|why|how|when|where|who|which)\b.*\b(?:do|does|did|is|are|was|were|can|could|should|"
    r"would|will|have|has) (?:you|i|we|it|this|that|they|the)\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^\W*(?:why|how|what|when|where|who|which|huh|sorry|pardon)(?: (?:so|not|now|then|exactly))?\W*$", re.IGNORECASE
)
_GIVES_UP = re.compile(
    r"^\W*(?:i (?:do not|don[’']?t) know(?: (?:it|this|that|the answer))?|no (?:idea|clue)|idk|dunno|"
    r"not sure|i (?:give up|have no (?:idea|clue))|"
    r"pass|skip|(?:a |another |give me a |i need a |can i have a )?hint(?: please)?|\?+)\W*$",
    re.IGNORECASE,
)


def reads_as_question(text: str) -> bool:
    """Tell whether a text sent as an answer rather asks something (a clarifying question is never graded).

    A mere question mark behind words that answer ("osmosis?") is a hesitant answer, not a question.
    """
    stripped = text.strip()
    if _BARE.match(stripped):
        return True
    if _ASKS.match(stripped):
        return stripped.endswith("?") or not re.match(
            r"^\W*(?:when|where|who|which|why|how)\b", stripped, re.IGNORECASE
        )
    if not stripped.endswith("?"):
        return False
    return len(stripped.split()) > 6 or bool(_INVERTED.match(stripped))


def gives_up(text: str) -> bool:
    """Tell whether the learner asks for a hint or says that they do not know."""
    return bool(_GIVES_UP.match(text.strip()))
