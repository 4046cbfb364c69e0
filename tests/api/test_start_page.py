"""The start page says in words how the stack is."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from tutor_project.common.api import probes
from tutor_project.common.api.docs import HEALTH_WORDS

pytestmark = pytest.mark.django_db


def test_each_thing_a_stack_needs_has_words() -> None:
    assert HEALTH_WORDS.keys() == {name for needs in probes.NEEDS.values() for name in needs}


@pytest.mark.parametrize("passed", [True, False])
def test_the_start_page_says_what_works_and_what_does_not(monkeypatch: pytest.MonkeyPatch, passed: bool) -> None:
    monkeypatch.setitem(probes.NEEDS, "worker", {"database": lambda: True, "heartbeat": lambda: passed})
    page = Client().get("/").content.decode()
    assert ("Everything works" in page) == passed
    assert HEALTH_WORDS["database"][0] in page
    assert HEALTH_WORDS["heartbeat"][0 if passed else 1] in page
    assert HEALTH_WORDS["heartbeat"][1 if passed else 0] not in page


def test_the_page_of_the_api_has_no_inline_style_or_script() -> None:
    page = Client().get("/api/docs").content.decode()
    assert "<style" not in page
    assert "<script>" not in page


def test_the_learners_page_names_each_of_its_scripts_once() -> None:
    page = Client().get("/learn").content.decode()
    named = re.findall(r'<link rel="modulepreload" href="/static/(learn/[^"]+)">', page)
    folder = settings.BASE_DIR / "tutor_project" / "static"
    modules = {path.relative_to(folder).as_posix() for path in (folder / "learn").glob("**/*.js")}
    assert len(named) == len(set(named))
    assert set(named) == {name for name in modules if "/vendor/" not in name} - {"learn/main.js"}
