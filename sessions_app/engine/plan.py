"""The built-in planner: the sections of the material in order, with minutes, objectives and prerequisites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from documents_app.domain.analysis.types import Analysis, Concept, Objective, Section
from documents_app.domain.material import Citation, Material
from documents_app.domain.reading.form import reading_form
from documents_app.domain.reading.outline import document_title
from sessions_app.domain.plan import MaterialEmpty, PlanContent, PlanObjective, PlanSection, TopicNotInMaterial
from tutor_project.language import Language, language, wording

ENGINE_NAME = "builtin"

# Words a minute for careful reading, by level (Brysbaert, 2019: 238 for easy non-fiction; study reading is slower).
_WORDS_PER_MINUTE = {"easy": 200, "medium": 160, "hard": 130}
_MINUTES_PER_CONCEPT = 1.0
_MINUTES_FOR_CHECK = 2.0
_TARGET_MASTERY = {"easy": 0.9, "medium": 0.85, "hard": 0.8}
_FIRST_QUESTIONS = {"easy": "easy", "medium": "easy", "hard": "medium"}
_CONCEPTS_PER_SECTION = 6
_RELEVANT_CONCEPTS = 24
_LONG_WORK, _SITTING = 50, 40
"""Minutes from which the work is split up, and of a sitting."""
_STATING = 0.6
"""A section of which so large a share states objectives teaches nothing."""


def make_plan(analysis: Analysis, material: Material, *, topic: str | None = None) -> PlanContent:
    """Return the plan for ``material``, or for the part of it that deals with ``topic``.

    Questions begin one step below the level of the text. Raises MaterialEmpty and TopicNotInMaterial.
    """
    tongue = _language_of(analysis)
    sections = sections_about(analysis, topic)
    concepts = _concepts_of(analysis, sections)
    requires = concept_prerequisites(concepts, analysis)
    level = analysis.difficulty.level
    steps = _steps(analysis, material, sections, requires)
    objectives = _objectives(analysis, material, sections)
    name = topic or material_title(analysis, material)
    minutes = sum(step.minutes for step in steps)
    return PlanContent(
        topic=name,
        learning_goal=_goal(name, objectives, tongue),
        priority=_priority(objectives),
        relevant_concepts=tuple(concept.name for concept in concepts[:_RELEVANT_CONCEPTS]),
        suggested_approach=_approach(steps, minutes, level, requires, tongue),
        target_mastery=_TARGET_MASTERY[level],
        initial_difficulty=_FIRST_QUESTIONS[level],
        estimated_minutes=minutes,
        sections=steps,
        objectives=objectives,
        prerequisites=requires,
        engine=ENGINE_NAME,
    )


def sections_about(analysis: Analysis, topic: str | None) -> tuple[Section, ...]:
    """Return the sections to teach that deal with ``topic`` (all of them without one), in reading order."""
    sections = _taught(analysis)
    if not sections:
        raise MaterialEmpty
    if not topic or not topic.strip():
        return sections
    tongue = _language_of(analysis)
    wanted = set(tongue.content_stems(topic))
    titled = [s for s in sections if wanted and any(wanted <= set(tongue.content_stems(part)) for part in s.path)]
    if titled:
        return tuple(titled)
    dealing = [s for s in sections if wanted and _mentions(s, wanted, tongue) >= min(2, len(s.sentences))]
    if not dealing:
        raise TopicNotInMaterial(topic=topic.strip()[:120], attr="topic")
    return tuple(dealing)


def _taught(analysis: Analysis) -> tuple[Section, ...]:
    """Return the sections with prose, without those that do little else than state objectives, if others are left."""
    stated = {c.char_start for objective in analysis.objectives for c in objective.evidence if _is_stated(objective, c)}
    prose = tuple(section for section in analysis.sections if section.sentences)
    taught = tuple(
        section
        for section in prose
        if sum(s.char_start in stated for s in section.sentences) < _STATING * len(section.sentences)
    )
    return taught or prose


def _is_stated(objective: Objective, evidence: Citation) -> bool:
    """Tell whether the evidence is the objective itself in the words of the material, rather than what it is about."""
    return reading_form(evidence.text).rstrip(".;") == objective.title


def _language_of(analysis: Analysis) -> Language:
    return language(analysis.extra.get("language"))


def _mentions(section: Section, wanted: set[str], tongue: Language) -> int:
    return sum(wanted <= set(tongue.content_stems(reading_form(sentence.text))) for sentence in section.sentences)


def material_title(analysis: Analysis, material: Material) -> str:
    """Return the title of the material: the one top heading of each document, or the document's own title, joined."""
    names: list[str] = []
    for index, document in enumerate(material):
        own = [section for section in analysis.sections if section.document == index]
        tops = {section.path[0] for section in own if section.path}
        if len(tops) == 1:
            names.append(reading_form(next(iter(tops))))
        elif own:
            names.append(reading_form(document_title(document)))
    unique = list(dict.fromkeys(name for name in names if name))
    said = wording(_language_of(analysis), "lesson_phrases")
    titles = "; ".join(unique[:3])
    return said["more"].format(titles=titles, count=len(unique) - 3) if len(unique) > 3 else titles or said["whole"]


def section_concepts(analysis: Analysis, section: Section, limit: int = _CONCEPTS_PER_SECTION) -> tuple[Concept, ...]:
    """Return the concepts of a section: those of its title first, then those that few other sections share."""
    tongue = _language_of(analysis)
    title = set(tongue.content_stems(section.title))
    own = [concept for concept in analysis.concepts if section.index in concept.section_indexes]

    def rank(concept: Concept) -> tuple[float, str]:
        named = set(tongue.content_stems(concept.name)) <= title
        return -(2.0 * named + concept.importance / len(concept.section_indexes) ** 0.5), concept.name

    return tuple(sorted(own, key=rank)[:limit])


def _concepts_of(analysis: Analysis, sections: Sequence[Section]) -> tuple[Concept, ...]:
    wanted = {section.index for section in sections}
    return tuple(concept for concept in analysis.concepts if wanted & set(concept.section_indexes))


def concept_prerequisites(concepts: Sequence[Concept], analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Map each concept to those its definition is made of, as far as the material brings them in no later.

    The order of introduction makes the relation free of cycles.
    """
    stems_of = _language_of(analysis).content_stems
    order = _introductions(concepts, analysis)
    names = {concept.name: stems_of(concept.name) for concept in concepts}
    definitions = {tuple(stems_of(term.term)): term.definition for term in analysis.terms}
    requires: dict[str, tuple[str, ...]] = {}
    for concept in concepts:
        own = names[concept.name]
        words = stems_of(definitions.get(tuple(own)) or reading_form(concept.evidence[0].text))
        needed = [
            other
            for other, stems in names.items()
            if order[other] < order[concept.name] and not set(stems) <= set(own) and _contains(words, stems)
        ]
        if needed:
            requires[concept.name] = tuple(needed[:4])
    return requires


def _contains(words: Sequence[str], part: Sequence[str]) -> bool:
    size = len(part)
    return any(list(words[at : at + size]) == list(part) for at in range(len(words) - size + 1))


def _introductions(concepts: Sequence[Concept], analysis: Analysis) -> dict[str, int]:
    """Position of the first sentence of the material that names each concept (ties broken by importance)."""
    stems_of = _language_of(analysis).content_stems
    wanted = {tuple(stems_of(concept.name)): concept.name for concept in concepts}
    sizes = sorted({len(name) for name in wanted})
    found: dict[str, int] = {}
    position = 0
    for section in analysis.sections:
        for sentence in section.sentences:
            words = stems_of(reading_form(sentence.text))
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
    aims = objectives_by_section(analysis, material, sections)
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
                objectives=tuple(aim.title for aim in aims.get(section.index, ())),
                prerequisites=tuple(sorted(earlier - {index})),
            )
        )
    return tuple(steps)


def objectives_by_section(
    analysis: Analysis, material: Material, sections: Sequence[Section]
) -> dict[int, list[Objective]]:
    """Return the objectives of each section: those shown by its text, and stated ones that it has most words in common with."""
    tongue = _language_of(analysis)
    words = {
        section.index: set(
            tongue.content_stems(" ".join((*section.path, *(c.name for c in section_concepts(analysis, section)))))
        )
        for section in sections
    }
    found: dict[int, list[Objective]] = {}
    for objective in analysis.objectives:
        home = next((s.index for s in sections if _inside(objective, s, material)), None)
        if home is None and words:
            wanted = set(tongue.content_stems(objective.title))
            home = max(words, key=lambda index: (len(words[index] & wanted), -index))
            if not words[home] & wanted:
                continue
        if home is not None:
            found.setdefault(home, []).append(objective)
    return found


def _inside(objective: Objective, section: Section, material: Material) -> bool:
    first = objective.evidence[0]
    return (
        first.document_id == material[section.document].document_id
        and section.char_start <= first.char_start < section.char_end
    )


def section_minutes(section: Section, concepts: int, level: str) -> int:
    """Minutes to study a section: careful reading, a minute per concept, two for its check questions."""
    words = sum(len(sentence.text.split()) for sentence in section.sentences)
    return max(2, ceil(words / _WORDS_PER_MINUTE[level] + _MINUTES_PER_CONCEPT * concepts * 0.5 + _MINUTES_FOR_CHECK))


def _objectives(analysis: Analysis, material: Material, sections: Sequence[Section]) -> tuple[PlanObjective, ...]:
    """Return the objectives of the plan in the order of the analysis."""
    kept = [aim for aims in objectives_by_section(analysis, material, sections).values() for aim in aims]
    return tuple(
        PlanObjective(o.title, o.description, o.priority, tuple(citation.as_dict() for citation in o.evidence))
        for o in analysis.objectives
        if o in kept
    )


def _goal(topic: str, objectives: Sequence[PlanObjective], tongue: Language) -> str:
    said = wording(tongue, "plan_phrases")
    rank = {"high": 0, "medium": 1, "low": 2}
    named = set(tongue.content_stems(topic))
    saying_more = [o for o in objectives if set(tongue.content_stems(o.title)) - named]
    leading = sorted(saying_more or objectives, key=lambda o: rank[o.priority])[:3]
    if not leading:
        return said["goal_alone"].format(topic=topic)
    return said["goal"].format(topic=topic, aims="; ".join(o.title for o in leading))


def _priority(objectives: Sequence[PlanObjective]) -> str:
    priorities = {objective.priority for objective in objectives}
    return next((level for level in ("high", "medium", "low") if level in priorities), "medium")


def _approach(
    steps: Sequence[PlanSection], minutes: int, level: str, requires: Mapping[str, Sequence[str]], tongue: Language
) -> str:
    said = wording(tongue, "plan_phrases")
    parts = [said["sections" if len(steps) > 1 else "one_section"].format(count=len(steps), minutes=minutes)]
    base = _most_required(requires)
    if base:
        parts.append(said["base"].format(names=", ".join(base)))
    if minutes > _LONG_WORK:
        parts.append(said["sittings"].format(count=ceil(minutes / _SITTING)))
    return " ".join([*parts, said[level]])


def _most_required(requires: Mapping[str, Sequence[str]]) -> list[str]:
    counts: dict[str, int] = {}
    for needed in requires.values():
        for name in needed:
            counts[name] = counts.get(name, 0) + 1
    return sorted((name for name, count in counts.items() if count >= 2), key=lambda name: (-counts[name], name))[:3]
