"""Practice, talk, manners and languages of the learner's page in Chromium."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.learner import PASSWORD, SAMPLE, ask, name_exam, new_session, register, studied, upload

pytestmark = pytest.mark.browser


def _new_quiz(page: Any) -> None:
    page.click(".tabs >> text=Quiz")
    page.click("text=New quiz")
    page.wait_for_selector("#quiz")


def test_a_quiz_is_taken_again_at_what_was_missed_one_question_at_a_time(learner: Any) -> None:
    studied(learner, "karla")
    _new_quiz(learner)
    learner.check("text=One question at a time")
    for number in range(1, 6):
        learner.wait_for_selector(f"text=Question {number} of 5")
        shown = learner.locator("#quiz .question:visible")
        assert shown.count() == 1
        option = shown.locator("input, textarea").first
        option.focus()
        learner.keyboard.press("1")  # chooses the first option, or is written where words are asked for
        assert option.is_checked() if option.get_attribute("type") == "radio" else option.input_value() == "1"
        if number < 5:
            learner.click("text=Next question")
    learner.click("text=Hand in")
    learner.wait_for_selector("#result")
    assert learner.inner_text("#result h2") in ("Passed", "Not passed yet")  # the sentence below has the score
    right = int(re.match(r"(\d+) of 5", learner.inner_text("#result p"))[1])
    if right:
        learner.click("text=Only the missed ones again")
    else:
        learner.click("text=Take it again")
    learner.wait_for_selector(f"text=Question 1 of {5 - right}")
    learner.uncheck("text=One question at a time")
    assert learner.locator("#quiz .question:visible").count() == 5 - right
    learner.click("text=Hand in")
    learner.wait_for_selector("#result")
    learner.click(".tabs >> text=Progress")
    learner.wait_for_selector(".mastery li")
    name_exam(learner)


def test_terms_are_flashcards(learner: Any) -> None:
    studied(learner, "lena")
    learner.click(".tabs >> text=Quiz")
    learner.click("text=Flashcards")
    first = learner.inner_text(".flashcards h3")
    learner.click("text=Turn the card")
    learner.wait_for_selector(".flashcards .cite")
    learner.click("text=I knew it")
    learner.wait_for_selector("text=1 of")
    assert learner.inner_text(".flashcards h3") != first


def test_answers_say_how_far_the_material_answers_and_who_wrote_them(learner: Any) -> None:
    studied(learner, "mona")
    learner.click(".tabs >> text=Ask")
    idea = learner.locator(".ideas button").first
    idea.click()
    learner.wait_for_selector(".said.tutor:last-child:not([aria-busy]) .cite")
    answer = learner.locator(".said.tutor").last
    assert "without a language model" in answer.inner_text()
    answer.locator(".excerpt mark").first.wait_for()  # the passage is drawn when its document has come
    refused = ask(learner, "Who won the football match on Sunday?")
    assert refused.locator(".verdict").count() == 1
    # The newest question is in view, and the lesson's talk is elsewhere.
    assert learner.locator(".said.learner").last.evaluate(
        "(element) => { const { top, bottom } = element.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; }"
    )
    learner.click(".tabs >> text=Lesson")
    learner.click("text=Write the lesson")
    learner.wait_for_selector("[data-action=next]")
    learner.click("text=What was said in this lesson")
    learner.wait_for_selector(".transcript li")
    assert "football" not in learner.inner_text(".transcript")


def test_the_parts_of_a_lesson_are_reached_from_the_plan_and_the_contents(learner: Any) -> None:
    studied(learner, "nora")
    learner.click(".tabs >> text=Plan")
    learner.click("text=Make a plan")
    learner.wait_for_selector(".steps a")
    learner.click(".tabs >> text=Lesson")
    learner.click("text=Write the lesson")
    learner.wait_for_selector("[data-action=next]")
    learner.click(".tabs >> text=Plan")
    step = learner.locator(".steps a").nth(1)
    title = step.inner_text()
    step.click()
    learner.wait_for_selector(f".reading h2 >> text={title}")
    learner.click(".contents summary")
    learner.click(".contents a >> nth=0")
    learner.wait_for_selector(".contents")
    learner.click("text=Go on with the lesson")
    learner.wait_for_selector("[data-action=next]")


def test_folders_hold_sessions_are_renamed_and_asked_as_a_whole(learner: Any) -> None:
    studied(learner, "olga")
    learner.click("a.brand")
    learner.fill("#new-session [name=title]", "Empty so far")
    learner.fill("#new-session [name=name]", "Biology")
    learner.click("#new-session button")
    learner.wait_for_selector(".drop")
    learner.click("a.brand")
    learner.click("a.session >> text=Photosynthesis")
    learner.click(".head .menu summary")
    learner.click("text=Rename or move")
    learner.fill(".head [name=title]", "Leaves")
    learner.select_option(".head [name=folder_id]", label="Biology")
    learner.click(".head button[type=submit]")
    learner.wait_for_selector("h1 >> text=Leaves")
    learner.click("a.brand")
    learner.click("h2 >> text=Biology")
    learner.wait_for_selector("a.session >> text=Leaves")
    assert ask(learner, "What is chlorophyll?").locator(".cite").count() > 0
    learner.click(".head .menu summary")
    learner.click("text=Rename the folder")
    learner.fill(".head [name=name]", "Botany")
    learner.click(".head button[type=submit]")
    learner.wait_for_selector("h1 >> text=Botany")
    learner.click(".head .menu summary")
    learner.keyboard.press("Escape")
    assert not learner.is_visible("text=Delete the folder")
    learner.click(".head .menu summary")
    learner.click("text=Delete the folder")
    learner.wait_for_selector("a.session >> text=Leaves")
    assert not learner.is_visible("h2 >> text=Botany")


def test_what_is_wrong_is_said_beside_the_field(learner: Any) -> None:
    register(learner, "paula")
    learner.click("#bar >> text=Sign out")
    learner.click("text=I have no account yet")
    learner.fill("#new-name", "paula")
    learner.fill("#new-password", "short")
    learner.click("#register button[type=submit]")
    learner.wait_for_selector("#new-password[aria-invalid], #new-name[aria-invalid]")
    wrong = learner.locator("#register [aria-invalid]").first
    said = learner.locator(f"#{wrong.get_attribute('aria-describedby')}")
    assert said.inner_text()
    assert wrong.evaluate("(element) => element === document.activeElement")


def test_a_lost_connection_is_said_and_comes_back(learner: Any) -> None:
    register(learner, "quentin")
    learner.context.set_offline(True)
    learner.click("#bar >> text=Reviews")
    learner.wait_for_selector("#offline >> text=No connection")
    learner.context.set_offline(False)
    learner.wait_for_selector("h1 >> text=Reviews")
    learner.wait_for_selector("#offline", state="hidden")


def test_a_new_tab_is_signed_in_too_and_out_with_the_first(learner: Any) -> None:
    register(learner, "rosa")
    other = learner.context.new_page()
    other.goto("/learn#account")
    other.wait_for_selector("h1 >> text=rosa")
    learner.click("#bar >> text=Sign out")
    other.wait_for_selector("#login")


def test_the_page_speaks_the_language_of_the_account(learner: Any) -> None:
    register(learner, "silke")
    learner.click("#bar >> text=silke")
    learner.select_option("#language", "de")
    learner.click("#profile button[type=submit]")
    learner.wait_for_selector("#bar >> text=Meine Sitzungen")
    assert learner.get_attribute("html", "lang") == "de"
    learner.select_option("#language", "pt")
    learner.click("#profile button[type=submit]")
    learner.wait_for_selector("#bar >> text=As minhas sessões")


def test_a_password_is_changed_and_the_old_one_is_gone(learner: Any) -> None:
    register(learner, "theo")
    learner.click("#bar >> text=theo")
    learner.click("text=My password")
    learner.fill("#current", "not the password")
    learner.fill("#new", "another horse 10")
    learner.click("text=Change the password")
    learner.wait_for_selector("[role=alert], #notice.bad")
    learner.fill("#current", PASSWORD)
    learner.fill("#new", "another horse 10")
    learner.click("text=Change the password")
    learner.wait_for_selector("#notice.good")
    learner.click("#bar >> text=Sign out")
    learner.fill("#login-name", "theo")
    learner.fill("#login-password", "another horse 10")
    learner.click("#login >> text=Sign in")
    learner.wait_for_selector("#new-session")


def test_files_are_dropped_anywhere_on_the_page(learner: Any) -> None:
    register(learner, "uli")
    new_session(learner, "Dropped")
    learner.evaluate(
        "(text) => { const held = new DataTransfer(); held.items.add(new File([text], 'leaf.md', { type: 'text/markdown' }));"
        "for (const type of ['dragover', 'drop']) document.querySelector('h1')"
        ".dispatchEvent(new DragEvent(type, { dataTransfer: held, bubbles: true, cancelable: true })); }",
        SAMPLE.read_text(),
    )
    learner.wait_for_selector("li[data-document] >> text=leaf.md")


def test_the_documents_that_are_asked_can_be_picked_by_keyboard(learner: Any) -> None:
    register(learner, "xenia")
    new_session(learner, "Cells")
    notes = {
        "membrane.md": "The plasma membrane is a bilayer of phospholipids.",
        "nerve.md": "Myelin is the wrapping of an axon.",
    }
    upload(
        learner, *({"name": name, "mimeType": "text/markdown", "buffer": text.encode()} for name, text in notes.items())
    )
    learner.wait_for_selector(".documents > li:nth-child(2)")
    learner.wait_for_selector(".documents [data-job]", state="detached")
    learner.click(".tabs >> text=Ask")
    summary = learner.locator(".picker summary")
    assert summary.inner_text() == "Asks all 2 documents"
    summary.press("Enter")
    learner.wait_for_selector(".picker label")
    learner.get_by_role("checkbox", name="membrane.md").press("Space")
    assert summary.inner_text() == "Asks 1 of 2 documents"
    assert "bilayer" not in ask(learner, "What is the plasma membrane?").inner_text()
    assert "wrapping" in ask(learner, "What is myelin?").inner_text()
    learner.get_by_role("checkbox", name="nerve.md").press("Space")
    learner.fill(".ask input", "What is myelin?")
    learner.keyboard.press("Enter")
    learner.wait_for_selector("text=Pick at least one document.")
    assert learner.locator(".said.learner").count() == 2
    learner.click(".picker >> text=All")
    assert summary.inner_text() == "Asks all 2 documents"


def test_concepts_are_a_map_of_what_builds_on_what(learner: Any) -> None:
    studied(learner, "yara")
    learner.click(".tabs >> text=Progress")
    learner.click("section >> text=Make a plan")
    learner.click("button >> text=Make a plan")
    learner.wait_for_selector(".steps")
    learner.click(".tabs >> text=Progress")
    learner.wait_for_selector(".map path", state="attached")
    assert learner.locator(".map > ol > li").count() >= 2
    starts_above_its_end = "(path) => path.getPointAtLength(0).y < path.getPointAtLength(path.getTotalLength()).y"
    assert all(path.evaluate(starts_above_its_end) for path in learner.locator(".map path").all())
    below = learner.locator(".map > ol > li:last-child .concept").first
    below.press("Enter")
    assert below.get_attribute("aria-pressed") == "true"
    told = learner.locator(".told")
    assert "builds on" in told.inner_text()
    assert learner.locator(".map path.near").count() >= 1
    learner.click("section >> text=As a table")
    assert learner.locator("table tbody tr", has_text=re.split(r"\W*\n", below.inner_text()[2:])[0]).count() >= 1
    told.locator("button").click()
    learner.wait_for_selector("#quiz")


def test_a_map_has_rows_by_what_builds_on_what(learner: Any) -> None:
    learner.goto("/learn")
    layers = "async ([names, needs]) => (await import('/static/learn/map.js')).layers(names, needs)"
    needs = {"c": ["a", "b"], "d": ["c", "a"], "b": ["a"]}
    assert learner.evaluate(layers, [["alone", "c"], needs]) == [["a"], ["b"], ["c"], ["d"]]
    circle = learner.evaluate(layers, [[], {"a": ["b"], "b": ["a"]}])
    assert sorted(name for row in circle if row for name in row) == ["a", "b"]
