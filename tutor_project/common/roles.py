"""What the console's roles mean for what is put in front of somebody; what they may do is a matter of permissions."""

from __future__ import annotations

from typing import Any


def only_teaches(user: Any) -> bool:
    """Whether somebody judges questions and runs nothing: what keeps the service going would only be in their way."""
    return bool(user.has_perm("sessions_app.change_question") and not user.has_perm("jobs_app.change_job"))
