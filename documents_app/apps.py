"""Documents: uploads, extraction, chunks, embeddings, retrieval, analysis."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents_app"
    verbose_name = "Documents"

    def ready(self) -> None:
        from documents_app.services import privacy
        from tutor_project.common.privacy import PersonalData, register_personal_data

        register_personal_data(PersonalData("documents", 2, privacy.export, privacy.erase))
