"""Figures in the sidebar."""

from __future__ import annotations

from typing import Any

from sessions_app.selectors.console import COUNTED_UP_TO, review_queue_length


def review_badge(request: Any) -> str:
    """How many questions and answers wait for a person; '' when none does."""
    waiting = review_queue_length()
    return "" if not waiting else str(waiting) if waiting <= COUNTED_UP_TO else f"{COUNTED_UP_TO}+"
