"""What a statement in somebody's own words may not do to the passage it rests on: change who, how many, which way or in what order.

A paraphrase shares few words with its passage, so sharing words proves nothing and lacking them refutes nothing. What is
found here are the ways in which a statement that does use the passage's words says something else: numbers, opposites and
names that changed places, a subject put in place of another, a denial added or lost. Linear in the length of both, apart
from the alignment of near-verbatim statements, whose length is bounded.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache

from sessions_app.domain.claim_forms import forms_of
from sessions_app.domain.grading.opposites import are_opposites
from sessions_app.domain.questions.negation import related
from sessions_app.domain.questions.text import STOP_WORDS, WORD, clean, fold, root
from sessions_app.domain.questions.vocabulary import COMPARED
from tutor_project.language import Language, language
from tutor_project.language.detection import detect
from tutor_project.language.quantities.finding import find_quantities
from tutor_project.language.quantities.units import parse_unit

NEAR_VERBATIM = 0.7
"""Share of a statement's words from which on it is read as the passage's own sentence, changed or not."""
ABOUT_THE_SAME = 0.5
_DENIES_THE_SAME = 0.6
_OF_THE_SECTION = 0.3
"""Share of a statement's words from its section that stands in for a word of the quoted sentence itself."""
_SPEAKS_OF = 0.4
"""Share from which on a statement speaks of what the passage speaks of."""
LEAST_IN_COMMON = 0.1
"""Share of a statement's words that the section of its passage uses too; with less it speaks of something else."""
MOST_TOKENS = 30
_CLEARLY = 1.25
"""How much nearer another value has to stand to the words around one before they are said to have changed places."""
_SAME_LIST = 4
_NEARLY_ALL = 0.75
_ENOUGH_TO_ALIGN = 3
_TELLS = 0.25
_LEAST_WEIGHT = 0.4
_REACH = 3.0
_CLAUSE_BORDER = 0.35
_COMPOUNDED = 5
"""Letters of a word from which on a longer one that begins with it is a compound of it."""
_HEDGED_SHARE = 0.4
_SHARED_BY_CLAUSES = 2
_IN_COMMON = 0.5
"""Share of the words of two answers from which on they say the same but for a word or the order."""
_PERCENT = parse_unit("%")
_DENIAL_REACH = 8
_ROMAN = re.compile(r"[IVX]{1,4}")
_BEGINS = re.compile(r"(?:^|[.!?:]\s|[\n\u201c\u201e\u00ab\"(\u00bf\u00a1])\s*$")
_NOUNS_CAPITAL = 0.22
"""Share of words with a capital within a sentence from which on capitals are those of nouns, not of names."""
_ENGLISH = language("en")


@dataclass(frozen=True, slots=True)
class Token:
    """A content word or a number: its root, its form, the clause it stands in; ``number`` for a number, ``share`` for a percentage."""

    root: str
    form: str
    clause: int
    number: float | None = None
    share: bool = False


class TokenText:
    """A text in tokens."""

    def __init__(self, text: str, tongue: Language = _ENGLISH) -> None:
        self.text = clean(text)
        self.tongue = tongue
        self.lettered = _tokens(self.text, tongue)
        """Its tokens with the letters that are names of something, which stand too close together to bind values."""
        self.tokens = [token for token in self.lettered if len(token.form) > 1 or not token.form.isalpha()]

    @cached_property
    def roots(self) -> frozenset[str]:
        """The roots of its tokens."""
        return frozenset(token.root for token in self.tokens)

    @cached_property
    def numbers(self) -> frozenset[float]:
        """Its numbers, in words or digits."""
        return frozenset(token.number for token in self.tokens if token.number is not None)

    def has(self, token: Token) -> bool:
        """Return whether the passage has the token, or another form of its word."""
        if token.number is not None:
            return token.number in self.numbers
        return token.root in self.roots or any(self._alike(token.root, own) for own in self.roots)

    def own_root(self, token: Token) -> str:
        """Return the root under which the passage has a token, its own root where it has it not."""
        if token.number is not None or token.root in self.roots:
            return token.root
        return next((own for own in self.roots if self._alike(token.root, own)), token.root)

    def _alike(self, one: str, other: str) -> bool:
        """Tell whether two roots are of one family; where words are compounded also whether one begins the other."""
        shorter, longer = sorted((one, other), key=len)
        return related(one, other) or (self._compounds and len(shorter) >= _COMPOUNDED and longer.startswith(shorter))

    @cached_property
    def _compounds(self) -> bool:
        return bool(self.tongue.phrases("compound_links"))

    @cached_property
    def denials(self) -> Sequence[tuple[int, str]]:
        """The clause and the root of what each denying word denies: the next word that tells something, else the one before."""
        words = [(part, clause) for match, clause in _worded(self.text, self.tongue) for part in match[0].split("-")]
        found = []
        for at, (word, clause) in enumerate(words):
            if fold(word) in _denying(self.tongue):
                near = (*words[at + 1 : at + 1 + _DENIAL_REACH], *words[max(at - _DENIAL_REACH, 0) : at][::-1])
                told = (own for own, place in near if place == clause and _tells(fold(own), own, self.tongue))
                found.append((clause, _root(next(told, ""), self.tongue)))
        return found

    def uses(self, name: str, *, qualified: bool = True) -> bool:
        """Tell whether a word or phrase of the language's list ``name`` stands in the text.

        Where ``qualified`` is false, one right behind a hedge or a denial does not count: "almost always", "not all".
        """
        text = f" {' '.join(match[0].casefold() for match in WORD.finditer(self.text))} "
        spots = (text.find(f" {phrase} ") for phrase in self.tongue.phrases(name))
        weak = self.tongue.phrase_set("hedges") | self.tongue.negations
        return any(at >= 0 and (qualified or text[:at].rpartition(" ")[2] not in weak) for at in spots)


def _worded(text: str, tongue: Language) -> Iterator[tuple[re.Match[str], int]]:
    """Yield the words of a text, each with the number of its clause."""
    border = forms_of(tongue).border
    clause = position = 0
    for match in WORD.finditer(text):
        clause += len(border.findall(text[position : match.start()])) + bool(border.fullmatch(match[0]))
        position = match.end()
        yield match, clause


@lru_cache(maxsize=16)
def _denying(tongue: Language) -> frozenset[str]:
    """Return the words that deny, and the first words of phrases that do."""
    return frozenset(fold(phrase).split()[0] for phrase in (*tongue.negations, *tongue.phrases("denying_words")))


def _tokens(text: str, tongue: Language) -> list[Token]:
    quantities = {_first_letter(text, quantity.start): quantity for quantity in find_quantities(text)}
    one_counts = forms_of(tongue).one_counts
    found: list[Token] = []
    skip = 0
    for match, clause in _worded(text, tongue):
        if match.start() < skip:
            continue
        quantity = quantities.get(match.start())
        if quantity is not None and not _is_pronoun(quantity.words, quantity.value, text, match.end()):
            share = quantity.unit is not None and quantity.unit == _PERCENT
            found.append(Token(f"{quantity.value:g}", match[0], clause, quantity.value, share))
            skip = match.start() + len(match[0]) if quantity.digits else quantity.end
        elif _ROMAN.fullmatch(match[0]) and (match[0] != "I" or (found and found[-1].clause == clause)):
            found.append(Token(match[0], match[0], clause))
        elif match[0].casefold() in tongue.phrases("counting_one") and one_counts.search(text[: match.start()]):
            found.append(Token("1", match[0], clause, 1.0))
        else:
            found += _words_of(match[0], clause, tongue)
    return found[:400]


def _words_of(word: str, clause: int, tongue: Language) -> list[Token]:
    """Return the parts of a word, between hyphens, that carry content."""
    parts = ((fold(part), part) for part in word.split("-"))
    return [Token(_root(part, tongue), low, clause) for low, part in parts if low and _tells(low, part, tongue)]


def _root(word: str, tongue: Language) -> str:
    return root(fold(word)) if tongue is _ENGLISH else tongue.stem(word)


def _tells(low: str, written: str, tongue: Language) -> bool:
    """Return whether a word carries content; a letter by itself is the name of something, if it is no word."""
    if len(written) == 1 and written.isalpha():
        return written.isupper() and written not in "AI" if tongue is _ENGLISH else not tongue.is_stop_word(written)
    if tongue is not _ENGLISH:
        return not tongue.is_stop_word(written)
    return low not in STOP_WORDS or low in COMPARED


def _is_small(word: str, tongue: Language) -> bool:
    return fold(word) in STOP_WORDS if tongue is _ENGLISH else tongue.is_stop_word(word)


def _first_letter(text: str, start: int) -> int:
    """Return where the word of a quantity begins: behind a sign of currency."""
    found = WORD.search(text, start)
    return found.start() if found else start


def _is_pronoun(words: bool, value: float, text: str, end: int) -> bool:
    """Tell whether "one" or "second" stands for a thing, not for a number: nothing is counted after it."""
    return bool(words) and value <= 1 and not re.match(r"\s+[\w-]+", text[end:])


@lru_cache(maxsize=256)
def tongue_of(text: str) -> Language:
    """Return the language of a passage and what stands around it; English where that is not sure."""
    found = language(detect(text))
    return found if found.is_full else _ENGLISH


@lru_cache(maxsize=64)
def _read(text: str, tongue: Language | None = None) -> TokenText:
    """Return a text in tokens; sentence after sentence rests on the same few passages."""
    return TokenText(text, tongue or tongue_of(text))


def claim_faults(
    statement: str, passages: Sequence[str], context: str = "", *, ordered: bool = True, whole: bool = True
) -> list[str]:
    """Return what the statement changes of ``passages``, a phrase each; empty when nothing is found.

    ``context`` is what stands around the passages (neighbours, titles): numbers and names may come from there. A question
    has not the order of a statement: then ``ordered`` is false, and places are not compared. An answer alone is no ``whole``
    statement: what it leaves unsaid is not held against it.
    """
    around = _read(f"{' '.join(passages)} {context}")
    said, shown = TokenText(statement, around.tongue), _read(" ".join(passages), around.tongue)
    shared = _shares(said, shown)
    close = shared >= NEAR_VERBATIM and len(said.tokens) >= 3
    faults = [f"the number {token.form} is not there" for token in said.tokens if _is_foreign(token, around, close)]
    faults += _misplaced(said, shown, around, opposites=shared >= _SPEAKS_OF)
    if shared >= _DENIES_THE_SAME:
        faults += _denied_otherwise(said, shown, close) + (_odd_denials(said, shown) if whole else [])
    if whole:
        faults += _goes_too_far(said, shown, shared)
    if ordered:
        faults += _reordered(said, shown, around, shared, close)
    return list(dict.fromkeys(faults))


def _reordered(said: TokenText, shown: TokenText, around: TokenText, shared: float, close: bool) -> list[str]:
    """Return what a statement, by the order of its words, says otherwise than its passage."""
    faults: list[str] = []
    if shared >= ABOUT_THE_SAME:
        faults += _turned_round(said, shown) + _other_way(said, shown)
    if close or _all_there(said, shown):
        faults += _exchanged(said, shown)
    return faults + (_replaced_subject(said, shown, around) if close else [])


def is_carried(statement: str, passages: Sequence[str], context: str = "") -> bool:
    """Return whether a statement may stand with ``passages`` as its evidence.

    It changes nothing of them, and speaks of what they, or the text around them, speak of.
    """
    around = _read(f"{' '.join(passages)} {context}")
    said = TokenText(statement, around.tongue)
    if not said.tokens:
        return False
    quoted = any(_read(passage, said.tongue).has(token) for passage in passages for token in said.tokens)
    enough = LEAST_IN_COMMON if quoted else _OF_THE_SECTION
    return _shares(said, around) >= enough and not claim_faults(statement, passages, context)


def _is_foreign(token: Token, around: TokenText, close: bool) -> bool:
    """Return whether a number stands nowhere near; words such as "three" count only in a near-verbatim statement."""
    if token.number is None or not (close or token.form[:1].isdigit()):
        return False
    return not any(math.isclose(token.number, own, rel_tol=1e-9) for own in around.numbers)


def _shares(said: TokenText, shown: TokenText) -> float:
    """Return the share of the statement's tokens that the passage has."""
    return sum(shown.has(token) for token in said.tokens) / len(said.tokens) if said.tokens else 0.0


def foreign_names(statement: str, shown: str) -> list[str]:
    """Return the names in a statement that are nowhere in ``shown``: capitals within a sentence.

    Where a language writes all nouns so, ``shown`` has capitals within its sentences at most words, and none is told.
    """
    known = _words_known(shown)
    if known is None:
        return []
    return [name for name in names_in(statement) if not {root(fold(part)) for part in name.split("-")} & known]


@lru_cache(maxsize=64)
def _words_known(shown: str) -> frozenset[str] | None:
    """Return the roots of the words of a text, None where most nouns in it have a capital."""
    words = WORD.findall(shown)
    if len(names_in(shown)) >= _NOUNS_CAPITAL * max(len(words), 1):
        return None
    return frozenset(root(fold(part)) for word in words for part in word.split("-"))


def names_in(text: str) -> list[str]:
    """Return the words of a text that are written as names: with a capital, but for those that begin a sentence and for "I"."""
    words = (match for match in WORD.finditer(text) if match[0][:1].isupper() and match[0] != "I")
    return [match[0] for match in words if not _BEGINS.search(text[max(match.start() - 6, 0) : match.start()])]


# Values that changed places ------------------------------------------------------------------------------


def _misplaced(said: TokenText, shown: TokenText, around: TokenText, *, opposites: bool) -> list[str]:
    """Return values (numbers, numerals, opposites) that stand beside words beside which the passage has another value."""
    units = _counted_by_several(around)
    if _longest_common([t.root for t in said.tokens], [t.root for t in shown.tokens[:400]]) == len(said.tokens):
        return []
    one_denies = bool(said.denials) != bool(shown.denials)  # "not the same" is "different"
    faults = []
    for at, token in enumerate(said.tokens):
        if token.number is None and not _ROMAN.fullmatch(token.form) and (one_denies or not opposites):
            continue
        other = _other_value(said, at, shown, units)
        if other is not None:
            faults.append(f"{token.form} where the passage has {other.form}")
    return faults


def _other_value(said: TokenText, at: int, shown: TokenText, units: frozenset[str]) -> Token | None:
    """Return the value that the passage has beside the words which the statement has beside its own."""
    token = said.tokens[at]
    rivals = [own for own in dict.fromkeys(shown.tokens) if _are_rivals(token, own)]
    present = any(_same(token, own) for own in shown.tokens)
    if not rivals or (token.number is not None and not present):
        return None  # a number that is not there comes from the text around, or has been found to come from nowhere
    best, own_score, rival_score = max(
        ((rival, *_bound(said, at, shown, rival, units)) for rival in rivals), key=lambda found: found[2] - found[1]
    )
    return best if rival_score > (max(_CLEARLY * own_score, 0.2) if present else 0.6) else None


def _are_rivals(mine: Token, other: Token) -> bool:
    if mine.number is not None or other.number is not None:
        both = mine.number is not None and other.number is not None and mine.number != other.number
        return both and _is_year(mine) == _is_year(other) and mine.share == other.share
    if _ROMAN.fullmatch(mine.form) and _ROMAN.fullmatch(other.form):
        return mine.form != other.form
    return mine.root != other.root and are_opposites(mine.form, other.form)


def _are_alike(a: Token, b: Token) -> bool:
    """Return whether two tokens are values of one sort: numbers, numerals, or a word and its opposite."""
    return (a.number is not None and b.number is not None) or _are_rivals(a, b)


def _is_year(token: Token) -> bool:
    return token.number is not None and 1000 <= token.number < 2100 and token.form.isdigit()


def _same(a: Token, b: Token) -> bool:
    return a.number == b.number if a.number is not None else a.root == b.root or related(a.root, b.root)


def _counted_by_several(around: TokenText) -> frozenset[str]:
    """Return the words that several numbers count ("180 copies", "135 copies"): they bind to none of them."""
    counts: dict[str, set[float]] = {}
    for value, word in itertools.pairwise(around.tokens):
        if value.number is not None and word.number is None and value.clause == word.clause:
            counts.setdefault(word.root, set()).add(value.number)
    return frozenset(word for word, values in counts.items() if len(values) > 1)


def _bound(said: TokenText, at: int, shown: TokenText, rival: Token, units: frozenset[str]) -> tuple[float, float]:
    """Return how much of what stands beside the statement's token stands beside it in the passage, and beside ``rival``.

    Words that stand before both of a list ("use 18 of these and 12 of those") are of both, and words about as near to
    one as to the other tell nothing.
    """
    mine = [i for i, own in enumerate(shown.tokens) if _same(said.tokens[at], own)]
    other = [i for i, own in enumerate(shown.tokens) if _same(rival, own)]
    paired = bool(mine) and min(abs(i - j) for i in mine for j in other) <= _SAME_LIST
    first = min([*mine, *other]) if paired else -1
    own_score = rival_score = 0.0
    for i in _beside(said, at, shown, units):
        token = said.tokens[i]
        spots = [j for j, own in enumerate(shown.tokens) if own.root == token.root and j > first]
        a, b = _nearest(shown.tokens, spots, mine), _nearest(shown.tokens, spots, other)
        if abs(a - b) >= _TELLS * max(a, b):
            weight = max(_near(said.tokens, i, at), _LEAST_WEIGHT)
            own_score, rival_score = own_score + weight * a, rival_score + weight * b
    return own_score, rival_score


def _beside(said: TokenText, at: int, shown: TokenText, units: frozenset[str]) -> Iterator[int]:
    """Yield the words of a statement that may tell to which value of the passage its token belongs.

    Not those that belong to another value of the statement, as they do in the passage.
    """
    value = said.tokens[at]
    others = [i for i, own in enumerate(said.tokens) if i != at and _are_alike(value, own)]
    for i, token in enumerate(said.tokens):
        if i == at or token.number is not None or token.root in units or _are_rivals(value, token):
            continue
        nearer = (k for k in others if _near(said.tokens, i, k) > _near(said.tokens, i, at))
        if not any(_binds(shown, token, said.tokens[k]) for k in nearer):
            yield i


def _binds(shown: TokenText, word: Token, value: Token) -> bool:
    """Return whether no value of its sort stands nearer to the word in the passage than ``value``."""
    spots = [j for j, own in enumerate(shown.tokens) if own.root == word.root]
    places = [j for j, own in enumerate(shown.tokens) if _same(value, own) or _are_alike(value, own)]
    if not spots or not places:
        return False
    best = max(places, key=lambda place: max(_near(shown.tokens, j, place) for j in spots))
    return _same(value, shown.tokens[best])


def _nearest(tokens: Sequence[Token], spots: Sequence[int], places: Sequence[int]) -> float:
    return max((_near(tokens, spot, place) for spot in spots for place in places), default=0.0)


def _near(tokens: Sequence[Token], i: int, j: int) -> float:
    borders = abs(tokens[i].clause - tokens[j].clause)
    return math.exp(-(abs(i - j) - 1) / _REACH) * _CLAUSE_BORDER ** min(borders, 4)


# Near-verbatim statements --------------------------------------------------------------------------------


def _exchanged(said: TokenText, shown: TokenText) -> list[str]:
    """Return two words of a statement that stand in each other's places: exchanged, it would be the passage's sentence.

    A passive exchanges subject and object by right, so it is compared with a passive only.
    """
    if _is_passive(said) != _is_passive(shown):
        return []
    mine, theirs = ([token.root for token in passage.lettered[:MOST_TOKENS]] for passage in (said, shown))
    theirs = [own for own in theirs if own in set(mine)]
    known = set(theirs)
    kept = _longest_common(mine, theirs)
    place = [at for at, own in enumerate(mine) if own in known]
    if len(place) < _ENOUGH_TO_ALIGN:
        return []
    for i, j in itertools.combinations(place, 2):
        if mine[i] == mine[j] or (said.lettered[i].number is None) != (said.lettered[j].number is None):
            continue
        exchange = {mine[i]: mine[j], mine[j]: mine[i]}
        other = [exchange.get(own, own) for own in mine]
        gain = 1 if _are_letters(said, i, j) else 2  # neighbours that change places move one word only
        if _longest_common(other, theirs) >= max(kept + gain, _NEARLY_ALL * len(place)):
            return [f"{said.lettered[i].form} and {said.lettered[j].form} have changed places"]
    return []


def _are_letters(said: TokenText, i: int, j: int) -> bool:
    """Tell whether two letters stand apart by more than a comma or an "and", so that their order says something."""
    one, other = said.lettered[i].form, said.lettered[j].form
    if len(one) > 1 or len(other) > 1:
        return False
    listed = said.tongue.alternatives("series_conjunctions")
    pair = rf"\b(?:{one}\W+(?:(?:{listed})\W+)?{other}|{other}\W+(?:(?:{listed})\W+)?{one})\b"
    return not re.search(pair, said.text, re.IGNORECASE)


def _longest_common(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for one in a:
        before = 0
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if one == other else max(row[j], row[j - 1])
    return row[-1]


def order_kept(option: str, key: str, passage: str) -> bool:
    """Return whether of two answers in nearly the same words the passage says ``option``, word after word, and not ``key``."""
    shown = TokenText(passage, tongue_of(passage))
    one, other = ([shown.own_root(token) for token in TokenText(text, shown.tongue).lettered] for text in (option, key))
    theirs = [token.root for token in shown.lettered]
    if len(one) < 2 or len(set(one) & set(other)) < _IN_COMMON * max(len(one), len(other)):
        return False
    return _longest_common(one, theirs) == len(one) and _longest_common(other, theirs) < len(other)


def told_together(one: str, other: str, passage: str) -> bool:
    """Return whether a passage names two answers only in one list, so that what it says of one it says of the other."""
    shown = clean(passage)
    tongue = tongue_of(passage)
    joints = tongue.alternatives("series_conjunctions")
    small = tongue.alternatives("determiners", "indefinite_articles")
    between = rf"(?:\s*,\s*|\s+)(?:(?:{joints})\s+)?(?:(?:{small})\s+)?"
    pair = "|".join(
        rf"\b{re.escape(a)}{between}{re.escape(b)}\b"
        for a, b in ((clean(one), clean(other)), (clean(other), clean(one)))
    )
    found = re.search(pair, shown, re.IGNORECASE)
    named = rf"\b{re.escape(clean(one))}\b"
    listed = found is not None and re.search(rf",|\b(?:{joints})\b", found[0], re.IGNORECASE)
    return bool(listed) and len(re.findall(named, shown, re.IGNORECASE)) == 1


def _replaced_subject(said: TokenText, shown: TokenText, around: TokenText) -> list[str]:
    """Return the words a statement begins with where the passage's sentence begins with others."""
    if forms_of(said.tongue).adjunct_first.match(said.text):
        return []
    mine, theirs = ([token.root for token in passage.tokens[:MOST_TOKENS]] for passage in (said, shown))
    for tag, a, b, c, d in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            return []
        if a == 0:
            new = [
                said.tokens[i] for i in range(a, b) if said.tokens[i].number is None and not shown.has(said.tokens[i])
            ]
            if tag == "replace" and len(new) == b - a <= 4 and all(around.has(token) for token in new) and d > c:
                return [f"{new[0].form} where the passage has {shown.tokens[c].form}"]
            return []
    return []


def _turned_round(said: TokenText, shown: TokenText) -> list[str]:
    """Return a word after which the statement has what the passage has before it, and the other way round.

    What stands on either side of a verb says who does it to whom; a passive turns that round by right.
    """
    if _is_passive(said) != _is_passive(shown):
        return []
    for at, pivot in enumerate(said.tokens):
        spots = [i for i, own in enumerate(shown.tokens) if own.form == pivot.form]
        if len(spots) != 1 or not _may_turn(pivot, said, shown):
            continue
        before, after = _sides(said, at)
        had_before, had_after = _sides(shown, spots[0])
        listed_before = frozenset(token.root for token in shown.tokens[: spots[0]])
        swapped = (before & had_after - listed_before, after & listed_before - had_after)
        beside = {token.root for token in (*said.tokens[max(at - 1, 0) : at], *said.tokens[at + 1 : at + 2])}
        if (
            all(swapped)
            and beside & (swapped[0] | swapped[1])
            and not before & had_before
            and not _resumed(pivot, shown)
        ):
            return [f"what stands before and after {pivot.form} has changed places"]
    return []


def _is_passive(passage: TokenText) -> bool:
    """Tell whether something in the passage is done by somebody."""
    return bool(forms_of(passage.tongue).passive.search(passage.text))


def _may_turn(pivot: Token, said: TokenText, shown: TokenText) -> bool:
    """Tell whether a word may be a verb, in the same voice on both sides."""
    word = pivot.number is None and pivot.form.isalpha() and not pivot.form.isupper()
    return word and _suffers(pivot, said) == _suffers(pivot, shown)


def _suffers(pivot: Token, passage: TokenText) -> bool:
    """Tell whether a verb stands in the passive, whoever does it."""
    return bool(
        re.search(rf"{forms_of(passage.tongue).suffering}{re.escape(pivot.form)}\b", passage.text, re.IGNORECASE)
    )


def _resumed(pivot: Token, shown: TokenText) -> bool:
    """Tell whether a pronoun behind the word takes up what stands before it ("capture the energy and store it")."""
    resuming = shown.tongue.alternatives("resuming_pronouns")
    return bool(re.search(rf"\b{re.escape(pivot.form)}\s+(?:{resuming})\b", shown.text, re.IGNORECASE))


def _sides(passage: TokenText, at: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return the roots before and after a token within its clause."""
    clause = passage.tokens[at].clause
    clause_mates = [(i, token.root) for i, token in enumerate(passage.tokens) if token.clause == clause]
    before = (root_ for i, root_ in clause_mates if i < at and passage.tokens[i].number is None)
    after = (root_ for i, root_ in clause_mates if i > at and passage.tokens[i].number is None)
    return frozenset(before), frozenset(after)


def _other_way(said: TokenText, shown: TokenText) -> list[str]:
    """Return a word to which the statement leads and from which the passage comes, or the other way round."""
    mine, theirs = _led(said), _led(shown)
    faults = []
    for word, ways in mine.items():
        had = theirs.get(word, set())
        if len(ways) == 1 and len(had) == 1 and ways != had and None not in ways | had:
            faults.append(f"{word} is where it goes in one and where it comes from in the other")
    return faults


def _led(passage: TokenText) -> dict[str, set[str]]:
    """Return for the nouns behind a word of direction whether it is the start or the goal."""
    forms = forms_of(passage.tongue)
    found: dict[str, set[str]] = {}
    for match in forms.directed.finditer(passage.text):
        way = forms.ways[(match["way"] or match["way_of_things"]).casefold()]
        for word in (match["first"], match["second"]):
            if word and not _is_small(word, passage.tongue):
                found.setdefault(_root(word, passage.tongue), set()).add(way)
    return found


def _denied_otherwise(said: TokenText, shown: TokenText, close: bool) -> list[str]:
    """Return a word that the statement denies and the passage affirms; in a near-verbatim one, also the other way round."""
    found = {
        word
        for word in _denied(said)
        if _knows(word, shown.roots)
        and not _knows(word, _perhaps_denied(shown))
        and not _in_contrast(word, said, shown)
    }
    if close:
        known = _perhaps_denied(said)
        found |= {word for word in _denied(shown) & said.roots if not _knows(word, known)}
    return [f"{word} is denied in one of the two only" for word in sorted(found)]


def _all_there(said: TokenText, shown: TokenText) -> bool:
    """Tell whether the passage has every word and letter of a statement."""
    known = {token.root for token in shown.lettered}
    return len(said.lettered) >= _ENOUGH_TO_ALIGN and all(token.root in known for token in said.lettered)


def _odd_denials(said: TokenText, shown: TokenText) -> list[str]:
    """Return that a near-verbatim statement denies more often, or less, than the clauses it takes its words from."""
    mine, theirs = _common_denials(said, shown), _common_denials(shown, said)
    return ["one of the two denies more than the other"] if mine != theirs else []


def _common_denials(passage: TokenText, other: TokenText) -> int:
    """Return how often a passage denies a word of another, in clauses that share two words with it."""
    shared = Counter(token.clause for token in passage.tokens if token.root in other.roots)
    return sum(
        shared[clause] >= _SHARED_BY_CLAUSES and _knows(denied, other.roots) for clause, denied in passage.denials
    )


def _goes_too_far(said: TokenText, shown: TokenText, shared: float) -> list[str]:
    """Return that a statement says of all, or always, what its passage says of some, of most or of what may be."""
    if shared < _HEDGED_SHARE or not said.uses("universals") or said.uses("hedges"):
        return []
    if shown.uses("universals", qualified=False):
        return []
    return ["the passage does not say it of all"] if shared >= NEAR_VERBATIM or shown.uses("hedges") else []


def _knows(word: str, roots: frozenset[str] | set[str]) -> bool:
    return word in roots or any(related(word, own) for own in roots)


def _perhaps_denied(passage: TokenText) -> set[str]:
    """Return all words in the reach of a denial and its subject: "the price is not named" denies a price as "no price" does."""
    forms, tongue = forms_of(passage.tongue), passage.tongue
    reach = {_root(word, tongue) for match in forms.denied.finditer(passage.text) for word in WORD.findall(match[1])}
    return reach | {_root(match[1], tongue) for match in forms.subject_denied.finditer(passage.text)}


def _in_contrast(word: str, said: TokenText, shown: TokenText) -> bool:
    """Tell whether the passage says the word of one thing and sets against it the thing that the statement speaks of."""
    parts = [TokenText(part, shown.tongue).roots for part in forms_of(shown.tongue).contrast.split(shown.text)]
    if len(parts) < 2:
        return False
    own = said.roots - {word}
    affirmed = frozenset().union(*(part for part in parts if word in part))
    return any(word not in part and own & part - affirmed for part in parts)


def _denied(passage: TokenText) -> set[str]:
    """Return the roots of what the denials of a passage deny: the first word behind each that can be denied."""
    tongue = passage.tongue
    following = (WORD.findall(match[1]) for match in forms_of(tongue).denied.finditer(passage.text))
    told = ([word for word in words if _can_be_denied(word, tongue)] for words in following)
    return {_root(words[0], tongue) for words in told if words}


def _can_be_denied(word: str, tongue: Language) -> bool:
    low = fold(word)
    standing_in = low in tongue.phrase_set("indefinite_pronouns")
    return not _is_small(word, tongue) and not standing_in and not low.endswith(tongue.phrases("adverb_endings"))
