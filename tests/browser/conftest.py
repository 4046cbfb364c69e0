"""A real browser against a live server; skipped, with the cure, where Debian's Chromium is missing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.stack import Stack, running_stack
from tests.support.fixtures import *

CHROMIUM = shutil.which("chromium")
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "correct horse 9"
ALLOWED = re.compile(r"^/(learn|static/learn/.*|static/console/favicon.*|api/v1/.*)$")
"""What the learner's page may ask for."""


@pytest.fixture
def page(live_server: Any) -> Iterator[Any]:
    """A page whose console errors and failed scripts fail the test."""
    if CHROMIUM is None:
        pytest.skip("No chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        opened = browser.new_page(viewport={"width": 1280, "height": 860}, base_url=live_server.url)
        opened.set_default_timeout(90_000)
        opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: problems.append(str(error)))
        yield opened
        browser.close()
    assert problems == []


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product running, for all tests of the learner's page."""
    if CHROMIUM is None:
        pytest.skip("No chromium on this machine: apt-get install chromium")
    with running_stack(tmp_path_factory.mktemp("learner")) as running:
        yield running


@pytest.fixture
def learner(stack: Stack) -> Iterator[Any]:
    """A page that may ask for nothing but itself and the public API, and whose errors fail the test."""
    from playwright.sync_api import sync_playwright

    strangers: list[str] = []
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        page = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=stack.url).new_page()
        page.set_default_timeout(90_000)  # reading material takes a while on a busy machine

        def asked(request: Any) -> None:
            address = request.url.split("#")[0].split("?")[0]
            path = address.removeprefix(stack.url)
            if not address.startswith("blob:") and not ALLOWED.match(path):
                strangers.append(request.url)

        page.on("request", asked)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if "Refused to" in said.text else None)
        page.on("dialog", lambda dialog: dialog.accept())
        yield page
        browser.close()
    assert strangers == []
    assert problems == []


@pytest.fixture
def sign_in(page: Any) -> Callable[[str], None]:
    """Return a way to log in through the form."""

    def sign(username: str) -> None:
        page.goto("/admin/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url("**/admin/")

    return sign


@pytest.fixture
def picture_of() -> Callable[[Any, str], None]:
    """Return a way to keep a screenshot of a page; nothing is written unless TUTOR_SCREENSHOTS names a folder."""

    def take(page: Any, name: str) -> None:
        folder = os.environ.get("TUTOR_SCREENSHOTS")
        if folder:
            path = Path(folder) / f"{name}.png"
            page.screenshot(path=path, animations="disabled")
            _compress(path)

    return take


@pytest.fixture
def picture(page: Any, picture_of: Callable[[Any, str], None]) -> Callable[[str], None]:
    """Return a way to keep a screenshot of the console."""
    return lambda name: picture_of(page, name)


def _compress(path: Path) -> None:
    """Store 128 colours instead of 16 million: a page of text looks the same in a third of the bytes."""
    from PIL import Image

    with Image.open(path) as taken:
        taken.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
