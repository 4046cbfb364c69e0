"""Learning sessions: plans, lessons, questions, quizzes, mastery, reviews."""

from __future__ import annotations

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions_app"
    verbose_name = "Learning"

    def ready(self) -> None:
        from documents_app.services.callers import register_folder_of
        from documents_app.services.removal import register_derived
        from sessions_app.services import privacy
        from sessions_app.services.removal import document_derived_remove
        from sessions_app.services.sessions import folder_of
        from tutor_project.common.privacy import PersonalData, register_personal_data

        register_derived(document_derived_remove)
        register_folder_of(folder_of)
        register_personal_data(PersonalData("learning", 3, privacy.export, privacy.erase))
