"""Material that nothing stands on, found batch by batch."""

from __future__ import annotations

from typing import Any

import pytest

from documents_app.models import Document
from sessions_app.models import LearningSession, Message
from sessions_app.selectors.cohort import documents_without_use

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_documents_that_answers_cite_are_not_among_those_without_use(learner: Any, limit: int) -> None:
    unused = []
    for number in range(3):
        session = LearningSession.objects.create(owner=learner, title=f"{number}")
        documents = [
            Document.objects.create(
                owner=learner, session_id=session.pk, filename=f"{number}-{part}.md", mime_type="text/markdown", size=1,
                status="completed",
            )
            for part in range(3)
        ]  # fmt: skip
        cited = [{"document_id": str(document.pk)} for document in documents[:2]]
        Message.objects.create(session=session, turn_no=1, role="assistant", content="", citations=cited)
        unused.append(documents[2].pk)
    found = [row["document_id"] for row in documents_without_use(folder_id=None, limit=limit)]
    assert found == unused[:limit]
