"""Rules for words, noun phrases and readability."""

from __future__ import annotations

import pytest

from documents_app.domain.keyphrases import acronyms, noun_phrases
from documents_app.domain.keyphrases_words import key, language_of, reading_form, stem
from documents_app.domain.readability import difficulty, syllables
from documents_app.domain.summarise import fitness, needs_antecedent


@pytest.mark.parametrize(
    ("one", "other"),
    [("cells", "cell"), ("viruses", "virus"), ("bodies", "body"), ("mitochondria", "mitochondrion"), ("causes", "cause"),
     ("analyses", "analysis"), ("nuclei", "nucleus"), ("classes", "class"), ("Larvae", "larva")],
)  # fmt: skip
def test_number_and_case_share_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_derived_words_share_a_stem() -> None:
    assert stem("capacitor") == stem("capacitance")
    assert stem("inactivate") == stem("inactivation")


def test_reading_form_joins_lines_and_unwraps_markup() -> None:
    assert reading_form("the trans-\nmission of\n signals") == "the transmission of signals"
    assert reading_form("a membrane-\nbound organelle") == "a membrane-bound organelle"
    assert reading_form("the [cell](https://example.org/Cell_(biology)) is *small*") == "the cell is small"


def test_noun_phrases_end_in_nouns_and_drop_verbs() -> None:
    sentences = [
        "The German army crossed the river because the German army was fast.",
        "The balance of power kept the peace.",
        "Britain defended the balance of power.",
        "The balance of power failed when the German army marched.",
    ]
    names = {phrase.name for phrase in noun_phrases(sentences).values()}
    assert "German army" in names and "balance of power" in names
    assert not {"crossed", "army crossed", "defended", "failed"} & names


def test_a_verb_in_the_third_person_is_no_noun() -> None:
    sentences = [
        "The agency proposes the rule.",
        "The agency proposes to wait.",
        "The proposed rule is new.",
        "They proposed the rule.",
    ]
    assert not any("proposes" in phrase.name for phrase in noun_phrases(sentences).values())


def test_acronyms_point_to_their_long_forms() -> None:
    found = acronyms(["The central nervous system (CNS) controls the body.", "A random remark (ABC) follows."])
    assert found == {"CNS": ("central", "nervous", "system")}


def test_language_is_told_by_function_words() -> None:
    assert language_of(["The cell is the smallest unit of life and it is alive."]) == "en"
    assert language_of(["Der Winkel ist ein Punkt und die Gerade ist nicht der Kreis."]) == "de"
    assert language_of(["12 34 56"]) == ""


def test_sentences_that_point_back_do_not_stand_alone() -> None:
    assert needs_antecedent("This leads to growth in many organisms.")
    assert needs_antecedent("For example, Ferdinand VII was restored.")
    assert not needs_antecedent("It is important to note that cells divide.")
    assert not needs_antecedent("The first law states that a body keeps its velocity.")
    assert fitness("The cell wall protects the cell from its surroundings.") > fitness(
        "These are shown in Figure 3 on page 12."
    )


def test_harder_words_and_longer_sentences_raise_the_grade() -> None:
    easy = difficulty(["The cat sat on the mat.", "The dog ran to the tree.", "We like the sun."])
    hard = difficulty(
        ["Electrophysiological characterisation of neurotransmitter release demonstrates considerable heterogeneity between "
         "morphologically indistinguishable presynaptic specialisations in hippocampal preparations."]
    )  # fmt: skip
    assert easy.level == "easy" and hard.level == "hard" and easy.grade < hard.grade
    assert {"flesch_kincaid_grade", "smog", "words_per_sentence", "lix"} <= set(hard.figures)


def test_no_words_give_a_grade_of_nought() -> None:
    assert difficulty([]).grade == 0.0


@pytest.mark.parametrize(("word", "count"), [("cat", 1), ("water", 2), ("biology", 4), ("made", 1), ("nation", 2)])
def test_syllables_are_counted_as_spoken(word: str, count: int) -> None:
    assert syllables(word) == count
