"""Models of learning: folders and sessions, teaching material, the question bank, what learners did."""

from sessions_app.models.learning import Folder, LearningSession, Message, Summary
from sessions_app.models.practice import AnswerRecord, Quiz, QuizAttempt, QuizQuestion
from sessions_app.models.progress import MasteryState, ReviewCard
from sessions_app.models.questions import Question, QuestionRevision
from sessions_app.models.teaching import Lesson, Plan, SessionReport

__all__ = [
    "AnswerRecord",
    "Folder",
    "LearningSession",
    "Lesson",
    "MasteryState",
    "Message",
    "Plan",
    "Question",
    "QuestionRevision",
    "Quiz",
    "QuizAttempt",
    "QuizQuestion",
    "ReviewCard",
    "SessionReport",
    "Summary",
]
