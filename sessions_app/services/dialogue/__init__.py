"""The tutoring dialogue: one turn is one transaction on the session's state."""

from sessions_app.services.dialogue.drafting import turn_drafted
from sessions_app.services.dialogue.keeping import ensure_not_taken
from sessions_app.services.dialogue.speaking import dialogue_interact, dialogue_turn
from sessions_app.services.dialogue.waiting import lesson_job, lesson_missing, turn_awaited

__all__ = [
    "dialogue_interact",
    "dialogue_turn",
    "ensure_not_taken",
    "lesson_job",
    "lesson_missing",
    "turn_awaited",
    "turn_drafted",
]
