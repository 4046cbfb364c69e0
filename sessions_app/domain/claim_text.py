"""Statements and passages in tokens: words with content, numbers with their units, ordinals, and the clauses they stand in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sessions_app.domain.claim_forms import forms_of
from sessions_app.domain.questions.negation import related
from sessions_app.domain.questions.text import STOP_WORDS, WORD, clean, fold, root
from sessions_app.domain.questions.vocabulary import COMPARED
from tutor_project.language import Language, language
from tutor_project.language.detection import detect
from tutor_project.language.quantities.finding import find_quantities
from tutor_project.language.quantities.units import MeasureUnit

_COMPOUNDED = 5
"""Letters of a word from which on a longer one that begins with it is a compound of it."""
_NOUN_LEADS = ("determiners", "indefinite_articles", "possessives", "noun_leads")
_DIGITS = re.compile(r"[\d.,]*\d|[^\W_]+")
"""A number as its digits are written, with what groups them."""
_DENIAL_REACH = 8
ROMAN = re.compile(r"[IVX]{1,4}")
_ENGLISH = language("en")


@dataclass(frozen=True, slots=True)
class Token:
    """A content word or a number: its root, its form, the clause it stands in.

    ``number`` for a number, with its unit; ``place`` for an ordinal.
    """

    root: str
    form: str
    clause: int
    number: float | None = None
    unit: MeasureUnit | None = None
    place: str = ""


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
                found.append((clause, root_in(next(told, ""), self.tongue)))
        return found

    @cached_property
    def sentences(self) -> Sequence[Sequence[Token]]:
        """The tokens of each of its sentences, letters that are names included."""
        return [_tokens(self.text[start:end], self.tongue) for start, end in self.tongue.sentences(self.text)]

    @cached_property
    def denied_pairs(self) -> Sequence[tuple[str, str]]:
        """The roots of two words right behind a word that denies a thing: "no clear sign"."""
        tongue, words = self.tongue, [match[0] for match in WORD.finditer(self.text)]
        deny = {fold(word) for word in tongue.phrases("noun_negations")}
        return [
            (root_in(one, tongue), root_in(other, tongue))
            for word, one, other in zip(words, words[1:], words[2:], strict=False)
            if fold(word) in deny and not is_small(one, tongue) and not is_small(other, tongue)
        ]

    @cached_property
    def told_apart(self) -> Mapping[tuple[str, ...], Sequence[Token]]:
        """What tells things apart, by the roots of the thing: "reverse" of "in reverse order", by (order,)."""
        found: dict[tuple[str, ...], list[Token]] = {}
        for words, clause in self._noun_phrases():
            first, *thing = (Token(root_in(word, self.tongue), fold(word), clause) for word in words)
            found.setdefault(tuple(word.root for word in thing), []).append(first)
        return found

    def _noun_phrases(self) -> Iterator[tuple[list[str], int]]:
        """Yield the words with content, two or more, that stand behind a word after which a noun stands, and their clause."""
        leads = frozenset(fold(word) for name in _NOUN_LEADS for word in self.tongue.phrases(name))
        before = ""
        words = ((match[0], clause) for match, clause in _worded(self.text, self.tongue))
        for (tells, clause), run in itertools.groupby(
            words, key=lambda word: (_tells(fold(word[0]), word[0], self.tongue), word[1])
        ):
            written = [word for word, _ in run]
            if tells and len(written) > 1 and before in leads:
                yield written, clause
            before = fold(written[-1])

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
    border, narrowing = forms_of(tongue).border, forms_of(tongue).narrowing
    clause = position = 0
    for match in WORD.finditer(text):
        between = text[position : match.start()]
        if not (between.strip() == "," and narrowing.match(text, match.start())):
            clause += len(border.findall(between)) + bool(border.fullmatch(match[0]))
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
            place = f"{quantity.value:g}" if quantity.ordinal else ""
            found.append(Token(f"{quantity.value:g}", match[0], clause, quantity.value, quantity.unit, place))
            digits = _DIGITS.match(text, match.start()) if quantity.digits else None
            skip = digits.end() if digits else quantity.end
        elif ROMAN.fullmatch(match[0]) and (match[0] != "I" or (found and found[-1].clause == clause)):
            found.append(Token(match[0], match[0], clause))
        elif match[0].casefold() in tongue.phrases("counting_one") and one_counts.search(text[: match.start()]):
            found.append(Token("1", match[0], clause, 1.0))
        else:
            found += _words_of(match[0], clause, tongue)
    return found[:400]


def _words_of(word: str, clause: int, tongue: Language) -> list[Token]:
    """Return the parts of a word, between hyphens, that carry content."""
    parts = ((fold(part), part) for part in word.split("-"))
    places = tongue.mapping("ordinals")
    return [
        Token(root_in(part, tongue), low, clause, place=places.get(part.casefold(), ""))
        for low, part in parts
        if low and _tells(low, part, tongue)
    ]


def root_in(word: str, tongue: Language) -> str:
    return root(fold(word)) if tongue is _ENGLISH else tongue.stem(word)


def _tells(low: str, written: str, tongue: Language) -> bool:
    """Return whether a word carries content; a letter by itself is the name of something, if it is no word."""
    if len(written) == 1 and written.isalpha():
        return written.isupper() and written not in "AI" if tongue is _ENGLISH else not tongue.is_stop_word(written)
    if tongue is not _ENGLISH:
        return not tongue.is_stop_word(written)
    return low not in STOP_WORDS or low in COMPARED


def is_small(word: str, tongue: Language) -> bool:
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
def read_text(text: str, tongue: Language | None = None) -> TokenText:
    """Return a text in tokens; sentence after sentence rests on the same few passages."""
    return TokenText(text, tongue or tongue_of(text))


def longest_common(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for one in a:
        before = 0
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if one == other else max(row[j], row[j - 1])
    return row[-1]


def clauses_of(passage: TokenText) -> list[list[Token]]:
    return [list(clause) for _, clause in itertools.groupby(passage.lettered, key=lambda token: token.clause)]


def knows_root(word: str, roots: frozenset[str] | set[str]) -> bool:
    return word in roots or any(related(word, own) for own in roots)
