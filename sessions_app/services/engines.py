"""Which engine writes, who verifies and who grades: the one place where services meet the engines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext

from documents_app.domain.analysis.types import Analysis
from documents_app.domain.material import Material
from documents_app.domain.matter.reading import citable_spans
from documents_app.domain.study import Study
from documents_app.services.analysis import analysis_terms
from documents_app.services.studying import embed_documents
from sessions_app.domain.grading.grade import grade, languages_of
from sessions_app.domain.grading.reasons import Reason
from sessions_app.domain.grading.short_answer import Similar
from sessions_app.domain.grading.types import Answer, Grade, wrong
from sessions_app.domain.lesson.types import Lesson
from sessions_app.domain.plan import Plan
from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.request import QuestionRequest
from sessions_app.domain.questions.sentences import SentenceStatistics
from sessions_app.domain.questions.types import (
    CandidateQuestion,
    Option,
    key_from_dict,
    key_text,
)
from sessions_app.domain.questions.verifier import Verifier
from sessions_app.engine.lesson.writing import Asked, CheckQuestions
from sessions_app.engine.lesson.writing import make_lesson as builtin_lesson
from sessions_app.engine.plan import make_plan as builtin_plan
from sessions_app.engine.questions.writing import write
from sessions_app.engine.summary_judge import Contradicted
from sessions_app.models import LearningSession, Question
from tutor_project.common.memo import KeyedCache
from tutor_project.llm.engines import engine_for, gateway_for
from tutor_project.llm.errors import LLMError
from tutor_project.llm.gateway import Gateway, get_gateway
from tutor_project.llm.profiles import profile_serving
from tutor_project.llm.sentence_encoder import MULTILINGUAL, encoder_name, question_encoder
from tutor_project.llm.standby import Written, stood_in, written
from tutor_project.llm.standing import capabilities
from tutor_project.llm.types import Caller


class QuestionEngine(Protocol):
    """Proposes questions about a material."""

    def __call__(
        self, *, session: LearningSession, study: Study, request: QuestionRequest
    ) -> list[CandidateQuestion]: ...


@dataclass(slots=True)
class BankView:
    """The learner's whole bank as far as novelty needs it; ``identities`` are fingerprints and stems."""

    items: list[BankItem] = field(default_factory=list)
    identities: set[str] = field(default_factory=set)

    @property
    def size(self) -> int:
        """Return the number of known questions."""
        return len(self.identities)

    @classmethod
    def load(cls, *, owner_id: UUID, without: UUID | None = None) -> BankView:
        """Return the bank of a learner: everything shown or refused before is not proposed again.

        ``without`` leaves out the question that is itself being judged again.
        """
        view = cls()
        rows = (
            Question.objects.filter(owner_id=owner_id)
            .exclude(pk__in=[without] if without else [])
            .values_list("kind", "stem", "key", "options", "fingerprint", "state")
        )
        for kind, stem, key, options, identity, state in rows:
            view.identities |= {identity, stem}
            if state in (Question.State.PUBLISHED, Question.State.VERIFIED, Question.State.DRAFT):
                shown = tuple(Option(**option) for option in options)
                view.items.append(BankItem(kind, stem, key_text(key_from_dict(key), shown)))
        return view


_STATISTICS_KEPT = 4
_statistics: KeyedCache[SentenceStatistics] = KeyedCache(_STATISTICS_KEPT)


def _statistics_of(study: Study) -> SentenceStatistics:
    """Return what the verifier knows of a material; a few are kept, because a quiz and a lesson follow each other."""
    identity = tuple((document.document_id, hash(document.content.text)) for document in study.material)
    return _statistics.get(identity, lambda: SentenceStatistics(study.material, citable_spans(study.matter)))


def builtin_questions(*, session: LearningSession, study: Study, request: QuestionRequest) -> list[CandidateQuestion]:
    """Propose questions by the built-in writer: no model, no network, the same for the same request."""
    return write(study.matter, request)


def model_questions(*, session: LearningSession, study: Study, request: QuestionRequest) -> list[CandidateQuestion]:
    """Propose questions by the configured model; raises LLMError when no call succeeds."""
    from sessions_app.engine_model.questions import generate as generate_by_model

    return generate_by_model(
        study.material,
        [section for section in study.analysis.sections if request.within is None or section.index in request.within],
        gateway_for("quiz"),
        caller_of(session),
        count=request.count,
        topic=request.topic,
        difficulty=request.difficulty,
        kinds=request.kinds,
        seed=request.seed,
        avoid=request.avoid,
    )


def _second_look(questions: list[CandidateQuestion], session: LearningSession, study: Study) -> list[CandidateQuestion]:
    """Have a model answer the questions from their evidence alone, where one has shown that it can."""
    gateway = gateway_of_judge()
    if gateway is None:
        return questions
    from sessions_app.engine_model.judging import judged

    return judged(questions, _statistics_of(study), gateway, caller_of(session))


def gateway_of_judge() -> Gateway | None:
    """Return the gateway to the model that judges; None unless the one that serves the task passed ``evaluate_model``."""
    try:
        profile = profile_serving("judge")
    except LLMError:
        return None
    passed = profile is not None and capabilities(profile.config).get("judges") is True
    return get_gateway("judge") if passed else None


def second_reader(session: LearningSession) -> Contradicted | None:
    """Return what tells statements that their passages contradict, None where no model may judge."""
    gateway = gateway_of_judge()
    if gateway is None:
        return None
    from sessions_app.engine_model.judging import Claim, contradicted

    caller = caller_of(session)
    return lambda shown: contradicted([Claim(statement, passage) for statement, passage in shown], gateway, caller)


TOPPED_UP = (
    "The language model wrote too few questions that pass verification; the others come from the built-in tutor."
)
OPENED = (
    "The language model is still writing this lesson. "
    "Until then it comes from the built-in tutor, which quotes your material."
)
MODEL_TURNS = 2
"""How often a model is asked for the questions of a request; what is still missing then comes from the built-in engine."""


class QuestionWriter:
    """The question engine of one request: the owner's, and the built-in one from a model's first failure on, or for what a
    model has not written in ``MODEL_TURNS``.

    ``notice`` is what the learner is told then.
    """

    def __init__(self, owner: Any) -> None:
        self.notice: str | None = None
        self._by_model = False
        self._turns = 0
        try:
            self._by_model = engine_for("quiz", owner) == "model"
        except LLMError as failure:
            self.notice = stood_in("quiz", failure)

    def __call__(self, **wanted: Any) -> list[CandidateQuestion]:
        """Propose questions; takes what ``QuestionEngine`` takes."""
        self._turns += 1
        if self._by_model and self._turns > MODEL_TURNS:
            self._by_model, self.notice = False, gettext(TOPPED_UP)
        if self._by_model:
            try:
                if found := _second_look(model_questions(**wanted), wanted["session"], wanted["study"]):
                    return found
                self._by_model, self.notice = False, gettext(TOPPED_UP)  # nothing new: it repeats itself
            except LLMError as failure:
                self._by_model, self.notice = False, stood_in("quiz", failure)
        return builtin_questions(**wanted)


def quizzes_by_model(session: LearningSession) -> bool:
    """Tell whether a model writes the questions of the session's owner."""
    return uses_model("quiz", session.owner)


def lessons_by_model(session: LearningSession) -> bool:
    """Tell whether a model writes the plans or lessons of the session's owner, or questions for them."""
    return any(uses_model(feature, session.owner) for feature in ("lesson", "plan", "quiz"))


def uses_model(feature: str, user: Any) -> bool:
    """Tell whether a model does ``feature`` for ``user``."""
    try:
        return engine_for(feature, user) == "model"
    except LLMError:
        return False  # the settings insist on a model, and there is none: said where the built-in engine stands in


def caller_of(session: LearningSession) -> Caller:
    """Return on whose behalf a model is called."""
    folder_id = str(session.folder_id) if session.folder_id else None
    return Caller(user_id=str(session.owner_id), session_id=str(session.pk), folder_id=folder_id)


def make_plan(session: LearningSession, analysis: Analysis, material: Material, *, topic: str | None) -> Written[Plan]:
    """Return the study plan by the engine of the session's owner; the built-in one stands in for a model that fails."""

    def by_model(gateway: Gateway) -> Plan:
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
) -> Written[Lesson]:
    """Return the lesson by the engine of the session's owner; the built-in one stands in for a model that fails.

    It also writes the lesson that is ``opening`` a dialogue, while a model writes its own.
    """

    def by_model(gateway: Gateway) -> Lesson:
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

    def builtin() -> Lesson:
        return builtin_lesson(
            analysis, material, embed_documents, topic=topic, check_questions=check_questions, asked=asked
        )

    if opening:
        return Written(builtin(), notice=gettext(OPENED))
    return written("lesson", session.owner, by_model=by_model, builtin=builtin)


def question_verifier(study: Study) -> Verifier:
    """Return the check every question passes before it is shown, whichever engine wrote it."""
    return Verifier(_statistics_of(study), embed=embed_documents)


def evidence_verifier(documents: Material) -> Verifier:
    """Return the check of a question against the documents it cites, where more is not known."""
    return Verifier(SentenceStatistics(documents), embed=embed_documents)


class AnswerGrader(Protocol):
    """Grades one answer; both fields empty means that nothing was given."""

    def __call__(self, question: CandidateQuestion, *, option_id: str, text: str) -> Grade: ...


def answer_grader(*, session_id: UUID) -> AnswerGrader:
    """Return the grader of a session; the terms of its material tell which near miss is another term of the subject."""
    terms = analysis_terms(session_id=session_id)

    def grade_answer(question: CandidateQuestion, *, option_id: str, text: str) -> Grade:
        if not option_id and not text.strip():
            return wrong(Reason.NOT_ANSWERED)
        given = Answer(option_id=option_id or None, text=text or None)
        near = near_in_meaning(question.stem)
        return grade(
            question.key,
            given,
            options=question.options,
            stem=question.stem,
            terms=terms,
            similar=near,
            own_words=question.is_open,
        )

    return grade_answer


_LOWER = {MULTILINGUAL: 0.08}
"""By how much synonyms are less near by an encoder than by the English one."""


def near_in_meaning(stem: str) -> Similar:
    """Return what tells how near two short texts in the language of a question are in meaning, from about 0 to 1.

    Grading asks it only where the rules find nothing in common: 20 ms in English, a tenth of a second elsewhere. Without
    an encoder it returns 1.0, so that such answers go to a person instead of being called wrong.
    """

    def near(answer: str, accepted: str) -> float:
        spoken = languages_of(stem)
        name = encoder_name("en" if spoken == {"en"} else "mul")
        encoder = question_encoder(name)
        if encoder is None:
            return 1.0
        return float(encoder.similarity(answer, encoder.encode([accepted]))[0]) + _LOWER.get(name, 0.0)

    return near
