"""Languages: what is known in full, what any other tag gets, and that words and sentences point into the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor_project.language import FULL_LANGUAGES, detect, either, fold, language
from tutor_project.language.wordlists import DATA, entries


@pytest.mark.parametrize("tag", FULL_LANGUAGES)
def test_a_full_language_has_every_list_and_no_entry_twice(tag: str) -> None:
    known = language(tag)
    assert known.is_full
    assert known.stop_words and known.question_words and known.negations and known.abbreviations
    for path in (DATA / tag).glob("*.txt"):
        lines = entries(tag, path.stem)
        assert len(lines) == len(set(lines)) > 0, path.name


@pytest.mark.parametrize("name", ["stop_words", "question_words", "negations", "abbreviations", "sentence_starters"])
def test_words_of_lists_are_lower_case(name: str) -> None:
    for tag in FULL_LANGUAGES:
        assert all(word == word.lower() for word in language(tag).phrases(name)), tag


@pytest.mark.parametrize("tag", FULL_LANGUAGES)
def test_lists_of_patterns_are_patterns_and_name_lists_that_the_language_has(tag: str) -> None:
    for path in (DATA / tag).glob("*_patterns.txt"):
        if "stands for any entry" in path.read_text("utf-8"):
            assert len(language(tag).patterns(path.stem)) == len(entries(tag, path.stem))
            assert all("(?!)" not in known.pattern for known in language(tag).patterns(path.stem)), path.name


def test_a_pattern_holds_the_entries_of_the_lists_it_names_and_without_its_list_nothing_is_found() -> None:
    asked = language("de").pattern("asked_class_patterns").search("Welche Zelle ist groß?")
    assert asked is not None and asked["asked"] == "Zelle"
    assert language("sv").pattern("asked_class_patterns").search("Welche Zelle ist groß?") is None


def test_a_regional_tag_is_its_language_and_an_unknown_one_is_generic() -> None:
    assert language("pt-BR") is language("PT_br") is language("pt")
    assert language(None).tag == "und"
    swedish = language("sv")
    assert not swedish.is_full
    assert swedish.stop_words == frozenset()
    assert swedish.stem("Hundarna") == "hundarna"
    assert swedish.lemma("Hundarna") == "Hundarna"
    assert swedish.phrases("question_words") == ()


@pytest.mark.parametrize(
    ("tag", "one", "other"),
    [
        ("en", "membrane", "membranes"),
        ("de", "Häuser", "Haus"),
        ("es", "célula", "celulas"),
        ("fr", "cellule", "cellules"),
        ("pt", "célula", "células"),
    ],
)
def test_forms_of_a_word_share_a_stem(tag: str, one: str, other: str) -> None:
    assert language(tag).stem(one) == language(tag).stem(other)


def test_lemmas_are_dictionary_forms() -> None:
    assert language("en").lemma("mitochondria") == "mitochondrion"
    assert language("en").lemma("went") == "go"


def test_content_stems_leave_out_stop_words_however_written() -> None:
    assert language("en").content_stems("The laws of Motion aren’t THE law") == ["law", "motion", "law"]
    assert language("de").content_stems("Über die Ursachen") == ["ursach"]
    assert language("fr").content_stems("L’énergie n'est pas l'énergie") == ["energ", "energ"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't well-known", ["don't", "well", "known"]),
        ("C++ and C# in 3.5 s, 1,000 times", ["C++", "and", "C#", "in", "3.5", "s", "1,000", "times"]),
        ("dict_keys()", ["dict_keys"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("H₂O.", ["H₂O"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert [word.text for word in language("en").words(text)] == words


def test_french_words_part_at_the_elision() -> None:
    assert [word.text for word in language("fr").words("l'eau d’Archimède")] == ["l'", "eau", "d’", "Archimède"]


@given(st.text(), st.sampled_from([*FULL_LANGUAGES, "ja"]))
def test_words_and_sentences_point_into_the_text_in_order(text: str, tag: str) -> None:
    known = language(tag)
    last = 0
    for word in known.words(text):
        assert last <= word.start < word.end and text[word.start : word.end] == word.text
        last = word.end
    last = 0
    for start, end in known.sentences(text):
        assert last <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        last = end


@pytest.mark.parametrize(
    ("tag", "text", "sentences"),
    [
        ("en", "See Fig. 3 by Dr. Who. It works.", ["See Fig. 3 by Dr. Who.", "It works."]),
        (
            "de",
            "Das gilt z. B. am 3. Mai bzw. später. Dann nicht.",
            ["Das gilt z. B. am 3. Mai bzw. später.", "Dann nicht."],
        ),
        ("es", "El Sr. Pérez (pág. 3) lo vio. Luego calló.", ["El Sr. Pérez (pág. 3) lo vio.", "Luego calló."]),
        ("fr", "Voir p. 3, cf. M. Dupont. Ensuite rien.", ["Voir p. 3, cf. M. Dupont.", "Ensuite rien."]),
        ("pt", "A Sra. Lima (pág. 3) viu. Depois nada.", ["A Sra. Lima (pág. 3) viu.", "Depois nada."]),
    ],
)
def test_abbreviations_end_no_sentence(tag: str, text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in language(tag).sentences(text)] == sentences


def test_folding_leaves_case_accents_and_widths_aside_but_no_vowel_of_other_scripts() -> None:
    assert fold("ÉCOLE") == fold("ecole") == "ecole"
    assert fold("Straße") == fold("STRASSE")
    assert fold("ｆｕｌｌ") == "full"
    assert fold("हिन्दी") == "हिन्दी"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("The second law of motion says how the velocity of a body changes when a force acts on it.", "en"),
        ("Die Kausalität beschreibt die Beziehung zwischen Ursache und Wirkung in der Statistik.", "de"),
        ("La segunda ley describe cómo cambia la velocidad de un cuerpo cuando actúa una fuerza.", "es"),
        ("La datation par le carbone permet d'estimer l'âge des matériaux qui ont vécu autrefois.", "fr"),
        ("A sonificação não é apenas uma técnica, mas também uma forma de ouvir os dados históricos.", "pt"),
        ("Bakteriocyter är celler som innehåller bakterier och finns hos många insekter.", "sv"),
    ],
)
def test_prose_is_recognised(text: str, tag: str) -> None:
    assert detect(text) == tag


@pytest.mark.parametrize("text", ["", "x", "ATP", "F = m · a", "2019 2020 2021", "Newton", "\ud800"])
def test_what_is_too_short_to_tell_has_no_language(text: str) -> None:
    assert detect(text) is None


def test_alternatives_prefer_the_longer_entry_and_match_nothing_where_there_is_no_list() -> None:
    assert either(["as", "as well as", "a.b"]) == r"as\ well\ as|a\.b|as"
    assert re.search(either([]), "anything") is None
    assert "not" in language("en").alternatives("negations", "no_such_list").split("|")
    assert language("sv").alternatives("negations") == either([])


@pytest.mark.parametrize(
    ("tag", "name", "head"),
    [
        ("en", "spring tide", "tide"),
        ("en", "agents of socialization", "agents"),
        ("en", "socialization", "socialization"),
        ("de", "Theorie der Spiele", "Theorie"),
        ("de", "relative Häufigkeit", "Häufigkeit"),
        ("es", "agentes de socialización", "agentes"),
        ("fr", "marée de tempête", "marée"),
        ("pt", "onda sonora", "onda"),
        ("en", "of", ""),
    ],
)
def test_the_head_of_a_name_says_what_it_is(tag: str, name: str, head: str) -> None:
    assert language(tag).head_of(name) == head
