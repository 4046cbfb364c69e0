"""The staff console in Chromium, as a member of staff uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from jobs_app.models import Job
from jobs_app.runner import job_run
from jobs_app.services.scheduling import schedule_fire, schedules_seed
from tests.browser.course import make_course
from tutor_project.common.readable import name_words
from tutor_project.llm.engines import model_flag
from tutor_project.platform.flags import flags_seed
from tutor_project.platform.models import Flag

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUOTE = "Chlorophyll a is the main pigment of photosynthesis."


@pytest.fixture
def world(staff: Any, _own_folders: None) -> dict[str, Any]:
    """What the console shows, made before the browser starts."""
    schedules_seed()
    flags_seed()
    made = make_course()
    for schedule in ("health-check", "job-cleanup", "analytics-rollup"):
        schedule_fire(schedule=schedule)
    while waiting := Job.objects.filter(status="pending", is_group=False).order_by("id").first():
        job_run(job_id=waiting.pk, worker="worker-1")
    for _ in range(4):
        Job.objects.create(job_type="ping", status="completed", owner=staff, completed_at=timezone.now())
    Job.objects.create(
        job_type="ping", status="failed", owner=staff, completed_at=timezone.now(), max_attempts=1,
        error_code="job_crashed", error_message="The worker ended in the middle.",
    )  # fmt: skip
    return {
        **made,
        "task": PeriodicTask.objects.get(name="health-check").pk,
        "interval": IntervalSchedule.objects.create(every=7, period="minutes").pk,
        "flag": Flag.objects.get(name=model_flag("quiz")).pk,
    }


def test_a_day_at_the_console(
    world: dict[str, Any], page: Any, sign_in: Callable[[str], None], picture: Callable[[str], None]
) -> None:
    sign_in("staff")
    _look_at_the_dashboard(page, picture)
    _retry_a_failed_upload(page, picture, world)
    _retry_a_failed_job(page, picture)
    _see_why_yesterday_was_expensive(page, picture)
    _zoom_into_a_part_of_a_day(page)
    _embed_again(page, picture)
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
    _follow(page, page.locator("text=Last 7 days"))
    assert page.locator("a[aria-current=page]", has_text="Last 7 days").count() == 1


def _follow(page: Any, link: Any) -> None:
    """Click and wait for the next page, which may hold the same words as this one."""
    with page.expect_navigation():
        link.click()


def _act(page: Any, action: str, said: str) -> None:
    page.select_option("select[name=action]", action)
    page.click("button[name=index]")
    page.wait_for_selector(f"text={said}")


def _retry_a_failed_upload(page: Any, picture: Callable[[str], None], world: dict[str, Any]) -> None:
    page.goto("/admin/documents_app/document/?status__exact=failed")
    assert page.locator("text=lecture-3.pdf").count() == 1
    page.check("input[name=_selected_action]")
    page.select_option("select[name=action]", "retry")
    picture("failed-upload")
    _act(page, "retry", "1 document queued again.")
    page.goto(f"/admin/documents_app/document/{world['failed']}/change/")
    assert page.locator("text=pending").count() >= 1


def _see_why_yesterday_was_expensive(page: Any, picture: Callable[[str], None]) -> None:
    page.goto("/admin/?range=yesterday")
    page.locator(".console-tables").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.console-tables').scrollIntoView()")
    assert page.locator("article", has_text="Spend by model").locator("text=course-model-large").count() == 1
    assert page.locator("article", has_text="Who spent most").locator("tbody tr").first.inner_text().startswith("deniz")
    picture("spend-yesterday")
    page.locator("article", has_text="Who spent most").locator("text=deniz").click()
    page.wait_for_selector("#result_list tbody >> text=deniz")
    page.go_back()
    _from_a_peak_to_its_calls(page)
    page.goto("/admin/?range=yesterday")
    page.click("text=Set a cap")
    page.wait_for_url("**/constance/config/#Spend")


def _from_a_peak_to_its_calls(page: Any) -> None:
    """Two clicks: the chart as a table, the hour."""
    page.click("text=Spend as a table")
    page.locator("details[open] tbody a").first.click()
    page.wait_for_selector("#result_list tbody tr")
    assert page.locator("#result_list").locator("text=course-model-").count() >= 1


def _zoom_into_a_part_of_a_day(page: Any) -> None:
    """By dragging over a chart, by the two fields, by a row of the table, and out again."""
    page.goto("/admin/?range=yesterday")
    chart = page.locator("canvas[data-moments]").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 90, steps=4)
    page.mouse.up()
    page.wait_for_url("**/admin/?from=*")
    start, end = (page.input_value(f"input[name={name}]") for name in ("from", "to"))
    hours = int(end[11:13]) - int(start[11:13])
    assert 3 <= hours <= 7
    page.fill("input[name=to]", f"{start[:11]}{int(start[11:13]) + 2:02}:00")
    _follow(page, page.locator("text=Show"))
    page.click("text=Requests as a table")
    assert page.locator("details[open] tbody tr").count() > 3  # five minutes each
    _follow(page, page.locator("text=Zoom out"))
    page.click("text=Requests as a table")
    _follow(page, page.locator("details[open] a", has_text="closer").first)
    one_hour = [int(page.input_value(f"input[name={name}]")[11:13]) for name in ("from", "to")]
    assert (one_hour[1] - one_hour[0]) % 24 == 1


def _embed_again(page: Any, picture: Callable[[str], None]) -> None:
    page.goto("/admin/documents_app/document/?status__exact=completed")
    page.check("input[name=_selected_action]")
    page.select_option("select[name=action]", "reembed")
    picture("reembed")
    _act(page, "reembed", "1 document given to the embedder again.")
    page.goto("/admin/documents_app/embeddingspace/")
    page.check("input[name=_selected_action]")
    _act(page, "reembed", "1 embedding space given to the embedder, document by document.")
    for kind in ("document_reembed", "space_reembed"):
        page.goto(f"/admin/jobs_app/job/?job_type={kind}")
        assert page.locator("#result_list tbody tr", has_text=name_words(kind)).count() == 1


def _retry_a_failed_job(page: Any, picture: Callable[[str], None]) -> None:
    page.goto("/admin/jobs_app/job/?status__exact=failed")
    assert page.locator("text=job_crashed").count() >= 1
    picture("failed-jobs")
    page.locator("tr", has_text="job_crashed").locator("input[name=_selected_action]").check()
    _act(page, "retry", "1 job given back to the workers.")


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
    page.wait_for_selector("text=SPEND_CAP_DAY is 25 again")


def _work_the_review_queue(page: Any, picture: Callable[[str], None], world: dict[str, Any]) -> None:
    page.goto("/admin/sessions_app/question/review/")
    picture("review-queue")
    page.click(f"a[href$='/review/{world['question']}/']")
    assert page.inner_text("mark") == QUOTE
    assert page.locator("text=gone or changed").count() == 0
    picture("review-question")
    page.fill("#reason", "Only one option fits.")
    page.click("button[value=approve]")
    page.wait_for_selector("text=The question is published now (version 2).")
    page.wait_for_selector("text=No question waits.")
