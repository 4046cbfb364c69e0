"""Errors of the review queue; each code is defined once."""

from __future__ import annotations

from tutor_project.common.errors import Conflict, InvalidInput, NotFound


class QuestionNotFound(NotFound):
    """404: no such question."""

    code = "question_not_found"
    detail = "There is no such question."


class AnswerNotFound(NotFound):
    """404: no such answer."""

    code = "answer_not_found"
    detail = "There is no such answer."


class QuestionChanged(Conflict):
    """409: somebody else edited or decided the question meanwhile."""

    code = "question_changed"
    detail = "The question is at version {present} now, not {expected}. Look at the change, then decide again."


class AnswerDecided(Conflict):
    """409: the answer waits for nobody (any more)."""

    code = "answer_decided"
    detail = "This answer is decided: {verdict}. Only answers that wait for review can be decided."


class DecisionNeedsReason(InvalidInput):
    """400: overruling the verifier, or rejecting, is explained."""

    code = "decision_needs_reason"
    detail = "Say why: {why}"


class QuestionEditInvalid(InvalidInput):
    """400: the edited question does not hang together."""

    code = "question_edit_invalid"
    detail = "{reason}"


class QuestionDuplicate(Conflict):
    """409: the session has this question already."""

    code = "question_duplicate"
    detail = "This session already has a question with this stem and this answer. Reject one of the two."


class NothingToUndo(Conflict):
    """409: no regrade of this question is left to undo."""

    code = "nothing_to_undo"
    detail = "No regrade of this question is left to undo."
