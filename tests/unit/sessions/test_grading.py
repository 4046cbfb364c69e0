from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.domain.grading.grade import grade, shows_unit
from sessions_app.domain.grading.numeric import grade_number
from sessions_app.domain.grading.opposites import are_opposites
from sessions_app.domain.grading.short_answer import grade_text
from sessions_app.domain.grading.spelling import distance, is_slip
from sessions_app.domain.grading.types import (
    AnswerMissing,
    AnswerOptionUnknown,
    AnswerTooLong,
    GivenAnswer,
    GradeVerdict,
)
from sessions_app.domain.questions.types import BooleanKey, ChoiceKey, NumericKey, Option, PartsKey, TextKey
from tests.unit.sessions.grading_fixtures import QuantityPair, minimal_pairs, quantity_pairs, worded_pairs
from tutor_project.language.quantities.finding import find_quantities
from tutor_project.language.quantities.units import convert, parse_unit

PAIRS = minimal_pairs()
QUANTITIES = quantity_pairs()
CORRECT, INCORRECT, REVIEW = GradeVerdict.CORRECT, GradeVerdict.INCORRECT, GradeVerdict.NEEDS_REVIEW


def test_there_are_enough_minimal_pairs() -> None:
    assert sum(expected == "no" for _, _, expected in PAIRS) >= 300
    assert sum(expected == "yes" for _, _, expected in PAIRS) >= 120


def test_no_minimal_pair_is_accepted() -> None:
    accepted = [(a, k) for a, k, expected in PAIRS if expected == "no" and grade_text(a, [k]).correct]
    assert accepted == []


def test_at_most_three_in_a_hundred_right_answers_are_not_accepted() -> None:
    right = [(a, k) for a, k, expected in PAIRS if expected == "yes"]
    refused = [(a, k) for a, k in right if not grade_text(a, [k]).correct]
    assert len(refused) <= 0.03 * len(right), refused
    assert all(grade_text(a, [k]).verdict is not INCORRECT for a, k in refused)


def test_quantities_and_symbols_in_five_languages_get_no_wrong_verdict() -> None:
    verdicts = {pair: grade_text(pair.answer, [pair.key]).verdict for pair in QUANTITIES}
    wrong = {
        pair: verdict
        for pair, verdict in verdicts.items()
        if (verdict is CORRECT and pair.expected != "right") or (verdict is INCORRECT and pair.expected != "wrong")
    }
    assert wrong == {}
    decidable = [pair for pair in QUANTITIES if pair.expected != "either"]
    left = [pair for pair in decidable if verdicts[pair] is REVIEW]
    assert len(QUANTITIES) >= 400
    assert len(left) <= 0.05 * len(decidable), left


@pytest.mark.parametrize("pair", worded_pairs(), ids=lambda pair: f"{pair.language}: {pair.answer}")
def test_answers_are_read_as_learners_word_them_in_five_languages(pair: QuantityPair) -> None:
    verdict = {"right": CORRECT, "wrong": INCORRECT, "doubt": REVIEW}[pair.expected]
    assert grade_text(pair.answer, [pair.key]).verdict is verdict


def test_the_head_of_a_compound_alone_is_for_a_person_where_the_question_shows_the_language() -> None:
    stem = "Welcher Teil der Zelle enthält die DNA?"
    verdicts = [
        grade(TextKey((key,)), GivenAnswer(text=answer), stem=stem).verdict
        for key, answer in (
            ("Zellkern", "der Kern"),
            ("Kern", "Zellkern"),
            ("Zellkern", "Wand"),
            ("Zellkern", "Zellwand"),
        )
    ]
    assert verdicts == [REVIEW, REVIEW, INCORRECT, INCORRECT]


@pytest.mark.parametrize(
    ("stem", "unit", "shown"),
    [
        ("At what temperature does water boil, in degrees Celsius?", "°C", True),
        ("What is the acceleration of free fall in metres per second squared?", "m/s^2", True),
        ("Wie lang ist ein Marathon in Kilometern?", "km", True),
        ("Quelle est la masse en kg ?", "kg", True),
        ("Qual é a massa (em kg)?", "kg", True),
        ("In what time does light travel a metre?", "s", False),
        ("How fast is sound in air?", "m/s", False),
        ("At what temperature does water boil, in kelvin?", "°C", False),
    ],
)
def test_a_question_that_names_the_unit_needs_none_in_the_answer(stem: str, unit: str, shown: bool) -> None:
    assert shows_unit(stem, unit) is shown


@pytest.mark.parametrize("said", ["π", "四十二", "сорок два", "٤٢"])
def test_a_number_in_letters_that_are_not_read_is_for_a_person(said: str) -> None:
    assert grade(NumericKey(42.0, 0.1), GivenAnswer(text=said)).verdict is not INCORRECT
    assert grade(NumericKey(42.0, 0.1), GivenAnswer(text="potato")).verdict is INCORRECT


def test_an_abbreviation_of_the_right_answer_is_never_called_wrong() -> None:
    for said, key in (("PSII", "photosystem II"), ("DNA", "deoxyribonucleic acid"), ("deoxyribonucleic acid", "DNA")):
        assert grade_text(said, [key]).verdict is REVIEW, said
    assert grade_text("RNA", ["deoxyribonucleic acid"]).verdict is INCORRECT


NUMBER_FORMS = {
    "Welches Organell erzeugt das ATP der Zelle?": [
        ("Mitochondrien", "Mitochondrium"), ("die Zellkerne", "Zellkern"), ("membranen", "Membran"), ("Proteine", "das Protein"),
        ("Muenchen", "München"), ("die Aequatoren", "Äquator"), ("Schluessel", "Schlüssel"),
    ],
    "Quel est le centre de la cellule et des tissus ?": [("les noyaux", "noyau"), ("chevaux", "le cheval"), ("coeur", "cœur")],
    "¿Qué es lo que produce el ATP de la célula?": [("reacciones", "la reacción"), ("luces", "luz"), ("animales", "animal")],
    "O que é que produz o ATP das células?": [("reações", "a reação"), ("animais", "animal"), ("nuvens", "nuvem")],
}  # fmt: skip
NO_NUMBER_FORMS = {
    "Welches Organell erzeugt das ATP der Zelle?": [
        ("Eisen", "Eis"), ("Kohle", "Kohl"), ("Physiker", "Physik"), ("Alkene", "Alkane"), ("Nitrite", "Nitrat"), ("Silber", "Silbe"),
        ("Leben", "Leber"), ("Chlorate", "Chlorid"), ("Muskat", "Muskel"),
    ],
    "Quel est le centre de la cellule et des tissus ?": [("poison", "poisson"), ("nitrites", "nitrate"), ("cheveux", "cheval")],
    "¿Qué es lo que produce el ATP de la célula?": [("nitritos", "nitrato"), ("suelos", "sol"), ("pesas", "pez")],
    "O que é que produz o ATP das células?": [("nitritos", "nitrato"), ("mães", "mão"), ("pós", "pão")],
}  # fmt: skip


@pytest.mark.parametrize("stem", NUMBER_FORMS)
def test_number_and_spelled_out_umlauts_do_not_matter_in_the_language_of_the_question(stem: str) -> None:
    for answer, key in NUMBER_FORMS[stem]:
        assert grade(TextKey((key,)), GivenAnswer(text=answer), stem=stem).correct, (answer, key)
        assert grade(TextKey((answer,)), GivenAnswer(text=key), stem=stem).correct, (key, answer)


@pytest.mark.parametrize("stem", NO_NUMBER_FORMS)
def test_another_word_that_looks_like_a_plural_is_never_accepted(stem: str) -> None:
    for answer, key in NO_NUMBER_FORMS[stem]:
        assert not grade(TextKey((key,)), GivenAnswer(text=answer), stem=stem).correct, (answer, key)


def test_no_minimal_pair_is_accepted_whatever_the_language_of_the_question() -> None:
    # The pairs are English; in German "Silicone" is the plural of "Silicon".
    spoken = frozenset({"en", "es", "fr", "pt"})
    assert [
        (a, k) for a, k, expected in PAIRS if expected == "no" and grade_text(a, [k], (), None, spoken).correct
    ] == []


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("wahr", True),
        ("Falsch.", False),
        ("vrai", True),
        ("faux", False),
        ("sí", True),
        ("Verdadeiro", True),
        ("NO", False),
    ],
)
def test_a_statement_is_called_true_or_false_in_five_languages(said: str, value: bool) -> None:
    assert grade(BooleanKey(value), GivenAnswer(text=said)).correct
    assert grade(BooleanKey(not value), GivenAnswer(text=said)).verdict is INCORRECT


@pytest.mark.parametrize(
    "answer", ["∞", "1e309", "9" * 400, "+-+-", "1٣", "4२", "🙂 42", "42 ☂", "-" * 2000, "1/0", "10^999999"]
)
def test_what_cannot_be_read_is_for_a_person_or_wrong_but_never_right(answer: str) -> None:
    assert not grade_text(answer, ["42"]).correct
    assert grade_text(f"{answer} 42", ["42"]).verdict is not CORRECT


def test_a_statement_is_wrong_only_where_little_speaks_for_it() -> None:
    key = ["The current stops because the circuit is no longer closed"]
    assert grade_text("the current stops because the circuit is no longer closed.", key).correct
    assert grade_text("The current does not stop because the circuit is closed", key).verdict is not CORRECT
    assert grade_text("the circuit is open so nothing flows", key).verdict is REVIEW


def test_what_lies_between_waits_for_a_person_or_is_wrong_but_never_right_by_guess() -> None:
    for answer, key, expected in PAIRS:
        if expected == "?":
            assert grade_text(answer, [key]).verdict in {REVIEW, CORRECT, INCORRECT}
    assert grade_text("mytochondria", ["mitochondria"]).verdict is REVIEW
    assert grade_text("plasma membrane proteins", ["plasma membrane"]).verdict is REVIEW


def test_another_term_of_the_material_is_wrong_even_when_it_looks_alike() -> None:
    assert grade_text("glycogenolysis", ["glycogenesis"], terms=["glycogenolysis"]).verdict is INCORRECT
    assert grade_text("nucleolus", ["nucleoid"], terms=["nucleolus", "nucleoid"]).verdict is INCORRECT


def test_a_slip_is_not_forgiven_where_another_term_is_as_near() -> None:
    assert grade_text("transciption factor", ["transcription factor"]).correct
    near = grade_text("acetylcholin", ["acetylcholine"], terms=["acetylcholin"])
    assert not near.correct


def test_any_accepted_answer_will_do_and_the_best_grade_counts() -> None:
    assert grade_text("Denning", ["Lord Denning", "Denning"]).correct
    assert grade_text("ATP", ["adenosine triphosphate", "ATP"]).correct


def test_meaning_in_doubt_is_left_to_a_person() -> None:
    assert grade_text("red blood cell", ["erythrocyte"]).verdict is INCORRECT
    assert grade_text("red blood cell", ["erythrocyte"], similar=lambda a, b: 0.8).verdict is REVIEW


@pytest.mark.parametrize("typed", ["Co", "co"])
def test_capitals_count_in_symbols_that_were_typed_with_capitals(typed: str) -> None:
    assert grade_text(typed, ["CO"]).correct is (typed == "co")


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_grading_never_fails_and_an_exact_answer_is_never_wrong(answer: str, key: str) -> None:
    assert grade_text(answer, [key]).verdict in set(GradeVerdict)
    if key.strip() and any(c.isalpha() for c in key):
        assert grade_text(key, [key]).verdict is not INCORRECT or not key.strip(" .,;:!?\"'")


@pytest.mark.parametrize(
    ("answer", "value", "tolerance", "unit", "verdict"),
    [
        ("-70 mV", -70, 0, "mV", CORRECT),
        ("−70 mV", -70, 0, "mV", CORRECT),
        ("- 70", -70, 0, "mV", CORRECT),
        ("-0.07 V", -70, 0, "mV", CORRECT),
        ("70 mV", -70, 0, "mV", INCORRECT),
        ("-70 V", -70, 0, "mV", INCORRECT),
        ("-70 kg", -70, 0, "mV", INCORRECT),
        ("5 kg", 5000, 0, "g", CORRECT),
        ("5 kg", 5, 0, "g", INCORRECT),
        ("25 °C", 298.15, 0.01, "K", CORRECT),
        ("77 °F", 25, 0.01, "°C", CORRECT),
        ("60 km/h", 16.667, 0.01, "m/s", CORRECT),
        ("1 g/cm³", 1000, 0, "kg/m3", CORRECT),
        ("9.8 metres per second squared", 9.8, 0, "m/s2", CORRECT),
        ("1,000,000", 1_000_000, 0, "", CORRECT),
        ("1000001", 1_000_000, 0, "", INCORRECT),
        ("1e6", 1_000_000, 0, "", CORRECT),
        ("5×10³⁰", 5e30, 0, "", CORRECT),
        ("forty million", 4e7, 0, "", CORRECT),
        ("about 40 million", 4e7, 0, "", CORRECT),
        ("9.9", 9.8, 0.1, "", CORRECT),
        ("9.91", 9.8, 0.1, "", INCORRECT),
        ("3.14", 3.14159, 0, "", REVIEW),
        ("3.15", 3.14159, 0, "", INCORRECT),
        ("5 or 6", 5, 0, "", REVIEW),
        ("5-6", 5, 0, "", REVIEW),
        ("more than 5", 5, 0, "", REVIEW),
        ("not 5", 5, 0, "", INCORRECT),
        ("5 flurbs", 5, 0, "mV", REVIEW),
        ("five phases", 5, 0, "", CORRECT),
        ("many", 5, 0, "", INCORRECT),
        ("1945", 1954, 0, "", INCORRECT),
        ("20 %", 0.2, 0, "", REVIEW),
    ],
)
def test_numbers_are_graded_with_sign_tolerance_and_unit(
    answer: str, value: float, tolerance: float, unit: str, verdict: GradeVerdict
) -> None:
    assert grade_number(answer, value, tolerance, unit).verdict is verdict


def test_a_missing_unit_is_accepted_only_where_the_question_shows_it() -> None:
    key = NumericKey(-70.0, 0.0, "mV")
    assert grade(key, GivenAnswer(text="-70"), stem="It is about _____ mV.").correct
    assert grade(key, GivenAnswer(text="-70"), stem="What is the resting potential, in millivolts?").correct
    assert grade(key, GivenAnswer(text="-70"), stem="What is the resting potential?").verdict is REVIEW
    assert shows_unit("How many years is the limitation period?", "years")


@given(st.floats(-1e6, 1e6, allow_nan=False), st.floats(0, 1e3))
def test_the_value_itself_is_right_and_twice_the_tolerance_away_is_not(value: float, tolerance: float) -> None:
    value = round(value, 3)
    assert grade_number(f"{value:.3f}", value, tolerance).correct
    assert not grade_number(f"{value + 2 * tolerance + 1:.3f}", value, tolerance).correct


def test_choices_are_graded_by_their_exact_id() -> None:
    options = (Option("aa", "Pons"), Option("bb", "Medulla"))
    assert grade(ChoiceKey("aa"), GivenAnswer(option_id="aa"), options=options).correct
    assert grade(ChoiceKey("aa"), GivenAnswer(option_id="bb"), options=options).verdict is INCORRECT
    assert grade(ChoiceKey("aa"), GivenAnswer(text="pons"), options=options).correct
    with pytest.raises(AnswerOptionUnknown):
        grade(ChoiceKey("aa"), GivenAnswer(option_id="cc"), options=options)
    with pytest.raises(AnswerOptionUnknown):
        grade(ChoiceKey("aa"), GivenAnswer(text="cerebellum"), options=options)


def test_statements_are_graded_by_true_or_false() -> None:
    assert grade(BooleanKey(True), GivenAnswer(option_id="true")).correct
    assert grade(BooleanKey(False), GivenAnswer(text="False.")).correct
    assert grade(BooleanKey(True), GivenAnswer(option_id="false")).verdict is INCORRECT
    with pytest.raises(AnswerOptionUnknown):
        grade(BooleanKey(True), GivenAnswer(text="perhaps"))


def test_empty_and_endless_answers_are_refused_by_name() -> None:
    with pytest.raises(AnswerMissing):
        grade(TextKey(("pons",)), GivenAnswer(text="  "))
    with pytest.raises(AnswerTooLong):
        grade(TextKey(("pons",)), GivenAnswer(text="x" * 100_000))


def test_parts_earn_their_share_in_any_order_and_none_counts_twice() -> None:
    key = PartsKey((TextKey(("sodium",)), TextKey(("potassium",)), TextKey(("calcium",)), TextKey(("chloride",))))
    assert grade(key, GivenAnswer(parts=("calcium", "chloride", "sodium", "potassium"))).correct
    assert grade(key, GivenAnswer(text="sodium, potassium, calcium and chloride")).correct
    half = grade(key, GivenAnswer(parts=("potassium", "sodium", "iron", "gold")))
    assert (half.verdict, half.credit) == (INCORRECT, 0.5)
    twice = grade(key, GivenAnswer(parts=("sodium", "sodium", "sodium", "sodium")))
    assert (twice.verdict, twice.credit) == (INCORRECT, 0.25)
    doubt = grade(key, GivenAnswer(parts=("sodium", "potashium", "calcium", "chloride")))
    assert doubt.verdict is REVIEW
    assert doubt.credit == 0.75
    assert grade(key, GivenAnswer(parts=("a", "b", "c", "d", "sodium"))).verdict is REVIEW


def test_ordered_parts_are_compared_in_place() -> None:
    key = PartsKey((TextKey(("prophase",)), TextKey(("metaphase",))), ordered=True)
    assert grade(key, GivenAnswer(parts=("prophase", "metaphase"))).correct
    assert grade(key, GivenAnswer(parts=("metaphase", "prophase"))).credit == 0.0


def test_slips_are_forgiven_only_in_the_middle_of_long_words() -> None:
    assert is_slip("mitocondria", "mitochondria")
    assert is_slip("photosinthesis", "photosynthesis")
    assert not is_slip("nitrite", "nitrate")
    assert not is_slip("hypotension", "hypertension")
    assert not is_slip("adsorption", "absorption")
    assert distance("neuron", "neutron") == 1


@pytest.mark.parametrize(
    ("a", "b"), [("increase", "decrease"), ("increases", "decreased"), ("valid", "invalid"), ("anion", "cation")]
)
def test_opposites_are_known_both_ways(a: str, b: str) -> None:
    assert are_opposites(a, b)
    assert are_opposites(b, a)
    assert not are_opposites(a, a)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("−70 mV", [(-70.0, "mV")]),
        ("2–10 nanometres in diameter", [(2.0, "nm"), (10.0, "nm")]),
        ("about 5×10³⁰ bacteria", [(5e30, None)]),
        ("vitamin B12", []),
        ("in the 1970s", [(1970.0, None)]),
        ("16S ribosomal RNA", [(16.0, None)]),
        ("$3.5 million", [(3_500_000.0, "$")]),
        ("two hundred and six bones", [(206.0, None)]),
        ("37 °C", [(37.0, "°C")]),
        ("1939-1945", [(1939.0, None), (1945.0, None)]),
    ],
)
def test_numbers_are_found_with_sign_and_unit(text: str, found: list[tuple[float, str | None]]) -> None:
    assert [(q.value, q.unit.symbol if q.unit else None) for q in find_quantities(text)] == found


CONVERTIBLE = [
    ("mV", "V"), ("kg", "lb"), ("°C", "K"), ("m/s", "km/h"), ("%", "ppm"), ("nm", "mi"), ("min", "h"), ("J", "cal"), ("mmHg", "kPa"),
]  # fmt: skip


@given(st.sampled_from(CONVERTIBLE), st.floats(-1e6, 1e6, allow_nan=False))
def test_conversion_there_and_back_changes_nothing(symbols: tuple[str, str], value: float) -> None:
    unit, other = parse_unit(symbols[0]), parse_unit(symbols[1])
    assert unit is not None
    assert other is not None
    there = convert(value, unit, other)
    assert there is not None
    assert convert(there, other, unit) == pytest.approx(value, rel=1e-9, abs=1e-6)
    assert convert(value, unit, parse_unit("A")) is None  # type: ignore[arg-type]
