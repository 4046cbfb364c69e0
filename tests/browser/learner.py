"""What a learner does on every visit, in a browser."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.browser.stack import ROOT

PASSWORD = "correct horse 9"
SAMPLE = ROOT / "samples" / "photosynthesis.md"


def register(page: Any, name: str) -> None:
    page.goto("/learn")
    page.click("summary")
    page.fill("#new-name", name)
    page.fill("#new-password", PASSWORD)
    page.click("#register button[type=submit]")
    page.wait_for_selector("#new-session")


def new_session(page: Any, title: str) -> str:
    page.goto("/learn#")
    page.fill("#new-session input[name=title]", title)
    page.click("#new-session button")
    page.wait_for_selector(".drop")
    return str(page.url.split("#sessions/")[1])


def upload(page: Any, *files: Path | dict[str, Any]) -> None:
    page.set_input_files("#files", list(files) if len(files) > 1 else files[0])


def ask(page: Any, question: str) -> Any:
    """Ask the question and return its answer."""
    page.fill(".ask input", question)
    page.click(".ask button[type=submit]")
    page.wait_for_selector(".said.tutor:last-child:not([aria-busy])")
    return page.locator(".said.tutor").last


def studied(page: Any, name: str) -> str:
    """Register, and return a session that has read the sample and knows what it is about."""
    register(page, name)
    session = new_session(page, "Photosynthesis")
    upload(page, SAMPLE)
    page.wait_for_selector("text=Key terms")
    return session


def name_exam(page: Any) -> None:
    """Say on the progress tab that there is an exam in three weeks."""
    page.fill("[name=exam_on]", str(date.today() + timedelta(days=21)))
    page.click(".exam button")
    page.wait_for_selector("text=days left")
