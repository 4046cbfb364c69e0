"""The tutoring dialogue: one turn is one transaction on the session's state.

The way of a turn through the modules: ``waiting`` (is there a lesson yet?), ``stage`` (where the dialogue stands), ``reading``
(what the learner's action is taken for), ``turn`` (the grade, judgement or question that it amounts to), ``drafting`` (what
comes of it, nothing kept yet), ``speaking`` (told in one piece or as events), ``keeping`` (the one transaction).
"""

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
