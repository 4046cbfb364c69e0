"""The learner's page in Chromium against the whole stack: workers, streams and all."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.browser.learner import PASSWORD, SAMPLE, new_session, register, upload
from tests.browser.stack import Stack

pytestmark = pytest.mark.browser


def test_a_learner_goes_from_a_file_to_reviews(learner: Any, picture_of: Callable[[Any, str], None]) -> None:
    register(learner, "ada")
    new_session(learner, "Photosynthesis")
    upload(learner, SAMPLE)
    learner.wait_for_selector("text=What it is about")
    picture_of(learner, "learner-material")
    _see_the_source(learner)
    _plan(learner)
    _work_through_the_lesson(learner, picture_of)
    _take_a_quiz(learner, picture_of)
    _ask(learner, picture_of)
    _look_at_the_progress(learner, picture_of)


def _see_the_source(page: Any) -> None:
    page.click(".cite >> nth=0")
    page.wait_for_selector("#source mark")
    assert page.inner_text("#source mark") in SAMPLE.read_text().replace("\n", " ")
    page.keyboard.press("Escape")
    page.wait_for_selector("#source", state="hidden")


def _plan(page: Any) -> None:
    page.click(".tabs >> text=Plan")
    page.click("text=Make a plan")
    page.wait_for_selector("text=What you will be able to do")


def _work_through_the_lesson(page: Any, picture_of: Callable[[Any, str], None]) -> None:
    page.click(".tabs >> text=Lesson")
    page.click("text=Write the lesson")
    page.wait_for_selector("[data-action=next]")
    page.click("[data-action=next]")
    page.wait_for_selector("form.question")
    page.click("text=Give me a hint")
    page.wait_for_selector("text=/Hint 1 of \\d/")
    page.evaluate("scrollTo(0, 0)")
    picture_of(page, "learner-lesson")
    page.fill("#own-question", "Where does photosynthesis take place?")
    page.click("form:has(#own-question) button")
    page.wait_for_selector("text=/The question is still open|what the open question asks/")
    page.fill(
        "#summary", "Photosynthesis lets plants, algae and some bacteria build sugar with the energy of sunlight."
    )
    page.click("form:has(#summary) button")
    page.wait_for_selector("text=of the main ideas.")
    page.click("[data-action=next]")
    page.wait_for_selector("text=part 2 of")


def _answer(page: Any) -> None:
    for place in page.query_selector_all("#quiz fieldset"):
        option = place.query_selector("input[type=radio]")
        if option is not None:
            option.check()
        else:
            place.query_selector("input, textarea").fill("chlorophyll")


def _given(page: Any) -> list[str]:
    """Return what is chosen or written in the quiz on view."""
    return list(
        page.eval_on_selector_all(
            "#quiz input:checked, #quiz textarea, #quiz input[type=text]", "places => places.map((one) => one.value)"
        )
    )


def _take_a_quiz(page: Any, picture_of: Callable[[Any, str], None]) -> None:
    page.click(".tabs >> text=Quiz")
    page.click("text=New quiz")
    page.wait_for_selector("#quiz")
    assert "The answer:" not in page.inner_text("#stage")
    _answer(page)
    page.wait_for_selector("text=Your answers are kept.")
    given = _given(page)
    page.reload()
    page.wait_for_selector("#quiz")
    assert _given(page) == given
    assert len(given) == 5
    page.click("text=Hand in")
    page.wait_for_selector("#result")
    assert page.locator("#result ~ article").count() == 5
    picture_of(page, "learner-result")


def _ask(page: Any, picture_of: Callable[[Any, str], None]) -> None:
    page.click(".tabs >> text=Ask")
    page.fill(".ask input", "What is chlorophyll?")
    page.click(".ask button")
    page.wait_for_selector(".said.tutor:last-child:not([aria-busy]) .cite")
    page.reload()
    page.wait_for_selector(".said.learner >> text=What is chlorophyll?")
    page.wait_for_selector(".excerpt mark")
    picture_of(page, "learner-answer")


def _look_at_the_progress(page: Any, picture_of: Callable[[Any, str], None]) -> None:
    page.click(".tabs >> text=Progress")
    page.wait_for_selector("text=What you know")
    page.click("text=Write a report")
    page.wait_for_selector("text=questions right.")
    page.evaluate("scrollTo(0, 0)")
    picture_of(page, "learner-progress")
    for name, ending in (("Anki", ".apkg"), ("Table (CSV)", ".csv"), ("QTI", ".zip")):
        with page.expect_download() as saved:
            page.click(f"button >> text={name}")
        assert saved.value.suggested_filename == f"photosynthesis{ending}"


def test_a_refused_file_says_what_to_do_and_names_stay_text(learner: Any) -> None:
    register(learner, "bert")
    new_session(learner, "<img src=x onerror=alert(1)>")
    broken = {"name": "<b>broken<b>.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing of a PDF"}
    upload(learner, broken)
    row = learner.locator("li[data-document]")
    row.locator(".bad-text").wait_for()
    assert learner.inner_text("h1") == "<img src=x onerror=alert(1)>"
    assert "<b>broken<b>.pdf" in row.inner_text()
    learner.click(".tabs >> text=Quiz")
    learner.click("text=New quiz")
    learner.wait_for_selector("#notice.bad")


def test_nobody_sees_the_session_of_somebody_else(learner: Any) -> None:
    register(learner, "carl")
    mine = new_session(learner, "Mine")
    learner.click("text=Sign out")
    learner.wait_for_selector("#login")
    register(learner, "dora")
    learner.goto(f"/learn#sessions/{mine}")
    learner.wait_for_selector("text=This cannot be shown")
    assert "Mine" not in learner.inner_text("#stage")


def test_a_token_that_ran_out_leads_to_the_sign_in(learner: Any) -> None:
    register(learner, "emil")
    learner.evaluate("() => sessionStorage.setItem('tutor-token', 'f'.repeat(64))")
    learner.click("#bar >> text=Reviews")
    learner.wait_for_selector("#login")
    learner.wait_for_selector("text=Your sign-in has run out")


def test_one_takes_ones_data_along_and_leaves(learner: Any) -> None:
    register(learner, "fritz")
    learner.click("#bar >> text=fritz")
    learner.wait_for_selector("text=My data")
    with learner.expect_download() as saved:
        learner.click("text=Download my data")
    assert saved.value.suggested_filename == "export.zip"
    learner.click("text=Erase my account")
    learner.fill("#erase", "not my password")
    learner.click("text=Erase everything")
    learner.wait_for_selector("text=The password is wrong.")
    learner.fill("#erase", PASSWORD)
    learner.click("text=Erase everything")
    learner.wait_for_selector("#login")


def _mailed(stack: Stack, pattern: str) -> str:
    """Return the first link like ``pattern`` that the workers mailed: without a mail server mails go to their log."""
    for _ in range(240):
        for log in stack.var.rglob("*.log"):
            if found := re.search(pattern, log.read_text(errors="replace")):
                return found[0]
        time.sleep(0.25)
    raise AssertionError(f"no mail with {pattern}")


def test_one_names_oneself_confirms_an_address_and_gets_back_in(stack: Stack, learner: Any) -> None:
    register(learner, "greta")
    learner.click("#bar >> text=greta")
    learner.fill("#display-name", "Greta G.")
    learner.select_option("#time-zone", "Pacific/Auckland")
    learner.click("#profile >> text=Save")
    learner.wait_for_selector("#notice.good")
    learner.click("text=My e-mail address")
    learner.fill("#email", "greta@example.org")
    learner.fill("#email-password", PASSWORD)
    learner.click("text=Change the address")
    learner.wait_for_selector("text=Open the link in the mail")
    with httpx.Client() as elsewhere:  # opened on another device
        assert elsewhere.get(_mailed(stack, r"http://\S+/email/verify\?token=\S+")).json()["email_verified"]
    learner.reload()
    learner.wait_for_selector("h1 >> text=Greta G.")
    assert learner.input_value("#time-zone") == "Pacific/Auckland"
    learner.click("text=Sign out")
    learner.click("text=I forgot my password")
    learner.fill("#forgotten-email", "Greta@example.org")
    learner.click("text=Send me a link")
    learner.wait_for_selector("#notice.good")
    learner.goto(_mailed(stack, r"http://\S+/learn#reset/\S+"))
    learner.fill("#reset-password", "another horse 10")
    learner.click("text=Set the password")
    learner.wait_for_selector("#login")
    learner.fill("#login-name", "GRETA")
    learner.fill("#login-password", "another horse 10")
    learner.click("#login >> text=Sign in")
    learner.wait_for_selector("#bar >> text=greta")


def test_texts_are_cut_by_code_points_where_javascript_counts_units(learner: Any) -> None:
    learner.goto("/learn")
    found = learner.evaluate(
        "async () => { const { cutter } = await import('/static/learn/documents.js');"
        "const cut = cutter('𝔸b😀cd'); return [cut(0, 1), cut(1, 3), cut(3, 9)]; }"
    )
    assert found == ["𝔸", "b😀", "cd"]


def test_a_citation_shows_the_page_with_the_words_lit_up_beside_its_text(
    learner: Any, picture_of: Callable[[Any, str], None]
) -> None:
    register(learner, "hugo")
    new_session(learner, "Photosynthesis as PDF")
    upload(learner, SAMPLE.with_suffix(".pdf"))
    learner.wait_for_selector("text=Key terms")
    first = learner.locator(".cite").first
    first.click()
    learner.wait_for_selector("#source .lit")
    drawn = learner.evaluate(
        "() => { const canvas = document.querySelector('#source canvas');"
        "const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
        "return pixels.some((value) => value < 128); }"
    )
    assert drawn
    picture_of(learner, "learner-source")
    words = learner.inner_text("#source mark")
    learner.click("[aria-label='Next source']")
    learner.wait_for_selector("text=Source 2 of")
    assert learner.inner_text("#source mark") != words
    learner.keyboard.press("Escape")
    learner.wait_for_selector("#source", state="hidden")
    assert first.evaluate("(element) => element === document.activeElement")


def test_a_page_that_is_busy_being_drawn_for_others_is_asked_for_again(learner: Any) -> None:
    register(learner, "ines")
    new_session(learner, "Photosynthesis as PDF")
    upload(learner, SAMPLE.with_suffix(".pdf"))
    learner.wait_for_selector("text=Key terms")
    refused: set[str] = set()

    def busy_once(route: Any) -> None:
        if route.request.url in refused:
            route.continue_()
            return
        refused.add(route.request.url)
        busy = {"errors": [{"code": "page_image_busy", "detail": "Other pages are being drawn."}]}
        route.fulfill(status=503, json=busy, headers={"Retry-After": "1"})

    learner.route("**/pages/**", busy_once)
    learner.locator(".cite").first.click()
    learner.wait_for_selector("#source .lit")
    assert len(refused) >= 2  # the picture and where the words are on it
    assert learner.locator("#source .sheet .soft").count() == 0


MIXED = """# Motion

Speed is the distance that is covered in a certain time. The formula is $v = s / t$.

$$v = \\frac{s}{t}$$

| Thing | Speed |
|---|---|
| Snail | 1 mm/s |
| Sound | 343 m/s |

```python
speed = distance / time
```
"""


def test_formulas_tables_and_code_are_shown_as_such(learner: Any) -> None:
    register(learner, "ida")
    new_session(learner, "Motion")
    upload(learner, {"name": "motion.md", "mimeType": "text/markdown", "buffer": MIXED.encode()})
    learner.wait_for_selector("text=What it is about")
    learner.click(".cite >> nth=0")
    learner.wait_for_selector("#source .formula.display math mfrac")
    learner.wait_for_selector("#source p .formula math")
    assert learner.inner_text("#source tbody tr >> nth=1") == "Sound\t343 m/s"
    assert learner.inner_text("#source figure.code figcaption") == "python"


def test_pasted_text_is_material_too(learner: Any) -> None:
    register(learner, "jana")
    new_session(learner, "Pasted")
    learner.click("text=Paste text")
    learner.keyboard.type("Notes")
    learner.fill("#paste textarea", SAMPLE.read_text())
    learner.click("text=Add the text")
    learner.wait_for_selector("li[data-document] >> text=Notes.txt")
    learner.wait_for_selector("text=What it is about")
