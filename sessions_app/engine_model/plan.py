"""The plan with a model's goal and objectives: order, minutes and prerequisites stay those of the material."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from documents_app.domain.analysis.types import Analysis, Section
from documents_app.domain.material import Citation, Material
from documents_app.domain.quotes import Evidence, even_out
from documents_app.domain.support import is_supported, speaks_of
from documents_app.retrieval.excerpts import as_document, choose_excerpts
from sessions_app.domain.plan import PlanContent, PlanObjective, PlanSection
from sessions_app.engine.plan import make_plan as make_builtin_plan
from sessions_app.engine.plan import sections_about
from sessions_app.engine_model.schemas import PlanObjectiveReply, PlanReply
from tutor_project.llm.errors import LLMInvalidOutput
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.types import Caller, CompletionRequest

ENGINE_NAME = "model"
_MAX_OBJECTIVES = 16
_MAX_TITLE, _MAX_TEXT = 120, 400

_Found = tuple[PlanObjective, Citation]


def make_plan(
    analysis: Analysis, material: Material, gateway: Gateway, caller: Caller, *, topic: str | None = None
) -> PlanContent:
    """Return the plan for ``material``, or for the part of it that deals with ``topic``.

    Objectives of the model are kept if their quotation is in the material; a goal that speaks of something else
    gives way to the built-in one. Raises MaterialEmpty, TopicNotInMaterial and ``LLMError``.
    """
    plan = make_builtin_plan(analysis, material, topic=topic)
    sections = sections_about(analysis, topic)
    sketch = CompletionRequest(
        prompt_id="sessions.plan",
        schema=PlanReply,
        phase="planning",
        feature="plan",
        variables={"objective_count": _MAX_OBJECTIVES},
        **caller.ids(),
    )
    excerpts = choose_excerpts(material, sections, max_tokens=gateway.room_for_documents(sketch, PlanReply))
    evidence = Evidence(excerpts)

    def accept(reply: PlanReply) -> None:
        if not _objectives(reply, evidence):
            raise LLMInvalidOutput(
                "No objective has a quote that is in the material word for word. Copy quotes character by character."
            )

    reply = gateway.complete(replace(sketch, documents=[as_document(excerpts)], accept=accept)).value
    found = _objectives(reply, evidence)
    return replace(
        plan,
        learning_goal=_goal(reply.learning_goal, plan, found),
        objectives=tuple(objective for objective, _ in found),
        sections=tuple(_with_objectives(step, found, sections) for step in plan.sections),
        priority=next((p for p in ("high", "medium", "low") if any(o.priority == p for o, _ in found)), plan.priority),
        engine=ENGINE_NAME,
    )


def _objectives(reply: PlanReply, evidence: Evidence) -> tuple[_Found, ...]:
    found = (_objective(item, evidence) for item in reply.objectives)
    unique = {item[0].title.casefold(): item for item in found if item is not None}
    return tuple(unique.values())[:_MAX_OBJECTIVES]


def _objective(item: PlanObjectiveReply, evidence: Evidence) -> _Found | None:
    hit = evidence.find(item.quote, item.section)
    if hit is None or not speaks_of(item.title, hit[1].text):
        return None
    title, description = even_out(item.title)[:_MAX_TITLE], even_out(item.description)[:_MAX_TEXT]
    return PlanObjective(title, description, item.priority, (hit[1].as_dict(),)), hit[1]


def _goal(goal: str, plan: PlanContent, found: Sequence[_Found]) -> str:
    known = [plan.topic, *plan.relevant_concepts, *(o.title for o, _ in found), *(c.text for _, c in found)]
    text = even_out(goal)
    return text if 0 < len(text) <= _MAX_TEXT and is_supported(text, known) else plan.learning_goal


def _with_objectives(step: PlanSection, found: Sequence[_Found], sections: Sequence[Section]) -> PlanSection:
    section = next(section for section in sections if section.index == step.section_index)
    inside = tuple(
        objective.title
        for objective, citation in found
        if citation.document_id == step.document_id and section.char_start <= citation.char_start < section.char_end
    )
    return replace(step, objectives=inside)
