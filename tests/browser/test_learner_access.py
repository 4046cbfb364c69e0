"""The learner's page for everybody: no violation that axe finds, and the whole journey by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.axe import LOOKS, faults_of
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.browser.learner import SAMPLE, name_exam, new_session, register, upload
from tests.browser.stack import Stack

pytestmark = pytest.mark.browser

TABS_UNTIL_FOUND = 80


@pytest.fixture
def opened(stack: Stack) -> Iterator[Any]:
    """Return a way to open the page in one of the looks; scripts of tests may run beside the page's policy."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)

        def page(look: str) -> Any:
            context = browser.new_context(base_url=stack.url, bypass_csp=True, **LOOKS[look])
            made = context.new_page()
            made.set_default_timeout(90_000)
            made.on("dialog", lambda dialog: dialog.accept())
            return made

        yield page
        browser.close()


@pytest.mark.parametrize("look", list(LOOKS))
def test_every_view_is_clean(opened: Any, look: str) -> None:
    page = opened(look)
    page.goto("/learn")
    page.wait_for_selector("#login")
    faults = faults_of(page, "sign-in")
    register(page, f"looker-{look}")
    faults += faults_of(page, "home, empty")
    session = new_session(page, "Photosynthesis")
    upload(page, SAMPLE.with_suffix(".pdf"))
    page.wait_for_selector("text=Key terms")
    faults += faults_of(page, "material")
    page.click(".cite >> nth=0")
    page.wait_for_selector("#source .lit")
    faults += faults_of(page, "source")
    page.keyboard.press("Escape")
    page.click(".tabs >> text=Plan")
    page.click("text=Make a plan")
    page.wait_for_selector(".steps")
    faults += faults_of(page, "plan")
    page.click(".tabs >> text=Lesson")
    page.click("text=Write the lesson")
    page.wait_for_selector("[data-action=next]")
    page.click(".contents summary")
    faults += faults_of(page, "lesson")
    page.click("[data-action=next]")
    page.wait_for_selector("form.question")
    faults += faults_of(page, "lesson, question")
    page.click(".tabs >> text=Quiz")
    page.click("text=New quiz")
    page.wait_for_selector("#quiz")
    page.click("text=Flashcards")
    page.click("text=Turn the card")
    faults += faults_of(page, "quiz")
    page.click("text=Hand in")
    page.wait_for_selector("#result")
    faults += faults_of(page, "result")
    page.click(".tabs >> text=Ask")
    page.fill(".ask input", "What is chlorophyll?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".said.tutor:last-child:not([aria-busy]) .cite")
    faults += faults_of(page, "ask")
    page.click(".tabs >> text=Progress")
    name_exam(page)
    page.click(".concept >> nth=0")
    page.wait_for_selector(".map path.near", state="attached")
    faults += faults_of(page, "progress")
    for view in ("reviews", "account", ""):
        page.goto(f"/learn#{view}")
        page.wait_for_selector("h1")
        page.wait_for_load_state("networkidle")
        faults += faults_of(page, view or "home")
    page.goto(f"/learn#sessions/{session}/lesson/0")
    page.wait_for_selector(".reading")
    faults += faults_of(page, "reading")
    assert faults == []


def _reach(page: Any, name: str) -> None:
    """Press Tab until the control of that name has the focus, as somebody without a mouse does."""
    for _ in range(TABS_UNTIL_FOUND):
        focused = page.evaluate(
            "() => { const at = document.activeElement; return at.ariaLabel || at.labels?.[0]?.textContent || at.textContent; }"
        )
        if focused.strip() == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name!r} cannot be reached by keyboard")


def _press(page: Any, name: str) -> None:
    _reach(page, name)
    page.keyboard.press("Enter")


def _write(page: Any, name: str, text: str) -> None:
    _reach(page, name)
    page.keyboard.type(text)


def test_the_whole_journey_by_keyboard_alone(opened: Any) -> None:
    page = opened("light")
    page.goto("/learn")
    page.wait_for_selector("#login")
    _press(page, "I have no account yet")
    _write(page, "User name", "tabea")
    _write(page, "Password, at least 8 characters", "correct horse 9")
    page.keyboard.press("Enter")
    page.wait_for_selector("#new-session")
    _write(page, "What do you want to learn?", "Photosynthesis")
    page.keyboard.press("Enter")
    page.wait_for_selector(".drop")
    with page.expect_file_chooser() as chooser:
        _press(page, "Choose files")
    chooser.value.set_files(SAMPLE)
    page.wait_for_selector("text=Key terms")
    _press(page, "Begin the lesson")
    page.wait_for_selector("[data-action=next]")
    _press(page, "Go on")
    page.wait_for_selector("form.question")
    _press(page, "Give me a hint")
    page.wait_for_selector("text=Hint 1 of")
    _press(page, "Quiz")
    page.wait_for_selector("#new-quiz")
    _press(page, "New quiz")
    page.wait_for_selector("#quiz")
    for question in page.locator("#quiz .question").all():
        control = question.locator("input, textarea").first
        for _ in range(TABS_UNTIL_FOUND):
            if control.evaluate("(element) => element === document.activeElement"):
                break
            page.keyboard.press("Tab")
        # A digit chooses an option and is a wrong answer in words.
        page.keyboard.press("1")
    _press(page, "Hand in")
    page.wait_for_selector("#result")
    assert page.evaluate("() => document.activeElement.closest('#result') !== null")
    _press(page, "Reviews")
    page.wait_for_selector("h1 >> text=Reviews")
    assert page.title() == "Reviews · AI Tutor"


YESTERDAY = (
    "from datetime import timedelta; from django.db.models import F; from sessions_app.models import ReviewCard; "
    "print(ReviewCard.objects.update(due_at=F('due_at') - timedelta(days=30), "
    "last_reviewed_at=F('last_reviewed_at') - timedelta(days=30)))"
)
"""A month passes for every card."""


def test_the_whole_journey_on_a_phone_ends_with_a_review(opened: Any, stack: Stack) -> None:
    page = opened("phone")
    register(page, "ugo")
    new_session(page, "Photosynthesis")
    upload(page, SAMPLE)
    page.tap("text=Begin the lesson")
    page.wait_for_selector("[data-action=next]")
    page.tap("[data-action=next]")
    page.wait_for_selector("form.question")
    page.tap(".tabs >> text=Quiz")
    page.tap("text=New quiz")
    page.wait_for_selector("#quiz")
    for question in page.locator("#quiz .question").all():
        options = question.locator("input[type=radio]")
        if options.count():
            options.first.tap()
        else:
            question.locator("input, textarea").first.fill("chlorophyll")
    page.tap("text=Hand in")
    page.wait_for_selector("#result")
    moved = stack.run("manage.py", "shell", "-c", YESTERDAY)
    assert int(moved.stdout.split()[-1]) > 0, moved.stderr
    page.goto("/learn#")
    page.tap("nav >> text=Reviews")
    page.wait_for_selector("text=/1 of \\d/")
    page.tap("text=I do not know")
    page.wait_for_selector("text=Comes back")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
