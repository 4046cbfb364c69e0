"""The console for everybody: no violation of WCAG 2.2 AA that axe finds, and the review queue by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from jobs_app.services.scheduling import schedules_seed
from tests.browser.course import make_course
from tutor_project.platform.flags import flags_seed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def course(staff: Any, _own_folders: None) -> dict[str, Any]:
    schedules_seed()
    flags_seed()
    return make_course()


def _addresses(course: dict[str, Any], staff: Any) -> list[str]:
    return [
        "/admin/",
        *(reverse("admin:report", args=[name]) for name in ("struggling-learners", "missed-questions", "mastery")),
        reverse("admin:learner", args=[staff.pk]),
        reverse("admin:review_queue"),
        reverse("admin:review_question", args=[course["question"]]),
        reverse("admin:jobs_app_job_changelist"),
        reverse("admin:documents_app_document_change", args=[course["failed"]]),
        reverse("admin:constance_config_changelist"),
        reverse("admin:django_celery_beat_periodictask_changelist"),
        reverse("admin:accounts_user_change", args=[staff.pk]),
        reverse("admin:platform_modelprofile_add"),
    ]


def _faults(page: Any) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(
        "async (tags) => (await axe.run(document, { runOnly: { type: 'tag', values: tags } })).violations"
        ".map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)",
        RULES,
    )
    return [f"{page.url}: {fault}" for fault in found]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_in_the_console(
    course: dict[str, Any], staff: Any, page: Any, sign_in: Callable[[str], None], look: str
) -> None:
    page.emulate_media(color_scheme=look)
    sign_in("staff")
    faults = []
    for address in _addresses(course, staff):
        page.goto(address)
        page.wait_for_load_state("load")
        faults += _faults(page)
    assert faults == []


def test_the_review_queue_is_walked_by_keyboard(
    course: dict[str, Any], page: Any, sign_in: Callable[[str], None]
) -> None:
    sign_in("staff")
    page.goto(reverse("admin:review_queue"))
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("input[name=question]:checked").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector("mark")
