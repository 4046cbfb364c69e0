"""Plans and lessons: made from the session's material, stored, made again on request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from documents_app.domain.analysis.types import Section
from documents_app.domain.material import Material
from documents_app.domain.study import Study
from documents_app.services.analysis import material_fingerprint, study_load
from sessions_app.domain.lesson.types import varied
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.types import OWN_WORDS
from sessions_app.engine.plan import sections_about
from sessions_app.models import LearningSession, Lesson, Plan, Question
from sessions_app.selectors.practice import open_question_ids
from sessions_app.services import engines
from sessions_app.services.bank import questions_provide
from sessions_app.services.quizzes import question_shown
from tutor_project.common import events
from tutor_project.common.errors import NotFound

CHECKS_A_SECTION = 2
_BY_BUILTIN = {"model": None, "notice": None}
"""What is said of the writer of plans and lessons that were stored before it was kept."""
MAX_CHECKS = 40


def plan_generate(*, session: LearningSession, topic: str | None = None) -> Plan:
    """Make and store the plan; raises NoMaterial, MaterialProcessing, MaterialEmpty, TopicNotInMaterial, LLMError."""
    present = material_fingerprint(session_id=session.pk)
    study = study_load(session_id=session.pk)
    made = engines.make_plan(session, study.analysis, study.material, topic=topic or None)
    with transaction.atomic():
        plan, _ = Plan.objects.update_or_create(
            session=session,
            defaults={
                "content": {**made.value.as_dict(), **made.origin},
                "engine": made.value.engine,
                "source_fingerprint": present,
            },
        )
        events.record("event", event_type="plan_generated", user_id=session.owner_id, session_id=session.pk)
    return plan


def lesson_generate(*, session: LearningSession, topic: str | None = None) -> Lesson:
    """Make and store the lesson with verified check questions; raises what plan_generate raises."""
    present = material_fingerprint(session_id=session.pk)
    study = study_load(session_id=session.pk)
    sections = sections_about(study.analysis, topic or None)  # refuses before questions are written
    checks = _check_questions(session, study, sections)
    made = engines.make_lesson(
        session,
        study.analysis,
        study.material,
        topic=topic or None,
        check_questions=lambda section, concepts, terms: [shown for shown, _ in checks.get(section.index, ())],
        asked={index: [place for _, place in own] for index, own in checks.items()},
    )
    with transaction.atomic():
        lesson, _ = Lesson.objects.update_or_create(
            session=session,
            defaults={
                "title": made.value.title[:300],
                "content": {**made.value.as_dict(), **made.origin},
                "engine": made.value.engine,
                "source_fingerprint": present,
            },
        )
        events.record("event", event_type="lesson_generated", user_id=session.owner_id, session_id=session.pk)
    return lesson


def _check_questions(
    session: LearningSession, study: Study, sections: Sequence[Section]
) -> dict[int, list[tuple[dict[str, Any], int]]]:
    """Return sealed check questions by section, each with where its evidence begins.

    Those of the bank serve again before new ones are written. The best questions on all of the material need not touch
    every section: the built-in writer goes over those left out once more. A model is not asked twice.
    """
    wanted = min(MAX_CHECKS, CHECKS_A_SECTION * len(sections))
    bank = Question.objects.filter(session=session, state=Question.State.PUBLISHED).exclude(kind="short_answer")
    bank = bank.exclude(pk__in=open_question_ids(owner_id=session.owner_id))
    questions = list(bank.order_by("id")[: 2 * wanted])

    def provided(count: int, within: Collection[int] | None = None) -> list[Question]:
        request = QuestionRequest(count=count, within=frozenset(within) if within is not None else None)
        return questions_provide(session=session, study=study, request=request)

    if len(questions) < wanted:
        questions += provided(wanted - len(questions))
    found = _by_section(questions, study.analysis.sections, study.material)
    left_out = [section.index for section in sections if not found.get(section.index)]
    if left_out and not engines.quizzes_by_model(session):
        questions += provided(CHECKS_A_SECTION * len(left_out), left_out)
        found = _by_section(questions, study.analysis.sections, study.material)
    return found


def _by_section(
    questions: Sequence[Question], sections: Sequence[Section], material: Material
) -> dict[int, list[tuple[dict[str, Any], int]]]:
    documents = {document.document_id: index for index, document in enumerate(material)}
    own: dict[int, dict[Any, Question]] = defaultdict(dict)
    for question in questions:
        if not question.evidence:
            continue
        evidence = question.evidence[0]
        document, start = documents.get(evidence["document_id"]), evidence["char_start"]
        home = next((s for s in sections if s.document == document and s.char_start <= start < s.char_end), None)
        if home is not None:
            own[home.index].setdefault(question.pk, question)
    found: dict[int, list[tuple[dict[str, Any], int]]] = {}
    for index, known in own.items():
        rows = sorted(known.values(), key=lambda row: row.pattern in OWN_WORDS)  # what is graded for certain first
        chosen = varied([(row.kind, row.evidence[0]["char_start"]) for row in rows], CHECKS_A_SECTION)
        found[index] = [
            (question_shown(rows[at], place), rows[at].evidence[0]["char_start"]) for place, at in enumerate(chosen)
        ]
    return found


def lesson_shown(lesson: Lesson) -> dict[str, Any]:
    """Return the lesson in the shape of the contract, without the check questions that are open in a quiz."""
    held = {str(pk) for pk in open_question_ids(owner_id=lesson.session.owner_id)}
    sections = [
        {**section, "check_questions": [shown for shown in section["check_questions"] if shown["id"] not in held]}
        for section in lesson.content["sections"]
    ]
    return {"id": str(lesson.pk), **_BY_BUILTIN, **lesson.content, "sections": sections, "stale": is_stale(lesson)}


def plan_shown(plan: Plan) -> dict[str, Any]:
    """Return the plan in the shape of the contract."""
    return {"id": str(plan.pk), **_BY_BUILTIN, **plan.content, "stale": is_stale(plan)}


def lesson_made_shown(result: dict[str, Any]) -> dict[str, Any]:
    """Return the lesson that a job has made, in the shape of the contract; raises NotFound when it is gone again."""
    lesson = Lesson.objects.filter(pk=result["lesson_id"]).first()
    if lesson is None:
        raise NotFound
    return lesson_shown(lesson)


def plan_made_shown(result: dict[str, Any]) -> dict[str, Any]:
    """Return the plan that a job has made, in the shape of the contract; raises NotFound when it is gone again."""
    plan = Plan.objects.filter(pk=result["plan_id"]).first()
    if plan is None:
        raise NotFound
    return plan_shown(plan)


def is_stale(made: Plan | Lesson) -> bool:
    """Tell whether documents have come or gone since it was made."""
    return made.source_fingerprint != material_fingerprint(session_id=made.session_id)
