"""Learning in the console."""

from sessions_app.admin import learning, practice, questions

__all__ = ["learning", "practice", "questions"]
