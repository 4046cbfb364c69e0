"""Phrases of prose that may name a concept, with the figures to rank them, in any language.

No tagger: whether a word names a thing is read off the material itself, from the company it keeps (behind an article
or preposition: a noun; behind a pronoun or auxiliary, or in front of an article: a verb). Which words these are, and
where the head of a name stands, is data of the language. Counting follows C-value (Frantzi, Ananiadou and Mima,
2000): a phrase mostly seen inside longer ones counts less.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from tutor_project.language import Language, Word

Stems = tuple[str, ...]

MAX_WORDS = 4
_NO_ENDING = "\0"
_CITED = re.compile(r"\s*(?:et\s+al\b|,?\s*\((?:1[6-9]|20)\d\d[a-z]?\))")
"""What follows the names of authors who are cited."""
_HYPHENS = frozenset({"-", "‑"})
_GAP_JOINS = frozenset({" ", "-", "‑"})
_WHOLE = 1000
"""How much more a place tells of the spelling of a name where no longer one stands around it."""
_COMMON_SHARE, _COMMON_LENGTH = 0.1, 4
"""In a language without word lists, short words that stand in so large a share of the sentences say nothing."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A candidate: its stems, name, how often it stands at all and not inside a longer phrase, and in which sentences."""

    stems: Stems
    name: str
    count: int
    alone: int
    c_value: float
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """How names are built in a language, as far as it is known, and the words that no name holds."""

    language: Language
    known: bool
    head_last: bool
    capitals: bool
    verb_endings: tuple[str, ...]
    weak_endings: tuple[str, ...]
    idle: frozenset[str]

    @classmethod
    def of(cls, language: Language, texts: Sequence[str] = ()) -> Shape:
        """Return the shape of a language; where it has no word lists the commonest short words of ``texts`` are idle."""
        stated = language.mapping("noun_shape")
        idle = language.stop_words | language.phrase_set("common_verbs") | language.phrase_set("auxiliaries")
        return cls(
            language,
            bool(stated),
            stated.get("head", "last") == "last",
            stated.get("capitals") == "yes",
            tuple(stated.get("verb_endings", "").split()),
            tuple(stated.get("weak_endings", "").split()),
            idle or _common_words(language, texts),
        )

    def carries(self, word: str) -> bool:
        """Tell whether a word may be part of a name."""
        lowered = word.lower().replace("’", "'")
        return not lowered[0].isdigit() and lowered not in self.idle and not self.language.is_stop_word(word)


def _common_words(language: Language, texts: Sequence[str]) -> frozenset[str]:
    seen = Counter(word for text in texts for word in {w.text.lower() for w in language.words(text)})
    return frozenset(w for w, n in seen.items() if len(w) <= _COMMON_LENGTH and n > max(1, _COMMON_SHARE * len(texts)))


@dataclass(frozen=True, slots=True)
class WordUses:
    """How often each word, in lower case, was seen as a noun, inside a name, and as a verb.

    ``capital`` holds the words that have a capital where no sentence begins.
    """

    noun: Counter[str]
    inner: Counter[str]
    verb: Counter[str]
    of_stem: Counter[str]
    capital: Counter[str]

    def is_noun(self, word: Word, shape: Shape) -> bool:
        """Tell whether a word may be the head of a name."""
        form = word.text.lower()
        if word.text[1:].isupper() or not shape.known:
            return True
        if shape.capitals:
            return word.text[0].isupper() and self.capital[form] > 0
        if form.endswith(shape.weak_endings or _NO_ENDING) and self.noun[form] < 2:
            return False  # "failed", "existing": rather a verb or an adjective
        by_stem = (
            not form.endswith(shape.verb_endings or _NO_ENDING) and self.of_stem[shape.language.stem(word.text)] > 0
        )
        seen = self.noun[form] or int(by_stem)
        return seen > self.verb[form] and seen >= 0.25 * self.inner[form]

    def is_verb(self, word: Word) -> bool:
        """Tell whether a word is rather a verb than a part of a name."""
        form = word.text.lower()
        return self.verb[form] > self.noun[form] + self.inner[form]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of a text that may name something, by their stems, and what the text shows about its words."""

    by_stems: Mapping[Stems, Phrase]
    shape: Shape
    uses: WordUses

    def count(self, stems: Stems) -> int:
        """Return how often a phrase is named."""
        phrase = self.by_stems.get(stems)
        return phrase.count if phrase else 0

    def may_name(self, name: str) -> bool:
        """Tell whether nothing speaks against a name that somebody set apart: its head is no verb, nor a bare adjective."""
        words = [word for word in self.shape.language.words(name) if self.shape.carries(word.text)]
        if not words or not self.shape.known:
            return bool(words)
        head = words[-1] if self.shape.head_last else words[0]
        form = head.text.lower()
        if self.shape.capitals:
            return head.text[0].isupper()
        if self.uses.noun[form] or head.text.isupper():
            return self.uses.noun[form] >= self.uses.verb[form]
        return (
            not self.uses.verb[form]
            and not self.uses.inner[form]
            and not form.endswith(self.shape.verb_endings or _NO_ENDING)
        )


def find_phrases(texts: Sequence[str], language: Language) -> Phrases:
    """Return the phrases of ``texts`` (sentences in reading form)."""
    shape = Shape.of(language, texts)
    words = [language.words(text) for text in texts]
    uses = gather_uses(words, texts, shape)
    counts: Counter[Stems] = Counter()
    alone: Counter[Stems] = Counter()
    forms: dict[Stems, Counter[str]] = defaultdict(Counter)
    places: dict[Stems, dict[int, None]] = defaultdict(dict)
    for at, (text, found) in enumerate(zip(texts, words, strict=True)):
        for part, whole in _candidates(found, text, shape, uses):
            stems = tuple(language.stem(word.text) for word in part if not language.is_stop_word(word.text))
            counts[stems] += 1
            alone[stems] += whole
            # How a name is written shows where it stands alone: "samples t-test" is a torn "paired samples t-test".
            forms[stems][_written(text, part, shape)] += _WHOLE if whole else 1
            places[stems][at] = None
    worth = _c_values(counts)
    by_stems = {
        stems: Phrase(stems, _commonest(forms[stems], shape), count, alone[stems], worth[stems], tuple(places[stems]))
        for stems, count in counts.items()
        if stems
    }
    return Phrases(by_stems, shape, uses)


def gather_uses(words: Sequence[Sequence[Word]], texts: Sequence[str], shape: Shape) -> WordUses:
    """Return what the places of words in ``texts`` show about them."""
    leads = _Leads.of(shape.language)
    uses = WordUses(Counter(), Counter(), Counter(), Counter(), Counter())
    for text, found in zip(texts, words, strict=True):
        uses.capital.update(word.text.lower() for word in found[1:] if word.text[0].isupper())
        for first, last in _runs(found, text, shape):
            before = found[first - 1].text.lower().rstrip("'’") if first else ""
            after = found[last].text.lower() if last < len(found) and text[found[last - 1].end] == " " else ""
            run = found[first:last]
            if after in leads.articles and (len(run) > 1 or before not in leads.nouns):  # "the army crossed the river"
                uses.verb[run[-1].text.lower()] += 1
                run = run[:-1]
            if run:
                _note_run(uses, run, before, leads, shape)
    return uses


@dataclass(frozen=True, slots=True)
class _Leads:
    """The small words of a language that tell of the word behind them whether it is a noun or a verb."""

    articles: frozenset[str]
    nouns: frozenset[str]
    indefinite: frozenset[str]
    verbs: frozenset[str]
    auxiliaries: frozenset[str]

    @classmethod
    def of(cls, language: Language) -> _Leads:
        articles = frozenset(article.rstrip("'’") for article in language.phrase_set("determiners"))
        return cls(
            articles=articles,
            nouns=articles | language.phrase_set("noun_leads"),
            indefinite=language.phrase_set("indefinite_articles"),
            verbs=language.phrase_set("verb_leads") - articles,
            auxiliaries=language.phrase_set("auxiliaries"),
        )


def _note_run(uses: WordUses, run: Sequence[Word], before: str, leads: _Leads, shape: Shape) -> None:
    """Count what the word before a run of content words shows: its first word a verb, or its head a noun."""
    if before in leads.verbs or (before in leads.auxiliaries and len(run) == 1):
        uses.verb[run[0].text.lower()] += 1
        return
    head, others = (run[-1], run[:-1]) if shape.head_last else (run[0], run[1:])
    form = head.text.lower()
    if before in (leads.indefinite if shape.verb_endings and form.endswith(shape.verb_endings) else leads.nouns):
        uses.noun[form] += 1
        uses.of_stem[shape.language.stem(head.text)] += 1
        uses.inner.update(word.text.lower() for word in others)


def _runs(words: Sequence[Word], text: str, shape: Shape) -> Iterator[tuple[int, int]]:
    """Yield the half-open ranges of words that carry content, with nothing but a space or hyphen between them."""
    carried = [shape.carries(word.text) for word in words]
    for at in range(len(words) - 1):  # "two-tailed", "on-site": a small word tied to a large one is part of it
        tied = words[at].end + 1 == words[at + 1].start and text[words[at].end] in _HYPHENS
        carried[at] = carried[at] or (tied and carried[at + 1])
    first = None
    for at, word in enumerate(words):
        joined = at > 0 and text[words[at - 1].end : word.start] in _GAP_JOINS
        if first is not None and not (joined and carried[at]):
            yield first, at
            first = None
        if first is None and carried[at]:
            first = at
    if first is not None:
        yield first, len(words)


def _candidates(
    words: Sequence[Word], text: str, shape: Shape, uses: WordUses
) -> Iterator[tuple[tuple[Word, ...], bool]]:
    """Yield phrases and whether each stands alone: parts of runs, and two runs joined by a word such as "of"."""
    before: tuple[tuple[Word, ...], ...] = ()
    for first, last in _runs(words, text, shape):
        for run in _without_verbs(words[first:last], uses):
            core = _trimmed(run, shape, uses)
            if not core or _is_torn(text, core) or _CITED.match(text, core[-1].end):
                before = ()
                continue
            joined = [whole for left in before if (whole := _joined(left, core, words, text, shape))]
            for whole in joined:
                yield whole, True
            for size in range(1, min(MAX_WORDS, len(core)) + 1):
                for start in range(len(core) - size + 1):
                    part = core[start : start + size]
                    if _is_name(part, text, shape, uses):
                        yield part, size == len(core) and not joined
            before = (core, *joined)


def _without_verbs(run: Sequence[Word], uses: WordUses) -> Iterator[tuple[Word, ...]]:
    """Yield the parts of a run between its verbs."""
    part: list[Word] = []
    for word in run:
        if uses.is_verb(word):
            if part:
                yield tuple(part)
            part = []
        else:
            part.append(word)
    if part:
        yield tuple(part)


def _trimmed(run: tuple[Word, ...], shape: Shape, uses: WordUses) -> tuple[Word, ...]:
    """Cut a run to end (or begin, where the head stands first) with a noun, and off the general words around it."""
    if shape.head_last:
        while run and not uses.is_noun(run[-1], shape):
            run = run[:-1]
    else:
        while run and not uses.is_noun(run[0], shape):
            run = run[1:]
    return run


def _is_name(part: tuple[Word, ...], text: str, shape: Shape, uses: WordUses) -> bool:
    if _is_torn(text, part):
        return False
    head, edge = (part[-1], part[0]) if shape.head_last else (part[0], part[-1])
    general = shape.language.phrase_set("generic_nouns")
    if not uses.is_noun(head, shape) or (
        edge.text.lower() in general and text[edge.end : edge.end + 1] not in _HYPHENS
    ):
        return False
    if len(part) == 1:
        form = head.text.lower()
        return len(form) > 2 and uses.noun[form] >= 0.5 * uses.inner[form]
    return True


def _is_torn(text: str, part: Sequence[Word]) -> bool:
    """Tell whether a hyphen or slash ties an end of the phrase to a word outside it."""
    before, after = part[0].start - 1, part[-1].end
    tied = {"-", "‑", "–", "/", "_"}
    return (before >= 0 and text[before] in tied) or (after < len(text) and text[after] in tied)


def _joined(
    left: tuple[Word, ...], right: tuple[Word, ...], words: Sequence[Word], text: str, shape: Shape
) -> tuple[Word, ...]:
    """Return two neighbouring runs with the small word between them as one phrase ("balance of power"), if they are."""
    if sum(not shape.language.is_stop_word(word.text) for word in (*left, *right)) > MAX_WORDS:
        return ()
    first = words.index(left[0])
    last = words.index(right[-1])
    whole = tuple(words[first : last + 1])
    between = [word.text.lower().rstrip("'’") for word in whole[len(left) : len(whole) - len(right)]]
    joining = {word.rstrip("'’") for word in shape.language.phrase_set("joining_words")}
    apart = text[left[-1].end : right[0].start].lower()
    if not between or len(between) > 2 or between[0] not in joining or not set(apart) <= set(" '’" + "".join(between)):
        return ()
    general = shape.language.phrase_set("generic_nouns") | shape.language.phrase_set("relational_nouns")
    head = left[-1] if shape.head_last else left[0]
    return () if head.text.lower() in general else whole


def _written(text: str, part: Sequence[Word], shape: Shape) -> str:
    """The phrase as it stands; the capital of a sentence's first word is not its own."""
    name = text[part[0].start : part[-1].end]
    inside = name[1:]
    if part[0].start == 0 and not shape.capitals and inside == inside.lower():
        return name[:1].lower() + inside
    return name


def _commonest(forms: Counter[str], shape: Shape) -> str:
    """The commonest written form; where adjectives are inflected, one that does not lean on an article before it."""
    lowered: Counter[str] = Counter()
    for form, count in forms.items():
        lowered[form.lower()] += count
    oblique = tuple(shape.language.phrases("oblique_endings"))
    upright = [form for form in lowered if not oblique or not form.split()[0].endswith(oblique) or " " not in form]
    common = min(upright or lowered, key=lambda form: (-lowered[form], len(form), form))
    same = {form: count for form, count in forms.items() if form.lower() == common}
    return min(same, key=lambda form: (-same[form], form))


def _c_values(counts: Counter[Stems]) -> dict[Stems, float]:
    """Return log2(1 + words) · (count − mean count of the longer phrases around it) for each phrase."""
    around: dict[Stems, list[int]] = defaultdict(list)
    for stems, count in counts.items():
        if count < 2:
            continue
        for part in parts_of(stems):
            if part in counts:
                around[part].append(count)
    return {
        stems: max(0.0, log2(1 + len(stems)) * (count - _mean(around.get(stems, ()))))
        for stems, count in counts.items()
    }


def parts_of(stems: Stems) -> list[Stems]:
    """Return the shorter runs of words inside a phrase."""
    size = len(stems)
    return [stems[first : first + n] for n in range(1, size) for first in range(size - n + 1)]


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else 0.0
