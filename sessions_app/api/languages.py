"""The language a client wants to be spoken to in."""

from __future__ import annotations

from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.request import Request

from tutor_project.language import FULL_LANGUAGES, primary_subtag


def language_wanted(request: Request) -> str | None:
    """Return the first language of ``Accept-Language`` that is known in full, None when it names none."""
    named = (primary_subtag(tag) for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")))
    return next((tag for tag in named if tag in FULL_LANGUAGES), None)
