"""Questions for a request: written by the engine of the session's owner, and checked by one verifier whoever wrote them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext

from documents_app.domain.material import Material
from documents_app.domain.matter.reading import citable_spans
from documents_app.domain.study import Study
from documents_app.services.studying import embed_documents
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
from sessions_app.engine.questions.writing import write
from sessions_app.models import LearningSession, Question
from sessions_app.services.engines import caller_of, gateway_of_judge, unserved, uses_model
from tutor_project.common.memo import KeyedCache
from tutor_project.llm.engines import gateway_for
from tutor_project.llm.errors import LLMError
from tutor_project.llm.standby import stood_in


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


def _written_by_model(*, session: LearningSession, study: Study, request: QuestionRequest) -> list[CandidateQuestion]:
    """Propose questions by a model; raises LLMError when no call succeeds."""
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


TOPPED_UP = (
    "The language model wrote too few questions that pass verification; the others come from the built-in tutor."
)
MODEL_TURNS = 2
"""How often a model is asked for the questions of a request; what is still missing then comes from the built-in engine."""


class QuestionWriter:
    """The question engine of one request: the owner's, and the built-in one from a model's first failure on, or for what a
    model has not written in ``MODEL_TURNS``.

    ``notice`` is what the learner is told then.
    """

    def __init__(self, owner: Any) -> None:
        self.notice = unserved("quiz", owner)
        self._by_model = uses_model("quiz", owner)
        self._turns = 0

    def __call__(self, **wanted: Any) -> list[CandidateQuestion]:
        """Propose questions; takes what ``QuestionEngine`` takes."""
        self._turns += 1
        if self._by_model and self._turns > MODEL_TURNS:
            self._by_model, self.notice = False, gettext(TOPPED_UP)
        if self._by_model:
            try:
                if found := _second_look(_written_by_model(**wanted), wanted["session"], wanted["study"]):
                    return found
                self._by_model, self.notice = False, gettext(TOPPED_UP)  # nothing new: it repeats itself
            except LLMError as failure:
                self._by_model, self.notice = False, stood_in("quiz", failure)
        return builtin_questions(**wanted)


def question_verifier(study: Study) -> Verifier:
    """Return the check every question passes before it is shown, whichever engine wrote it."""
    return Verifier(_statistics_of(study), embed=embed_documents)


def evidence_verifier(documents: Material) -> Verifier:
    """Return the check of a question against the documents it cites, where more is not known."""
    return Verifier(SentenceStatistics(documents), embed=embed_documents)
