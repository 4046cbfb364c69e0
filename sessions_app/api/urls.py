"""Routes of the learning endpoints, under ``/api/v1``."""

from __future__ import annotations

from django.urls import path

from sessions_app.api import (
    views_material,
    views_practice,
    views_quizzes,
    views_review,
    views_sessions,
    views_teaching,
)

urlpatterns = [
    path("folders", views_sessions.FolderListView.as_view(), name="folder-list"),
    path("folders/<uuid:folder_id>", views_sessions.FolderDetailView.as_view(), name="folder-detail"),
    path("folders/<uuid:folder_id>/ask", views_teaching.FolderAskView.as_view(), name="folder-ask"),
    path("folders/<uuid:folder_id>/search", views_material.FolderSearchView.as_view(), name="folder-search"),
    path("sessions", views_sessions.SessionListView.as_view(), name="session-list"),
    path("sessions/<uuid:session_id>", views_sessions.SessionDetailView.as_view(), name="session-detail"),
    path("sessions/<uuid:session_id>/end", views_sessions.SessionEndView.as_view(), name="session-end"),
    path("sessions/<uuid:session_id>/reopen", views_sessions.SessionReopenView.as_view(), name="session-reopen"),
    path("sessions/<uuid:session_id>/messages", views_sessions.MessageListView.as_view(), name="session-messages"),
    path(
        "sessions/<uuid:session_id>/documents", views_material.SessionDocumentsView.as_view(), name="session-documents"
    ),
    path("sessions/<uuid:session_id>/analysis", views_material.SessionAnalysisView.as_view(), name="session-analysis"),
    path("sessions/<uuid:session_id>/search", views_material.SessionSearchView.as_view(), name="session-search"),
    path("sessions/<uuid:session_id>/quiz", views_quizzes.SessionQuizView.as_view(), name="session-quiz"),
    path("sessions/<uuid:session_id>/quizzes", views_quizzes.SessionQuizListView.as_view(), name="session-quizzes"),
    path(
        "sessions/<uuid:session_id>/quiz/submit",
        views_quizzes.SessionQuizSubmitView.as_view(),
        name="session-quiz-submit",
    ),
    path("quizzes/<uuid:quiz_id>", views_quizzes.QuizDetailView.as_view(), name="quiz-detail"),
    path("quizzes/<uuid:quiz_id>/attempts", views_quizzes.QuizAttemptsView.as_view(), name="quiz-attempts"),
    path("quizzes/<uuid:quiz_id>/submit", views_quizzes.QuizSubmitView.as_view(), name="quiz-submit"),
    path(
        "attempts/<uuid:attempt_id>/answers/<uuid:question_id>/self-assessment",
        views_quizzes.SelfAssessmentView.as_view(),
        name="attempt-self-assessment",
    ),
    path("sessions/<uuid:session_id>/plan", views_teaching.SessionPlanView.as_view(), name="session-plan"),
    path("sessions/<uuid:session_id>/lesson", views_teaching.SessionLessonView.as_view(), name="session-lesson"),
    path("sessions/<uuid:session_id>/interact", views_teaching.SessionInteractView.as_view(), name="session-interact"),
    path("sessions/<uuid:session_id>/ask", views_teaching.SessionAskView.as_view(), name="session-ask"),
    path(
        "sessions/<uuid:session_id>/log/mini-quiz",
        views_teaching.MiniQuizLogView.as_view(),
        name="session-log-mini-quiz",
    ),
    path("sessions/<uuid:session_id>/log/summary", views_teaching.SummaryLogView.as_view(), name="session-log-summary"),
    path(
        "sessions/<uuid:session_id>/analyze-session",
        views_teaching.SessionReportRequestView.as_view(),
        name="session-analyze-session",
    ),
    path(
        "sessions/<uuid:session_id>/session-analysis", views_teaching.SessionReportView.as_view(), name="session-report"
    ),
    path(
        "sessions/<uuid:session_id>/readiness", views_practice.SessionReadinessView.as_view(), name="session-readiness"
    ),
    path("sessions/<uuid:session_id>/mastery", views_practice.SessionMasteryView.as_view(), name="session-mastery"),
    path(
        "sessions/<uuid:session_id>/questions/export",
        views_practice.QuestionExportView.as_view(),
        name="session-questions-export",
    ),
    path("reviews/due", views_practice.ReviewsDueView.as_view(), name="reviews-due"),
    path("reviews/<uuid:review_id>/answer", views_practice.ReviewAnswerView.as_view(), name="review-answer"),
    path("review-queue", views_review.ReviewQueueView.as_view(), name="review-queue"),
    path(
        "review-queue/questions/<uuid:question_id>/decide",
        views_review.QuestionDecisionView.as_view(),
        name="review-queue-question",
    ),
    path(
        "review-queue/answers/<uuid:answer_id>/decide",
        views_review.AnswerDecisionView.as_view(),
        name="review-queue-answer",
    ),
    path("questions/<uuid:question_id>/regrade", views_review.QuestionRegradeView.as_view(), name="question-regrade"),
]
