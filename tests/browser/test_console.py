"""The staff console in Chromium, as a member of staff uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from documents_app.models import Document, DocumentContent
from jobs_app.models import Job
from jobs_app.services.scheduling import schedules_seed
from sessions_app.models import LearningSession, Question
from tests.support.console import make_question
from tutor_project.llm.engines import model_flag
from tutor_project.platform.flags import flags_seed
from tutor_project.platform.models import Flag

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUOTE = "Osmosis is the movement of water across a membrane."


@pytest.fixture
def world(staff: Any) -> dict[str, Any]:
    """What the console shows, made before the browser starts."""
    schedules_seed()
    flags_seed()
    session = LearningSession.objects.create(owner=staff, title="Cells")
    text = f"Cells are small and full of water. {QUOTE} It costs the cell no energy."
    document = Document.objects.create(
        owner=staff,
        session_id=session.pk,
        filename="cells.pdf",
        mime_type="application/pdf",
        size=1,
        status="completed",
    )
    DocumentContent.objects.create(
        document=document, text=text, pages=[{"page": 1, "char_start": 0, "char_end": len(text)}]
    )
    start = text.index(QUOTE)
    evidence = {
        "document_id": str(document.pk), "filename": "cells.pdf", "page_start": 1, "page_end": 1, "char_start": start,
        "char_end": start + len(QUOTE), "text": QUOTE,
    }  # fmt: skip
    question = make_question(
        session, 1, state=Question.State.QUARANTINED, evidence=[evidence],
        failures=[{"rule": "ambiguous", "detail": "Two options fit the evidence."}],
    )  # fmt: skip
    for number in range(12):
        Job.objects.create(
            job_type="ping", status="failed" if number == 5 else "completed", owner=staff, completed_at=timezone.now(),
            error_code="document_unreadable" if number == 5 else None,
        )  # fmt: skip
    return {
        "question": question.pk,
        "task": PeriodicTask.objects.get(name="health-check").pk,
        "interval": IntervalSchedule.objects.create(every=7, period="minutes").pk,
        "flag": Flag.objects.get(name=model_flag("quiz")).pk,
    }


def test_a_day_at_the_console(
    world: dict[str, Any], page: Any, sign_in: Callable[[str], None], picture: Callable[[str], None]
) -> None:
    sign_in("staff")
    _look_at_the_dashboard(page, picture)
    _retry_a_failed_job(page, picture)
    _edit_a_schedule(page, picture, world)
    _flip_a_flag(page, picture, world)
    _change_a_setting_and_go_back(page, picture)
    _work_the_review_queue(page, picture, world)


def _look_at_the_dashboard(page: Any, picture: Callable[[str], None]) -> None:
    canvases = page.locator("canvas.chart")
    assert canvases.count() >= 1
    drawn = page.evaluate(
        "() => { const all = [...document.querySelectorAll('canvas.chart')].map("
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)); return all.every(v => v); }"
    )
    assert drawn
    picture("dashboard")
    page.click("text=Last 7 days")
    assert page.locator("a[aria-current=page]", has_text="Last 7 days").count() == 1


def _retry_a_failed_job(page: Any, picture: Callable[[str], None]) -> None:
    page.goto("/admin/jobs_app/job/?status__exact=failed")
    assert page.locator("text=document_unreadable").count() >= 1
    picture("failed-jobs")
    page.check("input[name=_selected_action]")
    page.select_option("select[name=action]", "retry")
    page.click("button[name=index]")
    page.wait_for_selector("text=1 job given back to the workers.")


def _edit_a_schedule(page: Any, picture: Callable[[str], None], world: dict[str, Any]) -> None:
    page.goto("/admin/django_celery_beat/periodictask/")
    picture("schedules")
    page.goto(f"/admin/django_celery_beat/periodictask/{world['task']}/change/")
    page.select_option("select[name=interval]", str(world["interval"]))
    page.click("button[name=_save]")
    page.wait_for_selector("text=was changed successfully")
    assert page.locator("text=every 7 minutes").count() >= 1


def _flip_a_flag(page: Any, picture: Callable[[str], None], world: dict[str, Any]) -> None:
    page.goto(f"/admin/platform/flag/{world['flag']}/change/")
    page.fill("input[name=percent]", "10")
    picture("flag")
    page.click("button[name=_save]")
    page.wait_for_selector("text=was changed successfully")
    assert page.locator("text=10 %").count() == 1


def _change_a_setting_and_go_back(page: Any, picture: Callable[[str], None]) -> None:
    page.goto("/admin/constance/config/#Spend")
    page.fill("input[name=SPEND_CAP_DAY]", "25")
    page.fill("input[name=reason]", "Yesterday was expensive.")
    picture("settings")
    page.click("button[name=_save]")
    page.wait_for_selector("text=Changed SPEND_CAP_DAY")
    page.fill("input[name=SPEND_CAP_DAY]", "50")
    page.fill("input[name=reason]", "A little more for the exam week.")
    page.click("button[name=_save]")
    page.wait_for_selector("text=2 versions")
    page.goto("/admin/constance/config/SPEND_CAP_DAY/versions/")
    page.wait_for_selector("text=Yesterday was expensive.")
    picture("setting-history")
    page.click("text=Go back to this")
    page.wait_for_selector("text=SPEND_CAP_DAY is 25.0 again")


def _work_the_review_queue(page: Any, picture: Callable[[str], None], world: dict[str, Any]) -> None:
    page.goto("/admin/sessions_app/question/review/")
    picture("review-queue")
    page.click(f"a[href$='/review/{world['question']}/']")
    assert page.inner_text("mark") == QUOTE
    picture("review-question")
    page.fill("#reason", "Only one option fits.")
    page.click("button[value=approve]")
    page.wait_for_selector("text=The question is published now (version 2).")
    page.wait_for_selector("text=No question waits.")
