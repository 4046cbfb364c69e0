# ruff: noqa: E501
"""Rules for definitions in running text."""

from __future__ import annotations

import pytest

from documents_app.domain.definitions import find_definitions


def _best(sentence: str, language: str = "en") -> tuple[str, str]:
    found = max(find_definitions([sentence], language), key=lambda d: d.quality, default=None)
    return (found.term, found.definition) if found and found.quality >= 0.5 else ("", "")


@pytest.mark.parametrize(
    ("sentence", "term", "definition"),
    [
        ("A prokaryote is a cellular organism that lacks a nucleus.", "prokaryote", "a cellular organism that lacks a nucleus"),
        ("Legitimacy refers to the right of a ruler to be obeyed.", "Legitimacy", "the right of a ruler to be obeyed"),
        ("The study of cells is called cytology.", "cytology", "The study of cells"),
        ("The Golgi apparatus, also known as the Golgi body, is an organelle that packs proteins.", "Golgi apparatus", "an organelle that packs proteins"),
        ("The endoplasmic reticulum (ER) is a network of membranes.", "endoplasmic reticulum", "a network of membranes"),
        ("Organelles are parts of the cell which carry out vital functions.", "Organelles", "parts of the cell which carry out vital functions"),
        ("The German Confederation was a loose league that replaced the Empire.", "German Confederation", "a loose league that replaced the Empire"),
        ("Consideration: the price for which a promise is bought.", "Consideration", "the price for which a promise is bought"),
        ("The hippocampus, a structure deep in the brain that stores memories, is small.", "hippocampus", "a structure deep in the brain that stores memories"),
        ("In physics, work is the product of force and distance.", "work", "the product of force and distance"),
    ],
)  # fmt: skip
def test_the_usual_patterns_give_term_and_definition(sentence: str, term: str, definition: str) -> None:
    assert _best(sentence) == (term, definition)
    assert definition in sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "This is a major advance in the field of biology.",
        "It is a protein that binds oxygen in the blood.",
        "The result is a large increase in the number of cells.",
        "One example is the common cold in winter.",
        "What is a cell made of in an animal?",
        "Viruses are found wherever there is life on Earth.",
        "Dr Wilson is the corresponding author of the study.",
        "The bacteria are divided into two groups by their walls.",
        "Pathogenic bacteria are a major cause of human death.",
    ],
)
def test_what_only_looks_like_a_definition_is_refused(sentence: str) -> None:
    assert _best(sentence)[0] == "" or max(d.quality for d in find_definitions([sentence])) < 0.6


def test_a_definition_ends_with_its_clause_and_stays_verbatim() -> None:
    sentence = "A force is an interaction that changes motion, but it needs two bodies to act between."
    assert _best(sentence) == ("force", "an interaction that changes motion")


def test_other_languages_have_their_plain_pattern() -> None:
    assert _best("Ein Winkel ist ein Punkt zusammen mit zwei Halbgeraden.", "de")[0] == "Winkel"
    assert _best("La photosynthèse est un processus qui produit du glucose.", "fr")[0] == "photosynthèse"
