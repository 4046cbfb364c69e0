"""The admin console (django-unfold)."""

from __future__ import annotations

UNFOLD = {
    "SITE_TITLE": "AI Tutor",
    "SITE_HEADER": "AI Tutor",
    "SITE_SYMBOL": "school",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}
