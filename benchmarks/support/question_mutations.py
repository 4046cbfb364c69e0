"""Seeded faults for questions: what a verifier has to catch, made from questions that are right.

Every mutation keeps the question well-formed and rewrites the explanation so that it agrees with the fault; only
the material can tell.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sessions_app.domain.questions.text import clean, content_roots
from sessions_app.domain.questions.types import (
    BooleanKey,
    CandidateQuestion,
    ChoiceKey,
    NumericKey,
    Option,
    QuestionKind,
    TextKey,
    option_id,
)
from tutor_project.language.quantities.finding import find_quantities


@dataclass(frozen=True)
class World:
    """What mutations draw from: the terms of the material and the other questions."""

    terms: Sequence[str]
    questions: Sequence[CandidateQuestion]


Mutation = Callable[[CandidateQuestion, World, random.Random], CandidateQuestion | None]
_AUXILIARY = re.compile(r"\b(is|are|was|were|can|could|may|must|will|does|do|did|has been|have been)\b")
_OTHER_UNIT = {
    "percent": "per mille", "%": "‰", "mV": "V", "nm": "mm", "nanometres": "millimetres", "nanometers": "millimeters",
    "micrometers": "meters", "micrometres": "metres", "µm": "km", "years": "days", "minutes": "hours", "seconds": "minutes",
    "milliseconds": "seconds", "millisecond": "second", "meters": "kilometers", "metres": "kilometres", "mm": "km", "kg": "mg",
    "joules": "watts", "newtons": "pascals", "metre": "litre", "kelvin": "second", "m/s²": "km/h", "°C": "°F", "C": "F", "hours": "days",
    "centimetres": "kilometres", "days": "weeks", "millivolts": "volts", "micrometre": "metre", "micrometer": "meter",
}  # fmt: skip


def _explained(question: CandidateQuestion) -> CandidateQuestion:
    """The explanation a mistaken writer would give: it concludes what the key says."""
    if isinstance(question.key, BooleanKey):
        told = "True." if question.key.value else "False."
        return replace(question, explanation=f"{told} The material says so.")
    return replace(question, explanation=f"The material says that the answer is: {question.key_text}.")


def _with_options(question: CandidateQuestion, texts: Sequence[str], key_text: str) -> CandidateQuestion:
    options = tuple(Option(option_id(question.stem, text), text) for text in texts)
    key = next(option.id for option in options if option.text == key_text)
    return replace(question, options=options, key=ChoiceKey(key))


def swap_key(question: CandidateQuestion, world: World, rng: random.Random) -> CandidateQuestion | None:
    """The key names a wrong option, the opposite, or another term."""
    if isinstance(question.key, ChoiceKey):
        wrong = rng.choice([option for option in question.options if option.id != question.key.option_id])
        return _explained(replace(question, key=ChoiceKey(wrong.id)))
    if isinstance(question.key, BooleanKey):
        return _explained(replace(question, key=BooleanKey(not question.key.value)))
    if isinstance(question.key, TextKey):
        other = _other_term(question.key_text, question, world, rng)
        return _explained(replace(question, key=TextKey((other,)))) if other else None
    return None


def negate(question: CandidateQuestion, world: World, rng: random.Random) -> CandidateQuestion | None:
    """A "not" is put in, or one taken out."""
    stem = question.stem
    if re.search(r"\bnot\b", stem):
        return _explained(replace(question, stem=re.sub(r"\s*\bnot\b", "", stem, count=1)))
    if isinstance(question.key, BooleanKey) and not question.key.value:
        return None  # the denial of a false statement may be true
    hits = list(_AUXILIARY.finditer(stem))
    if hits:
        hit = hits[0]
        if re.match(r"(?:what|where|why|how|in which|who)\b.*$", stem, re.I) and hit[1] in {
            "does",
            "do",
            "did",
            "is",
            "are",
            "was",
            "were",
        }:
            subject = re.match(r"\s+(?:the |an? )?[\w-]+", stem[hit.end() :])
            at = hit.end() + (subject.end() if subject and hit[1] in {"does", "do", "did"} else 0)
            return _explained(replace(question, stem=stem[:at] + " not" + stem[at:]))
        return _explained(replace(question, stem=stem[: hit.end()] + " not" + stem[hit.end() :]))
    verb = re.match(r"((?:which of the following|what|who)) (\w+)s (.*)", stem, re.I)
    if verb:
        return _explained(replace(question, stem=f"{verb[1]} does not {verb[2]} {verb[3]}"))
    return None


def change_number(question: CandidateQuestion, world: World, rng: random.Random) -> CandidateQuestion | None:
    """A number of the stem or of the key becomes another one."""
    if isinstance(question.key, NumericKey):
        value = question.key.value * rng.choice((2.0, 3.0)) + rng.choice((0, 1))
        return _explained(replace(question, key=replace(question.key, value=value)))
    if isinstance(question.key, BooleanKey) and not question.key.value:
        return None
    stem = _other_number(question.stem, rng)
    if stem is not None:
        return _explained(replace(question, stem=stem))
    if isinstance(question.key, ChoiceKey):
        changed = _other_number(question.key_text, rng)
        texts = [option.text for option in question.options]
        if changed is None or changed in texts:
            return None
        position = texts.index(question.key_text)
        texts[position] = changed
        if all(find_quantities(text) for text in texts):
            texts.sort(key=lambda text: find_quantities(text)[0].value)
        return _explained(_with_options(question, texts, changed))
    return None


def _other_number(text: str, rng: random.Random) -> str | None:
    found = [q for q in find_quantities(text) if q.digits and "." not in q.digits and "," not in q.digits]
    if not found:
        return None
    quantity = rng.choice(found)
    at = text.index(quantity.digits, quantity.start)
    value = int(quantity.digits)
    new = (
        value + rng.choice((-11, 7, 23))
        if quantity.looks_like_year
        else max(1, value * rng.choice((2, 3)) + rng.choice((0, 1)))
    )
    return text[:at] + str(new) + text[at + len(quantity.digits) :]


def change_unit(question: CandidateQuestion, world: World, rng: random.Random) -> CandidateQuestion | None:
    """A unit of the stem or of the key becomes another one."""
    if isinstance(question.key, BooleanKey) and not question.key.value:
        return None
    for unit, other in _OTHER_UNIT.items():
        pattern = re.compile(
            rf"(?<=[\d_] ){re.escape(unit)}(?![\w])|(?<=\d){re.escape(unit)}(?![\w])|(?<=-){re.escape(unit)}(?![\w])"
        )
        if pattern.search(question.stem):
            return _explained(replace(question, stem=pattern.sub(other, question.stem, count=1)))
        if isinstance(question.key, NumericKey) and question.key.unit == unit:
            return _explained(replace(question, key=replace(question.key, unit=other)))
        if isinstance(question.key, ChoiceKey) and pattern.search(question.key_text):
            texts = [pattern.sub(other, option.text) for option in question.options]
            return _explained(_with_options(question, texts, pattern.sub(other, question.key_text)))
    return None


def change_entity(question: CandidateQuestion, world: World, rng: random.Random) -> CandidateQuestion | None:
    """A thing or name in the stem becomes another one of the material."""
    if isinstance(question.key, BooleanKey) and not question.key.value:
        return None
    here = [term for term in world.terms if re.search(rf"(?<![\w-]){re.escape(term)}(?![\w-])", question.stem, re.I)]
    if not here:
        return None
    longest = max(here, key=len)
    other = _other_term(longest, question, world, rng)
    if other is None:
        return None
    pattern = re.compile(rf"(?<![\w-]){re.escape(longest)}(?![\w-])", re.I)
    stem = pattern.sub(
        lambda m: other if not m[0][0].isupper() or m.start() else other[0].upper() + other[1:], question.stem
    )
    return _explained(replace(question, stem=stem))


def _other_term(term: str, question: CandidateQuestion, world: World, rng: random.Random) -> str | None:
    evidence = set(content_roots(clean(question.evidence[0].text)))
    own = set(content_roots(term))
    plural = term.endswith("s") and not term.endswith(("ss", "us", "is"))
    fits = [
        other
        for other in world.terms
        if not set(content_roots(other)) & own
        and not set(content_roots(other)) <= evidence
        and (other.endswith("s") and not other.endswith(("ss", "us", "is"))) == plural
        and other[:1].isupper() == term[:1].isupper()
    ]
    return rng.choice(fits) if fits else None


def two_right(question: CandidateQuestion, world: World, rng: random.Random) -> CandidateQuestion | None:
    """A wrong option becomes a second right one: the key in other words, or another right thing of the passage."""
    if not isinstance(question.key, ChoiceKey):
        return None
    key = question.key_text
    texts = [option.text for option in question.options]
    position = rng.choice([i for i, text in enumerate(texts) if text != key])
    variants = [variant for variant in _variants(key) if variant not in texts]
    if not variants:
        return None
    texts[position] = rng.choice(variants)
    return _explained(_with_options(question, texts, key))


def _variants(key: str) -> list[str]:
    found = []
    number = re.fullmatch(r"(\D*)(\d[\d,.]*)(.*)", key)
    if number:
        return [
            f"About {key}" if key[:1].isdigit() else key.lower(),
            f"{number[1]}{number[2]}.0{number[3]}" if "." not in number[2] else f"{key} ",
        ]
    found.append(
        f"The {key[0].lower()}{key[1:]}"
        if not key.lower().startswith(("the ", "a ", "an "))
        else key.split(maxsplit=1)[1].capitalize()
    )
    words = key.split()
    if len(words) <= 3:
        found.append(key[:-1] if key.endswith("s") else f"{key}s")
        found.append(f"{key} themselves" if key.endswith("s") else f"{key} itself")
    if " and " in key:
        left, right = key.split(" and ", 1)
        found.append(f"{right[0].upper()}{right[1:]} and {left[0].lower()}{left[1:]}")
    return found


def unanswerable(question: CandidateQuestion, world: World, rng: random.Random) -> CandidateQuestion | None:
    """The stem asks what the passage does not tell."""
    way = rng.randrange(3)
    if way == 0:
        others = [
            q
            for q in world.questions
            if q.kind is question.kind
            and q.evidence[0] != question.evidence[0]
            and not set(content_roots(q.stem)) & set(content_roots(question.key_text))
        ]
        return (
            _explained(replace(question, stem=rng.choice(others).stem))
            if others and question.kind is not QuestionKind.TRUE_FALSE
            else None
        )
    if question.kind in {QuestionKind.TRUE_FALSE, QuestionKind.CLOZE}:
        return None
    if way == 1:
        vague = (
            "What is the most important thing to know here?",
            "Which one has the main role in the process?",
            "What happens in the next step?",
        )
        return _explained(replace(question, stem=rng.choice(vague)))
    foreign = (
        "Which of the following did the Apollo 11 crew bring back to Houston?",
        "What did the chef add to the risotto before serving it?",
        "Who won the chess tournament in Reykjavik?",
    )
    return _explained(replace(question, stem=rng.choice(foreign)))


MUTATIONS: dict[str, Mutation] = {
    "swap the key": swap_key,
    "negate": negate,
    "change a number": change_number,
    "change a unit": change_unit,
    "change an entity": change_entity,
    "two right options": two_right,
    "unanswerable stem": unanswerable,
}
