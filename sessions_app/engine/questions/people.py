"""Who did what: a name missing in a statement, among others of whom the material tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documents_app.domain.matter.types import Matter, Statement
from sessions_app.domain.questions.types import QuestionKind
from sessions_app.engine.questions.drafts import WRONG_OPTIONS, Draft, template
from sessions_app.engine.questions.gaps import GAP
from sessions_app.engine.questions.worth import is_beside, telling_stems

_WORD = r"[^\W\d_a-z](?:['’][^\W\d_a-z])?[\w-]*[^\W\d_]"
_NAME = re.compile(rf"(?<![\w'’-]){_WORD}(?: [^\W\d_a-z]\.)*(?: {_WORD}){{1,2}}(?![\w'’-])")
"""Two or three words with a capital, as names of people are."""
_LEAST_TOLD, _LONGEST = 5, 40
"""Content words that a statement says besides, and words of one that is shown."""
_WORTH = 0.5
_CLAUSE_ENDS = (".", ",", ";", ":")


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    statement: Statement
    start: int
    end: int


def drafts(matter: Matter) -> Iterator[Draft]:
    """Yield for each statement that tells what one of several people did the question who it was."""
    named = [one for statement in matter.statements for one in _names(statement, matter)]
    people = {one.name for one in named if _acts(one, matter)} - _refused(named, matter)
    known = [one for one in named if one.name in people]
    askable = {statement.span for statement in matter.askable}
    for one in known:
        others = _others(one, known)
        if one.statement.span in askable and len(others) == WRONG_OPTIONS and _is_told(one, named, matter):
            text = one.statement.text
            yield Draft(
                pattern="person",
                kind=QuestionKind.MULTIPLE_CHOICE,
                stem=template(matter.language, "name_choice", statement=f"{text[: one.start]}{GAP}{text[one.end :]}"),
                key=one.name,
                wrong=tuple(others),
                evidence=one.statement.evidence,
                section=one.statement.section,
                worth=_WORTH,
                concept=one.name,
                hardness=0.6,
            )


def _names(statement: Statement, matter: Matter) -> Iterator[_Named]:
    """Yield what is written as a name of a person is; a word that only its place gave a capital is no part of it."""
    tongue = matter.language
    for found in _NAME.finditer(statement.text):
        words = found[0].split(" ")
        start = found.start()
        while words and (tongue.is_stop_word(words[0].lower()) or words[0].lower() in matter.inside):
            start += len(words.pop(0)) + 1
        is_plain = not any(word.lower() in matter.inside or (word.isupper() and len(word) > 2) for word in words)
        if len(words) > 1 and is_plain:
            yield _Named(" ".join(words), statement, start, found.end())


def _acts(one: _Named, matter: Matter) -> bool:
    """Tell whether a name begins a clause as its subject, or stands behind the word for who did what."""
    before, after = one.statement.text[: one.start].rstrip(), one.statement.text[one.end :]
    if before.rsplit(" ", 1)[-1].lower() in matter.language.phrase_set("passive_agents"):
        return True
    following = after[1:].split(" ", 1)[0]
    tongue = matter.language
    is_verb = after.startswith(" ") and following.isalpha() and following.islower()
    is_subject = is_verb and (not tongue.is_stop_word(following) or following in tongue.phrase_set("auxiliaries"))
    return (not before and after.startswith(", ")) or ((not before or before.endswith(_CLAUSE_ENDS)) and is_subject)


def _refused(named: Sequence[_Named], matter: Matter) -> set[str]:
    """Return the names of things: an article, or a word for a place, stands before them somewhere."""
    tongue = matter.language
    leads = tongue.phrase_set("determiners") | tongue.phrase_set("place_prepositions")
    return {
        one.name for one in named if re.split(r"[ '’]", one.statement.text[: one.start].rstrip().lower())[-1] in leads
    }


def _others(one: _Named, known: Sequence[_Named]) -> list[str]:
    """Return the three people nearest in the text who are not named in the same statement."""
    beside = {other.name for other in known if other.statement is one.statement}
    family = one.name.split()[-1]
    near = sorted(known, key=lambda other: abs(other.statement.span.char_start - one.statement.span.char_start))
    names = dict.fromkeys(other.name for other in near if other.name not in beside and other.name.split()[-1] != family)
    return [name for name in names if name not in one.statement.text][:WRONG_OPTIONS]


def _is_told(one: _Named, named: Sequence[_Named], matter: Matter) -> bool:
    """Tell whether a statement says enough of one person alone, whose family name comes once."""
    text, tongue = one.statement.text, matter.language
    rest = f"{text[: one.start]} {text[one.end :]}"
    alone = sum(other.statement is one.statement for other in named) == 1
    told = telling_stems(tongue.content_stems(rest), one.statement.section, matter)
    return (
        alone
        and one.name.split()[-1] not in rest
        and text[: one.start][-1:] not in ("'", "’")
        and len(told) >= _LEAST_TOLD
        and len(text.split()) <= _LONGEST
        and tongue.phrase_set("speaking_words").isdisjoint(word.text.lower() for word in tongue.words(rest))
        and not is_beside(text, tongue)
    )
