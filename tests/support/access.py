"""Who may use which route: one line a route. A new route fails the architecture test until it stands here.

``public``: anybody. ``self``: anybody signed in, who sees only their own. ``owned``: the owner; to everybody else the
object does not exist. ``staff``: members of staff of any role. ``teacher`` and ``operator``: that role and the
administrator; ``administrator``: only that one. Methods with another rule than the route's are named apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Rule = Literal["public", "self", "owned", "staff", "teacher", "operator", "administrator"]


@dataclass(frozen=True)
class Access:
    """The rule of a route, its methods, and methods with a rule of their own."""

    rule: Rule
    methods: tuple[str, ...]
    except_for: dict[str, Rule] = field(default_factory=dict)

    def rule_of(self, method: str) -> Rule:
        return self.except_for.get(method, self.rule)


GET, POST, PATCH, PUT, DELETE = "get", "post", "patch", "put", "delete"

ACCESS: dict[str, Access] = {
    "auth/register": Access("public", (POST,)),
    "auth/login": Access("public", (POST,)),
    "auth/logout": Access("self", (POST,)),
    "auth/logout-all": Access("self", (POST,)),
    "auth/me": Access("self", (GET, PATCH)),
    "auth/email/verify": Access("public", (GET, POST)),
    "auth/password/change": Access("self", (POST,)),
    "auth/password/reset": Access("public", (POST,)),
    "auth/password/reset/confirm": Access("public", (POST,)),
    "config": Access("staff", (GET,)),
    "config/<str:key>": Access("staff", (GET, PUT), {PUT: "operator"}),
    "config/<str:key>/versions": Access("staff", (GET,)),
    "config/<str:key>/rollback": Access("operator", (POST,)),
    "flags": Access("self", (GET,)),
    "usage": Access("self", (GET,)),
    "jobs": Access("self", (GET, POST)),
    "jobs/statistics": Access("self", (GET,)),
    "jobs/<uuid:job_id>": Access("owned", (GET, PATCH), {PATCH: "operator"}),
    "jobs/<uuid:job_id>/events": Access("owned", (GET,)),
    "jobs/<uuid:job_id>/execute": Access("operator", (POST,)),
    "jobs/<uuid:job_id>/retry": Access("owned", (POST,)),
    "jobs/<uuid:job_id>/cancel": Access("owned", (POST,)),
    "system/health": Access("staff", (GET,)),
    "system/status": Access("staff", (GET,)),
    "system/cache/clear": Access("operator", (POST,)),
    "system/models": Access("administrator", (GET, POST)),
    "system/models/<str:model_id>": Access("administrator", (PATCH, DELETE)),
    "system/models/<str:model_id>/test": Access("administrator", (POST,)),
    "documents/stats": Access("self", (GET,)),
    "documents/pending-embeddings": Access("staff", (GET,)),
    "documents/<uuid:document_id>": Access("owned", (GET, DELETE)),
    "documents/<uuid:document_id>/content": Access("owned", (GET,)),
    "documents/<uuid:document_id>/file": Access("owned", (GET,)),
    "documents/<uuid:document_id>/pages/<int:page>/image": Access("owned", (GET,)),
    "documents/<uuid:document_id>/pages/<int:page>/boxes": Access("owned", (GET,)),
    "documents/<uuid:document_id>/figures/<int:n>": Access("owned", (GET,)),
    "documents/<uuid:document_id>/retry": Access("owned", (POST,)),
    "folders": Access("self", (GET, POST)),
    "folders/<uuid:folder_id>": Access("owned", (GET, PATCH, DELETE)),
    "folders/<uuid:folder_id>/ask": Access("owned", (POST,)),
    "folders/<uuid:folder_id>/search": Access("owned", (POST,)),
    "sessions": Access("self", (GET, POST)),
    "sessions/<uuid:session_id>": Access("owned", (GET, PATCH, DELETE)),
    "sessions/<uuid:session_id>/end": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/reopen": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/messages": Access("owned", (GET,)),
    "sessions/<uuid:session_id>/documents": Access("owned", (GET, POST)),
    "sessions/<uuid:session_id>/analysis": Access("owned", (GET, POST)),
    "sessions/<uuid:session_id>/search": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/quiz": Access("owned", (GET, POST)),
    "sessions/<uuid:session_id>/quizzes": Access("owned", (GET,)),
    "sessions/<uuid:session_id>/quiz/submit": Access("owned", (POST,)),
    "quizzes/<uuid:quiz_id>": Access("owned", (GET,)),
    "quizzes/<uuid:quiz_id>/attempts": Access("owned", (GET, POST, PATCH)),
    "quizzes/<uuid:quiz_id>/submit": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/plan": Access("owned", (GET, POST)),
    "sessions/<uuid:session_id>/lesson": Access("owned", (GET, POST)),
    "sessions/<uuid:session_id>/interact": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/ask": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/log/mini-quiz": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/log/summary": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/analyze-session": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/session-analysis": Access("owned", (GET,)),
    "sessions/<uuid:session_id>/readiness": Access("owned", (GET,)),
    "attempts/<uuid:attempt_id>/answers/<uuid:question_id>/self-assessment": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/mastery": Access("owned", (GET,)),
    "sessions/<uuid:session_id>/questions/export": Access("owned", (GET,)),
    "review-queue": Access("teacher", (GET,)),
    "review-queue/questions/<uuid:question_id>/decide": Access("teacher", (POST,)),
    "review-queue/answers/<uuid:answer_id>/decide": Access("teacher", (POST,)),
    "questions/<uuid:question_id>/regrade": Access("teacher", (POST,)),
    "reviews/due": Access("self", (GET,)),
    "reviews/<uuid:review_id>/answer": Access("owned", (POST,)),
    "analytics/tool-invocations": Access("self", (POST,)),
    "analytics/token-usage": Access("self", (POST,)),
    "analytics/events": Access("self", (GET, POST)),
    "analytics/tools": Access("self", (GET,)),
    "analytics/tokens": Access("self", (GET,)),
    "analytics/spend": Access("self", (GET,)),
    "analytics/spend/remaining": Access("self", (GET,)),
    "analytics/spend/estimate": Access("self", (GET,)),
    "analytics/performance": Access("self", (GET,)),
    "analytics/system": Access("staff", (GET,)),
    "analytics/dashboard": Access("staff", (GET,)),
    "analytics/stream": Access("staff", (GET,)),
    "analytics/cohorts/<str:report>": Access("staff", (GET,)),
    "sessions/<uuid:session_id>/analytics": Access("owned", (GET, PATCH)),
    "sessions/<uuid:session_id>/analytics/process": Access("owned", (POST,)),
    "sessions/<uuid:session_id>/interactions": Access("owned", (GET,)),
    "users/me/export": Access("self", (POST,)),
    "users/me/exports/<uuid:job_id>": Access("owned", (GET,)),
    "users/me/erase": Access("self", (POST,)),
    "users/<str:user_id>/analytics": Access("owned", (GET,)),
}
