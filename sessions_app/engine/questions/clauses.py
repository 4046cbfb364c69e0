"""The main clause of a sentence: opener, subject, verb group and rest, or nothing where it is not certain.

The reader is strict. A sentence it cannot take apart with certainty yields no question, and textbooks have
enough of the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sessions_app.engine.questions import words as w
from sessions_app.engine.questions.tagging import Token

_NOUN = frozenset({"NN", "NNS", "NNP", "NNPS"})
_INSIDE_NP = _NOUN | {"JJ", "JJR", "JJS", "CD", "VBN", "POS"}
_FINITE = frozenset({"VBZ", "VBP", "VBD", "MD"})


@dataclass(frozen=True, slots=True)
class NounPhrase:
    """Tokens ``start:end``; ``core_end`` ends the part before any "of …"; ``head`` is the index of the head noun."""

    start: int
    core_end: int
    end: int
    head: int
    determiner: str
    plural: bool
    conjoined: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One main clause. ``text`` is the sentence without parentheses; token spans point into it.

    ``opener`` is a leading phrase kept as it is ("In mammals"), verb tokens are ``verb_start:verb_end``, the rest
    runs to ``rest_end`` (before the full stop). ``main`` indexes the lexical verb. ``end_cut`` tells that a
    second clause was left out.
    """

    text: str
    tokens: tuple[Token, ...]
    opener: str
    subject: NounPhrase
    verb_start: int
    verb_end: int
    main: int
    rest_end: int
    negated: bool
    passive: bool
    copula: bool
    subordinate_opener: bool = False

    def slice(self, start: int, end: int) -> str:
        """Return the text of tokens ``start:end``."""
        if start >= end:
            return ""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    @property
    def subject_text(self) -> str:
        """The whole subject as written."""
        return self.slice(self.subject.start, self.subject.end)

    @property
    def verb_text(self) -> str:
        """The verb group as written, adverbs included."""
        return self.slice(self.verb_start, self.verb_end)

    @property
    def rest_text(self) -> str:
        """What follows the verb group, without the full stop."""
        return self.slice(self.verb_end, self.rest_end)

    @property
    def bare_verbs(self) -> str:
        """The verb group without adverbs that only link to the sentence before ("also" is kept where a second name is given)."""
        naming = self.tokens[self.main].low in w.NAMING_VERBS
        return " ".join(
            token.text
            for token in self.tokens[self.verb_start : self.verb_end]
            if token.low not in w.LINKING_ADVERBS or (naming and token.low == "also")
        )

    @property
    def statement(self) -> str:
        """The clause as a sentence of its own, with a capital and a full stop."""
        body = f"{self.subject_text} {self.bare_verbs} {self.rest_text}".strip().replace(" ,", ",")
        if self.opener:
            body = f"{self.opener}, {body}"
        return body[0].upper() + body[1:] + "."


def without_parentheses(text: str) -> str:
    """Return the text without bracketed insertions (nested ones too) and with tidy spaces."""
    previous = None
    while previous != text:
        previous = text
        text = re.sub(r"\s*[(\[][^()\[\]]*[)\]]", "", text)
    return re.sub(r"\s+([,.;:])", r"\1", re.sub(r"\s{2,}", " ", text)).strip()


def read_noun_phrase(tokens: Sequence[Token], i: int, *, prepositions: bool = True) -> NounPhrase | None:
    """Read the noun phrase that begins at token ``i``; ``None`` where none does."""
    start = i
    determiner = ""
    if i < len(tokens) and tokens[i].tag in {"DT", "PRP$"}:
        determiner = tokens[i].low
        i += 1
    head = -1
    conjoined = False
    while i < len(tokens):
        token = tokens[i]
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.tag in _NOUN:
            head = i
        elif token.tag in _INSIDE_NP or (
            token.tag == "VBG" and following is not None and following.tag in _NOUN | {"JJ"}
        ):
            if (
                head >= 0
                and token.tag in {"JJ", "VBN", "VBG", "JJR"}
                and not (following is not None and following.tag in _NOUN)
            ):
                break
            if head >= 0 and token.tag == "VBN":
                break
        elif token.tag == "RB" and following is not None and following.tag in {"JJ", "VBN", "CD"} and head < 0:
            pass
        elif (
            token.low in {"and", "or"}
            and following is not None
            and following.tag in _INSIDE_NP | {"DT"}
            and _noun_follows(tokens, i + 1)
        ):
            conjoined = conjoined or head >= 0
            if following.tag == "DT":
                i += 1
        elif token.tag == "," and head >= 0 and _list_continues(tokens, i):
            conjoined = True
        else:
            break
        i += 1
    if head < 0:
        return None
    core_end = head + 1
    end = core_end
    while (
        prepositions
        and end < len(tokens)
        and tokens[end].low in {"of", "in", "for", "between", "on", "from", "to", "with", "within", "at"}
    ):
        inner = read_noun_phrase(tokens, end + 1, prepositions=False)
        if inner is None:
            break
        end = inner.end
    plural = conjoined or tokens[head].tag in {"NNS", "NNPS"}
    return NounPhrase(start, core_end, end, head, determiner, plural, conjoined)


def _noun_follows(tokens: Sequence[Token], i: int) -> bool:
    for token in tokens[i : i + 5]:
        if token.tag in _NOUN:
            return True
        if token.tag not in _INSIDE_NP | {"DT", "RB", "VBG"}:
            return False
    return False


def _list_continues(tokens: Sequence[Token], i: int) -> bool:
    """Whether a comma at ``i`` belongs to "A, B, and C": noun phrases only up to the "and"."""
    commas = 0
    for j in range(i, min(len(tokens), i + 24)):
        token = tokens[j]
        if token.low in {"and", "or"}:
            return commas >= 1 and _noun_follows(tokens, j + 1) and tokens[j - 1].tag in _NOUN | {","}
        if token.tag == ",":
            commas += 1
            if commas > 1 and tokens[j - 1].tag not in _NOUN:
                return False
        elif token.tag not in _INSIDE_NP | {"DT", "RB", "VBG"} and token.low != "of":
            return False
    return False


def read_clause(text: str, tokens: list[Token]) -> Clause | None:
    """Return the main clause of a sentence (tokens of ``text``), or None where the structure is not certain."""
    tokens = list(tokens)
    end = len(tokens)
    while end and tokens[end - 1].tag in {".", "SYM", ":"}:
        end -= 1
    if end < 4 or any(token.text in {"?", "!", '"', "“", "”", "*", "=", "|", "…", "..."} for token in tokens[:end]):
        return None
    opener, i, subordinate = _read_opener(text, tokens, end)
    subject = read_noun_phrase(tokens, i)
    if subject is None:
        return None
    position = _skip_insertion(tokens, subject.end, end)
    group = _read_verbs(tokens, position, end)
    if group is None:
        return None
    if position != subject.end:
        # "The pons, a bridge, lies …": the insertion is left out of subject and statement alike.
        subject = NounPhrase(
            subject.start,
            subject.core_end,
            subject.end,
            subject.head,
            subject.determiner,
            subject.plural,
            subject.conjoined,
        )
    verb_end, main, negated, passive, copula = group
    rest_end = _clause_end(tokens, verb_end, end)
    if rest_end <= verb_end and not passive:
        return None
    return Clause(
        text, tuple(tokens), opener, subject, position, verb_end, main, rest_end, negated, passive, copula, subordinate
    )  # fmt: skip


def _read_opener(text: str, tokens: list[Token], end: int) -> tuple[str, int, bool]:
    """Return the kept opener, the index where the subject may begin, and whether the opener is a clause."""
    i = 0
    low = text.lower()
    for phrase in w.DISCOURSE_PHRASES:
        if low.startswith(phrase + ","):
            while i < end and tokens[i].start <= len(phrase):
                i += 1
            return "", i, False
    if tokens[0].low in w.DISCOURSE and tokens[0].tag != "DT":
        i = 1
        if i < end and tokens[i].tag == ",":
            i += 1
        return (tokens[0].text if tokens[0].low in w.HEDGES else ""), i, False
    if tokens[0].tag in {"IN", "TO", "VBG", "VBN", "WRB"} or tokens[0].low == "according":
        depth = 0
        for j in range(1, min(end, 26)):
            if tokens[j].tag == "(":
                depth += 1
            elif tokens[j].tag == ")":
                depth -= 1
            elif tokens[j].tag == "," and depth == 0 and not _list_continues(tokens, j):
                has_verb = any(token.tag in _FINITE | {"VBG", "VBN"} for token in tokens[:j])
                clause = tokens[0].low in w.SUBORDINATORS or tokens[0].tag in {"VBG", "VBN", "WRB"} or has_verb
                return text[tokens[0].start : tokens[j - 1].end], j + 1, clause
    return "", 0, False


def _skip_insertion(tokens: list[Token], i: int, end: int) -> int:
    """Skip ", which … ," and ", a kind of X," after the subject; the verb must follow the closing comma."""
    if i >= end or tokens[i].tag != ",":
        return i
    for j in range(i + 1, min(end - 1, i + 30)):
        if tokens[j].tag == "," and (
            tokens[j + 1].tag in _FINITE or (tokens[j + 1].tag == "RB" and j + 2 < end and tokens[j + 2].tag in _FINITE)
        ):
            return j + 1
    return i


def _read_verbs(tokens: list[Token], i: int, end: int) -> tuple[int, int, bool, bool, bool] | None:
    """Read the verb group at ``i``: (end, lexical verb, negated, passive, copula)."""
    start = i
    while i < end and tokens[i].tag == "RB" and i - start < 2:
        i += 1
    if i >= end or not (
        tokens[i].tag in _FINITE or (tokens[i].tag == "VBN" and tokens[i].low not in w.IRREGULAR_PARTICIPLES)
    ):
        return None
    if (tokens[i].tag == "VBN" or (tokens[i].tag == "VBD" and tokens[i].low not in w.FINITE_AUX)) and _finite_later(
        tokens, i + 1, end
    ):
        return None  # a reduced relative: "cells surrounded by … are"
    if tokens[i].tag == "VBN" and i + 1 < end and tokens[i + 1].low in {"to", "with", "by", "as", "from"}:
        return None  # "a virus closely related to …": a participle, not the verb of a sentence
    negated = False
    main = i
    last_aux = tokens[i].low
    if last_aux in w.FINITE_AUX:
        i += 1
        while i < end:
            token = tokens[i]
            if token.low in {"not", "never", "n't"}:
                negated = True
            elif token.tag == "RB" and (
                (i + 1 < end and tokens[i + 1].tag in {"VB", "VBN", "VBG", "RB", "JJ"})
                or token.low in {"also", "usually", "often", "generally", "typically"}
            ):
                pass
            elif token.low in {"be", "been", "being", "have"}:
                last_aux, main = token.low, i
            elif token.tag in {"VB", "VBN", "VBG"} or (last_aux in w.MODALS | w.DO and token.tag in {"NN", "VBP"}):
                if last_aux in w.BE and token.tag == "VBG":
                    return None
                passive = last_aux in w.BE and token.tag == "VBN"
                return i + 1, i, negated, passive, False
            else:
                break
            i += 1
        copula = last_aux in w.BE
        return i, main, negated, False, copula
    return i + 1, i, negated, False, False


def _finite_later(tokens: list[Token], i: int, end: int) -> bool:
    for j in range(i, end):
        if tokens[j].tag in {"WDT", ";", ","} or tokens[j].low in w.SUBORDINATORS | {"and", "but"}:
            return False
        if tokens[j].tag in _FINITE:
            return True
    return False


def _clause_end(tokens: list[Token], i: int, end: int) -> int:
    """End of the first main clause: before a semicolon, a dash, ", and/but/while + clause"."""
    for j in range(i, end):
        if (
            tokens[j].tag in {";", ":"}
            or tokens[j].text in {"—", "--"}
            or (tokens[j].text == "–" and not _range_dash(tokens, j))
        ):
            return j
        if tokens[j].tag == "," and j + 1 < end:
            following = tokens[j + 1].low
            if following in {
                "but",
                "so",
                "yet",
                "while",
                "whereas",
                "although",
                "though",
                "because",
                "since",
                "which",
                "where",
                "who",
                "whose",
                "when",
            }:
                return j
            if following in {"and", "or"} and _has_own_clause(tokens, j + 2, end):
                return j
            if following in {
                "with",
                "making",
                "thus",
                "thereby",
                "hence",
                "therefore",
                "including",
                "such",
                "for",
                "e.g",
                "especially",
                "particularly",
                "notably",
                "meaning",
            }:
                return j
            if tokens[j + 1].tag in {"VBG"}:
                return j
        if (
            tokens[j].low in {"and", "but", "while", "whereas", "although"}
            and tokens[j - 1].tag != ","
            and j > i
            and _has_own_clause(tokens, j + 1, end, subject=True)
        ):
            return j
    return end


def _range_dash(tokens: list[Token], j: int) -> bool:
    return j + 1 < len(tokens) and tokens[j].start == tokens[j - 1].end and tokens[j + 1].start == tokens[j].end


def _has_own_clause(tokens: list[Token], i: int, end: int, *, subject: bool = False) -> bool:
    """Whether a subject and a finite verb stand at ``i``; a bare second verb counts unless ``subject`` is asked for."""
    if i < end and tokens[i].tag in {"PRP", "EX"}:
        return True
    phrase = read_noun_phrase(tokens, i)
    if phrase is None:
        return not subject and i < end and tokens[i].tag in _FINITE
    position = phrase.end
    while position < end and tokens[position].tag == "RB":
        position += 1
    return position < end and tokens[position].tag in _FINITE
