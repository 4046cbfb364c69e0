"""Plans and lessons: made from the session's material, stored, made again on request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from documents_app.domain.analysis.types import Section
from documents_app.domain.material import Material
from documents_app.domain.study import Study
from documents_app.services.analysis import material_fingerprint, study_load
from jobs_app.services.control import jobs_cancel_others
from jobs_app.services.creation import job_create
from jobs_app.services.outcomes import job_is_active
from sessions_app.domain.dialogue.machine import DialogueState, Phase
from sessions_app.domain.lesson.types import LessonContent, checks
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.engine.plan import sections_about
from sessions_app.models import LearningSession, Lesson, Plan, Question
from sessions_app.selectors.practice import open_question_ids
from sessions_app.services import engines, lesson_writing
from sessions_app.services.bank import candidate_of, questions_provide
from sessions_app.services.question_writing import builtin_questions
from sessions_app.services.quizzes import question_shown
from sessions_app.services.writing import request_key
from tutor_project.common import events
from tutor_project.common.errors import NotFound
from tutor_project.llm.errors import LLMStreamInterrupted
from tutor_project.llm.standby import Written, notice_of

CHECKS_A_SECTION = 2
_BY_BUILTIN = {"model": None, "notice": None}
"""What is said of the writer of plans and lessons that were stored before it was kept."""
MAX_CHECKS = 40
_BY_DIALOGUE = "dialogue"
"""What had a model's lesson written that nobody asked for by itself."""
_AWAITED = "written_by"
"""Where a lesson keeps the job in which a model writes the one that takes its place."""


Commit = Callable[[], AbstractContextManager[None]]
"""Makes the transaction in which what was written is stored: a job gives its own, which a cancel prevents."""


def plan_generate(*, session: LearningSession, topic: str | None = None, commit: Commit = transaction.atomic) -> Plan:
    """Make and store the plan; raises NoMaterial, MaterialProcessing, MaterialEmpty, TopicNotInMaterial, LLMError."""
    present = material_fingerprint(session_id=session.pk)
    study = study_load(session_id=session.pk)
    made = lesson_writing.make_plan(session, study.analysis, study.material, topic=topic or None)
    with commit():
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


def lesson_generate(
    *, session: LearningSession, topic: str | None = None, commit: Commit = transaction.atomic
) -> Lesson:
    """Make and store the lesson with verified check questions; raises what plan_generate raises."""
    made = _lesson_made(session, topic, opening=False)
    with commit():
        return _lesson_stored(session, made, topic)


@dataclass(frozen=True, slots=True)
class OpenedLesson:
    """The lesson that a dialogue begins with; ``written_by`` is the job in which a model writes its own, if one does."""

    lesson: Lesson
    written_by: UUID | None = None


def lesson_open(
    *, session: LearningSession, topic: str | None = None, commit: Commit = transaction.atomic
) -> OpenedLesson:
    """Return the lesson that a dialogue begins with; where there is none, the built-in engine writes it at once.

    Where a model writes lessons, a job then has it write its own, which takes the place of this one. Raises NoMaterial,
    MaterialProcessing, MaterialEmpty, TopicNotInMaterial.
    """
    known = Lesson.objects.filter(session=session).first()
    if known is not None:
        return OpenedLesson(known)
    if not engines.lessons_by_model(session):
        return OpenedLesson(lesson_generate(session=session, topic=topic, commit=commit))
    made = _lesson_made(session, topic, opening=True)
    with commit():
        job = job_create(
            job_type="lesson_generation",
            job_data={"session_id": str(session.pk), "topic": topic or ""},
            owner_id=session.owner_id,
            dedupe_key=_lesson_key(session, topic),
            trigger=_BY_DIALOGUE,
        )
        return OpenedLesson(_lesson_stored(session, made, topic, job.pk), job.pk)


def _lesson_key(session: LearningSession, topic: str | None) -> str:
    return request_key(session, "lesson_generation", {"topic": topic or ""})


@dataclass(frozen=True, slots=True)
class _Made:
    """A lesson as it was written, by whom, and from which material."""

    written: Written[LessonContent]
    fingerprint: str


def _lesson_made(session: LearningSession, topic: str | None, *, opening: bool) -> _Made:
    present = material_fingerprint(session_id=session.pk)
    study = study_load(session_id=session.pk)
    sections = sections_about(study.analysis, topic or None)  # refuses before questions are written
    found = _check_questions(session, study, sections, by_model=not opening and engines.quizzes_by_model(session))
    made = lesson_writing.make_lesson(
        session,
        study.analysis,
        study.material,
        topic=topic or None,
        check_questions=lambda section, concepts, terms: [shown for shown, _ in found.get(section.index, ())],
        asked={index: [place for _, places in own for place in places] for index, own in found.items()},
        opening=opening,
    )
    return _Made(made, present)


def _lesson_stored(session: LearningSession, made: _Made, topic: str | None, awaited: UUID | None = None) -> Lesson:
    """Store the lesson, and the job ``awaited`` whose own takes its place, in the caller's transaction.

    One on another topic that a dialogue still has written would take its place, and is cancelled.
    """
    content = {**made.written.value.as_dict(), **made.written.origin}
    if awaited is not None:
        content[_AWAITED] = str(awaited)
    held = LearningSession.objects.select_for_update().get(pk=session.pk)
    before = Lesson.objects.filter(session=session, source_fingerprint=made.fingerprint).first()
    if before is not None:
        content["sections"] = _with_questions_reached(content, before.content, DialogueState.from_dict(held.dialogue))
    lesson, _ = Lesson.objects.update_or_create(
        session=session,
        defaults={
            "title": made.written.value.title[:300],
            "content": content,
            "engine": made.written.value.engine,
            "source_fingerprint": made.fingerprint,
        },
    )
    events.record("event", event_type="lesson_generated", user_id=session.owner_id, session_id=session.pk)
    key = _lesson_key(session, topic)
    transaction.on_commit(lambda: jobs_cancel_others(session_id=session.pk, trigger=_BY_DIALOGUE, dedupe_key=key))
    return lesson


def _with_questions_reached(
    content: dict[str, Any], before: dict[str, Any], state: DialogueState
) -> list[dict[str, Any]]:
    """Return the sections of a lesson that takes another's place in the middle of a dialogue.

    Up to the section where the dialogue is, the questions stay: one of them may be open. So do those of sections for which
    the new lesson has none.
    """
    sections: list[dict[str, Any]] = content["sections"]
    if before.get("topic") != content.get("topic"):
        return sections
    asked = {section["section_index"]: section["check_questions"] for section in before["sections"]}
    reached = -1 if state.phase is Phase.IDLE else state.section
    kept = [section for section in sections if section["index"] <= reached or not section["check_questions"]]
    for section in kept:
        section["check_questions"] = asked.get(section["section_index"], section["check_questions"])
    return sections


def _check_questions(
    session: LearningSession, study: Study, sections: Sequence[Section], *, by_model: bool
) -> dict[int, list[tuple[dict[str, Any], list[int]]]]:
    """Return sealed check questions by section, each with where its passages begin.

    Those of the bank serve again before new ones are written, but a model that writes does not wait behind what the
    built-in engine wrote. The best questions on all of the material need not touch every section: the built-in writer goes
    over those left out once more. A model is not asked twice.
    """
    wanted = min(MAX_CHECKS, CHECKS_A_SECTION * len(sections))
    bank = Question.objects.filter(session=session, state=Question.State.PUBLISHED)
    bank = bank.exclude(pk__in=open_question_ids(owner_id=session.owner_id))
    if by_model:
        bank = bank.exclude(engine="builtin")
    questions = list(bank.order_by("id")[: 2 * wanted])

    def provided(count: int, within: Collection[int] | None = None) -> list[Question]:
        request = QuestionRequest(count=count, within=frozenset(within) if within is not None else None)
        writer = None if by_model else builtin_questions
        return questions_provide(session=session, study=study, request=request, writer=writer)

    if len(questions) < wanted:
        questions += provided(wanted - len(questions))
    found = _by_section(questions, study.analysis.sections, study.material)
    left_out = [section.index for section in sections if not found.get(section.index)]
    if left_out and not by_model:
        questions += provided(CHECKS_A_SECTION * len(left_out), left_out)
        found = _by_section(questions, study.analysis.sections, study.material)
    return found


def _by_section(
    questions: Sequence[Question], sections: Sequence[Section], material: Material
) -> dict[int, list[tuple[dict[str, Any], list[int]]]]:
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
    found: dict[int, list[tuple[dict[str, Any], list[int]]]] = {}
    for index, known in own.items():
        rows = list(known.values())
        chosen = checks([candidate_of(row) for row in rows], CHECKS_A_SECTION)
        found[index] = [
            (question_shown(rows[at], place), [passage["char_start"] for passage in rows[at].evidence])
            for place, at in enumerate(chosen)
        ]
    return found


def lesson_shown(lesson: Lesson) -> dict[str, Any]:
    """Return the lesson in the shape of the contract, without the check questions that are open in a quiz."""
    held = {str(pk) for pk in open_question_ids(owner_id=lesson.session.owner_id)}
    sections = [
        {**section, "check_questions": [shown for shown in section["check_questions"] if shown["id"] not in held]}
        for section in lesson.content["sections"]
    ]
    content = {name: value for name, value in lesson.content.items() if name != _AWAITED}
    return {"id": str(lesson.pk), **content, **lesson_origin(lesson), "sections": sections, "stale": is_stale(lesson)}


def lesson_origin(lesson: Lesson) -> dict[str, Any]:
    """Return ``{model, notice}`` of a lesson: who wrote it, and why or until when it is the built-in engine."""
    origin = {name: lesson.content.get(name, unknown) for name, unknown in _BY_BUILTIN.items()}
    awaited = lesson.content.get(_AWAITED)
    if awaited is not None and not job_is_active(job_id=UUID(awaited)):
        origin["notice"] = notice_of(LLMStreamInterrupted())  # nobody writes any more
    return origin


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
