"""One learner for staff: what they know in words, what they answered, their quizzes, documents and conversations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET
from unfold.decorators import display

from sessions_app.selectors.console import learner_shown, transcript_shown
from tutor_project.common.console import object_link

PERMISSION = "sessions_app.view_learningsession"


class ShowsSession:
    """Rows of a session, which they lead to."""

    @display(description="Session", ordering="session_id")
    def shown_session(self, row: Any) -> Any:
        """The session."""
        return object_link("sessions_app.learningsession", row.session_id, row.session.title)


@require_GET
def learner_view(request: Any, user_id: UUID) -> HttpResponse:
    """Show a learner; ``?session`` opens the conversation of one of their sessions, else of the latest."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    person = get_user_model().objects.filter(pk=user_id).first()
    if person is None:
        raise Http404
    learner = learner_shown(owner_id=person.pk)
    session = _chosen(request, learner["sessions"])
    request.current_app = admin.site.name
    context = {
        **admin.site.each_context(request),
        "title": person.display_name or person.username,
        "person": person,
        "learner": learner,
        "session": session,
        "transcript": transcript_shown(session=session) if session else [],
    }
    return TemplateResponse(request, "admin/learner.html", context)


def _chosen(request: Any, sessions: list[Any]) -> Any:
    asked = request.GET.get("session")
    if asked is None:
        return sessions[0] if sessions else None
    chosen = next((session for session in sessions if str(session.pk) == asked), None)
    if chosen is None:
        raise Http404
    return chosen


def learner_link(user: Any) -> Any:
    """Return a link to what a learner does and knows."""
    return format_html(
        '<a class="console-link" href="{}">{}</a>', reverse("admin:learner", args=[user.pk]), user.username
    )
