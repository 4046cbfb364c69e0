"""Noun phrases of English prose that may name a concept, with the figures to rank them.

No tagger: whether a word names a thing is read off the material itself, from the company it keeps (behind a
determiner or preposition and before a border: a noun; behind "to" or a modal: a verb), helped by suffixes.
Counting follows C-value (Frantzi, Ananiadou and Mima, 2000): a phrase mostly seen inside longer ones counts less.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log2

from documents_app.domain.keyphrases_words import (
    ENGLISH_FUNCTION_WORDS,
    GENERIC_WORDS,
    WORD,
    is_content_word,
    is_everyday_verb,
    key,
)

Key = tuple[str, ...]

MAX_WORDS = 4
_URL = re.compile(
    r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|\b[\w\-]+\.(?:com|org|net|edu|gov|html?|pdf|jpg|png|gif|svg)\b\S*"
)
_BEFORE_NOUN = frozenset(
    """the a an this these those its their his her our your my each every some any many several all both few no such of in
    on at by for from with within between among through into onto about as per two three four five six seven eight nine
    ten one most other another different various certain""".split()
)
_BEFORE_VERB = frozenset(
    "to can may might must will would could should shall cannot not they we it he she who which that do does did you i".split()
)
_NOUN_ENDINGS = (
    "tion", "sion", "ment", "ness", "ity", "ism", "ist", "ance", "ence", "ship", "logy", "graphy", "metry", "ure", "dom",
    "hood", "osis", "itis", "ase", "gen", "cyte", "phyte", "plasm", "some", "acy", "ency", "ancy", "tude", "nomy", "um",
)  # fmt: skip
_ADJECTIVE_ENDINGS = (
    "ous", "ive", "able", "ible", "ful", "less", "ary", "ish", "ic", "al", "oid", "like", "ed", "est", "ly", "ing", "ant",
    "ent", "ate", "ular", "nal",
)  # fmt: skip
_CITED_NAME = re.compile(
    r"\s*(?:et\s+al\b|(?:and|&)\s+[A-Z][\w\-]+,?\s*\(?(?:1[6-9]|20)\d\d\)|,?\s*\(?(?:1[6-9]|20)\d\d[a-z]?[);,])"
)
_BORDER = re.compile(r"[^\s'’\-‑/]")


@dataclass(slots=True)
class Phrase:
    """A candidate: its key, how often it stands alone or inside longer phrases, and in which sentences."""

    key: Key
    count: int = 0
    alone: int = 0
    c_value: float = 0.0
    surfaces: Counter[str] = field(default_factory=Counter)
    sentences: list[int] = field(default_factory=list)
    cited: int = 0

    @property
    def name(self) -> str:
        """The commonest written form; small letters unless the capitals are its own."""
        lowered: Counter[str] = Counter()
        for surface, count in self.surfaces.items():
            lowered[surface.lower()] += count
        common = min(lowered, key=lambda form: (-lowered[form], len(form), form))
        forms = {s: c for s, c in self.surfaces.items() if s.lower() == common}
        return min(forms, key=lambda form: (-forms[form], form))


@dataclass(slots=True)
class _Token:
    text: str
    key: str
    start: int
    end: int
    open: bool
    """True if nothing but space stands between this token and the one before it."""


class WordKinds:
    """Evidence, gathered over the whole material, for a word being a noun or a verb."""

    def __init__(self) -> None:
        self.noun: Counter[str] = Counter()
        self.verb: Counter[str] = Counter()
        self.modifier: Counter[str] = Counter()
        self.total: Counter[str] = Counter()
        self.singular_noun: Counter[str] = Counter()
        self.written: set[str] = set()

    def observe(self, tokens: Sequence[_Token]) -> None:
        """Add the evidence of one sentence."""
        last = len(tokens) - 1
        led = False
        for position, token in enumerate(tokens):
            lowered = token.text.lower()
            if not token.open:
                led = False
            if lowered in ENGLISH_FUNCTION_WORDS or token.text[0].isdigit():
                led = lowered in _BEFORE_NOUN or token.text[0].isdigit()
                continue
            previous = tokens[position - 1].text.lower() if position and token.open else ""
            at_border = (
                position == last or not tokens[position + 1].open or not is_content_word(tokens[position + 1].text)
            )
            self.total[token.key] += 1
            self.written.add(lowered)
            if previous in _BEFORE_VERB:
                self.verb[token.key] += 1
            elif led and at_border:
                self.noun[token.key] += 1
                self.singular_noun[token.key] += lowered == token.key
            elif led:
                self.modifier[token.key] += 1
            if (
                position < last
                and tokens[position + 1].open
                and tokens[position + 1].text.lower() in {"the", "a", "an", "its", "their"}
            ):
                self.verb[token.key] += 1

    def is_noun(self, token_key: str, written: str) -> bool:
        """Tell whether the word may end a noun phrase."""
        lowered = written.lower()
        if is_everyday_verb(lowered) or len(lowered) < 2 or lowered.endswith("ly"):
            return False
        noun, verb = self.noun[token_key], self.verb[token_key]
        if lowered != token_key and not self.singular_noun[token_key] and self._is_conjugated(token_key):
            return False
        if lowered.endswith(_NOUN_ENDINGS) or written[1:].isupper():
            return noun + 2 >= verb
        if lowered.endswith(_ADJECTIVE_ENDINGS) and not lowered.endswith("s"):
            return noun >= 2 and noun > 1.5 * verb and noun > 0.25 * self.modifier[token_key]
        return noun >= 1 and noun > verb or (self.total[token_key] == 1 and not verb)

    def _is_conjugated(self, base: str) -> bool:
        """Tell whether the material also has the word as a verb ("proposes" beside "proposed")."""
        root = base[:-1] if base.endswith("e") else base
        return root + "ed" in self.written or root + "ing" in self.written

    def is_verb(self, token_key: str, written: str) -> bool:
        """Tell whether the word is rather a verb than a part of a name."""
        if is_everyday_verb(written):
            return True
        return self.verb[token_key] > self.noun[token_key] + self.modifier[token_key]


def tokenise(sentence: str) -> list[_Token]:
    """Return the tokens of a sentence in reading form; ``open`` marks those not behind punctuation."""
    if "://" in sentence or "www." in sentence or "@" in sentence:
        sentence = _URL.sub(lambda m: " ," + " " * max(0, len(m[0]) - 2), sentence)
    tokens: list[_Token] = []
    end = 0
    for match in WORD.finditer(sentence):
        start = match.start()
        tokens.append(_Token(match[0], key(match[0]), start, match.end(), not _BORDER.search(sentence, end, start)))
        end = match.end()
    return tokens


def noun_phrases(sentences: Sequence[str], headings: Iterable[str] = ()) -> dict[Key, Phrase]:
    """Return the candidate noun phrases of English ``sentences`` (in reading form) by key.

    ``headings`` help to tell nouns from other words; phrases in them are not counted.
    """
    tokenised = [tokenise(sentence) for sentence in sentences]
    kinds = WordKinds()
    for tokens in tokenised:
        kinds.observe(tokens)
    for heading in headings:
        for token in tokenise(heading):
            kinds.noun[token.key] += 1
            kinds.singular_noun[token.key] += 1
    phrases: dict[Key, Phrase] = {}
    extended: dict[Key, Phrase] = {}
    for index, tokens in enumerate(tokenised):
        before: list[_Token] = []
        for run in _runs(tokens, kinds):
            _count(run, index, sentences[index], phrases, kinds)
            _count_extended(before, run, index, sentences[index], extended, kinds)
            before = run
    _adopt(extended, phrases)
    _c_values(phrases)
    return phrases


def _count_extended(
    before: Sequence[_Token],
    run: list[_Token],
    index: int,
    sentence: str,
    extended: dict[Key, Phrase],
    kinds: WordKinds,
) -> None:
    """Count what may be a name only if it is used like one: "great powers", "balance of power"."""
    end = len(run)
    while end and not kinds.is_noun(run[end - 1].key, run[end - 1].text):
        end -= 1
    if 2 <= end <= MAX_WORDS and run[0].text.lower() in GENERIC_WORDS:
        _add(run[:end], index, sentence, extended, alone=True)
    if before and 1 <= end <= 2 and re.fullmatch(r"\s+of(?:\s+the)?\s+", sentence[before[-1].end : run[0].start]):
        head = before[-1]
        if kinds.is_noun(head.key, head.text) and head.text.lower() not in GENERIC_WORDS:
            link = _Token("of", "of", head.end, head.end, True)
            _add([head, link, *run[:end]], index, sentence, extended, alone=True)


def _adopt(extended: dict[Key, Phrase], phrases: dict[Key, Phrase]) -> None:
    """Take over extended phrases that make up half of the uses of what they extend; that then stands alone less often."""
    for phrase_key, phrase in extended.items():
        inner_key = phrase_key[phrase_key.index("of") + 1 :] if "of" in phrase_key else phrase_key[1:]
        inner = phrases.get(inner_key)
        proper = all(word == "of" or word[:1].isupper() for word in phrase.name.split() if word != "the")
        enough = phrase.count >= (2 if proper and "of" in phrase_key else 3)
        if phrase_key in phrases or not enough:
            continue
        if inner is None or proper or phrase.count >= (0.5 if "of" not in phrase_key else 0.25) * inner.count:
            phrases[phrase_key] = phrase
            if inner is not None:
                inner.alone = max(0, inner.alone - phrase.count)


def _runs(tokens: Sequence[_Token], kinds: WordKinds) -> Iterable[list[_Token]]:
    run: list[_Token] = []
    for position, token in enumerate(tokens):
        fits = is_content_word(token.text) and not kinds.is_verb(token.key, token.text)
        if run and (not fits or not token.open):
            yield run
            run = []
        if fits:
            if position == 0 and token.text.lower().endswith("ly"):
                continue
            run.append(token)
    if run:
        yield run


def _count(run: list[_Token], index: int, sentence: str, phrases: dict[Key, Phrase], kinds: WordKinds) -> None:
    end = len(run)
    while end and not kinds.is_noun(run[end - 1].key, run[end - 1].text):
        end -= 1
    start = 0
    while start < end - 1 and (run[start].text.lower() in GENERIC_WORDS or run[start].text.lower().endswith("ly")):
        start += 1
    head = run[start:end]
    for size in range(1, min(MAX_WORDS, len(head)) + 1):
        for first in range(len(head) - size + 1):
            part = head[first : first + size]
            if not kinds.is_noun(part[-1].key, part[-1].text) or not _may_begin(part, kinds):
                continue
            _add(part, index, sentence, phrases, alone=size == len(head))


def _may_begin(part: Sequence[_Token], kinds: WordKinds) -> bool:
    lowered = part[0].text.lower()
    if len(part) == 1:
        if kinds.noun[part[0].key] < 0.3 * kinds.modifier[part[0].key]:
            return False
        return lowered not in GENERIC_WORDS and part[0].key not in GENERIC_WORDS and len(lowered) > 2
    if lowered in GENERIC_WORDS or lowered.endswith("ly"):
        return False
    return any(token.text.lower() not in GENERIC_WORDS for token in part)


def _add(part: Sequence[_Token], index: int, sentence: str, phrases: dict[Key, Phrase], *, alone: bool) -> None:
    phrase_key = tuple(token.key for token in part)
    phrase = phrases.get(phrase_key)
    if phrase is None:
        phrase = phrases[phrase_key] = Phrase(phrase_key)
    surface = sentence[part[0].start : part[-1].end]
    if part[0].start == 0 and part[0].text[1:].islower() and not any(token.text[0].isupper() for token in part[1:]):
        surface = surface[0].lower() + surface[1:]
    phrase.count += 1
    phrase.alone += alone
    phrase.surfaces[surface] += 1
    if not phrase.sentences or phrase.sentences[-1] != index:
        phrase.sentences.append(index)
    if surface[:1].isupper() and _CITED_NAME.match(sentence, part[-1].end):
        phrase.cited += 1


def _c_values(phrases: dict[Key, Phrase]) -> None:
    """Set ``c_value`` = log2(1 + words) · (count − mean count of the longer phrases around it)."""
    around: dict[Key, list[int]] = defaultdict(list)
    for phrase in phrases.values():
        size = len(phrase.key)
        for length in range(1, size):
            for first in range(size - length + 1):
                part = phrase.key[first : first + length]
                if part in phrases and phrase.count > 1:
                    around[part].append(phrase.count)
    for phrase in phrases.values():
        longer = around.get(phrase.key)
        nested = sum(longer) / len(longer) if longer else 0.0
        phrase.c_value = max(0.0, log2(1 + len(phrase.key)) * (phrase.count - nested))


def acronyms(sentences: Sequence[str]) -> dict[str, Key]:
    """Return acronyms introduced as "long form (LF)" with the key of the long form (Schwartz and Hearst, 2003, simplified)."""
    found: dict[str, Key] = {}
    for sentence in sentences:
        for match in re.finditer(r"\(([A-Z][A-Za-z\-]{0,6}[A-Z]s?)\)", sentence):
            letters = [c.lower() for c in match[1] if c.isupper()]
            before = tokenise(sentence[: match.start()])[-2 * len(letters) :]
            for size in range(1, len(before) + 1):
                long_form = before[-size:]
                initials = "".join(
                    part[0].lower() for token in long_form for part in re.split(r"[-–/]", token.text) if part
                )
                if initials == "".join(letters) and size > 1:
                    found.setdefault(match[1].rstrip("s"), tuple(token.key for token in long_form))
                    break
    return found
