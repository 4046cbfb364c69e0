"""Rules for words, noun phrases and readability."""

from __future__ import annotations

import pytest

from documents_app.domain.reading.form import reading_form
from documents_app.domain.reading.keyphrases import find_phrases
from documents_app.domain.reading.readability import difficulty, syllables
from documents_app.domain.summarise import fitness, needs_antecedent, points_elsewhere
from tutor_project.language import language

ENGLISH = language("en")


def test_reading_form_joins_lines_and_unwraps_markup() -> None:
    assert reading_form("the trans-\nmission of\n signals") == "the transmission of signals"
    assert reading_form("a membrane-\nbound organelle") == "a membrane-bound organelle"
    assert reading_form("the [cell](https://example.org/Cell_(biology)) is *small*") == "the cell is small"


def _names(sentences: list[str], tag: str) -> set[str]:
    return {phrase.name for phrase in find_phrases(sentences, language(tag)).by_stems.values()}


def test_phrases_end_in_nouns_and_drop_verbs() -> None:
    sentences = [
        "The German army crossed the river because the German army was fast.",
        "The balance of power kept the peace.",
        "Britain defended the balance of power.",
        "The balance of power failed when the German army marched.",
    ]
    names = _names(sentences, "en")
    assert "German army" in names and "balance of power" in names
    assert not {"crossed", "army crossed", "defended", "failed"} & names


def test_a_verb_in_the_third_person_is_no_noun() -> None:
    sentences = [
        "The agency proposes the rule.",
        "The agency proposes to wait.",
        "The proposed rule is new.",
        "They proposed the rule.",
    ]
    assert not any("proposes" in name for name in _names(sentences, "en"))


@pytest.mark.parametrize(
    ("tag", "sentences", "wanted", "unwanted"),
    [
        (
            "de",
            ["Der kausale Effekt ist groß.", "Man schätzt den Effekt mit der Regression.", "Die Regression zeigt es."],
            {"Effekt", "Regression", "kausale Effekt"},
            {"kausale", "groß", "schätzt", "Man"},
        ),
        (
            "es",
            ["La ley de Newton relaciona la fuerza con la masa.", "Una fuerza neta acelera el cuerpo.", "La masa mide la inercia."],
            {"ley de Newton", "fuerza neta", "masa"},
            {"acelera", "relaciona", "neta"},
        ),
        (
            "fr",
            ["L’âge conventionnel se calcule d’abord.", "On corrige l’âge conventionnel par la courbe de calibration."],
            {"âge conventionnel", "courbe de calibration"},
            {"l’âge conventionnel", "conventionnel", "corrige"},
        ),
        (
            "pt",
            ["A célula vegetal tem uma parede celular.", "Uma parede celular protege a célula vegetal."],
            {"célula vegetal", "parede celular"},
            {"protege", "vegetal"},
        ),
    ],
)  # fmt: skip
def test_names_are_found_by_the_shape_of_their_language(
    tag: str, sentences: list[str], wanted: set[str], unwanted: set[str]
) -> None:
    names = _names(sentences, tag)
    assert wanted <= names
    assert not unwanted & names


def test_a_language_without_lists_takes_its_commonest_short_words_for_idle() -> None:
    sentences = ["Een cel is het kleinste deel van het leven."] * 3 + ["Het water stroomt in de cel."] * 3
    assert not {"het", "is", "van"} & _names(sentences, "nl")


def test_a_small_word_tied_by_a_hyphen_belongs_to_the_name() -> None:
    assert "two-tailed test" in _names(["A two-tailed test is strict.", "The two-tailed test is common."], "en")


def test_sentences_that_point_back_do_not_stand_alone() -> None:
    assert needs_antecedent("This leads to growth in many organisms.", ENGLISH)
    assert needs_antecedent("For example, Ferdinand VII was restored.", ENGLISH)
    assert not needs_antecedent("It is important to note that cells divide.", ENGLISH)
    assert not needs_antecedent("A force changes the motion of a body.", ENGLISH)
    assert fitness("The cell wall protects the cell from its surroundings.", ENGLISH) > fitness(
        "These are shown in Figure 3 on page 12.", ENGLISH
    )


@pytest.mark.parametrize(
    ("tag", "text"),
    [("en", "See Figure 3."), ("de", "Siehe Abbildung 2."), ("es", "La figura muestra el bloque."),
     ("fr", "Voir la figure."), ("pt", "Veja a figura."), ("en", "The rules are these:")],
)  # fmt: skip
def test_what_leans_on_a_figure_is_told_in_each_language(tag: str, text: str) -> None:
    assert points_elsewhere(text, language(tag))
    assert not points_elsewhere("Glucose 6 phosphate.", language(tag))


def test_harder_words_and_longer_sentences_raise_the_grade() -> None:
    easy = difficulty(["The cat sat on the mat.", "The dog ran to the tree.", "We like the sun."], ENGLISH)
    hard = difficulty(
        ["Electrophysiological characterisation of neurotransmitter release demonstrates considerable heterogeneity between "
         "morphologically indistinguishable presynaptic specialisations in hippocampal preparations."],
        ENGLISH,
    )  # fmt: skip
    assert easy.level == "easy" and hard.level == "hard" and easy.grade < hard.grade
    assert {"flesch_kincaid_grade", "smog", "words_per_sentence", "lix"} <= set(hard.figures)


def test_no_words_give_a_grade_of_nought() -> None:
    assert difficulty([], ENGLISH).grade == 0.0


@pytest.mark.parametrize(("word", "count"), [("cat", 1), ("water", 2), ("biology", 4), ("made", 1), ("nation", 2)])
def test_syllables_are_counted_as_spoken(word: str, count: int) -> None:
    assert syllables(word) == count
