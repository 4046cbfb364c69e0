"""The language in which a learner is spoken to."""

from __future__ import annotations

from django.utils.translation import get_language

from tutor_project.language import Language, language, primary_subtag


def spoken_language() -> Language:
    """Return the language of the request that is answered or, in a job, of the one that asked for it; else English."""
    return language(primary_subtag(get_language() or "en"))
