"""What tests of the console share."""

from __future__ import annotations

from typing import Any

from django.test import Client

from sessions_app.models import LearningSession, Question


def console_client(user: Any) -> Client:
    """Return a client of the console signed in as ``user``."""
    client = Client()
    client.force_login(user)
    return client


def make_question(session: LearningSession, number: int, **fields: Any) -> Question:
    """Return a published multiple-choice question whose first option is right."""
    options = [{"id": f"o{number}-{place}", "text": f"Option {place} of {number}"} for place in range(4)]
    described: dict[str, Any] = {
        "kind": "multiple_choice",
        "options": options,
        "key": {"type": "choice", "option_id": f"o{number}-0"},
        "stem": f"What does number {number} ask about osmosis?",
        "concept": "osmosis",
        "state": Question.State.PUBLISHED,
        **fields,
    }
    return Question.objects.create(
        owner_id=session.owner_id, session=session, engine="builtin", fingerprint=f"{number:016d}", **described
    )
