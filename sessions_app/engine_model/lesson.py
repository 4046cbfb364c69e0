"""The lesson with a model's explanations: each point in its words, each with the sentence of the material behind it.

The frame (segments, concepts, key terms, check questions, minutes) is the built-in lesson's. A section for which
the model gives nothing that its quotations carry keeps the built-in explanation, which is quoted text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import structlog

from documents_app.domain.analysis.types import Analysis, Section
from documents_app.domain.material import Material, language_of_material
from documents_app.domain.quotes import Evidence, Excerpt, even_out
from documents_app.retrieval.excerpts import as_document, choose_excerpts, section_label
from sessions_app.domain.claims import is_carried
from sessions_app.domain.lesson.types import LessonContent, LessonPassage, LessonSection
from sessions_app.engine.lesson.writing import Asked, CheckQuestions, Embed, compose
from sessions_app.engine.lesson.writing import make_lesson as make_builtin_lesson
from sessions_app.engine.plan import section_concepts, sections_about
from sessions_app.engine_model.judging import Claim, upheld
from sessions_app.engine_model.schemas import LessonReply, PointReply, SectionReply
from tutor_project.common.batch import process_batch
from tutor_project.language import Language
from tutor_project.llm.errors import LLMError, LLMInvalidOutput
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest

log = structlog.get_logger(__name__)

ENGINE_NAME = "model"
MAX_CALLS = 12
_SECTIONS_A_CALL = 4
_CALL_SECONDS, _TOKENS_A_SECTION = 60.0, 700
"""What a call may take on a slow server, and the tokens of a section's explanation: so many sections it is asked for."""
_CALLS_AT_ONCE = 3
_MAX_POINTS, _MAX_EXAMPLES = 8, 3
_MIN_POINTS = 2
_MAX_TEXT = 700


def make_lesson(
    analysis: Analysis,
    material: Material,
    embed: Embed,
    gateway: Gateway,
    caller: Caller,
    *,
    topic: str | None = None,
    check_questions: CheckQuestions | None = None,
    asked: Asked | None = None,
    judge: Gateway | None = None,
) -> LessonContent:
    """Return the lesson over all sections, or over those that deal with ``topic``.

    A ``judge`` is asked whether each point follows from what it quotes; what it contradicts is left out. At most
    ``MAX_CALLS`` calls write, for the sections in reading order. Raises MaterialEmpty, TopicNotInMaterial, and the
    ``LLMError`` of the first call when no call succeeds.
    """
    lesson = make_builtin_lesson(analysis, material, embed, topic=topic, check_questions=check_questions, asked=asked)
    sections = sections_about(analysis, topic)
    a_call = gateway.pace.items_in(_CALL_SECONDS, _TOKENS_A_SECTION, _SECTIONS_A_CALL)
    groups = [sections[at : at + a_call] for at in range(0, len(sections), a_call)][:MAX_CALLS]
    results = process_batch(
        groups,
        lambda group: _explain(group, material, gateway, caller, judge),
        batch_size=MAX_CALLS,
        # A slow server is left free for who talks with the tutor meanwhile.
        concurrency=1 if a_call < _SECTIONS_A_CALL else min(_CALLS_AT_ONCE, len(groups)),
    )
    failures = [result.error for result in results if result.error is not None]
    for failure in failures:
        if len(failures) == len(results) or not isinstance(failure, LLMError):
            raise failure
        log.warning("lesson_sections_without_model", code=failure.code)
    explained = {index: found for result in results if result.value for index, found in result.value.items()}
    tongue = language_of_material(material)
    segments = tuple(_with_explanation(segment, explained, analysis, tongue) for segment in lesson.sections)
    return replace(lesson, sections=segments, engine=ENGINE_NAME)


_Explanation = tuple[tuple[LessonPassage, ...], tuple[LessonPassage, ...]]
"""Points and examples of a section."""


def _explain(
    sections: Sequence[Section], material: Material, gateway: Gateway, caller: Caller, judge: Gateway | None
) -> dict[int, _Explanation]:
    """Return the explanation of each section (by its index) for which the model gave enough that is carried."""
    sketch = CompletionRequest(
        prompt_id="sessions.lesson",
        schema=LessonReply,
        phase="generation",
        feature="lesson",
        variables={"section_count": len(sections), "point_count": _MAX_POINTS},
        **caller.ids(),
    )
    room = gateway.room_for_documents(sketch, LessonReply)
    excerpts = choose_excerpts(material, sections, max_tokens=room)

    carry = _carries if judge is None else _cites

    def accept(reply: LessonReply) -> None:
        if not _kept(reply, excerpts, carry):
            raise LLMInvalidOutput(
                "No section has two points whose quotes stand in it word for word and say what the points say. "
                "Copy each quote character by character from the section it belongs to."
            )

    reply = gateway.complete(replace(sketch, documents=[as_document(excerpts)], accept=accept))
    kept = _kept(reply.value, excerpts, carry)
    return _judged(kept, excerpts, judge, caller) if judge is not None else kept


def _judged(
    kept: dict[int, _Explanation], excerpts: Sequence[Excerpt], judge: Gateway, caller: Caller
) -> dict[int, _Explanation]:
    """Return the explanations with what the judge upholds; a section with too little left keeps none."""
    shown = {excerpt.section.index: excerpt for excerpt in excerpts}
    passages = [(index, passage) for index, found in kept.items() for part in found for passage in part]
    claims = [Claim(passage.text, shown[index].shown.text) for index, passage in passages]
    carried = [_carries(passage.text, passage.citation.text, shown[index]) for index, passage in passages]
    stands = upheld(claims, carried, judge, caller)
    refused = {found for found, stays in zip(passages, stands, strict=True) if not stays}
    left: dict[int, _Explanation] = {}
    for index, (points, examples) in kept.items():
        points = tuple(passage for passage in points if (index, passage) not in refused)
        examples = tuple(passage for passage in examples if (index, passage) not in refused)
        if len(points) >= _enough(shown[index]):
            left[index] = (points, examples)
    return left


def _enough(excerpt: Excerpt) -> int:
    return min(_MIN_POINTS, len(excerpt.section.sentences))


_Carries = Callable[[str, str, Excerpt], bool]


def _carries(text: str, cited: str, excerpt: Excerpt) -> bool:
    """Tell by rules whether a point may stand with the sentence it cites."""
    return is_carried(text, [cited], f"{excerpt.section.title}. {excerpt.shown.text}")


def _cites(text: str, cited: str, excerpt: Excerpt) -> bool:
    """Let every point through that cites something: a judge weighs it."""
    return True


def _kept(reply: LessonReply, excerpts: Sequence[Excerpt], carry: _Carries) -> dict[int, _Explanation]:
    replies = {item.section.strip("[] "): item for item in reversed(reply.sections)}
    found: dict[int, _Explanation] = {}
    for excerpt in excerpts:
        item = replies.get(section_label(excerpt.section))
        if item is not None and (explanation := _explanation(item, excerpt, carry)) is not None:
            found[excerpt.section.index] = explanation
    return found


def _explanation(item: SectionReply, excerpt: Excerpt, carry: _Carries) -> _Explanation | None:
    own = Evidence([excerpt])
    points = tuple(_passages(item.points, own, carry))[:_MAX_POINTS]
    examples = tuple(_passages(item.examples, own, carry))[:_MAX_EXAMPLES]
    return (points, examples) if len(points) >= _enough(excerpt) else None


def _passages(items: Sequence[PointReply], evidence: Evidence, carry: _Carries) -> Iterator[LessonPassage]:
    seen: set[str] = set()
    for item in items:
        text = even_out(item.text)[:_MAX_TEXT]
        found = evidence.find(item.quote)
        if found is None or text.casefold() in seen:
            continue
        if carry(text, found[1].text, found[0]):
            seen.add(text.casefold())
            yield LessonPassage(text, found[1])


def _with_explanation(
    segment: LessonSection, explained: dict[int, _Explanation], analysis: Analysis, tongue: Language
) -> LessonSection:
    found = explained.get(segment.section_index)
    if found is None:
        return segment
    points, examples = found
    section = next(section for section in analysis.sections if section.index == segment.section_index)
    concepts = section_concepts(analysis, section)
    runs = [[example] for example in examples]
    text, citations = compose(segment.objective, concepts, points, runs, segment.key_terms, tongue)
    return replace(segment, text=text, explanation=points, examples=examples, citations=citations)
