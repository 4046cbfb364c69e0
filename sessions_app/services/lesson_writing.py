"""A plan or a lesson, written by the engine of the session's owner."""

from __future__ import annotations

from django.utils.translation import gettext

from documents_app.domain.analysis.types import Analysis
from documents_app.domain.material import Material
from documents_app.services.studying import embed_documents
from sessions_app.domain.lesson.types import LessonContent
from sessions_app.domain.plan import PlanContent
from sessions_app.engine.lesson.writing import Asked, CheckQuestions
from sessions_app.engine.lesson.writing import make_lesson as builtin_lesson
from sessions_app.engine.plan import make_plan as builtin_plan
from sessions_app.models import LearningSession
from sessions_app.services.engines import caller_of, gateway_of_judge
from tutor_project.llm.gateway import Gateway
from tutor_project.llm.standby import Written, written

OPENED = (
    "The language model is still writing this lesson. "
    "Until then it comes from the built-in tutor, which quotes your material."
)


def make_plan(
    session: LearningSession, analysis: Analysis, material: Material, *, topic: str | None
) -> Written[PlanContent]:
    """Return the study plan by the engine of the session's owner; the built-in one stands in for a model that fails."""

    def by_model(gateway: Gateway) -> PlanContent:
        from sessions_app.engine_model.plan import make_plan as plan_by_model

        return plan_by_model(analysis, material, gateway, caller_of(session), topic=topic)

    return written(
        "plan", session.owner, by_model=by_model, builtin=lambda: builtin_plan(analysis, material, topic=topic)
    )


def make_lesson(
    session: LearningSession,
    analysis: Analysis,
    material: Material,
    *,
    topic: str | None,
    check_questions: CheckQuestions,
    asked: Asked,
    opening: bool = False,
) -> Written[LessonContent]:
    """Return the lesson by the engine of the session's owner; the built-in one stands in for a model that fails.

    It also writes the lesson that is ``opening`` a dialogue, while a model writes its own.
    """

    def by_model(gateway: Gateway) -> LessonContent:
        from sessions_app.engine_model.lesson import make_lesson as lesson_by_model

        return lesson_by_model(
            analysis,
            material,
            embed_documents,
            gateway,
            caller_of(session),
            topic=topic,
            check_questions=check_questions,
            asked=asked,
            judge=gateway_of_judge(),
        )

    def builtin() -> LessonContent:
        return builtin_lesson(
            analysis, material, embed_documents, topic=topic, check_questions=check_questions, asked=asked
        )

    if opening:
        return Written(builtin(), notice=gettext(OPENED))
    return written("lesson", session.owner, by_model=by_model, builtin=builtin)
