"""Errors of learning; each code is defined once."""

from __future__ import annotations

from tutor_project.common.errors import Conflict, InvalidInput, NotFound


class FolderNotFound(NotFound):
    """404: no such folder, or not the caller's."""

    code = "folder_not_found"
    detail = "There is no such folder, or it is not yours."


class SessionNotFound(NotFound):
    """404: no such session, or not the caller's."""

    code = "session_not_found"
    detail = "There is no such session, or it is not yours."


class SessionEnded(Conflict):
    """409: the session has ended; it can be read but not continued."""

    code = "session_ended"
    detail = "This session has ended. Reopen it to go on."


class ExamInThePast(InvalidInput):
    """400: an exam on a day that has passed where the learner is."""

    code = "exam_in_the_past"
    detail = "The exam cannot be before today ({today} where you are). Send its date, or null for no exam."


class ExamTooFar(InvalidInput):
    """400: an exam further ahead than any plan."""

    code = "exam_too_far"
    detail = "The exam can be on {latest} at the latest. Check the year."


class QuizNotFound(NotFound):
    """404: no such quiz, or not the caller's."""

    code = "quiz_not_found"
    detail = "There is no such quiz, or it is not yours."


class QuestionNotInQuiz(InvalidInput):
    """400: an answer names a question of another quiz."""

    code = "question_not_in_quiz"
    detail = "Question {question} does not belong to this quiz."


class OptionUnknown(InvalidInput):
    """400: an answer names an option that the question does not have."""

    code = "option_unknown"
    detail = "Question {question} has no such option."


class AttemptClosed(Conflict):
    """409: the attempt was submitted; its answers stand."""

    code = "attempt_closed"
    detail = "This attempt has been submitted with other answers. Begin a new attempt to answer again."


class AttemptsExhausted(Conflict):
    """409: the quiz allows no further attempt."""

    code = "attempts_exhausted"
    detail = "All {allowed} attempts at this quiz have been used. Make a new quiz to go on practising."


class NothingMissed(Conflict):
    """409: an attempt at the missed questions alone would be empty."""

    code = "nothing_missed"
    detail = "Every question of this quiz has been answered rightly. Begin an attempt at all of it, or make a new quiz."


class QuestionOpenInQuiz(Conflict):
    """409: a question that is open in a quiz is used nowhere else until the attempt is handed in."""

    code = "question_open_in_quiz"
    detail = "This question is open in a quiz. Hand in the quiz first; the review waits."


class AnswerNotWaiting(Conflict):
    """409: only an answer that waits for a person can be assessed by the learner."""

    code = "answer_not_waiting"
    detail = "This answer was graded as {verdict}; only an answer that waits for a person can be assessed by yourself."


class TeacherReviews(Conflict):
    """409: a teacher reviews the answers of this course, so the learner does not."""

    code = "teacher_reviews"
    detail = "Your teacher looks at the answers of this course. Wait for the decision; it will count in full."


class AttemptNotFound(NotFound):
    """404: no such answer in such an attempt, or not the caller's."""

    code = "attempt_answer_not_found"
    detail = "There is no such answer in an attempt of yours."


class NoVerifiedQuestions(Conflict):
    """409: nothing the engine proposed passed the verifier."""

    code = "no_verified_questions"
    detail = "No verified question could be made from this material. Upload text with more facts in whole sentences."


class ReviewNotFound(NotFound):
    """404: no such review, or not the caller's."""

    code = "review_not_found"
    detail = "There is no such review, or it is not yours."


class ReviewNotDue(Conflict):
    """409: the review comes later, perhaps because it was answered a moment ago."""

    code = "review_not_due"
    detail = "This review is due on {due}. GET /api/v1/reviews/due lists what is due now."


class ExportFormatUnknown(InvalidInput):
    """400: no export is made in that format."""

    code = "export_format_unknown"
    detail = "There is no export in that format. Choose one of: {formats}."


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
