"""Who of the staff may do what: looking is for all of them, changing needs the permission of a role."""

from __future__ import annotations

from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.views import APIView


class StaffWith(IsAdminUser):
    """Staff who hold ``permission``; make a class of it with ``staff_with``."""

    permission = ""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the caller is staff and holds the permission."""
        return super().has_permission(request, view) and bool(request.user.has_perm(self.permission))


def staff_with(permission: str) -> type[StaffWith]:
    """Return the rule that only staff with ``permission`` (as ``app_label.codename``) get in."""
    return type("StaffWith", (StaffWith,), {"permission": permission})


WORKS_ON_JOBS = "jobs_app.change_job"
"""Held by operators: run, retry, cancel and correct the jobs of others."""
MANAGES_MODELS = "platform.change_modelprofile"
"""Held by administrators: where learners' texts are sent, and with whose money."""
RUNS_THE_SYSTEM = "platform.change_configversion"
"""Held by operators: settings, and what touches everybody, such as the cache."""
