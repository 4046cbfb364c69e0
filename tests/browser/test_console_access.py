"""The staff console for everybody: no violation that axe finds, in light, dark and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from analytics_app.models import SessionAnalytics, SpendReservation
from documents_app.models import Document
from jobs_app.models import Job
from jobs_app.services.scheduling import schedules_seed
from sessions_app.models import Folder, LearningSession, Question
from tests.browser.axe import AXE, COLOURS, LOOKS, faults_of
from tests.browser.conftest import CHROMIUM, PASSWORD, SWITCHES
from tests.browser.course import make_course
from tutor_project.platform.flags import flags_seed
from tutor_project.platform.models import Flag

SHOWN = (Document, LearningSession, Job, Flag, PeriodicTask)
REPORTS = ("struggling-learners", "retention")
SETTLE = """() => new Promise((done) => setTimeout(done, 50)).then(() => {
  for (const change of document.getAnimations()) if (change instanceof CSSTransition) change.finish();
})"""
"""What the console's script does after the page has loaded is done, and no colour is half faded."""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(staff: Any, _own_folders: None) -> dict[str, Any]:
    """What the console shows, made before the browser starts."""
    schedules_seed()
    flags_seed()
    made = make_course()
    return {**made, "folder": _path(Folder, "change", Folder.objects.first().pk)}


@pytest.fixture
def paths(world: dict[str, Any]) -> list[str]:
    """The console's own pages, lists and forms; found before the browser's loop runs."""
    own = ["/admin/?range=week", *(reverse("admin:report", args=[name]) for name in REPORTS)]
    own += [reverse("admin:review_queue"), reverse("admin:review_question", args=[world["question"]])]
    own += [reverse("admin:learner", args=[Document.objects.get(pk=world["failed"]).owner_id])]
    own += ["/admin/constance/config/", "/admin/constance/config/SPEND_CAP_DAY/versions/", "/admin/password_change/"]
    lists = [
        _path(model, "changelist") for model in (*SHOWN, Question, SpendReservation, SessionAnalytics, get_user_model())
    ]
    return [*own, *lists, *(_path(model, "change", model.objects.first().pk) for model in SHOWN)]


def _path(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def opened(paths: list[str], live_server: Any) -> Iterator[Any]:
    """A page of the console in the dark; axe may run beside the console's policy."""
    if CHROMIUM is None:
        pytest.skip("No chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        context = browser.new_context(base_url=live_server.url, bypass_csp=True, **LOOKS["dark"])
        context.add_init_script(path=AXE)
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def _in_every_look(page: Any, view: str) -> list[str]:
    """Return what is wrong in the dark, in the light and on a phone; a page is asked for once, as that is the slow part."""
    assert page.evaluate("() => document.documentElement.classList.contains('dark')")
    page.evaluate(SETTLE)
    faults = faults_of(page, f"{view}, dark")
    page.evaluate("() => document.documentElement.classList.remove('dark')")
    page.evaluate(SETTLE)
    faults += faults_of(page, f"{view}, light", COLOURS)
    page.set_viewport_size(LOOKS["phone"]["viewport"])
    page.evaluate(SETTLE)
    faults += faults_of(page, f"{view}, phone")
    page.set_viewport_size(LOOKS["dark"]["viewport"])
    return faults


def test_every_page_is_clean(opened: Any, paths: list[str], world: dict[str, Any]) -> None:
    page = opened
    page.goto("/admin/login/")
    faults = _in_every_look(page, "sign-in")
    page.fill("input[name=username]", "staff")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")
    for path in paths:
        page.goto(path)
        faults += _in_every_look(page, path)
    page.goto(world["folder"])
    page.click(".select2-selection")
    page.wait_for_selector(".select2-results__option[role=option]")
    faults += faults_of(page, "a chooser that is open", [*COLOURS, "label", "aria-required-attr"])
    assert faults == [], "\n".join(faults)
