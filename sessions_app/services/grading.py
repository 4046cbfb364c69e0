"""Grading of a learner's answer with what a session knows: the terms of its material, and what is near in meaning."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from documents_app.services.analysis import analysis_terms
from sessions_app.domain.grading.grade import grade, languages_of
from sessions_app.domain.grading.reasons import Reason
from sessions_app.domain.grading.short_answer import Similar
from sessions_app.domain.grading.types import GivenAnswer, Grade, wrong
from sessions_app.domain.questions.types import CandidateQuestion
from tutor_project.llm.sentence_encoder import MULTILINGUAL, encoder_name, question_encoder


class AnswerGrader(Protocol):
    """Grades one answer; both fields empty means that nothing was given."""

    def __call__(self, question: CandidateQuestion, *, option_id: str, text: str) -> Grade: ...


def answer_grader(*, session_id: UUID) -> AnswerGrader:
    """Return the grader of a session; the terms of its material tell which near miss is another term of the subject."""
    terms = analysis_terms(session_id=session_id)

    def grade_answer(question: CandidateQuestion, *, option_id: str, text: str) -> Grade:
        if not option_id and not text.strip():
            return wrong(Reason.NOT_ANSWERED)
        given = GivenAnswer(option_id=option_id or None, text=text or None)
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
