"""The patterns by which statements and passages are compared, each made of the word lists of a language.

A language without a list has no such pattern: nothing is found by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tutor_project.language import Language, either

_REACH = 8
"""Words behind a denial that it may deny."""
_NEXT_WORD = r"[^\W\d][\w-]*"


@dataclass(frozen=True, slots=True)
class Forms:
    """The patterns of one language.

    - ``border``: the end of a clause;
    - ``narrowing``: what begins a part of a clause behind a comma that names some of what stands before it;
    - ``one_counts``: what stands before a "one" that counts, not before one that stands for a thing ("the new one");
    - ``passive``: something done by somebody; ``suffering``: the source of what stands before a verb in the passive;
    - ``adjunct_first``: the beginning of a sentence that does not begin with its subject;
    - ``directed``: a word of direction and the nouns behind it; ``ways``: whether that word names the start or the goal;
    - ``denied``: a denial, by a small word or by a verb such as "lack", and what is denied;
    - ``set_aside``: what a sentence names and does not speak of ("instead of …");
    - ``subject_denied``: a subject whose verb is denied;
    - ``contrast``: a word that sets one thing against another.
    """

    border: re.Pattern[str]
    narrowing: re.Pattern[str]
    one_counts: re.Pattern[str]
    passive: re.Pattern[str]
    suffering: str
    adjunct_first: re.Pattern[str]
    directed: re.Pattern[str]
    ways: Mapping[str, str]
    denied: re.Pattern[str]
    set_aside: re.Pattern[str]
    subject_denied: re.Pattern[str]
    contrast: re.Pattern[str]


@lru_cache(maxsize=8)
def forms_of(tongue: Language) -> Forms:
    """Return the patterns of a language."""
    a = tongue.alternatives
    suffering = rf"\b(?:{a('passive_auxiliaries')})\s+(?:\w+(?:{a('adverb_endings')})\s+)?"
    always, before_things = tongue.mapping("directions"), tongue.mapping("directions_before_things")
    things = rf"(?:{a('determiners', 'possessives')}) "
    return Forms(
        border=_any(rf"[;:()]|,(?=\W)|[.!?](?=\s)|\b(?:{a('clause_borders')})\b"),
        narrowing=_any(rf"(?:{a('narrowing_words')})\b"),
        one_counts=_any(rf"(?:^|[,;:]|\b(?:{a('counting_leads')}))\s*$"),
        passive=_any(rf"{suffering}\w+(?:{a('participle_endings')})\b[^.,;]*\b(?:{a('passive_agents')})\b"),
        suffering=suffering,
        adjunct_first=_any(rf"(?:{a('adjunct_openers')})\b"),
        directed=_any(
            rf"\b(?:(?P<way>{either(always)})\s+(?:{things})?|(?P<way_of_things>{either(before_things)})\s+{things})"
            rf"(?P<first>{_NEXT_WORD})(?:\s+(?P<second>{_NEXT_WORD}))?"
        ),
        ways=always | before_things,
        denied=_any(rf"(?:\b(?:{a('denying_words')})|(?:{a('denying_endings')}))\s+((?:[\w-]+\s*){{1,{_REACH}}})"),
        set_aside=_any(rf"\b(?:{a('set_aside_leads')})\s+((?:[\w-]+\s*){{1,{_REACH}}})"),
        subject_denied=_any(
            rf"([\w-]+)\s+(?:{a('auxiliaries')})\s*(?:{a('denials_after_verbs', 'denying_endings')})\b"
        ),
        contrast=_any(rf"\b(?:{a('adversatives')})\b"),
    )


def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
