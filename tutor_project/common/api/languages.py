"""The language a client wants to be spoken to in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation.trans_real import parse_accept_lang_header


def language_wanted(request: Any) -> str | None:
    """Return the first language of ``Accept-Language`` that is one of ``LANGUAGES``, None when it names none."""
    known = {code for code, _ in settings.LANGUAGES}
    named = (tag.partition("-")[0] for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")))
    return next((tag for tag in named if tag in known), None)
