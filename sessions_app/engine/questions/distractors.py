"""Wrong options of the same kind as the right one, from the same material, that the material does not make right."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass

from sessions_app.domain.questions.negation import related
from sessions_app.domain.questions.text import content_roots
from sessions_app.domain.questions.vocabulary import VAGUE
from sessions_app.engine.questions.drafts import Draft
from sessions_app.engine.questions.entities import Embed, Entity
from sessions_app.engine.questions.reading import Reading
from sessions_app.engine.questions.wording import strip_determiner

WANTED = 3
MIN_CLOSENESS = 0.22


@dataclass(frozen=True, slots=True)
class Distractors:
    """Wrong options as shown, and how close they are to the right one (mean cosine, 0 without vectors)."""

    texts: tuple[str, ...]
    closeness: float


class DistractorFinder:
    """Finds wrong options for drafts; holds what was computed once per material."""

    def __init__(self, reading: Reading, embed: Embed | None, predicates: list[Draft], places: list[Draft]) -> None:
        self._reading = reading
        self._embed = embed
        self._uses: Counter[str] = Counter()
        self._predicates = predicates
        self._places = places
        self._roots = [frozenset(content_roots(read.text)) for read in reading.sentences]
        self._sections_of: dict[int, frozenset[int]] = {
            document: frozenset(section.index for section in reading.sections if section.document == document)
            for document in range(len(reading.material))
        }
        texts = [draft.answer for draft in (*predicates, *places)]
        vectors = embed(texts) if embed is not None and texts else None
        self._vectors = {text: vectors[i] for i, text in enumerate(texts)} if vectors is not None else {}

    def find(self, draft: Draft, level: str, rng: random.Random) -> Distractors | None:
        """Return three wrong options for the draft, or None where the material has too few of the kind."""
        if draft.answer_kind in {"thing", "person"}:
            return self._things(draft, level, rng)
        if draft.answer_kind == "predicate":
            return self._phrases(draft, self._predicates, rng)
        if draft.answer_kind == "place":
            return self._phrases(draft, self._places, rng)
        if draft.answer_kind == "year":
            return self._years(draft, rng)
        if draft.answer_kind == "number":
            return numbers(draft, rng)
        return None

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
        vector = own.vector if own is not None else None
        if vector is None and self._embed is not None:
            vector = self._embed([strip_determiner(draft.answer)])[0]
        banned = frozenset(content_roots(f"{draft.stem} {' '.join(draft.listed)} {draft.source.text}"))
        ranked = self._reading.pool.alike(
            strip_determiner(draft.answer), plural=draft.plural, kind=kind, section=draft.source.section.index,
            document_sections=self._sections_of[draft.source.sentence.document], vector=vector, banned=banned,
            too_common=None if self._common(content_roots(draft.answer)) else self._common,
        )  # fmt: skip
        asked = frozenset(content_roots(draft.stem))
        picked: list[Entity] = []
        start = skip_for(level, len(ranked))
        fresh = sorted(ranked[start : start + 60], key=lambda pair: -(pair[0] - 0.03 * self._uses[pair[1].surface]))
        for _, entity in fresh:
            if self._also_right(entity, asked, draft) or not _length_fits(
                entity.surface, strip_determiner(draft.answer)
            ):
                continue
            if any(
                set(entity.key) & set(other.key)
                and (set(entity.key) <= set(other.key) or set(other.key) <= set(entity.key))
                for other in picked
            ):
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
        if vector is not None and closeness < MIN_CLOSENESS and kind != "person":
            return None
        return Distractors(tuple(entity.surface for entity in picked), closeness)

    def _common(self, key: tuple[str, ...]) -> bool:
        """Whether a phrase is made of words the whole material is about: as an option it is arguable whatever is asked."""
        return len(key) == 1 and self._reading.idf(key[0]) < 2.8 * max(0.5, self._reading.idf("") / 7.8)

    def _akin(self, entity: Entity, answer: str) -> bool:
        own = content_roots(strip_determiner(answer))
        mine, theirs = own[-1] if own else "", entity.key[-1]
        if mine in self._reading.kinds_of.get(theirs, ()) or theirs in self._reading.kinds_of.get(mine, ()):
            return True
        one, two = strip_determiner(answer).casefold(), entity.surface.casefold()
        if one.endswith(two) or two.endswith(one):
            return True
        return any(a != b and related(a, b) for a in own for b in entity.key)

    def _also_right(self, entity: Entity, asked: frozenset[str], draft: Draft) -> bool:
        """Whether some sentence says of the entity most of what the stem asks, or one is a kind or another name of the other."""
        if self._akin(entity, draft.answer):
            return True
        if draft.source.index in entity.sentences:
            return True
        weight = sum(self._reading.idf(root) for root in asked) or 1.0
        for index in entity.sentences:
            shared = sum(self._reading.idf(root) for root in asked & self._roots[index])
            if shared / weight > 0.4:
                return True
        return False

    def _phrases(self, draft: Draft, pool: list[Draft], rng: random.Random) -> Distractors | None:
        """Other definitions (places) of the same number and about the same length, closest in meaning first."""
        subject = set(content_roots(draft.concept))
        for answer in cuts(draft.answer) if draft.answer_kind == "predicate" else [draft.answer]:
            found = self._phrases_beside(draft, answer, subject, pool)
            if found is not None:
                draft.answer = answer
                return found
        return None

    def _phrases_beside(self, draft: Draft, answer: str, subject: set[str], pool: list[Draft]) -> Distractors | None:
        own = set(content_roots(answer))
        if own & subject:
            return None
        mine = self._vectors.get(draft.answer)
        scored: list[tuple[float, str]] = []
        for other in pool:
            if (
                other.plural != draft.plural
                or other.source.index == draft.source.index
                or _first(other.answer) != _first(answer)
            ):
                continue
            text = min(cuts(other.answer), key=lambda cut: abs(len(cut) - len(answer)))
            theirs = set(content_roots(text))
            if (
                not 0.72 * len(answer) <= len(text) <= 1.6 * len(answer) + 6
                or set(content_roots(other.concept)) & subject
            ):
                continue
            if (
                theirs & subject
                or len(theirs & own) > 0.5 * min(len(theirs), len(own))
                or set(text.lower().split()) & VAGUE
            ):
                continue
            near = (
                float(self._vectors[other.answer] @ mine) if mine is not None and other.answer in self._vectors else 0.0
            )
            same_document = other.source.sentence.document == draft.source.sentence.document
            scored.append((near + 0.1 * same_document - abs(len(text) - len(answer)) / (4 * len(answer)), text))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        texts = list(dict.fromkeys(text for _, text in scored))[:WANTED]
        if len(texts) < WANTED or max(map(len, texts)) < 0.9 * len(answer) or set(answer.lower().split()) & VAGUE:
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


def cuts(definition: str) -> list[str]:
    """Return a definition and its shorter forms, longest first: cut before a relative clause or at a comma, never below four words."""
    found = [definition]
    for match in re.finditer(r",? (?:that|which|who|where|whose)\b|, (?!and |or |[^,]*, (?:and|or) )", definition):
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
            and not (match[3].startswith("%") and max(values) > 100)
        ):
            return Distractors(tuple(f"{match[1]}{text}{match[3]}" for text in texts), 0.5)
    return None


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
