"""The built-in planner: the sections of the material in order, with minutes, objectives and prerequisites."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil

from documents_app.domain.analysis import Analysis, Concept, Section
from documents_app.domain.keyphrases_words import WORD, content_stems, key, reading_form
from documents_app.domain.material import Material
from sessions_app.domain.plan import MaterialEmpty, Plan, PlanObjective, PlanSection, TopicNotInMaterial

# Words a minute for careful reading, by level (Brysbaert, 2019: 238 for easy non-fiction; study reading is slower).
_WORDS_PER_MINUTE = {"easy": 200, "medium": 160, "hard": 130}
_MINUTES_PER_CONCEPT = 1.0
_MINUTES_FOR_CHECK = 2.0
_TARGET_MASTERY = {"easy": 0.9, "medium": 0.85, "hard": 0.8}
_FIRST_QUESTIONS = {"easy": "easy", "medium": "easy", "hard": "medium"}
_CONCEPTS_PER_SECTION = 6
_RELEVANT_CONCEPTS = 24


def make_plan(analysis: Analysis, material: Material, *, topic: str | None = None) -> Plan:
    """Return the plan for ``material``, or for the part of it that deals with ``topic``.

    Questions begin one step below the level of the text. Raises MaterialEmpty and TopicNotInMaterial.
    """
    sections = sections_about(analysis, topic)
    concepts = _concepts_of(analysis, sections)
    requires = concept_prerequisites(concepts, analysis)
    level = analysis.difficulty.level
    steps = _steps(analysis, material, sections, requires)
    objectives = _objectives(analysis, material, sections)
    name = topic or material_title(analysis, material)
    minutes = sum(step.minutes for step in steps)
    return Plan(
        topic=name,
        learning_goal=_goal(name, objectives),
        priority=_priority(objectives),
        relevant_concepts=tuple(concept.name for concept in concepts[:_RELEVANT_CONCEPTS]),
        suggested_approach=_approach(steps, minutes, level, requires),
        target_mastery=_TARGET_MASTERY[level],
        initial_difficulty=_FIRST_QUESTIONS[level],
        estimated_minutes=minutes,
        sections=steps,
        objectives=objectives,
        prerequisites=requires,
        engine=analysis.engine,
    )


def sections_about(analysis: Analysis, topic: str | None) -> tuple[Section, ...]:
    """Return the sections with prose that deal with ``topic`` (all of them without one), in reading order."""
    sections = tuple(section for section in analysis.sections if section.sentences)
    if not sections:
        raise MaterialEmpty
    wanted = set(content_stems(topic)) if topic and topic.strip() else set()
    if not topic or not topic.strip():
        return sections
    titled = [s for s in sections if wanted and any(wanted <= set(content_stems(part)) for part in s.path)]
    if titled:
        return tuple(titled)
    dealing = [s for s in sections if wanted and _mentions(s, wanted) >= min(2, len(s.sentences))]
    if not dealing:
        raise TopicNotInMaterial(topic=topic.strip()[:120], attr="topic")
    return tuple(dealing)


def _mentions(section: Section, wanted: set[str]) -> int:
    return sum(wanted <= set(content_stems(reading_form(sentence.text))) for sentence in section.sentences)


def material_title(analysis: Analysis, material: Material) -> str:
    """Return the title of the material: the one top heading of each document, or its title, joined."""
    titles: list[str] = []
    for index, _ in enumerate(material):
        own = [section for section in analysis.sections if section.document == index]
        tops = {section.path[0] for section in own if section.path}
        if len(tops) == 1:
            titles.append(reading_form(next(iter(tops))))
        elif own:
            front = next((section.title for section in own if not section.path), "")
            titles.append(reading_form(front or own[0].title))
    unique = list(dict.fromkeys(title for title in titles if title))
    shown = "; ".join(unique[:3])
    return f"{shown} and {len(unique) - 3} more" if len(unique) > 3 else shown or "The material"


def section_concepts(analysis: Analysis, section: Section, limit: int = _CONCEPTS_PER_SECTION) -> tuple[Concept, ...]:
    """Return the concepts of a section: those of its title first, then those that few other sections share."""
    title = {key(m[0]) for m in WORD.finditer(section.title)}
    own = [concept for concept in analysis.concepts if section.index in concept.section_indexes]

    def rank(concept: Concept) -> tuple[float, str]:
        named = {key(m[0]) for m in WORD.finditer(concept.name)} <= title
        return -(2.0 * named + concept.importance / len(concept.section_indexes) ** 0.5), concept.name

    return tuple(sorted(own, key=rank)[:limit])


def _concepts_of(analysis: Analysis, sections: Sequence[Section]) -> tuple[Concept, ...]:
    wanted = {section.index for section in sections}
    return tuple(concept for concept in analysis.concepts if wanted & set(concept.section_indexes))


def concept_prerequisites(concepts: Sequence[Concept], analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Map each concept to those its definition is made of, as far as the material brings them in no later.

    The order of introduction makes the relation free of cycles.
    """
    order = _introductions(concepts, analysis)
    definitions = {tuple(_keys(term.term)): term.definition for term in analysis.terms}
    requires: dict[str, tuple[str, ...]] = {}
    for concept in concepts:
        text = definitions.get(tuple(_keys(concept.name))) or reading_form(concept.evidence[0].text)
        words = _keys(text)
        needed = [
            other.name
            for other in concepts
            if order[other.name] < order[concept.name]
            and not set(_keys(other.name)) <= set(_keys(concept.name))
            and _contains(words, _keys(other.name))
        ]
        if needed:
            requires[concept.name] = tuple(needed[:4])
    return requires


def _keys(text: str) -> list[str]:
    return [key(m[0]) for m in WORD.finditer(text)]


def _contains(words: Sequence[str], part: Sequence[str]) -> bool:
    size = len(part)
    return any(list(words[at : at + size]) == list(part) for at in range(len(words) - size + 1))


def _introductions(concepts: Sequence[Concept], analysis: Analysis) -> dict[str, int]:
    """Position of the first sentence of the material that names each concept (ties broken by importance)."""
    wanted = {tuple(_keys(concept.name)): concept.name for concept in concepts}
    sizes = sorted({len(name) for name in wanted})
    found: dict[str, int] = {}
    position = 0
    for section in analysis.sections:
        for sentence in section.sentences:
            words = _keys(reading_form(sentence.text))
            for size in sizes:
                for at in range(len(words) - size + 1):
                    name = wanted.get(tuple(words[at : at + size]))
                    if name is not None and name not in found:
                        found[name] = position + at
            position += len(words) + 1
    return {concept.name: found.get(concept.name, position + rank) for rank, concept in enumerate(concepts)}


def _steps(
    analysis: Analysis, material: Material, sections: Sequence[Section], requires: Mapping[str, Sequence[str]]
) -> tuple[PlanSection, ...]:
    home: dict[str, int] = {}
    steps: list[PlanSection] = []
    for index, section in enumerate(sections):
        names = [concept.name for concept in section_concepts(analysis, section)]
        earlier = {home[other] for name in names for other in requires.get(name, ()) if other in home}
        for name in names:
            home.setdefault(name, index)
        steps.append(
            PlanSection(
                index=index,
                section_index=section.index,
                document_id=material[section.document].document_id,
                title=reading_form(section.title),
                path=tuple(map(reading_form, section.path)),
                minutes=section_minutes(section, len(names), analysis.difficulty.level),
                concepts=tuple(names),
                objectives=tuple(o.title for o in analysis.objectives if _inside(o.evidence, section, material)),
                prerequisites=tuple(sorted(earlier - {index})),
            )
        )
    return tuple(steps)


def _inside(evidence: Sequence[object], section: Section, material: Material) -> bool:
    first = evidence[0] if evidence else None
    return (
        first is not None
        and getattr(first, "document_id", None) == material[section.document].document_id
        and section.char_start <= getattr(first, "char_start", -1) < section.char_end
    )


def section_minutes(section: Section, concepts: int, level: str) -> int:
    """Minutes to study a section: careful reading, a minute per concept, two for its check questions."""
    words = sum(len(sentence.text.split()) for sentence in section.sentences)
    return max(2, ceil(words / _WORDS_PER_MINUTE[level] + _MINUTES_PER_CONCEPT * concepts * 0.5 + _MINUTES_FOR_CHECK))


def _objectives(analysis: Analysis, material: Material, sections: Sequence[Section]) -> tuple[PlanObjective, ...]:
    kept = [o for o in analysis.objectives if any(_inside(o.evidence, section, material) for section in sections)]
    return tuple(
        PlanObjective(o.title, o.description, o.priority, tuple(citation.as_dict() for citation in o.evidence))
        for o in kept
    )


def _goal(topic: str, objectives: Sequence[PlanObjective]) -> str:
    rank = {"high": 0, "medium": 1, "low": 2}
    named = set(content_stems(topic))
    saying_more = [o for o in objectives if not set(content_stems(o.title.partition(" ")[2])) <= named]
    leading = sorted(saying_more or objectives, key=lambda o: rank[o.priority])[:3]
    if not leading:
        return f"Understand {topic} and be able to say in your own words what the material tells about it."
    aims = [o.title[0].lower() + o.title[1:] if not o.title[1:2].isupper() else o.title for o in leading]
    listed = aims[0] if len(aims) == 1 else ", ".join(aims[:-1]) + " and " + aims[-1]
    return f"Understand {topic}: be able to {listed}."


def _priority(objectives: Sequence[PlanObjective]) -> str:
    priorities = {objective.priority for objective in objectives}
    return next((level for level in ("high", "medium", "low") if level in priorities), "medium")


def _approach(steps: Sequence[PlanSection], minutes: int, level: str, requires: Mapping[str, Sequence[str]]) -> str:
    parts = [
        f"Work through the {len(steps)} sections in the order of the material, about {minutes} minutes in all."
        if len(steps) > 1
        else f"Read the one section closely, about {minutes} minutes."
    ]
    base = _most_required(requires)
    if base:
        them = "it" if len(base) == 1 else "them"
        parts.append(f"Make sure that you know {_listed(base)}: other ideas are explained with {them}.")
    if minutes > 50:
        parts.append(f"Split the work into {ceil(minutes / 40)} sittings of about 40 minutes.")
    parts.append(
        {
            "easy": "The text reads easily: put it away after each section and say what it told you before you go on.",
            "medium": "After each section answer its check questions without looking, then compare with the passages.",
            "hard": "The text is dense: learn the key terms of a section before you read it, then answer its check questions "
            "without looking and reread the passages you missed.",
        }[level]
    )
    return " ".join(parts)


def _most_required(requires: Mapping[str, Sequence[str]]) -> list[str]:
    counts: dict[str, int] = {}
    for needed in requires.values():
        for name in needed:
            counts[name] = counts.get(name, 0) + 1
    return sorted((name for name, count in counts.items() if count >= 2), key=lambda name: (-counts[name], name))[:3]


def _listed(names: Sequence[str]) -> str:
    plain = ["“" + re.sub(r"\s+", " ", name) + "”" for name in names]
    return plain[0] if len(plain) == 1 else ", ".join(plain[:-1]) + " and " + plain[-1]
