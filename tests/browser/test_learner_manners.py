"""What made learners stumble: where they find themselves after a step, and that nothing they did is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.axe import LOOKS
from tests.browser.learner import SAMPLE, ask, new_session, register, studied, upload
from tests.browser.stack import Stack

pytestmark = pytest.mark.browser

FOCUSED = "() => document.activeElement.closest('.question')?.querySelector('legend').textContent ?? document.activeElement.outerHTML"


def _new_quiz(page: Any) -> None:
    page.click(".tabs >> text=Quiz")
    page.click("text=New quiz")
    page.wait_for_selector("#quiz")


def test_words_parted_at_the_end_of_a_line_of_paper_are_whole_again(learner: Any) -> None:
    learner.goto("/learn")
    shown = "async (text) => (await import('/static/learn/dom.js')).h('p', {}, text).textContent"
    assert learner.evaluate(shown, "pancreat\u2010\nic juices, semi\u2010solid") == "pancreatic juices, semi\u2010solid"


def test_the_lesson_and_the_questions_to_the_material_are_two_talks(learner: Any) -> None:
    studied(learner, "alba")
    learner.click("text=Begin the lesson")
    learner.wait_for_selector("[data-action=next]")
    assert learner.locator("[data-action=previous]").count() == 0  # nothing lies before the first part
    while not learner.locator("form.question").count():
        learner.click("[data-action=next]")
        learner.wait_for_timeout(300)
    place = learner.locator("form.question").locator("input, textarea").first
    if place.get_attribute("type") == "radio":
        place.check()
    else:
        place.fill("a pigment of leaves")
    said = place.evaluate("(input) => input.closest('.option')?.lastChild.textContent ?? input.value")
    learner.click("form.question [type=submit]")
    learner.wait_for_selector(".reply")
    learner.fill("#own-question", "What does a pigment do?")
    learner.click("form:has(#own-question) button")
    learner.wait_for_selector(".reply .sources .cite")
    learner.click(".tabs >> text=Ask")
    learner.wait_for_selector(".ask")
    assert learner.locator(".said.learner").count() == 0
    learner.click(".tabs >> text=Lesson")
    learner.click("text=What was said in this lesson")
    learner.wait_for_selector(f".transcript li >> text={said}")


def test_a_new_quiz_and_another_attempt_begin_at_the_first_question(learner: Any) -> None:
    studied(learner, "boris")
    _new_quiz(learner)
    learner.wait_for_function("() => document.activeElement.closest('.question')")
    assert learner.evaluate(FOCUSED).startswith("1.")
    learner.click("text=Hand in")
    learner.wait_for_selector("#result")
    learner.click("text=Take it again")
    learner.wait_for_selector("#quiz")
    assert learner.evaluate(FOCUSED).startswith("1.")


def test_an_answer_given_without_a_connection_is_kept_when_it_is_back(learner: Any) -> None:
    studied(learner, "cleo")
    _new_quiz(learner)
    learner.context.set_offline(True)
    place = learner.locator("#quiz .question").first.locator("input, textarea").first
    choice = place.get_attribute("type") == "radio"
    if choice:
        place.check()
    else:
        place.fill("chlorophyll")
    learner.wait_for_selector("text=Not kept")
    learner.context.set_offline(False)
    learner.wait_for_selector("text=Your answers are kept.")
    learner.reload()
    learner.wait_for_selector("#quiz")
    place = learner.locator("#quiz .question").first.locator("input, textarea").first
    assert place.is_checked() if choice else place.input_value() == "chlorophyll"


def test_what_one_said_of_an_own_answer_is_shown_again(learner: Any) -> None:
    learner.goto("/learn")
    pressed = learner.evaluate(
        "async () => { const { outcome } = await import('/static/learn/views/questions.js');"
        "const item = { verdict: 'needs_review', question_text: 'Why?', is_correct: null, correct_option: 'so' };"
        "return [{}, { self_assessed: true }, { self_assessed: false }].map((said) => [...outcome({ ...item, ...said }, 'attempt')"
        ".querySelectorAll('[aria-pressed=true]')].map((button) => button.textContent)); }"
    )
    assert pressed == [[], ["It was right"], ["It was not"]]


def test_the_place_for_a_short_answer_leaves_it_to_the_question_whether_a_term_or_sentences_are_asked_for(
    learner: Any,
) -> None:
    learner.goto("/learn")
    place = learner.evaluate(
        "async () => { const { choices } = await import('/static/learn/views/questions.js');"
        "const shown = choices({ kind: 'short_answer', options: [], question: 'Write the term …' }, 'option', 'text');"
        "const { rows, placeholder, ariaLabel } = shown.querySelector('textarea'); return [rows, placeholder, ariaLabel]; }"
    )
    assert place == [1, "", "Your answer"]


def test_a_page_can_be_drawn_larger_and_the_viewer_is_left_by_its_first_control(learner: Any) -> None:
    register(learner, "dario")
    new_session(learner, "Photosynthesis as PDF")
    upload(learner, SAMPLE.with_suffix(".pdf"))
    learner.wait_for_selector("text=Key terms")
    learner.locator(".cite").first.focus()
    learner.keyboard.press("Enter")
    learner.wait_for_selector("#source .lit")
    assert learner.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Close"
    width = "() => document.querySelector('.sheet').offsetWidth"
    before = learner.evaluate(width)
    learner.click("text=Larger page")
    assert learner.evaluate(width) > 1.3 * before
    lit = learner.locator("#source .lit").first.bounding_box()
    place = learner.locator("#source .sheets").bounding_box()
    assert place["x"] <= lit["x"] <= place["x"] + place["width"]
    learner.keyboard.press("Escape")
    learner.locator(".cite").first.click()
    learner.wait_for_selector("#source .lit")
    assert learner.evaluate(width) > 1.3 * before


def test_a_session_leads_to_its_folder_and_a_menu_moves_nothing(learner: Any) -> None:
    register(learner, "elin")
    learner.fill("#new-session [name=title]", "Leaves")
    learner.fill("#new-session [name=name]", "Botany")
    learner.click("#new-session button")
    learner.wait_for_selector(".crumb >> text=Botany")
    top = "() => document.querySelector('.tabs').getBoundingClientRect().top"
    before = learner.evaluate(top)
    learner.click(".head .menu summary")
    learner.wait_for_selector("text=End the session")
    assert learner.evaluate(top) == before
    learner.click(".crumb a")
    learner.wait_for_selector("h1 >> text=Botany")


def test_a_new_name_is_shown_at_once(learner: Any) -> None:
    register(learner, "femi")
    learner.click("#bar >> text=femi")
    learner.fill("#display-name", "Femi O.")
    learner.click("#profile [type=submit]")
    learner.wait_for_selector("#notice.good")
    assert (learner.inner_text("h1"), learner.inner_text("#bar [aria-current]")) == ("Femi O.", "Femi O.")


def test_a_new_account_lives_in_the_time_zone_of_its_browser(stack: Stack, learner: Any) -> None:
    page = learner.context.browser.new_context(base_url=stack.url, timezone_id="America/Mexico_City").new_page()
    register(page, "gael")
    page.goto("/learn#account")
    page.wait_for_selector("#time-zone")
    assert page.input_value("#time-zone") == "America/Mexico_City"


def test_on_a_phone_the_keyboard_waits_until_it_is_wanted(stack: Stack, learner: Any) -> None:
    page = learner.context.browser.new_context(base_url=stack.url, **LOOKS["phone"], is_mobile=True).new_page()
    studied(page, "hedda")
    page.click(".tabs >> text=Ask")
    page.wait_for_selector(".ask")
    assert page.evaluate("() => document.activeElement.tagName") == "H1"
    assert ask(page, "What is chlorophyll?").locator(".cite").count() > 0
