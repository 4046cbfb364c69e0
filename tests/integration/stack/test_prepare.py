"""Preparing a checkout a second time must cost next to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tutor_project.stack.prepare import collect_static


@pytest.fixture
def source(settings: Any, tmp_path: Path) -> Path:
    """The only static file there is."""
    folder = tmp_path / "source"
    folder.mkdir()
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
            "OPTIONS": {"location": str(tmp_path / "collected")},
        },
    }
    file = folder / "page.css"
    file.write_text("a {}")
    return file


def test_static_files_are_collected_when_a_source_changed_and_only_then(source: Path, settings: Any) -> None:
    assert collect_static()
    assert not collect_static()
    source.write_text("b { color: red }")
    assert collect_static()
    assert (settings.STATIC_ROOT / "page.css").read_text() == "b { color: red }"


def test_deleted_output_is_collected_again(source: Path, settings: Any) -> None:
    collect_static()
    for file in settings.STATIC_ROOT.iterdir():
        file.unlink()
    assert collect_static()
    assert (settings.STATIC_ROOT / "page.css").exists()
