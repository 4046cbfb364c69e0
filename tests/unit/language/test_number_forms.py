"""Words that differ in number alone, by the endings of five languages."""

from __future__ import annotations

import pytest

from tutor_project.language import FULL_LANGUAGES
from tutor_project.language.number_forms import same_but_number
from tutor_project.language.wordlists import entries


@pytest.mark.parametrize(
    ("tag", "pairs"),
    [
        ("de", "zelle zellen, muskel muskeln, zellkern zellkerne, bakterium bakterien, losung losungen, thema themen"),
        ("fr", "noyau noyaux, cheval chevaux, feu feux, travail travaux"),
        ("es", "animal animales, reaccion reacciones, luz luces, corredor corredores"),
        ("pt", "reacao reacoes, animal animais, nuvem nuvens, vetor vetores, reptil repteis"),
    ],
)
def test_a_word_and_its_plural_are_one_word_in_both_directions(tag: str, pairs: str) -> None:
    for pair in pairs.split(", "):
        one, other = pair.split()
        assert same_but_number(one, other, frozenset({tag})), pair
        assert same_but_number(other, one, frozenset({tag})), pair


@pytest.mark.parametrize(
    "pair",
    "eis eisen, kohl kohle, physik physiker, ost osten, alkan alken, nitrat nitrit, silbe silber, mal maler, sol suelo,"
    " peso pesa, pao po, eau os, mao maes, cas caux, base bar, x xen".split(","),
)
def test_other_words_are_other_words_in_every_language(pair: str) -> None:
    one, other = pair.split()
    assert not same_but_number(one, other, frozenset(FULL_LANGUAGES), nouns=True)


def test_without_a_language_only_unmistakable_endings_count() -> None:
    assert same_but_number("noyau", "noyaux")
    assert not same_but_number("zelle", "zellen")
    assert same_but_number("zelle", "zellen", nouns=True)
    for pair in ("chlorin chlorine", "collage collagen", "urban urbane", "tram trans", "moral morales"):
        assert not same_but_number(*pair.split(), frozenset({"en"})), pair


def test_every_line_of_the_lists_is_read() -> None:
    from tutor_project.language import number_forms

    for tag in FULL_LANGUAGES:
        assert len(number_forms._endings(tag)) == len(entries(tag, "number_forms"))
