"""Grading of a short text against accepted answers: certain where everything in it was read, otherwise for a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache

from sessions_app.domain.grading.normalise import (
    SMALL_WORDS,
    Parts,
    denies,
    joined,
    number_aside,
    parts,
    plain,
    same_tokens,
    same_word,
    tokens,
)
from sessions_app.domain.grading.opposites import are_opposites
from sessions_app.domain.grading.reasons import Reason
from sessions_app.domain.grading.spelling import distance, is_slip
from sessions_app.domain.grading.statements import grade_statement, is_statement
from sessions_app.domain.grading.types import Grade, GradeVerdict, right, unsure, wrong
from tutor_project.language import FULL_LANGUAGES, words_of_all
from tutor_project.language.compounds import said_apart
from tutor_project.language.quantities import PLACE, Match, compare_quantities, compare_symbols, is_symbol
from tutor_project.language.wordlists import entries

Similar = Callable[[str, str], float]

_ORDER_MATTERS = words_of_all("order_words")
TERM_IN_DOUBT, STATEMENT_IN_DOUBT = 0.46, 0.5
"""From what nearness in meaning a term, or a statement, that shares nothing with the right answer may still say the same.

Terms: eight of ten synonyms that share no word are in doubt, and one in twenty-five of the other terms in English; elsewhere
most of them are, for the encoder knows too little of single words. Statements: answers of students, whole questions left out;
two in five of the right ones that were called wrong are in doubt, and one in nine of the wrong ones.
"""
LONGEST_TERM = 5
"""Words of an answer, small ones aside, that still reads as a term."""
LONGEST_ABBREVIATION = 5
LONGEST_NAME = 4
"""Words, a quantity among them, that may stand in another order and still name the same."""
_LOOK_ALIKE = str.maketrans("0l|", "OII")
"""Signs taken for one another in typing: 0 and O; l, | and I."""
_BESIDE = re.compile(r"\s*([^()]+?)\s*\(([^()]+)\)\s*")
"""One name with another one in brackets behind it."""


def grade_text(
    answer: str,
    accepted: Sequence[str],
    terms: Collection[str] = (),
    similar: Similar | None = None,
    spoken: frozenset[str] = frozenset(),
) -> Grade:
    """Grade a short answer. ``terms``: other terms of the material; ``similar``: nearness of two texts in meaning, if known;
    ``spoken``: the languages that the question may be in, where it is known.

    Right: the same words but for case, accents, articles, hyphens, plural, region of spelling, the form of a quantity, order in a
    plain list; or one slip of spelling that no other term is nearer to. Wrong: a term of the material that is not
    accepted, an opposite, another number, another sign, a denial, or nothing in common. Anything else, and whatever holds a
    character that was not read, waits for a person. A right answer that is a statement is compared by what it says.
    """
    if answer.strip() and answer.strip() in {text.strip() for text in accepted}:
        return right(Reason.SAME_TEXT)
    if gives_up(answer, accepted):
        return wrong(Reason.GIVES_UP)
    both = _BESIDE.fullmatch(answer)
    if both and all(grade_text(part, accepted, terms, None, spoken).correct for part in both.groups()):
        return right(Reason.TWO_RIGHT_ANSWERS)
    by_form = {text: _against(answer, text, terms, spoken) for text in accepted}
    return _best(answer, accepted, _with_statements(answer, by_form), similar)


def _with_statements(answer: str, by_form: Mapping[str, Grade]) -> list[Grade]:
    """Return the grades by form, where no right answer matches those of statements replaced by what they say."""
    statements = [text for text in by_form if is_statement(text)]
    grades = [grade for text, grade in by_form.items() if text not in statements or grade.correct]
    if statements and not any(grade.correct for grade in grades):
        opposed = all(grade.reason is Reason.OPPOSITE for grade in by_form.values())
        grades.append(wrong(Reason.OPPOSITE) if opposed else grade_statement(answer, statements))
    return grades


def gives_up(answer: str, accepted: Sequence[str]) -> bool:
    """Whether an answer says that nothing is known, and no right answer is worded so."""
    if _letters(answer) not in _given_up() or _holds_signs(answer):
        return False
    given = tokens(answer)
    return not any(same_tokens(given, tokens(text)) for text in accepted)


@cache
def _given_up() -> frozenset[str]:
    """The letters of what says that nothing is known, in any language; the empty text too."""
    said = [line.partition(":") for tag in FULL_LANGUAGES for line in entries(tag, "learner_says")]
    unknown = [words for what, _, words in said if what == "unknown"]
    none = [words for tag in FULL_LANGUAGES for words in entries(tag, "no_answers")]
    return frozenset(map(_letters, ("", *unknown, *none)))


def _letters(text: str) -> str:
    return re.sub(r"\W", "", plain(text))


def _holds_signs(answer: str) -> bool:
    return any(not (char.isalnum() or char.isspace() or char in ".,;:!?'\"()-…’") for char in answer)


def _best(answer: str, accepted: Sequence[str], grades: Sequence[Grade], similar: Similar | None) -> Grade:
    """The best grade counts; nothing in common is in doubt where the meanings are near."""
    for grade in grades:
        if grade.correct:
            return grade
    certain = next(
        (grade for grade in grades if grade.reason not in {Reason.NOTHING_IN_COMMON, Reason.SAYS_ELSE}), None
    )
    if all(grade.verdict is GradeVerdict.INCORRECT for grade in grades):
        if certain is None and similar is not None and _may_mean(answer, accepted, similar):
            return unsure(Reason.NEAR_IN_MEANING)
        return certain or grades[0]
    return next(grade for grade in grades if grade.verdict is GradeVerdict.NEEDS_REVIEW)


def _may_mean(answer: str, accepted: Sequence[str], similar: Similar) -> bool:
    """Whether an answer that shares nothing with the right ones is near one of them in meaning."""
    doubt = {text: STATEMENT_IN_DOUBT if is_statement(text) else TERM_IN_DOUBT for text in accepted}
    return any(similar(answer, text) >= nearness for text, nearness in doubt.items())


def _against(answer: str, accepted: str, terms: Collection[str], spoken: frozenset[str]) -> Grade:
    """Compare with one right answer: as symbols where either is one, else in every language both may be in."""
    assigned = re.fullmatch(r"\s*[A-Za-z]\s*=\s*(.+)", accepted)
    if assigned and "=" not in answer and any(reading.quantities for reading in parts(answer)):
        accepted = assigned[1]
    elif is_symbol(accepted) or is_symbol(answer):
        match = compare_symbols(answer, accepted)
        if match is Match.SAME:
            return right(Reason.SAME_SYMBOL)
        if match is Match.DIFFERENT:
            alike = answer.translate(_LOOK_ALIKE) == accepted.translate(_LOOK_ALIKE)
            return unsure(Reason.LOOK_ALIKE_SIGNS) if alike else wrong(Reason.ANOTHER_SIGN)
        if match is Match.UNCLEAR:
            return unsure(Reason.FORM_OF_SIGNS)
        return unsure(Reason.WORDS_FOR_SYMBOL)
    return _agreed(
        [
            _in_language(answer, accepted, number_aside(given, wanted, spoken), wanted, terms, spoken)
            for given in parts(answer)
            for wanted in parts(accepted)
        ]
    )


def _agreed(grades: Sequence[Grade]) -> Grade:
    """Right in any language is right; wrong only where wrong in all."""
    for verdict in (GradeVerdict.CORRECT, GradeVerdict.NEEDS_REVIEW):
        for grade in grades:
            if grade.verdict is verdict:
                return grade
    return grades[0]


def _in_language(
    answer: str, accepted: str, given: Parts, wanted: Parts, terms: Collection[str], spoken: frozenset[str]
) -> Grade:
    if not wanted.tokens and not wanted.unread:
        return right(Reason.EXACT) if plain(answer) == plain(accepted) else unsure(Reason.KEY_WITHOUT_WORDS)
    grade = _by_quantities(answer, accepted, given, wanted, terms)
    if given.unread != wanted.unread and plain(answer) != plain(accepted):
        return unsure(Reason.UNREAD_CHARACTERS)
    return _taken_apart(given, wanted, spoken, grade)


def _taken_apart(given: Parts, wanted: Parts, spoken: frozenset[str], grade: Grade) -> Grade:
    """A compound and its parts in several words are the same ("Zellmembran", "Membran der Zelle"), or may be."""
    if grade.correct or PLACE in {*given.tokens, *wanted.tokens}:
        return grade
    said = [
        said_apart(one, other, tag)
        for one, other in ((wanted.tokens, given.tokens), (given.tokens, wanted.tokens))
        for tag in spoken | {given.language, wanted.language}
    ]
    if True in said:
        return right(Reason.COMPOUND_APART)
    doubtful = None in said and grade.reason in {Reason.NOTHING_IN_COMMON, Reason.DIFFERENT_PREFIX}
    return unsure(Reason.COMPOUND_IN_DOUBT) if doubtful else grade


def _by_quantities(answer: str, accepted: str, given: Parts, wanted: Parts, terms: Collection[str]) -> Grade:
    """Compare the quantities, then the words around them."""
    if any(denies(word, given.language) for word in given.tokens) != any(
        denies(word, wanted.language) for word in wanted.tokens
    ):
        return _denial(answer, accepted, given, wanted, terms)
    if not given.quantities and not wanted.quantities:
        return _by_text(answer, accepted, given.tokens, wanted.tokens, terms)
    matches = _matches(given, wanted)
    if matches is None:
        return _another_count(answer, accepted, given, wanted, terms)
    if Match.DIFFERENT in matches:
        return wrong(Reason.ANOTHER_NUMBER)
    if not _same_around(given, wanted) and not _counted(given, wanted):
        return _capped(_by_text(answer, accepted, given.tokens, wanted.tokens, terms))
    return right(Reason.SAME_QUANTITY) if Match.UNCLEAR not in matches else unsure(Reason.AMBIGUOUS_QUANTITY)


def _matches(given: Parts, wanted: Parts) -> list[Match] | None:
    if len(given.quantities) != len(wanted.quantities):
        return None
    return [compare_quantities(a, b) for a, b in zip(given.quantities, wanted.quantities, strict=True)]


def _same_around(given: Parts, wanted: Parts) -> bool:
    """The same words around the same places; with one quantity it may stand elsewhere ("First World War", "World War I")."""
    if same_tokens(given.tokens, wanted.tokens):
        return True
    mine, theirs = _content(given), _content(wanted)
    if same_tokens(mine, theirs):
        return True
    moved = len(given.quantities) == 1 and len(mine) == len(theirs) <= LONGEST_NAME
    return moved and same_tokens(_sorted(mine), _sorted(theirs))


def _counted(given: Parts, wanted: Parts) -> bool:
    """A bare number where so many of something are wanted ("4" for "four chambers"); a number in a name ("pH 7") is none."""
    if wanted.quantities[0].rank or wanted.quantities[0].units or given.tokens != (PLACE,):
        return False
    return len(wanted.tokens) == 2 and wanted.tokens[0] == PLACE and len(wanted.tokens[1]) > 2


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words))


def _content(side: Parts) -> tuple[str, ...]:
    return tuple(word for word in side.tokens if word not in side.small or word in _ORDER_MATTERS)


def _another_count(answer: str, accepted: str, given: Parts, wanted: Parts, terms: Collection[str]) -> Grade:
    """One side has more quantities than the other."""
    if not given.quantities and not _content(wanted)[1:]:
        return unsure(Reason.UNREAD_DIGITS) if re.search(r"\d", answer) else _wordy(given)
    if given.quantities and wanted.quantities:
        met = [compare_quantities(a, b) for a in given.quantities for b in wanted.quantities]
        if all(match is Match.DIFFERENT for match in met):
            return wrong(Reason.ANOTHER_NUMBER)
        return unsure(Reason.COUNT_OF_NUMBERS)
    return _capped(_by_text(answer, accepted, given.tokens, wanted.tokens, terms))


def _wordy(given: Parts) -> Grade:
    """Words where a number is asked for: wrong, unless they are one word that may be a number spelled wrongly."""
    return unsure(Reason.WORD_FOR_NUMBER) if len(given.tokens) <= 2 else wrong(Reason.NO_NUMBER)


def _capped(grade: Grade) -> Grade:
    return unsure(Reason.NUMBER_OR_WORDS_AROUND) if grade.correct else grade


def _denial(answer: str, accepted: str, given: Parts, wanted: Parts, terms: Collection[str]) -> Grade:
    """A denial on one side only: wrong where the rest is the same, never right."""
    mine, theirs = (
        tuple(word for word in _content(side) if not denies(word, side.language)) for side in (given, wanted)
    )
    if same_tokens(mine, theirs):
        return wrong(Reason.DENIES if len(given.tokens) > len(mine) else Reason.DENIAL_LEFT_OUT)
    grade = _by_text(answer, accepted, given.tokens, wanted.tokens, terms)
    return unsure(Reason.DENIAL_IN_DOUBT) if grade.correct else grade


def _by_text(
    answer: str, accepted: str, given: tuple[str, ...], wanted: tuple[str, ...], terms: Collection[str]
) -> Grade:
    if _same_words(answer, accepted, given, wanted):
        return right(Reason.SAME_WORDS)
    if same_tokens(given, wanted) or _without_small(given) == _without_small(wanted):
        return unsure(Reason.CASE_OF_SYMBOL)
    if _is_other_term(given, wanted, terms):
        return wrong(Reason.ANOTHER_TERM)
    if _same_list(answer, accepted):
        return right(Reason.SAME_PARTS_REORDERED)
    grade = _by_words(given, wanted, terms)
    if grade.reason is Reason.NOTHING_IN_COMMON and (_abbreviates(answer, accepted) or _abbreviates(accepted, answer)):
        return unsure(Reason.MAY_ABBREVIATE)
    return grade


def _abbreviates(short: str, text: str) -> bool:
    """Whether a few capitals may stand for a text: its first letter, and the others in their order (PSII, DNA)."""
    letters = re.sub(r"[\s.]", "", short.strip())
    if not (2 <= len(letters) <= LONGEST_ABBREVIATION and letters.isalnum() and letters.isupper()):
        return False
    spelled = re.sub(r"\W", "", text).casefold()
    left = iter(spelled)
    return spelled[:1] == letters[0].casefold() and all(letter in left for letter in letters.casefold())


def _same_words(answer: str, accepted: str, given: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Equal words, and for symbols (CO/Co) no capitals in other places."""
    if not (same_tokens(given, wanted) or (len(wanted) > 2 and _without_small(given) == _without_small(wanted))):
        return False
    mine, theirs = answer.strip().replace("ß", "ss"), accepted.strip().replace("ß", "ss")
    # CO is not Co, mV not MV: in a symbol that was written with capitals their place counts.
    symbol = len(theirs) <= 4 and theirs.casefold() == mine.casefold() and not mine.islower()
    return not (symbol and mine != theirs and any(c.isupper() for c in theirs))


def _without_small(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in SMALL_WORDS)


def _overlap(given: tuple[str, ...], wanted: tuple[str, ...]) -> float:
    mine = _without_small(given)
    theirs = _without_small(wanted)
    shared = sum(any(same_word(word, other) for other in mine) for word in theirs)
    return shared / len(theirs) if theirs else 0.0


def _is_other_term(given: tuple[str, ...], wanted: tuple[str, ...], terms: Collection[str]) -> bool:
    return any(same_tokens(given, own) and not same_tokens(own, wanted) for own in map(tokens, terms))


def _same_list(answer: str, accepted: str) -> bool:
    """The same members of "A, B and C" in any order."""
    mine, theirs = _members(answer), _members(accepted)
    if len(theirs) < 2 or len(mine) != len(theirs):
        return False
    if any(word in _ORDER_MATTERS for part in theirs for word in tokens(part)):
        return False
    left = list(theirs)
    for part in mine:
        match = next((other for other in left if _same_member(part, other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _members(text: str) -> list[str]:
    return [part for part in _joints().split(plain(text)) if tokens(part)]


@cache
def _joints() -> re.Pattern[str]:
    """What stands between the members of a series, in any language."""
    words = "|".join(sorted({word for tag in FULL_LANGUAGES for word in entries(tag, "series_conjunctions")}))
    return re.compile(rf"\s*[,;/]\s*(?:(?:{words})\s+)?|\s+(?:{words})\s+")


def _same_member(one: str, other: str) -> bool:
    return any(same_tokens(a.tokens, b.tokens) and PLACE not in a.tokens for a in parts(one) for b in parts(other))


def _by_words(given: tuple[str, ...], wanted: tuple[str, ...], terms: Collection[str]) -> Grade:
    """Compare word by word where the wording differs."""
    mine, theirs = _without_small(given), _without_small(wanted)
    if len(mine) == len(theirs):
        pairs = [(x, y) for x, y in zip(mine, theirs, strict=True) if not same_word(x, y)]
        if any(are_opposites(x, y) for x, y in pairs):
            return wrong(Reason.OPPOSITE)
        if len(pairs) == 1 and PLACE not in pairs[0]:
            return _one_word(pairs[0], mine, theirs, terms)
    elif len(joined(mine)) > 5 and are_opposites(joined(mine), joined(theirs)):
        return wrong(Reason.DIFFERENT_PREFIX)
    return _by_shared_words(mine, theirs)


def _by_shared_words(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Grade:
    """Compare two wordings, without small words, by what they have in common."""
    if mine and sorted(mine) == sorted(theirs):
        return unsure(Reason.SAME_WORDS_REORDERED)
    shared, all_known = _overlap(mine, theirs), _overlap(theirs, mine) == 1.0
    if shared == 1.0 or all_known:
        return unsure(Reason.FEWER_WORDS if all_known else Reason.MORE_WORDS)
    if shared > 0 or SequenceMatcher(None, joined(mine), joined(theirs), autojunk=False).ratio() >= 0.7:
        return unsure(Reason.CLOSE)
    # A whole sentence may say a term in other words; a term beside another term does not.
    return unsure(Reason.SENTENCE_FOR_TERM) if len(mine) > LONGEST_TERM else wrong(Reason.NOTHING_IN_COMMON)


def _one_word(pair: tuple[str, str], mine: tuple[str, ...], theirs: tuple[str, ...], terms: Collection[str]) -> Grade:
    given, wanted = pair
    if is_slip(given, wanted):
        gap = distance(joined(mine), joined(theirs))
        for term in terms:
            own = tokens(term)
            if (
                own
                and not same_tokens(own, theirs)
                and min(distance(joined(own), joined(mine)), *(distance(word, given) for word in own)) <= gap
                and not any(same_word(word, wanted) for word in own)
            ):
                return unsure(Reason.SPELLED_BETWEEN_TERMS)
        return right(Reason.SLIP_OF_SPELLING)
    if distance(given, wanted, 3) <= max(1, len(wanted) // 4):
        return unsure(Reason.SPELLED_NEARLY)
    if len(theirs) > 1:
        return unsure(Reason.ONE_WORD_DIFFERS)
    if SequenceMatcher(None, given, wanted, autojunk=False).ratio() >= 0.7:
        return unsure(Reason.CLOSE)
    return wrong(Reason.NOTHING_IN_COMMON)
