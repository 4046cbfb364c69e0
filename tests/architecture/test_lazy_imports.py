"""Heavy libraries are loaded when they are needed, not when the web starts."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.environment import ROOT

HEAVY = (
    "langchain_core", "langchain_openai", "langchain_anthropic", "langchain_ollama", "openai", "anthropic", "wordllama",
    "tokenizers", "pypdfium2", "pdfplumber", "docx", "pptx", "openpyxl", "genanki",
)  # fmt: skip

PROBE = """
import django, sys
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
print(*sorted(set(sys.modules) & set(sys.argv[1:])))
"""


def test_the_web_process_starts_without_the_heavy_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *HEAVY],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tutor_project.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.split() == []
