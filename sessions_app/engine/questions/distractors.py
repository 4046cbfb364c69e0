"""Wrong options of the same kind as the right one, from the same material, that the material does not make right."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sessions_app.domain.grading.numbers import Quantity
from sessions_app.domain.grading.opposites import are_opposites
from sessions_app.domain.grading.units import parse_unit
from sessions_app.domain.questions.negation import related
from sessions_app.domain.questions.text import content_roots
from sessions_app.domain.questions.vocabulary import VAGUE
from sessions_app.engine.questions.drafts import Draft
from sessions_app.engine.questions.entities import Embed, Entity
from sessions_app.engine.questions.families import family
from sessions_app.engine.questions.fitness import obscure
from sessions_app.engine.questions.reading import Reading
from sessions_app.engine.questions.wording import strip_determiner

WANTED = 3
MIN_CLOSENESS = 0.3
MIN_EACH = 0.22
ENOUGH = 150
"""Sentences from which on a document's questions take no options from other documents."""
PHRASES = frozenset({"predicate", "place", "reason", "manner", "purpose", "occasion", "phrase"})
"""Kinds of answers whose wrong options are the same kind of phrase from elsewhere in the material."""


@dataclass(frozen=True, slots=True)
class Distractors:
    """Wrong options as shown, and how close they are to the right one (mean cosine, 0 without vectors)."""

    texts: tuple[str, ...]
    closeness: float


class DistractorFinder:
    """Finds wrong options for drafts; holds what was computed once per material."""

    def __init__(self, reading: Reading, embed: Embed | None, phrases: list[Draft]) -> None:
        self._reading = reading
        self._embed = embed
        self._uses: Counter[str] = Counter()
        self._phrases_of: dict[str, list[Draft]] = defaultdict(list)
        for draft in phrases:
            self._phrases_of[draft.answer_kind].append(draft)
        self._roots = [frozenset(content_roots(read.text)) for read in reading.sentences]
        self._sections_of: dict[int, frozenset[int]] = {
            document: frozenset(section.index for section in reading.sections if section.document == document)
            for document in range(len(reading.material))
        }
        self._sizes = Counter(read.sentence.document for read in reading.sentences)
        self._defined = {
            (content_roots(draft.concept), draft.plural, _article(draft.source.clause.subject.determiner))
            for draft in phrases
            if draft.answer_kind == "predicate" and draft.source.clause is not None
        }
        texts = [draft.answer for draft in phrases]
        vectors = embed(texts) if embed is not None and texts else None
        self._vectors = {text: vectors[i] for i, text in enumerate(texts)} if vectors is not None else {}

    def find(self, draft: Draft, level: str, rng: random.Random) -> Distractors | None:
        """Return three wrong options for the draft, or None where the material has too few of the kind."""
        if draft.answer_kind in {"thing", "person"}:
            return self._things(draft, level, rng)
        if draft.answer_kind in PHRASES:
            return self._phrases(draft, self._phrases_of[draft.answer_kind])
        if draft.answer_kind == "year":
            return self._years(draft, rng)
        if draft.answer_kind == "number":
            return numbers(draft, rng)
        return None

    def is_defined(self, text: str, plural: bool, article: str) -> bool:
        """Whether the material itself says what the thing is, with the article: "A coda is …"."""
        return (content_roots(text), plural, _article(article)) in self._defined

    def _things(self, draft: Draft, level: str, rng: random.Random) -> Distractors | None:
        own = self._reading.pool.find(draft.answer, draft.plural)
        kind = (
            own.kind
            if own
            else ("process" if re.search(r"(?:tion|sion|sis|ment|ing|ity|ism)$", draft.answer) else "thing")
        )
        if draft.answer_kind == "person":
            kind = "person"
        elif own is None and draft.answer.split()[-1][:1].isupper():
            kind = "name"
        elif kind == "person":
            return None
        vector = own.vector if own is not None else None
        if vector is None and self._embed is not None:
            vector = self._embed([strip_determiner(draft.answer)])[0]
        banned = frozenset(content_roots(f"{draft.stem} {' '.join(draft.listed)} {draft.source.text}"))
        ranked = self._reading.pool.alike(
            strip_determiner(draft.answer), plural=draft.plural, kind=kind, section=draft.source.section.index,
            document_sections=self._sections_of[draft.source.sentence.document], vector=vector, banned=banned,
            too_common=None if self._common(content_roots(draft.answer)) else self._common, own=own,
        )  # fmt: skip
        if self._is_long(draft.source.sentence.document):
            here = self._sections_of[draft.source.sentence.document]
            ranked = [pair for pair in ranked if pair[1].sections & here]
        asked = frozenset(content_roots(draft.stem))
        picked: list[Entity] = []
        start = skip_for(level, len(ranked))
        fresh = sorted(ranked[start : start + 60], key=lambda pair: -(pair[0] - 0.03 * self._uses[pair[1].surface]))
        for _, entity in fresh:
            if self._also_right(entity, asked, draft) or not _length_fits(
                entity.surface, strip_determiner(draft.answer)
            ):
                continue
            if self._fit(entity, draft, vector, kind) < MIN_EACH:
                continue
            if (
                parse_unit(entity.surface) is not None
                or obscure(entity.surface, self._reading)
                or self._crosses(entity, draft.answer)
            ):
                continue
            if any(_one_thing(entity.key, other.key) for other in picked):
                continue
            picked.append(entity)
            if len(picked) == WANTED:
                break
        if len(picked) < WANTED:
            return None
        self._uses.update(entity.surface for entity in picked)
        closeness = (
            sum(float(e.vector @ vector) for e in picked if e.vector is not None and vector is not None) / WANTED
        )
        if sum(self._fit(entity, draft, vector, kind) for entity in picked) / WANTED < MIN_CLOSENESS:
            return None
        return Distractors(tuple(entity.surface for entity in picked), closeness)

    def _is_long(self, document: int) -> bool:
        """Whether a document has enough of its own to draw wrong options from."""
        return self._sizes[document] >= ENOUGH

    def _common(self, key: tuple[str, ...]) -> bool:
        """Whether a phrase is made of words the whole material is about: as an option it is arguable whatever is asked."""
        return len(key) == 1 and self._reading.idf(key[0]) < 2.8 * max(0.5, self._reading.idf("") / 7.8)

    def _fit(self, entity: Entity, draft: Draft, vector: npt.NDArray[np.float32] | None, kind: str) -> float:
        """How well a thing stands beside the right one, in [0, 1]: listed with it, of one class by the material, or close in
        meaning.
        """
        own = content_roots(strip_determiner(draft.answer))
        mine, theirs = own[-1] if own else "", entity.key[-1]
        kinds = self._reading.kinds_of
        fit = self._reading.pool.kinship(own, entity.key)
        here, there = family(strip_determiner(draft.answer)), family(entity.surface)
        if fit < 1.0 and here != there and not kinds.get(mine, set()) & kinds.get(theirs, set()):
            return 0.0
        if (
            fit < 1.0
            and here == "living"
            and len(own) == len(entity.key) == 1
            and self._reading.pool.kinship((mine,), (theirs,)) < 1.0
        ):
            return 0.0  # one may be a sort of the other: plants and eukaryotes
        if kinds.get(mine, set()) & kinds.get(theirs, set()):
            fit = max(fit, 0.6)
        if here and here == there:
            fit = max(fit, 0.45)
        known = self._reading.pool.find(draft.answer, draft.plural)
        near_by = self._sections_of[draft.source.sentence.document]
        if entity.is_term and known is not None and known.is_term and entity.sections & near_by:
            fit = max(fit, 0.34)
        if kind == "person" or self._embed is None:
            return max(fit, 0.5)
        if vector is not None and entity.vector is not None:
            near = float(entity.vector @ vector)
            if near > 0.42 or len(own) > 1 or len(entity.key) > 1:  # of single words nearness tells little
                fit = max(fit, near)
        return fit

    def _crosses(self, entity: Entity, answer: str) -> bool:
        """Whether both are sorts of one thing that may be the same thing (salt-tolerant archaea can be phototrophic): only
        sorts that are opposites of each other, or named side by side, are told apart.
        """
        own = content_roots(strip_determiner(answer))
        if not own or own[-1] != entity.key[-1] or self._reading.pool.kinship(own, entity.key) == 1.0:
            return False
        one, two = strip_determiner(answer).lower().split()[:-1], entity.surface.lower().split()[:-1]
        return not any(are_opposites(a, b) for a in one for b in two)

    def _akin(self, entity: Entity, answer: str) -> bool:
        own = content_roots(strip_determiner(answer))
        mine, theirs = own[-1] if own else "", entity.key[-1]
        kinds = self._reading.kinds_of
        names = self._reading.other_names
        if " ".join(entity.key) in names.get(mine, ()) or " ".join(own) in names.get(theirs, ()):
            return True  # "a neuron (or nerve cell)": motor neurons are nerve cells
        if " ".join(own) in kinds.get(theirs, ()) or " ".join(entity.key) in kinds.get(mine, ()):
            return True
        one, two = strip_determiner(answer).casefold(), entity.surface.casefold()
        if one.endswith(two) or two.endswith(one) or _inside(own, entity.key):
            return True
        return any(a != b and related(a, b) for a in own for b in entity.key)

    def _tied(self, entity: Entity, draft: Draft) -> bool:
        """Whether the material keeps naming both together but never side by side: one is rather a part or a sort of the other."""
        own = self._reading.pool.find(draft.answer, draft.plural)
        if own is None or self._reading.pool.kinship(own.key, entity.key) == 1.0:
            return False
        together = sum(entity.key[-1] in self._roots[index] for index in own.sentences)
        return entity.key[-1] != own.key[-1] and together >= max(2, 0.3 * len(own.sentences))

    def _also_right(self, entity: Entity, asked: frozenset[str], draft: Draft) -> bool:
        """Whether some sentence says of the entity most of what the stem asks, or one is a kind or another name of the other."""
        if self._akin(entity, draft.answer):
            return True
        if draft.source.index in entity.sentences or self._tied(entity, draft):
            return True
        weight = sum(self._reading.idf(root) for root in asked) or 1.0
        for index in entity.sentences:
            shared = sum(self._reading.idf(root) for root in asked & self._roots[index])
            if shared / weight > 0.4:
                return True
        return False

    def _phrases(self, draft: Draft, pool: list[Draft]) -> Distractors | None:
        """Other phrases of the kind, of about the same length, closest in meaning first."""
        for answer in cuts(draft.answer) if draft.answer_kind == "predicate" else [draft.answer]:
            found = self._phrases_beside(draft, answer, pool)
            if found is not None:
                draft.answer = answer
                return found
        return None

    def _phrases_beside(self, draft: Draft, answer: str, pool: list[Draft]) -> Distractors | None:
        subject = set(content_roots(draft.concept))
        own = set(content_roots(answer))
        if (own & subject and draft.answer_kind == "predicate") or set(answer.lower().split()) & VAGUE:
            return None
        mine = self._vectors.get(draft.answer)
        asked = frozenset(content_roots(draft.stem))
        weight = sum(self._reading.idf(part) for part in asked) or 1.0
        scored: list[tuple[float, str]] = []
        for other in pool:
            if other.source.index == draft.source.index or not _alike(draft, other, answer):
                continue
            texts = cuts(other.answer) if draft.answer_kind == "predicate" else [other.answer]
            text = min(texts, key=lambda cut: abs(len(cut) - len(answer)))
            theirs = set(content_roots(text))
            low, high = (0.72, 1.6) if draft.answer_kind == "predicate" else (0.55, 1.8)
            if not low * len(answer) <= len(text) <= high * len(answer) + 6:
                continue
            if set(content_roots(other.concept)) & subject or theirs & subject:
                continue
            if len(theirs & own) > 0.5 * min(len(theirs), len(own)) or set(text.lower().split()) & VAGUE:
                continue
            shared = sum(self._reading.idf(part) for part in asked & self._roots[other.source.index])
            if shared / weight > 0.4 or obscure(text, self._reading):
                continue
            near = (
                float(self._vectors[other.answer] @ mine) if mine is not None and other.answer in self._vectors else 0.0
            )
            if draft.answer_kind == "phrase" and near < MIN_CLOSENESS:
                continue
            same_document = other.source.sentence.document == draft.source.sentence.document
            scored.append((near + 0.1 * same_document - abs(len(text) - len(answer)) / (4 * len(answer)), text))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        texts = list(dict.fromkeys(text for _, text in scored))[:WANTED]
        if len(texts) < WANTED or max(map(len, texts)) < 0.85 * len(answer):
            return None
        return Distractors(tuple(texts), sum(score for score, _ in scored[:WANTED]) / WANTED)

    def _years(self, draft: Draft, rng: random.Random) -> Distractors | None:
        year = int(draft.answer)
        mentioned = sorted(
            {int(found) for read in self._reading.sentences for found in re.findall(r"\b(1\d{3}|20\d{2})\b", read.text)}
            - {year}
        )
        near = [other for other in mentioned if 2 <= abs(other - year) <= 60]
        rng.shuffle(near)
        steps = [-25, -14, -9, 8, 13, 21]
        rng.shuffle(steps)
        options: list[int] = []
        for other in (*near, *(year + step for step in steps)):
            if other <= 2025 and all(abs(other - seen) >= 2 for seen in (*options, year)):
                options.append(other)
            if len(options) == WANTED:
                return Distractors(tuple(str(option) for option in options), 0.5)
        return None


def _inside(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether the head of one name ends in the head of the other (neurotransmission, synaptic transmission), or the names differ
    by their general heads only (viral diseases, virus infections).
    """
    if not a or not b:
        return False
    if a[-1] != b[-1] and min(len(a[-1]), len(b[-1])) > 5 and (a[-1].endswith(b[-1]) or b[-1].endswith(a[-1])):
        return True
    return (
        len(a) > 1
        and len(a) == len(b)
        and family(a[-1]) == family(b[-1])
        and all(x == y or related(x, y) for x, y in zip(a[:-1], b[:-1], strict=True))
        and a[-1] != b[-1]
        and bool(family(a[-1]))
    )


def _one_thing(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether two names are the same but for a word or its form: viral infections, virus infections."""
    left = all(any(part == other or related(part, other) for other in b) for part in a)
    right = all(any(part == other or related(part, other) for other in a) for part in b)
    return left or right


def cuts(definition: str) -> list[str]:
    """Return a definition and its shorter forms, longest first: cut where a comma ends what defines, never below four words."""
    found = [definition]
    for match in re.finditer(r", (?:which|who|where|whose)\b|, (?!and |or |[^,]*, (?:and|or) )", definition):
        shorter = definition[: match.start()]
        if (
            len(shorter.split()) >= 4
            and not re.search(
                r"\b(?:the|a|an|of|in|and|or|to|with|by|for|from|through|at|on|into|within|between|under|over|which|that|as)$",
                shorter,
            )
            and len(content_roots(shorter)) >= 3
        ):
            found.append(shorter)
    return sorted(dict.fromkeys(found), key=len, reverse=True)


def _article(determiner: str) -> str:
    return "a" if determiner in {"a", "an"} else determiner


def _alike(draft: Draft, other: Draft, answer: str) -> bool:
    """Whether a phrase can stand beside the right one: same number and article, pronouns that agree with the subject asked about."""
    if draft.answer_kind in {"predicate", "phrase"}:
        return other.plural == draft.plural and _first(other.answer) == _first(answer)
    if draft.answer_kind == "place":
        return True
    pronouns = {"it", "its", "they", "their", "them", "itself", "themselves"} & set(other.answer.lower().split())
    return not pronouns or other.plural == draft.plural


def _first(text: str) -> str:
    word = text.split()[0].lower()
    return "the/a" if word in {"a", "an", "the"} else "bare"


def _length_fits(text: str, answer: str) -> bool:
    return (
        abs(len(text.split()) - len(answer.split())) <= 2
        and len(text) <= 2.6 * len(answer) + 4
        and len(answer) <= 2.6 * len(text) + 4
    )


def skip_for(level: str, available: int) -> int:
    """How many of the closest to pass over: easy questions take options that are further off."""
    return {"easy": min(12, max(0, available - 12)), "medium": min(2, max(0, available - 8))}.get(level, 0)


_FACTORS = ((0.5, 2.0, 3.0), (0.25, 0.5, 2.0), (0.1, 0.5, 5.0), (2.0, 3.0, 4.0), (0.2, 0.5, 0.75))
_STEPS = ((-1, 1, 2), (-2, -1, 1), (1, 2, 3), (-3, -2, -1), (2, 4, 6))


def numbers(draft: Draft, rng: random.Random) -> Distractors | None:
    """Return three other numbers written like the right one, in plausible steps, none equal to another."""
    quantity = draft.quantity
    if quantity is None:
        return None
    match = re.fullmatch(r"([^\d]*)(\d[\d,]*(?:\.\d+)?)(.*)", draft.answer)
    if not match and quantity.words:
        return _word_numbers(draft.answer, rng)
    if not match:
        return None
    value = float(match[2].replace(",", ""))
    decimals = len(match[2].partition(".")[2])
    small = decimals == 0 and value <= 12
    for _ in range(8):
        values = (
            [value + step for step in rng.choice(_STEPS)]
            if small
            else [value * factor for factor in rng.choice(_FACTORS)]
        )
        texts = [_written(other, decimals, "," in match[2]) for other in values]
        if (
            len({*texts, match[2]}) == WANTED + 1
            and all(other > 0 for other in values)
            and not (_is_share(quantity, match[3]) and max(values) >= 100)
        ):
            return Distractors(tuple(f"{match[1]}{text}{match[3]}" for text in texts), 0.5)
    return None


def _is_share(quantity: Quantity, after: str) -> bool:
    return after.startswith("%") or (quantity.unit is not None and quantity.unit.symbol in {"%", "percent"})


def _written(value: float, decimals: int, grouped: bool) -> str:
    if decimals:
        return f"{value:.{decimals}f}"
    magnitude = 10 ** max(0, len(str(int(value))) - 2)
    rounded = int(round(value / magnitude) * magnitude)
    return f"{rounded:,}" if grouped or rounded >= 10000 else str(rounded)


_COUNTING = "zero one two three four five six seven eight nine ten eleven twelve".split()


def _word_numbers(answer: str, rng: random.Random) -> Distractors | None:
    if answer.lower() not in _COUNTING:
        return None
    value = _COUNTING.index(answer.lower())
    for _ in range(8):
        values = [value + step for step in rng.choice(_STEPS)]
        if all(2 <= other <= 12 for other in values):
            return Distractors(tuple(_COUNTING[other] for other in values), 0.5)
    return None
