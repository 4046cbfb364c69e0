"""Does a passage say what a statement says? Coverage, numbers, negation, opposites and who does what to whom."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from documents_app.domain.material import Citation
from sessions_app.domain.grading.opposites import are_opposites
from sessions_app.domain.questions.negation import negation_faults, related
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.text import STOP_WORDS, WORD, clean, content_roots, fold, root, words
from sessions_app.domain.questions.vocabulary import GENERAL_ROOTS, QUESTION_ROOTS, VERB_ROOTS
from tutor_project.language.quantities.finding import FoundQuantity, find_quantities
from tutor_project.language.quantities.units import convert

# A sentence that begins like this speaks of something named before it.
_ANAPHOR = re.compile(
    r"^(?:[\w-]+, |(?:In|For|As|With|By|At|On|During|After) [^,]{1,60}, )?(?:it|they|he|she|this|these"
    r"|those|such|both|its|their|his|her|one|another|others|some|most"
    r"|the (?:former|latter|process|structure|region|system|result|group|latter)s?)\b",
    re.I,
)
_CLAUSE_MARK = re.compile(
    r"[,;:()—–]| - |\b(?:but|while|whereas|although|though|because|which|who|however|unlike|than|rather)\b", re.I
)


@dataclass(slots=True)
class Comparison:
    """What a statement has that the passage has not. ``covered``: idf share of its content words found, in [0, 1]."""

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


class Evidence:
    """The passages that prove a question, with their surroundings, ready for comparison."""

    def __init__(self, citations: Sequence[Citation], source: SentenceStatistics) -> None:
        self._source = source
        self.text = " ".join(clean(citation.text) for citation in citations)
        self.sentence_indexes = sorted({index for citation in citations for index in source.sentences_in(citation)})
        self.roots = frozenset(content_roots(self.text))
        self.heading_roots = frozenset(root for citation in citations for root in source.headings_at(citation))

    @cached_property
    def context_roots(self) -> frozenset[str]:
        """Roots the reader has in mind: the sentences the span lies in and, where it begins with a pronoun, headings and what
        that points back to.
        """
        indexes = set(self.sentence_indexes)
        back = any(_ANAPHOR.match(text) for text in (self.text, *(self._source.sentences[i].text for i in indexes)))
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
        marks = [match.start() for match in _CLAUSE_MARK.finditer(self.text)]
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


def compare(
    statement: str, evidence: Evidence, source: SentenceStatistics, *, exempt: Iterable[str] = (), context: bool = True
) -> Comparison:
    """Compare a statement with the passages.

    ``exempt`` roots (the "organelle" of "Which organelle …") are not asked for; without ``context`` only the passages
    themselves count, not what they are surrounded by.
    """
    result = Comparison()
    free = frozenset(exempt) | (_longer_names(statement, evidence, source) if context else frozenset())
    mine = frozenset(content_roots(statement))
    total = found = 0.0
    for word in _content_words(statement):
        folded = root(fold(word.text))
        if folded in free or find_quantities(word.text) or folded.isdigit():
            continue
        weight = source.idf(folded)
        particular = folded not in GENERAL_ROOTS
        opposite = _opposite_in(fold(word.text), folded, mine, evidence, source)
        if opposite:
            result.opposites.append(f"{word.text!r} where the passage has {opposite!r}")
        if evidence.has(folded):
            total += weight
            found += weight
            result.particular += weight * particular
        elif context and (folded in evidence.context_roots or _in_setting(word, folded, mine, evidence)):
            total += 0.5 * weight
            found += 0.5 * weight
            result.particular += 0.5 * weight * particular
        else:
            general = is_general(word, folded, source)
            total += (0.35 if general else 1.0) * weight
            if not general:
                result.missing.append(word.text)
    result.missing += [phrase for phrase in _foreign_phrases(statement, evidence, source, free) if context]
    result.covered = found / total if total else 0.0
    result.numbers, result.units = _number_faults(statement, evidence)
    result.negation = negation_faults(statement, evidence.text)
    return result


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a statement: as written, whether it stands where a verb does, whether in an adjunct of place or time."""

    text: str
    verbal: bool
    surely_verbal: bool
    adjunct: str


_NOMINAL_BEFORE = frozenset(
    """the a an this that these those its their his her our your my each every any some no all both of in on at
    by with from into onto upon for between among through during before after under over within without
    against across along around per and or than as which what whose is are was were most many some few
    several other certain such""".split()
)
_ADJECTIVE_END = re.compile(r"(?:ful|ous|al|ic|ive|able|ible|ary|ent|ant|ed|less|ish)$")
_VERB_AFTER = frozenset("to that who can could may might must will would should not they".split())
_ADJUNCT = re.compile(
    r"\b(in|during|before|after|under|throughout|across|according to|of) (?:the |an? )?(?:[\w-]+ ){0,2}$", re.I
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+(?: (?:of |the |and |for |de |von )*[A-Z][\w-]+)+")


def _in_setting(word: Word, folded: str, mine: frozenset[str], evidence: Evidence) -> bool:
    """Whether the word tells where or when ("in France"), the sentences around speak of it, and the passage does not tell otherwise."""
    if not word.adjunct or folded not in (evidence.heading_roots if word.adjunct == "of" else evidence.neighbour_roots):
        return False
    if word.adjunct == "of":
        return word.text[0].isupper()
    own = re.findall(
        rf"\b{word.adjunct} (?:the |an? |most |many |some |all )?([\w-]+(?: [\w-]+)?)", evidence.text, re.I
    )
    return all(set(content_roots(place)) <= mine for place in own)


def is_general(word: Word, folded: str, source: SentenceStatistics) -> bool:
    """Whether a paraphrase may use the word though the passage does not: general vocabulary that the material gives no meaning
    of its own, or a verb.
    """
    if word.text[0].isupper():
        return False
    if folded in GENERAL_ROOTS:
        return folded in QUESTION_ROOTS or word.surely_verbal or folded not in source.terms
    if folded in source.terms:
        return word.surely_verbal
    return word.verbal and (folded in VERB_ROOTS or not source.knows(folded))


def _foreign_phrases(statement: str, evidence: Evidence, source: SentenceStatistics, free: frozenset[str]) -> list[str]:
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


def substituted(statement: str, evidence: Evidence) -> str | None:
    """A word of a near-verbatim statement that stands, between the same two words, where the passage has another."""
    nominal = {root(fold(word.text)) for word in _content_words(statement) if not word.verbal}
    mine = ("", *content_roots(statement), "")
    theirs = ("", *(own for own, _ in evidence.sequence), "")
    middle = {(p, n): c for p, c, n in zip(theirs, theirs[1:], theirs[2:], strict=False)}
    own = set(mine)
    for p, b, n in zip(mine, mine[1:], mine[2:], strict=False):
        c = middle.get((p, n))
        if c is None or c == b or c in own or not (p or n) or related(b, c) or b.isdigit():
            continue
        if b in evidence.roots or (b in nominal and b not in QUESTION_ROOTS):
            return b
    return None


def _opposite_in(
    low: str, folded: str, mine: frozenset[str], evidence: Evidence, source: SentenceStatistics
) -> str | None:
    """A word of the passage that means the opposite and stands where the statement has ``low``."""
    for own in evidence.words:
        if not are_opposites(low, own) or root(own) in mine or root(own) == folded:
            continue
        if folded not in evidence.roots:
            return own
        others = " ".join(mine - {folded})
        if closeness(own, others, evidence, source) > 1.1 * closeness(low, others, evidence, source):
            return own
    return None


def _longer_names(statement: str, evidence: Evidence, source: SentenceStatistics) -> frozenset[str]:
    """Roots of names that the passage gives in short ("the Committee") and the material in full elsewhere."""
    found: set[str] = set()
    for match in _NAME.finditer(clean(statement)):
        parts = frozenset(content_roots(match[0]))
        if len(parts) > 1 and parts & evidence.roots and not parts <= evidence.roots and source.holding(parts):
            found |= parts
    return frozenset(found)


def _content_words(text: str) -> list[Word]:
    found: list[Word] = []
    running = clean(text)
    before = ""
    for match in WORD.finditer(running):
        lead = running[: match.start()]
        verbal = bool(before) and before not in _NOMINAL_BEFORE and not lead.rstrip().endswith((",", ":"))
        verbal = verbal and not _ADJECTIVE_END.search(before)
        surely = before in _VERB_AFTER
        name = bool(re.search(r"[A-Z][\w-]+ (?:of (?:the )?)?$", lead)) or bool(
            re.match(r" (?:of (?:the )?)?[A-Z]", running[match.end() :])
        )
        setting = _ADJUNCT.search(lead)
        adjunct = setting[1].casefold() if setting and not (name and match[0][0].isupper()) else ""
        for part in match[0].split("-"):
            low = fold(part)
            if low and low not in STOP_WORDS and (len(low) > 1 or low.isdigit()):
                plain = not before and part[:1].isupper() and not part[1:2].isupper()
                found.append(Word(part[:1].lower() + part[1:] if plain else part, verbal or surely, surely, adjunct))
        before = fold(match[0])
    return found


def _same_value(a: FoundQuantity, b: FoundQuantity) -> bool:
    if a.unit is not None and b.unit is not None:
        converted = convert(a.value, a.unit, b.unit)
        return converted is not None and math.isclose(converted, b.value, rel_tol=1e-6, abs_tol=1e-12)
    return math.isclose(a.value, b.value, rel_tol=1e-9)


def _number_faults(statement: str, evidence: Evidence) -> tuple[list[str], list[str]]:
    """Numbers of the statement that the passages do not have, have with another unit, or have beside other words."""
    numbers: list[str] = []
    units: list[str] = []
    for quantity in find_quantities(statement):
        shown = statement[quantity.start : quantity.end]
        if (
            quantity.words
            and quantity.value <= 3
            and re.search(r"\b(?:which|what|the)\s+$", statement[: quantity.start], re.I)
        ):
            continue
        equal = [own for own in evidence.quantities if _same_value(quantity, own) and own.ordinal == quantity.ordinal]
        uses = sum(_same_value(quantity, other) for other in find_quantities(statement))
        if equal and uses > len(equal) and quantity.digits:
            numbers.append(f"{shown} (more often than in the passage)")
            continue
        if not equal:
            bare = [own for own in evidence.quantities if math.isclose(own.value, quantity.value, rel_tol=1e-9)]
            (units if bare and quantity.unit else numbers).append(shown)
            continue
        if quantity.unit is not None and all(own.unit is None for own in equal):
            if root(fold(quantity.written)) not in evidence.roots:
                units.append(shown)
        elif quantity.unit is None and not quantity.looks_like_year:
            following = _next_word(statement, quantity.end)
            if (
                following
                and all(own.unit is not None for own in equal)
                and root(following) not in {root(fold(own.written)) for own in equal}
                and root(following) not in evidence.roots
            ):
                units.append(shown)
        elif not _bound_alike(statement, quantity, equal, evidence):
            numbers.append(f"{shown} (said of something else)")
    return numbers, units


def _next_word(text: str, position: int) -> str:
    match = re.match(r"[\s-]*([^\W\d_]+)", text[position:])
    return fold(match[1]) if match and fold(match[1]) not in STOP_WORDS else ""


def _bound_alike(statement: str, quantity: FoundQuantity, equal: Sequence[FoundQuantity], evidence: Evidence) -> bool:
    """Whether the words beside the number in the statement are beside that number, rather than another, in the passage."""
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


_CONTRASTED = re.compile(
    r"\b(?:rather than|instead of|unlike|as opposed to|in contrast to|but not|other than)\b[^,?.]*", re.I
)


def side(option: str, stem: str, evidence: Evidence) -> int:
    """Return -1 when the option stands after most words of the stem in the passage, 1 when before, 0 when that is open."""
    parts = set(content_roots(option))
    asked = set(content_roots(_CONTRASTED.sub(" ", stem))) - parts
    mine = [i for i, (own, _) in enumerate(evidence.sequence) if own in parts]
    theirs = [i for i, (own, _) in enumerate(evidence.sequence) if own in asked]
    if not mine or not theirs:
        return 0
    before = sum(i < mine[0] for i in theirs)
    after = sum(i > mine[-1] for i in theirs)
    return (after > before) - (after < before) if abs(before - after) > 0.5 * len(theirs) else 0


def closeness(option: str, stem: str, evidence: Evidence, source: SentenceStatistics) -> float:
    """Return how near the words of the stem stand to the option in the passage (0 = the option is not there).

    Each stem word counts its idf, less with distance (factor e every six content words) and less across clause borders
    (× 0.55 each). Used to tell the right one of two options that the same passage names.
    """
    sequence = evidence.sequence
    parts = set(content_roots(option))
    if not parts:
        return 0.0
    places = {
        part: [
            i
            for i, (own, _) in enumerate(sequence)
            if own == part or (part not in evidence.roots and related(part, own))
        ]
        for part in parts
    }
    if any(not found for found in places.values()):
        return 0.0
    rarest = min(places, key=lambda part: len(places[part]))
    best = 0.0
    asked = set(content_roots(_CONTRASTED.sub(" ", stem))) - parts
    for anchor in places[rarest]:
        spots = [min(found, key=lambda i: abs(i - anchor)) for found in places.values()]
        spread = max(spots) - min(spots) - len(spots) + 1
        score = 0.0
        for word in asked:
            near = [
                math.exp(-(min(abs(i - spot) for spot in spots) - 1) / 6)
                * 0.55 ** min(abs(borders - sequence[spot][1]) for spot in spots)
                for i, (own, borders) in enumerate(sequence)
                if own == word or (word not in evidence.roots and related(word, own))
            ]
            if near:
                score += source.idf(word) * max(near)
        best = max(best, score * math.exp(-max(0, spread) / 12))
    return best + 1e-9
