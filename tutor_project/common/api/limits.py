"""How long the texts and lists of a request may be: one limit a kind, kept where the request is read."""

from __future__ import annotations

OPTION_ID = 64
NAME = 120
"""Of a model, a tool, a kind of event."""
TITLE = 300
"""Of a session's quiz, a topic, a section; a session itself has 200."""
REASON = 500
ERROR = 2_000
ANSWER = 2_000
QUESTION = 4_000
SUMMARY = 20_000
ACTION = SUMMARY + 1_000
"""All that one action of the dialogue holds, as JSON: at most a summary and what belongs to it."""
OBJECT = 16_000
"""A small JSON object, as JSON."""
ITEMS = 1_000
"""Of a list; lists of what a quiz has are shorter."""
FILES = 1_000
"""Of one upload, before the runtime setting is looked at, which names its own limit."""
