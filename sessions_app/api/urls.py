"""Routes of the learning endpoints, under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from sessions_app.api.views import material, practice, quizzes, review, sessions, teaching

urlpatterns = [
    path("folders", sessions.FolderListView.as_view(), name="folder-list"),
    path("folders/<uuid:folder_id>", sessions.FolderDetailView.as_view(), name="folder-detail"),
    path("folders/<uuid:folder_id>/ask", teaching.FolderAskView.as_view(), name="folder-ask"),
    path("folders/<uuid:folder_id>/search", material.FolderSearchView.as_view(), name="folder-search"),
    path("sessions", sessions.SessionListView.as_view(), name="session-list"),
    path("sessions/<uuid:session_id>", sessions.SessionDetailView.as_view(), name="session-detail"),
    path("sessions/<uuid:session_id>/end", sessions.SessionEndView.as_view(), name="session-end"),
    path("sessions/<uuid:session_id>/reopen", sessions.SessionReopenView.as_view(), name="session-reopen"),
    path("sessions/<uuid:session_id>/messages", sessions.MessageListView.as_view(), name="session-messages"),
    path("sessions/<uuid:session_id>/documents", material.SessionDocumentsView.as_view(), name="session-documents"),
    path("sessions/<uuid:session_id>/analysis", material.SessionAnalysisView.as_view(), name="session-analysis"),
    path("sessions/<uuid:session_id>/search", material.SessionSearchView.as_view(), name="session-search"),
    path("sessions/<uuid:session_id>/quiz", quizzes.SessionQuizView.as_view(), name="session-quiz"),
    path("sessions/<uuid:session_id>/quizzes", quizzes.SessionQuizListView.as_view(), name="session-quizzes"),
    path(
        "sessions/<uuid:session_id>/quiz/submit",
        quizzes.SessionQuizSubmitView.as_view(),
        name="session-quiz-submit",
    ),
    path("quizzes/<uuid:quiz_id>", quizzes.QuizDetailView.as_view(), name="quiz-detail"),
    path("quizzes/<uuid:quiz_id>/attempts", quizzes.QuizAttemptsView.as_view(), name="quiz-attempts"),
    path("quizzes/<uuid:quiz_id>/submit", quizzes.QuizSubmitView.as_view(), name="quiz-submit"),
    path(
        "attempts/<uuid:attempt_id>/answers/<uuid:question_id>/self-assessment",
        quizzes.SelfAssessmentView.as_view(),
        name="attempt-self-assessment",
    ),
    path("sessions/<uuid:session_id>/plan", teaching.SessionPlanView.as_view(), name="session-plan"),
    path("sessions/<uuid:session_id>/lesson", teaching.SessionLessonView.as_view(), name="session-lesson"),
    path("sessions/<uuid:session_id>/interact", teaching.SessionInteractView.as_view(), name="session-interact"),
    path("sessions/<uuid:session_id>/ask", teaching.SessionAskView.as_view(), name="session-ask"),
    path(
        "sessions/<uuid:session_id>/log/mini-quiz",
        teaching.MiniQuizLogView.as_view(),
        name="session-log-mini-quiz",
    ),
    path("sessions/<uuid:session_id>/log/summary", teaching.SummaryLogView.as_view(), name="session-log-summary"),
    path(
        "sessions/<uuid:session_id>/analyze-session",
        teaching.SessionReportRequestView.as_view(),
        name="session-analyze-session",
    ),
    path("sessions/<uuid:session_id>/session-analysis", teaching.SessionReportView.as_view(), name="session-report"),
    path("sessions/<uuid:session_id>/readiness", practice.SessionReadinessView.as_view(), name="session-readiness"),
    path("sessions/<uuid:session_id>/mastery", practice.SessionMasteryView.as_view(), name="session-mastery"),
    path(
        "sessions/<uuid:session_id>/questions/export",
        practice.QuestionExportView.as_view(),
        name="session-questions-export",
    ),
    path("reviews/due", practice.ReviewsDueView.as_view(), name="reviews-due"),
    path("reviews/<uuid:review_id>/answer", practice.ReviewAnswerView.as_view(), name="review-answer"),
    path("review-queue", review.ReviewQueueView.as_view(), name="review-queue"),
    path(
        "review-queue/questions/<uuid:question_id>/decide",
        review.QuestionDecisionView.as_view(),
        name="review-queue-question",
    ),
    path(
        "review-queue/answers/<uuid:answer_id>/decide",
        review.AnswerDecisionView.as_view(),
        name="review-queue-answer",
    ),
    path("questions/<uuid:question_id>/regrade", review.QuestionRegradeView.as_view(), name="question-regrade"),
]
