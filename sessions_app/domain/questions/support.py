"""Does a passage say what a statement says? Coverage, numbers, negation, opposites and who does what to whom."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from documents_app.domain.material import Citation
from sessions_app.domain.grading.opposites import are_opposites
from sessions_app.domain.questions.negation import negation_faults, related
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.text import (
    STOP_WORDS,
    WORD,
    clean,
    content_roots,
    fold,
    root,
    without_elisions,
    words,
)
from sessions_app.domain.questions.vocabulary import GENERAL_ROOTS, QUESTION_ROOTS, VERB_ROOTS
from tutor_project.language import Language
from tutor_project.language.quantities.finding import FoundQuantity, find_quantities
from tutor_project.language.quantities.units import convert

_OF_A_GENERAL_WORD = 0.35
"""Weight of a general word that the passages lack, of one that is not general 1."""


@dataclass(slots=True)
class Comparison:
    """What a statement has that the passage has not.

    ``covered``: the share of its content words that were found, weighed by idf, in [0, 1]; ``particular``: the weight (idf)
    of those found that are no general words.
    """

    covered: float = 0.0
    particular: float = 0.0
    missing: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    negation: list[str] = field(default_factory=list)
    opposites: list[str] = field(default_factory=list)

    @property
    def contradicted(self) -> bool:
        """Whether the passage says otherwise (rather than nothing)."""
        return bool(self.numbers or self.units or self.negation or self.opposites)


class CitedPassages:
    """The passages that prove a question, with their surroundings, ready for comparison."""

    def __init__(self, citations: Sequence[Citation], source: SentenceStatistics) -> None:
        self._source = source
        self.tongue = source.tongue
        self.text = " ".join(clean(_with_cells_apart(citation.text)) for citation in citations)
        self.sentence_indexes = sorted({index for citation in citations for index in source.sentences_in(citation)})
        self.roots = frozenset(content_roots(self.text))
        self.heading_roots = frozenset(root for citation in citations for root in source.headings_at(citation))

    @cached_property
    def context_roots(self) -> frozenset[str]:
        """Roots the reader has in mind: the sentences the span lies in and, where it begins with a pronoun, headings and what
        that points back to.
        """
        indexes = set(self.sentence_indexes)
        anaphor = self.tongue.pattern("anaphor_patterns")
        back = any(anaphor.match(text) for text in (self.text, *(self._source.sentences[i].text for i in indexes)))
        if back:
            for index in self.sentence_indexes:
                indexes |= set(self._source.before(index, 2))
        found = {root for index in indexes for root in self._source.sentences[index].root_set}
        return frozenset(found | self.heading_roots) if back else frozenset(found)

    @cached_property
    def neighbour_roots(self) -> frozenset[str]:
        """Roots of up to four sentences before and two after: where and when the passage is set."""
        indexes = {other for index in self.sentence_indexes for other in self._source.before(index, 4)}
        last = len(self._source.sentences)
        indexes |= {index + step for index in self.sentence_indexes for step in (1, 2) if index + step < last}
        return self.heading_roots | {root for index in indexes for root in self._source.sentences[index].root_set}

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The folded words of the passages, compounds split, each once."""
        return tuple(dict.fromkeys(part for word in words(self.text) for part in (word, *word.split("-"))))

    @cached_property
    def quantities(self) -> list[FoundQuantity]:
        """The numbers of the passages."""
        return find_quantities(self.text)

    @cached_property
    def sequence(self) -> list[tuple[str, int]]:
        """Content roots in order with the number of clause borders before each."""
        turning = rf"[,;:()—–]| - |\b(?:{self.tongue.alternatives('turning_words')})\b"
        marks = [match.start() for match in re.finditer(turning, self.text, re.IGNORECASE)]
        found: list[tuple[str, int]] = []
        for match in WORD.finditer(self.text):
            borders = sum(mark < match.start() for mark in marks)
            parts = fold(match[0]).split("-")
            found.extend((root(part), borders) for part in parts if part and part not in STOP_WORDS)
        return found

    @cached_property
    def alias_roots(self) -> frozenset[str]:
        """Roots of other names of things the passages name."""
        found: set[str] = set()
        for name, others in self._source.aliases.items():
            if name <= self.roots:
                for other in others:
                    found |= other
        return frozenset(found)

    def has(self, root_: str) -> bool:
        """Whether the passages hold the word, another form of it, or another name for it."""
        return root_ in self.roots or root_ in self.alias_roots or any(related(root_, own) for own in self.roots)


def _with_cells_apart(text: str) -> str:
    """Return a row of a table with its cells apart: the "no" of one denies nothing in the next."""
    return f"{text};".replace("\t", "; ") if "\t" in text else text


def compare(
    statement: str,
    evidence: CitedPassages,
    source: SentenceStatistics,
    *,
    exempt: Iterable[str] = (),
    context: bool = True,
) -> Comparison:
    """Compare a statement with the passages.

    ``exempt`` roots (the "organelle" of "Which organelle …") are not asked for; without ``context`` only the passages
    themselves count, not what they are surrounded by.
    """
    result = Comparison()
    free = frozenset(exempt) | (_longer_names(statement, evidence, source) if context else frozenset())
    mine = frozenset(content_roots(statement))
    total = found = 0.0
    for word in _placed_words(statement, source.tongue):
        if word.root in free or find_quantities(word.text) or word.root.isdigit():
            continue
        opposite = _opposite_in(word, mine, evidence, source)
        if opposite:
            result.opposites.append(f"{word.text!r} where the passage has {opposite!r}")
        weight, share = _support(word, mine, evidence, source, context=context)
        total += weight
        found += share
        result.particular += share * (word.root not in GENERAL_ROOTS)
        if weight and not share and not is_general(word, source):
            result.missing.append(word.text)
    result.missing += [phrase for phrase in _foreign_phrases(statement, evidence, source, free) if context]
    result.covered = found / total if total else 0.0
    result.numbers, result.units = _number_faults(statement, evidence)
    result.negation = negation_faults(statement, evidence.text, source.tongue)
    return result


def _support(
    word: PlacedWord, mine: frozenset[str], evidence: CitedPassages, source: SentenceStatistics, *, context: bool
) -> tuple[float, float]:
    """Return the weight of a word of a statement, and how much of it the passages give: all, half by what surrounds them, or none."""
    weight = source.idf(word.root)
    if evidence.has(word.root):
        return weight, weight
    if context and (word.root in evidence.context_roots or _in_setting(word, mine, evidence)):
        return 0.5 * weight, 0.5 * weight
    return (_OF_A_GENERAL_WORD if is_general(word, source) else 1.0) * weight, 0.0


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A content word of a statement: as written, whether it stands where a verb does, and the word that leads an adjunct it is in."""

    text: str
    root: str
    verbal: bool
    surely_verbal: bool
    adjunct: str


def _in_setting(word: PlacedWord, mine: frozenset[str], evidence: CitedPassages) -> bool:
    """Whether the word tells where or when ("in France"), the sentences around speak of it, and the passage does not tell otherwise."""
    if not word.adjunct:
        return False
    if word.adjunct in evidence.tongue.phrases("possession_links"):
        return word.root in evidence.heading_roots and word.text[0].isupper()
    if word.root not in evidence.neighbour_roots:
        return False
    counted = evidence.tongue.alternatives("determiners", "leading_quantities")
    own = re.findall(rf"\b{word.adjunct} (?:(?:{counted}) )?([\w-]+(?: [\w-]+)?)", evidence.text, re.I)
    return all(set(content_roots(place)) <= mine for place in own)


def is_general(word: PlacedWord, source: SentenceStatistics) -> bool:
    """Whether a paraphrase may use the word though the passage does not: general vocabulary that the material gives no meaning
    of its own, or a verb.
    """
    if word.text[0].isupper():
        return False
    if word.root in GENERAL_ROOTS:
        return word.root in QUESTION_ROOTS or word.surely_verbal or word.root not in source.terms
    if word.root in source.terms:
        return word.surely_verbal
    return word.verbal and (word.root in VERB_ROOTS or not source.knows(word.root))


def _foreign_phrases(
    statement: str, evidence: CitedPassages, source: SentenceStatistics, free: frozenset[str]
) -> list[str]:
    """Pairs of neighbouring words that are a phrase of the material (cell theory) of which the passage has one word at most."""
    parts = [part for part in content_roots(statement) if not part.isdigit()]
    found = []
    for a, b in itertools.pairwise(parts):
        absent = [
            part
            for part in (a, b)
            if not evidence.has(part) and part not in evidence.context_roots and part not in free
        ]
        if absent and not all(part in QUESTION_ROOTS for part in absent) and source.is_phrase(a, b):
            found.append(f"{a} {b}")
    return found


def substituted(statement: str, evidence: CitedPassages) -> str | None:
    """A word of a near-verbatim statement that stands, between the same two words, where the passage has another."""
    nominal = {word.root for word in _placed_words(statement, evidence.tongue) if not word.verbal}
    mine = ("", *content_roots(statement), "")
    theirs = ("", *(own for own, _ in evidence.sequence), "")
    middle = {(before, after): own for before, own, after in _threes(theirs) if before or after}
    own_words = set(mine)
    for before, word, after in _threes(mine):
        other = middle.get((before, after))
        if other is None or other in own_words or related(word, other) or word.isdigit():
            continue
        if word in evidence.roots or (word in nominal and word not in QUESTION_ROOTS):
            return word
    return None


def _threes(row: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return zip(row, row[1:], row[2:], strict=False)


def _opposite_in(
    word: PlacedWord, mine: frozenset[str], evidence: CitedPassages, source: SentenceStatistics
) -> str | None:
    """A word of the passage that means the opposite and stands where the statement has ``word``."""
    low = fold(word.text)
    for own in evidence.words:
        if not are_opposites(low, own) or root(own) in mine or root(own) == word.root:
            continue
        if word.root not in evidence.roots:
            return own
        others = " ".join(mine - {word.root})
        if closeness(own, others, evidence, source) > 1.1 * closeness(low, others, evidence, source):
            return own
    return None


def _longer_names(statement: str, evidence: CitedPassages, source: SentenceStatistics) -> frozenset[str]:
    """Roots of names that the passage gives in short ("the Committee") and the material in full elsewhere."""
    particles = "|".join(f"{word} " for word in source.tongue.phrases("name_particles")) or "(?!)"
    name = rf"(?<=[a-z,] )[A-Z][\w-]+(?: (?:{particles})*[A-Z][\w-]+)+"
    found: set[str] = set()
    for match in re.finditer(name, clean(statement)):
        parts = frozenset(content_roots(match[0]))
        if len(parts) > 1 and parts & evidence.roots and not parts <= evidence.roots and source.holding(parts):
            found |= parts
    return frozenset(found)


def _placed_words(text: str, tongue: Language) -> list[PlacedWord]:
    found: list[PlacedWord] = []
    running = without_elisions(clean(text))
    places = _places_of(tongue)
    before = ""
    for match in WORD.finditer(running):
        lead = running[: match.start()]
        surely = before in places.sure_verb_leads
        verbal = surely or places.may_be_verb(before, lead)
        setting = places.setting.search(lead)
        in_name = match[0][0].isupper() and places.is_in_name(lead, running[match.end() :])
        adjunct = setting[1].casefold() if setting and not in_name else ""
        for part in match[0].split("-"):
            low = fold(part)
            if low and low not in STOP_WORDS and (len(low) > 1 or low.isdigit()):
                plain = not before and part[:1].isupper() and not part[1:2].isupper()
                written = part[:1].lower() + part[1:] if plain else part
                found.append(PlacedWord(written, root(low), verbal, surely, adjunct))
        before = fold(match[0])
    return found


@dataclass(frozen=True, slots=True)
class _Places:
    """What of a language tells, by the words before it, what a word is: part of a name, a verb, where or when something is."""

    noun_leads: frozenset[str]
    sure_verb_leads: frozenset[str]
    adjective: re.Pattern[str]
    setting: re.Pattern[str]
    name_before: re.Pattern[str]
    name_behind: re.Pattern[str]

    def may_be_verb(self, before: str, lead: str) -> bool:
        """Tell whether a word may be a verb behind the folded word ``before``, the last of ``lead``."""
        nominal = before in self.noun_leads or lead.rstrip().endswith((",", ":"))
        return bool(before) and not nominal and not self.adjective.search(before)

    def is_in_name(self, lead: str, behind: str) -> bool:
        """Tell whether words with a capital stand right before or behind a word."""
        return bool(self.name_before.search(lead) or self.name_behind.match(behind))


@lru_cache(maxsize=8)
def _places_of(tongue: Language) -> _Places:
    a = tongue.alternatives
    of, article = rf"(?:{a('possession_links')})", rf"(?:{a('determiners')})"
    leads = a("setting_leads", "possession_links")
    nouns = (*tongue.phrases("noun_leads"), *tongue.phrases("noun_links"), *tongue.phrases("determiners"))
    return _Places(
        noun_leads=frozenset(map(fold, nouns)),
        sure_verb_leads=frozenset(map(fold, tongue.phrases("sure_verb_leads"))),
        adjective=re.compile(rf"(?:{a('adjective_endings')})$"),
        setting=re.compile(rf"\b({leads}) (?:{article} )?(?:[\w-]+ ){{0,2}}$", re.IGNORECASE),
        name_before=re.compile(rf"[A-Z][\w-]+ (?:{of} (?:{article} )?)?$"),
        name_behind=re.compile(rf" (?:{of} (?:{article} )?)?[A-Z]"),
    )


def _same_value(a: FoundQuantity, b: FoundQuantity) -> bool:
    if a.unit is not None and b.unit is not None:
        converted = convert(a.value, a.unit, b.unit)
        return converted is not None and math.isclose(converted, b.value, rel_tol=1e-6, abs_tol=1e-12)
    return math.isclose(a.value, b.value, rel_tol=1e-9)


def _number_faults(statement: str, evidence: CitedPassages) -> tuple[list[str], list[str]]:
    """Numbers of the statement that the passages do not have, have with another unit, or have beside other words."""
    numbers: list[str] = []
    units: list[str] = []
    quantities = find_quantities(statement)
    for quantity in quantities:
        shown = statement[quantity.start : quantity.end]
        if _tells_which(statement, quantity, evidence.tongue):
            continue
        equal = [own for own in evidence.quantities if _same_value(quantity, own) and own.ordinal == quantity.ordinal]
        uses = sum(_same_value(quantity, other) for other in quantities)
        if not equal:
            bare = any(math.isclose(own.value, quantity.value, rel_tol=1e-9) for own in evidence.quantities)
            (units if bare and quantity.unit else numbers).append(shown)
        elif uses > len(equal) and quantity.digits:
            numbers.append(f"{shown} (more often than in the passage)")
        elif _counts_something_else(statement, quantity, equal, evidence):
            units.append(shown)
        elif not _bound_alike(statement, quantity, equal, evidence):
            numbers.append(f"{shown} (said of something else)")
    return numbers, units


def _tells_which(statement: str, quantity: FoundQuantity, tongue: Language) -> bool:
    """Tell whether a small number word tells which things are meant ("the two"), not how many there are."""
    leads = rf"\b(?:{tongue.alternatives('number_leads')})\s+$"
    return bool(quantity.words) and quantity.value <= 3 and bool(re.search(leads, statement[: quantity.start], re.I))


def _has_unit_of(quantity: FoundQuantity, equal: Sequence[FoundQuantity]) -> bool:
    return quantity.unit is None or any(own.unit is not None for own in equal)


def _counts_something_else(
    statement: str, quantity: FoundQuantity, equal: Sequence[FoundQuantity], evidence: CitedPassages
) -> bool:
    """Tell whether a number has a unit where the passage's has none, or the other way round, and the passage lacks its word."""
    if quantity.unit is not None:
        return not _has_unit_of(quantity, equal) and root(fold(quantity.written)) not in evidence.roots
    following = root(_next_word(statement, quantity.end))
    if quantity.looks_like_year or not following or any(own.unit is None for own in equal):
        return False
    return following not in {root(fold(own.written)) for own in equal} and following not in evidence.roots


def _next_word(text: str, position: int) -> str:
    match = re.match(r"[\s-]*([^\W\d_]+)", text[position:])
    return fold(match[1]) if match and fold(match[1]) not in STOP_WORDS else ""


def _bound_alike(
    statement: str, quantity: FoundQuantity, equal: Sequence[FoundQuantity], evidence: CitedPassages
) -> bool:
    """Whether the words beside the number in the statement are beside that number, rather than another, in the passage.

    Asked only of numbers with a unit that the passage gives too, and of years: others count what stands right behind them.
    """
    if not _has_unit_of(quantity, equal) or not (quantity.unit or quantity.looks_like_year):
        return True
    rivals = [
        own
        for own in evidence.quantities
        if own.unit == equal[0].unit and not any(_same_value(own, same) for same in equal)
    ]
    if not rivals:
        return True
    mine = frozenset(content_roots(statement[: quantity.start] + " " + statement[quantity.end :]))
    best = max(_nearness(evidence.text, own, mine) for own in equal)
    return best >= 0.97 * max(_nearness(evidence.text, own, mine) for own in rivals)


def _nearness(text: str, quantity: FoundQuantity, wanted: frozenset[str]) -> float:
    """How near the wanted words stand to the number: each counts e^(-characters / 40)."""
    total = 0.0
    seen: set[str] = set()
    for match in sorted(WORD.finditer(text), key=lambda m: _gap_to(m, quantity)):
        for part in fold(match[0]).split("-"):
            folded = root(part)
            if folded in wanted and folded not in seen:
                seen.add(folded)
                total += math.exp(-_gap_to(match, quantity) / 40)
    return total


def _gap_to(match: re.Match[str], quantity: FoundQuantity) -> int:
    return max(quantity.start - match.end(), match.start() - quantity.end, 0)


def _asked_roots(stem: str, tongue: Language) -> set[str]:
    """Return the roots of what a stem asks about, without what it sets aside ("rather than …")."""
    return set(
        content_roots(re.sub(rf"\b(?:{tongue.alternatives('set_aside_leads')})\b[^,?.]*", " ", stem, flags=re.I))
    )


def side(option: str, stem: str, evidence: CitedPassages) -> int:
    """Return -1 when the option stands after most words of the stem in the passage, 1 when before, 0 when that is open."""
    parts = set(content_roots(option))
    asked = _asked_roots(stem, evidence.tongue) - parts
    mine = [i for i, (own, _) in enumerate(evidence.sequence) if own in parts]
    theirs = [i for i, (own, _) in enumerate(evidence.sequence) if own in asked]
    if not mine or not theirs:
        return 0
    before = sum(i < mine[0] for i in theirs)
    after = sum(i > mine[-1] for i in theirs)
    return (after > before) - (after < before) if abs(before - after) > 0.5 * len(theirs) else 0


def closeness(option: str, stem: str, evidence: CitedPassages, source: SentenceStatistics) -> float:
    """Return how near the words of the stem stand to the option in the passage (0 = the option is not there).

    Each stem word counts its idf, less with distance (factor e every six content words) and less across clause borders
    (× 0.55 each). Used to tell the right one of two options that the same passage names.
    """
    parts = set(content_roots(option))
    places = {part: _spots(part, evidence) for part in parts}
    if not parts or not all(places.values()):
        return 0.0
    asked = [(source.idf(word), _spots(word, evidence)) for word in _asked_roots(stem, evidence.tongue) - parts]
    rarest = min(places.values(), key=len)
    best = 0.0
    for anchor in rarest:
        spots = [min(found, key=lambda i: abs(i - anchor)) for found in places.values()]
        spread = max(spots) - min(spots) - len(spots) + 1
        score = sum(weight * max((_nearness_of(i, spots, evidence) for i in at), default=0.0) for weight, at in asked)
        best = max(best, score * math.exp(-max(0, spread) / 12))
    return best + 1e-9


def _spots(part: str, evidence: CitedPassages) -> list[int]:
    """Return where in the passages a root stands, or one of its family where it stands nowhere itself."""
    itself = part in evidence.roots
    return [i for i, (own, _) in enumerate(evidence.sequence) if own == part or (not itself and related(part, own))]


def _nearness_of(i: int, spots: Sequence[int], evidence: CitedPassages) -> float:
    """Return how near a content word of the passages stands to some others: 1 beside one of them, in the same clause."""
    sequence = evidence.sequence
    away = min(abs(i - spot) for spot in spots) - 1
    borders = min(abs(sequence[i][1] - sequence[spot][1]) for spot in spots)
    return math.exp(-away / 6) * 0.55**borders
