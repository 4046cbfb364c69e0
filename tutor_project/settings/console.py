"""The admin console (django-unfold): its name, colours, dashboard and navigation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy

from tutor_project.common.roles import only_teaches


def _may_view(permission: str) -> Callable[[Any], bool]:
    return lambda request: request.user.has_perm(permission)


def _in_bank(request: Any) -> bool:
    """Whether a page of questions is open other than those of the review queue, which lie below the same address."""
    path = request.path
    return "/sessions_app/question/" in path and "/sessions_app/question/review/" not in path


def _item(title: str, icon: str, model: str, *, permission: str = "", badge: str = "", **more: Any) -> dict[str, Any]:
    """Return a line of the sidebar that leads to a model's list, for those who may view it."""
    app, name = model.split(".")
    item: dict[str, Any] = {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": _may_view(permission or f"{app}.view_{name}"),
        **more,
    }
    return {**item, "badge": badge} if badge else item


def _group(title: str, *items: dict[str, Any], collapsible: bool = False) -> dict[str, Any]:
    return {"title": title, "separator": True, "collapsible": collapsible, "items": list(items)}


def _for_operators(item: dict[str, Any]) -> dict[str, Any]:
    """Return a line of the sidebar that a teacher, who may look at it, is not shown."""
    may_view = item["permission"]
    return {**item, "permission": lambda request: may_view(request) and not only_teaches(request.user)}


UNFOLD = {
    "SITE_TITLE": "AI Tutor",
    "SITE_HEADER": "AI Tutor",
    "SITE_SUBHEADER": "Staff console",
    "SITE_SYMBOL": "school",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "#eef4ff",
            "100": "#dbe6fe",
            "200": "#bfd3fe",
            "300": "#93b4fd",
            "400": "#608bfa",
            "500": "#3b66f6",
            "600": "#2549eb",
            "700": "#1d37d8",
            "800": "#1e2faf",
            "900": "#1e2e8a",
            "950": "#171e54",
        },
    },
    "LOGIN": {"form": "tutor_project.accounts.forms.ConsoleSignInForm"},
    "DASHBOARD_CALLBACK": "analytics_app.console.dashboard.dashboard_callback",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/favicon.svg")},
    ],
    "STYLES": [lambda request: static("console/console.css")],
    "SCRIPTS": [lambda request: static("console/console.js")],
    "SIDEBAR": {
        "show_search": False,
        "command_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {"title": "Dashboard", "icon": "dashboard", "link": reverse_lazy("admin:index")},
                    {
                        "title": "Review queue",
                        "icon": "rate_review",
                        "link": reverse_lazy("admin:review_queue"),
                        "permission": _may_view("sessions_app.view_question"),
                        "badge": "sessions_app.admin.badges.review_badge",
                    },
                    _item("Alerts", "notifications", "platform.alert"),
                ],
            },
            _group(
                "Class",
                *(
                    {
                        "title": title,
                        "icon": icon,
                        "link": reverse_lazy("admin:report", args=[report]),
                        "permission": _may_view("analytics_app.view_sessionanalytics"),
                    }
                    for title, icon, report in (
                        ("Who struggles", "sos", "struggling-learners"),
                        ("What is missed", "unpublished", "missed-questions"),
                        ("Reports", "monitoring", "mastery"),
                    )
                ),
            ),
            _group(
                "Learning",
                _item("Sessions", "school", "sessions_app.learningsession"),
                _item("Folders", "folder", "sessions_app.folder"),
                _item("Question bank", "quiz", "sessions_app.question", active=_in_bank),
                _item("Quizzes", "checklist", "sessions_app.quiz"),
                _item("Attempts", "grading", "sessions_app.quizattempt"),
                _item("Answers", "spellcheck", "sessions_app.answerrecord"),
                _item("Mastery", "psychology", "sessions_app.masterystate"),
                _item("Review cards", "event_repeat", "sessions_app.reviewcard"),
            ),
            _group(
                "Material",
                _item("Documents", "description", "documents_app.document"),
                _for_operators(_item("Analyses", "lab_research", "documents_app.sessionanalysis")),
                _for_operators(_item("Stored files", "hard_drive", "documents_app.storedfile")),
                _for_operators(_item("Embedding spaces", "hub", "documents_app.embeddingspace")),
            ),
            _group(
                "Operations",
                _for_operators(_item("Jobs", "deployed_code", "jobs_app.job")),
                _for_operators(_item("Schedules", "schedule", "django_celery_beat.periodictask")),
                _for_operators(_item("Processes", "memory", "jobs_app.processheartbeat")),
                _for_operators(_item("Health history", "monitor_heart", "jobs_app.systemstatus")),
                _for_operators(_item("Settings", "tune", "constance.config", permission="platform.view_configversion")),
                _for_operators(_item("Feature flags", "flag", "platform.flag")),
            ),
            _group(
                "Money and figures",
                _for_operators(_item("Spending ledger", "receipt_long", "analytics_app.spendreservation")),
                _for_operators(_item("Models", "smart_toy", "platform.modelprofile")),
                _for_operators(_item("Model prices", "sell", "analytics_app.modelprice")),
                _for_operators(_item("Session figures", "monitoring", "analytics_app.sessionanalytics")),
                _for_operators(_item("Lost facts", "report", "analytics_app.factloss")),
            ),
            _group(
                "People",
                _item("Accounts", "person", "accounts.user"),
                _for_operators(_item("Roles", "groups", "auth.group")),
                _for_operators(_item("Audit trail", "history", "admin.logentry")),
                _for_operators(_item("Setting changes", "manage_history", "platform.configversion")),
            ),
            _group(
                "More",
                _item("Messages", "forum", "sessions_app.message"),
                _item("Summaries", "short_text", "sessions_app.summary"),
                _item("Plans", "map", "sessions_app.plan"),
                _item("Lessons", "menu_book", "sessions_app.lesson"),
                _item("Reports", "summarize", "sessions_app.sessionreport"),
                _item("Question history", "history_edu", "sessions_app.questionrevision"),
                _for_operators(_item("Intervals", "timelapse", "django_celery_beat.intervalschedule")),
                _for_operators(_item("Crontabs", "calendar_clock", "django_celery_beat.crontabschedule")),
                collapsible=True,
            ),
        ],
    },
}

LOGIN_REDIRECT_URL = "admin:index"
