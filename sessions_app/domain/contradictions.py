"""Whether a statement contradicts a sentence on the same subject, in any language: opposites, denials, numbers.

Each telling word of a sentence is read with a sign: "raise" and "lower" are one scale with opposite signs (the word list
``contraries``), a word that is denied has the opposite sign of the same word that is not. Two sentences contradict each
other where they give one scale or word opposite signs beside the same words. Sentences that are only worded otherwise
share no such word with another sign, so that nothing is held against them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tutor_project.language import Language
from tutor_project.language.quantities.finding import find_quantities

_REACH = 8
"""How many telling words to each side are what a word is said of."""
_DENIED_WORDS = 3
"""How many telling words after a denial are denied."""
_SAME_SUBJECT, _LEAST_SHARE = 2, 0.34
"""How many words beside it, and what share of them, two uses of a word must have in common to be said of the same thing; a
word next to both counts twice."""
_MOSTLY = 0.5
"""The share that will do alone, for words with hardly any beside them."""
_FRAME_SHARE = 0.6
"""The share of the words around a denied word that must stand around the other use of it as well: a denial far off is of
something else. The more is asked, the fewer false sentences are found and the fewer faithful ones are accused."""
_SAME_COUNT = 0.5
"""The share of a statement's words that a sentence with another number must have to count the same thing."""
_NEAREST, _SHORT = 3, 9
"""Among so many of the nearest sentences a denial is looked for, and so many words of content a short statement has."""
_CLAUSES = re.compile(r"[;:()]")
_CLAUSE_END = re.compile(r"[,;:.!?()]")


Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Saying:
    """A word as a sentence uses it: its signs on the scales it belongs to, its form, and the words it stands beside."""

    stem: str
    form: str
    signs: Mapping[str, int]
    denied: bool
    hedged: bool
    counts: bool
    beside: frozenset[str]
    next_to: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What contradicts: the number of the source sentence, the kind (opposite, negation, number), and what each side says."""

    source: int
    kind: str
    mine: str
    theirs: str


def contradiction(
    statement: str, sources: Sequence[str], order: Sequence[int], tongue: Language, names: frozenset[Pair] = frozenset()
) -> Contradiction | None:
    """Return how ``statement`` contradicts one of the sources at ``order``, the nearest first; None if it does not.

    ``names`` are the pairs of words that stand together in a name: "small" in "small intestine" tells no size.
    """
    own = sayings(statement, tongue, names)
    section = [saying for source in sources for saying in sayings(source, tongue, names)]
    for mine, at in ((mine, at) for mine in own for at in order):
        found = _disagreement(mine, own, sayings(sources[at], tongue, names), section)
        if found is not None:
            return Contradiction(at, *found)
    return _other_number(statement, sources, order, tongue) or _lone_denial(statement, sources, order, tongue)


def _disagreement(
    mine: Saying, own: Sequence[Saying], others: Sequence[Saying], section: Sequence[Saying]
) -> tuple[str, str, str] | None:
    """Return the kind and the words of both sides where ``others`` speak against one saying and nothing agrees with it more."""
    rivals = [other for other in others if _opposed(mine, other)]
    theirs = max(rivals, key=lambda other: _shared(mine, other), default=None)
    if theirs is None or not _of_the_same(mine, theirs):
        return None
    if _shared(mine, theirs) <= max(_agreement(mine, section), _agreement(theirs, own)):
        return None
    if mine.denied == theirs.denied:
        return "opposite", mine.form, theirs.form
    if not (mine.hedged or theirs.hedged) and _same_frame(mine, theirs) and _denials_differ(own, others):
        return "negation", mine.form, theirs.form
    return None


def _other_number(
    statement: str, sources: Sequence[str], order: Sequence[int], tongue: Language
) -> Contradiction | None:
    """Return the number that stands nowhere in the section, where a source that speaks of the same gives another."""
    known = {value for source in sources for value in _numbers(source)}
    foreign = sorted(_numbers(statement) - known)
    own = set(tongue.content_stems(statement))
    for at in order if foreign else ():
        given = sorted(_numbers(sources[at]))
        shared = own & set(tongue.content_stems(sources[at]))
        if given and len(shared) >= max(2.0, _SAME_COUNT * len(own)):
            return Contradiction(at, "number", _shown(foreign), _shown(given))
    return None


def _lone_denial(
    statement: str, sources: Sequence[str], order: Sequence[int], tongue: Language
) -> Contradiction | None:
    """Return the denial of a short statement where none of the nearest sources, which speak of the same, denies anything.

    A longer statement often denies in a clause of its own what nobody said ("if they are not, there are better ways"), and a
    clause that shares nothing with a source denies something else ("it is not the only one; …").
    """
    denying = tongue.negations | tongue.phrase_set("implied_negations") | tongue.phrase_set("absolutes")
    nearly, nearest = denying | tongue.phrase_set("near_negations"), order[:_NEAREST]
    long = len(set(tongue.content_stems(statement))) > _SHORT
    if long or any(_words_of(sources[at], nearly, tongue) for at in nearest):
        return None
    for clause in _CLAUSES.split(statement):
        denied, own = _words_of(clause, denying, tongue), set(tongue.content_stems(clause))
        same = (at for at in nearest if len(own & set(tongue.content_stems(sources[at]))) >= _SAME_SUBJECT)
        if denied and (at := next(same, None)) is not None:
            return Contradiction(at, "negation", denied[0], "")
    return None


def _words_of(text: str, known: frozenset[str], tongue: Language) -> list[str]:
    return [word.text for word in tongue.words(text) if word.text.lower().replace("’", "'") in known]


def _numbers(text: str) -> frozenset[float]:
    """The numbers of a text in digits and words; "one" is too often no number."""
    return frozenset(found.value for found in find_quantities(text) if not (found.words and found.value <= 1))


def _shown(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:,.10g}" for number in numbers)


def names_pairs(names: Iterable[str], tongue: Language) -> frozenset[Pair]:
    """Return the pairs of words that stand together in names."""
    return frozenset(pair for name in names for pair in pairwise(tongue.stems(name)))


@lru_cache(maxsize=4096)
def sayings(text: str, tongue: Language, names: frozenset[Pair]) -> tuple[Saying, ...]:
    """Return the telling words of a sentence, in order."""
    told = list(_told(text, tongue))
    stems = [stem for stem, *_ in told]
    vague = tongue.stem_set("common_verbs")
    scales, quantifiers = _scales(tongue), tongue.phrase_set("quantifiers")
    found = []
    for at, (stem, form, denied, hedged) in enumerate(told):
        in_name = not names.isdisjoint(pairwise(stems[max(0, at - 1) : at + 2]))
        signs = {stem: 1} if in_name else {stem: 1} | scales.get(stem, {})
        near = {*stems[max(0, at - _REACH) : at], *stems[at + 1 : at + 1 + _REACH]} - {stem} - vague
        close = {*stems[max(0, at - 1) : at], *stems[at + 1 : at + 2]} - vague
        turned = {scale: -sign if denied else sign for scale, sign in signs.items()}
        found.append(Saying(stem, form, turned, denied, hedged, form in quantifiers, frozenset(near), frozenset(close)))
    return tuple(found)


def _told(text: str, tongue: Language) -> Iterator[tuple[str, str, bool, bool]]:
    """Yield stem, form and whether it is denied or nearly so, for each word that is no stop word or stands on a scale.

    A denial reaches three words far and not beyond its clause; a small word on a scale, as in "not all", takes it alone.
    """
    joining, telling = tongue.phrase_set("clause_joints"), _chosen_words(tongue)
    denying, hedging = tongue.negations | tongue.phrase_set("implied_negations"), tongue.phrase_set("near_negations")
    denied = hedged = end = 0
    just_denied = False
    for word in tongue.words(text):
        form = word.text.lower().replace("’", "'")
        if form in joining or _CLAUSE_END.search(text[end : word.start]):
            denied = hedged = 0
        end = word.end
        stem, small = tongue.stem(form), tongue.is_stop_word(form)
        tells = (not small or form in telling) and any(map(str.isalpha, form)) and form not in tongue.negations
        if tells:
            yield stem, form, denied > 0, hedged > 0
        if form in denying:
            denied, just_denied = _DENIED_WORDS, True
        elif form in hedging:
            hedged = _DENIED_WORDS
        elif tells:
            denied, hedged = (0 if small and just_denied else denied - 1), hedged - 1
            just_denied = False
        else:
            just_denied = False


@lru_cache(maxsize=16)
def _chosen_words(tongue: Language) -> frozenset[str]:
    return frozenset(word for line in tongue.phrases("contraries") for word in line.split())


@lru_cache(maxsize=16)
def _scales(tongue: Language) -> dict[str, dict[str, int]]:
    """Map the stem of each listed word to its signs on its scales."""
    found: dict[str, dict[str, int]] = {}
    chosen, vague = tongue.phrases("contraries"), tongue.stop_words | tongue.phrase_set("common_verbs")
    for line in (*chosen, *(pair for pair in tongue.phrases("antonyms") if vague.isdisjoint(pair.split()))):
        for sign, side in zip((1, -1), line.split("="), strict=True):
            for word in side.split():
                found.setdefault(tongue.stem(word), {}).setdefault(line, sign)
    return found


def _of_the_same(mine: Saying, theirs: Saying) -> bool:
    """Tell whether two uses are said of the same thing."""
    if mine.counts and theirs.counts and mine.next_to.isdisjoint(theirs.next_to):
        return False  # "few" and "many" of other things
    shared, beside = _shared(mine, theirs), len(mine.beside)
    return shared >= max(_SAME_SUBJECT, _LEAST_SHARE * beside) or shared >= _MOSTLY * beside > 0


def _same_frame(mine: Saying, theirs: Saying) -> bool:
    """Tell whether two uses stand in one frame, so that a denial of one of them denies what the other says.

    Of a word that is denied in one place and not in another the rest of the sentence decides: "must not be taken in
    pregnancy" and "taken weekly" do not contradict each other.
    """
    smaller = min(len(mine.beside), len(theirs.beside))
    return len(mine.beside & theirs.beside) >= _FRAME_SHARE * smaller


def _agreement(mine: Saying, others: Iterable[Saying]) -> int:
    """Return how much the use that agrees with this one most shares with it."""
    return max((_shared(mine, other) for other in others if _agree(mine, other)), default=0)


def _shared(mine: Saying, theirs: Saying) -> int:
    return len(mine.beside & theirs.beside) + bool(mine.next_to & theirs.next_to)


def _opposed(mine: Saying, theirs: Saying) -> bool:
    common = mine.signs.keys() & theirs.signs.keys()
    return bool(common) and all(mine.signs[scale] != theirs.signs[scale] for scale in common)


def _agree(mine: Saying, theirs: Saying) -> bool:
    return any(theirs.signs.get(scale) == sign for scale, sign in mine.signs.items())


def _denials_differ(own: Sequence[Saying], others: Sequence[Saying]) -> bool:
    """Tell whether only one of two sentences denies, or each denies a word that the other does not."""
    if any(mine.denied for mine in own) != any(other.denied for other in others):
        return True
    turned = {mine.denied for mine in own for other in others if mine.denied != other.denied and _opposed(mine, other)}
    return len(turned) > 1
