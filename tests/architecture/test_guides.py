"""The guides lead to files that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.environment import ROOT

APPS = ("tutor_project", "jobs_app", "documents_app", "sessions_app", "analytics_app")
GUIDES = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")))
]
BEGINNINGS = frozenset(APPS) | set(
    "benchmarks tests docs samples api engine engine_model domain services selectors retrieval extraction models settings".split()
)
FOLDERS = (ROOT, *(ROOT / app for app in APPS))
_NAMED = re.compile(r"`([\w./-]+/[\w.-]*|[\w/-]+\.(?:py|md|txt|toml|json))`")
_LINKED = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def is_there(path: str) -> bool:
    """Tell whether a guide's path is in the project, from its root or from inside an app."""
    return any((folder / path).exists() for folder in FOLDERS)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_a_guide_names_no_file_of_the_code_that_is_gone(guide: Path) -> None:
    named = _NAMED.findall(guide.read_text(encoding="utf-8"))
    assert [path for path in named if path.split("/")[0] in BEGINNINGS and not is_there(path)] == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_a_link_between_guides_leads_somewhere(guide: Path) -> None:
    linked = _LINKED.findall(guide.read_text(encoding="utf-8"))
    assert [link for link in linked if not (guide.parent / link).exists()] == []


def test_a_path_is_known_from_the_root_or_from_inside_an_app_and_an_invented_one_is_not() -> None:
    assert _NAMED.findall("see `services/asking.py` and `domain/mastery/`") == ["services/asking.py", "domain/mastery/"]
    assert is_there("services/asking.py")
    assert is_there("sessions_app/domain/mastery/")
    assert not is_there("services/no_such_thing.py")
