"""Which option a learner means by words of their own: its letter, its text, a sentence around it, a part of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from string import ascii_lowercase

from sessions_app.domain.questions.types import CandidateQuestion, Option, QuestionKind
from tutor_project.language import FULL_LANGUAGES, Language, fold, language

_LETTER = re.compile(r"\(?([a-z]|[1-9])[.):]?")
_LEAST_PART = 0.5
"""The share of an option's words from which naming a part of it means it."""


def fitting_option(question: CandidateQuestion, text: str, spoken: Language) -> Option | None:
    """Return the one option that words mean, None where they fit none, or more than one.

    ``spoken``: the language of the material; a statement is called true or false in any language known in full.
    """
    exact = [option for option in question.options if _plain(option.text) == _plain(text)]
    if len(exact) == 1:
        return exact[0]
    if question.kind is QuestionKind.TRUE_FALSE:
        return _verdict(question.options, text)
    lettered = _by_place(question.options, text)
    return lettered or _by_words(question.options, text, spoken)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w%°]+(?:[.,]\d+)*", fold(unicodedata.normalize("NFKC", text))))


def _verdict(options: Sequence[Option], text: str) -> Option | None:
    words = _plain(text).split()
    for one in map(language, FULL_LANGUAGES):
        verdicts = {fold(word): verdict for word, verdict in one.mapping("verdicts").items()}
        named = {verdicts[word] for word in words if word in verdicts}
        # "It is true" says it; "true is that the Moon pulls" says more than whether the statement holds.
        if len(named) == 1 and all(word in verdicts or one.is_stop_word(word) for word in words):
            return next((option for option in options if option.id == min(named)), None)
    return None


def _by_place(options: Sequence[Option], text: str) -> Option | None:
    """A letter or number alone stands for an option, unless the options are letters or numbers themselves."""
    found = _LETTER.fullmatch(_bare(text))
    if found is None or any(len(_plain(option.text)) == 1 for option in options):
        return None
    name = found[1]
    place = int(name) - 1 if name.isdigit() else ascii_lowercase.index(name)
    if name.isdigit() and any(_plain(option.text)[:1].isdigit() for option in options):
        return None
    return options[place] if place < len(options) else None


def _bare(text: str) -> str:
    return text.strip().lower().removesuffix(".")


def _by_words(options: Sequence[Option], text: str, spoken: Language) -> Option | None:
    """The option whose words all stand in the text, the longest of such; else the one that the text is a good part of."""
    said = frozenset(spoken.content_stems(text))
    if not said or _denies(text, spoken):
        return None
    stems = {option.id: frozenset(spoken.content_stems(option.text)) for option in options}
    held = [option for option in options if stems[option.id] and stems[option.id] <= said]
    if held:
        return _only(option for option in held if not any(stems[option.id] < stems[other.id] for other in held))
    whole = _only(option for option in options if said <= stems[option.id])
    return whole if whole and len(said) >= _LEAST_PART * len(stems[whole.id]) else None


def _denies(text: str, spoken: Language) -> bool:
    return any(word.text.lower().replace("’", "'") in spoken.negations for word in spoken.words(text))


def _only(options: Iterable[Option]) -> Option | None:
    """Return the option where it is the only one."""
    found = list(options)
    return found[0] if len(found) == 1 else None
