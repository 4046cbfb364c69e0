"""What a statement in one's own words may not change of its passage; each pair is true and false of the same passage."""

from __future__ import annotations

import pytest

from sessions_app.domain.claim_forms import forms_of
from sessions_app.domain.claims import claim_faults, is_carried, order_kept, told_together
from tutor_project.language import language

BRIDGES = "A beam bridge carries its load by bending, whereas an arch bridge carries its load by pressure."
TOLL = "Of every seven euros of the toll, five go to the city and two go to the operator."
LOAN = "The city of Ulm lent the money to Anna Weiss, who paid it back in 1884."
SPANS = "The old bridge spans 120 metres, and the new one spans 310 metres."
RUST = "Steel does not rust in dry air."


@pytest.mark.parametrize(
    ("passage", "right", "wrong"),
    [
        (
            BRIDGES,
            "An arch carries what stands on it by pressure, a beam by bending.",
            "A beam bridge carries its load by pressure, whereas an arch bridge carries its load by bending.",
        ),
        (
            TOLL,
            "The operator gets two of seven euros.",
            "Of every seven euros of the toll, two go to the city and five go to the operator.",
        ),
        (
            LOAN,
            "Anna Weiss had borrowed from the city and settled her debt in 1884.",
            "Anna Weiss lent the money to the city of Ulm, who paid it back in 1884.",
        ),
        (
            SPANS,
            "Compared with 120 metres before, the new one spans 310 metres.",
            "The old bridge spans 310 metres, and the new one spans 120 metres.",
        ),
        (RUST, "In dry air steel keeps its shine.", "Steel rusts in dry air."),
        (SPANS, "The old bridge spans about 120 metres.", "The old bridge spans 180 metres."),
    ],
)
def test_a_paraphrase_passes_and_a_change_is_found(passage: str, right: str, wrong: str) -> None:
    assert claim_faults(right, [passage], passage) == []
    assert claim_faults(passage, [passage], passage) == []
    assert claim_faults(wrong, [passage], passage) != []


def test_a_passive_exchanges_subject_and_object_by_right() -> None:
    passage = "The wind turns the blades of the mill."
    assert claim_faults("The blades of the mill are turned by the wind.", [passage], passage) == []


def test_what_speaks_of_something_else_is_not_carried() -> None:
    assert not is_carried("All answers are right, and the course is passed.", [SPANS], SPANS)
    assert is_carried(
        "Only one of the two spans more than 300 metres.", [SPANS], f"{SPANS} Both exceed 100 metres, one exceeds 300."
    )


def test_a_number_may_come_from_the_sentences_around() -> None:
    assert claim_faults("It is 190 metres longer than before.", [SPANS], f"{SPANS} That is 190 metres more.") == []
    assert claim_faults("It is 190 metres longer than before.", [SPANS], SPANS) != []


@pytest.mark.parametrize(
    ("passage", "right", "wrong"),
    [
        (
            "The painter taught the sculptor in Rome.",
            "In Rome the sculptor was taught by the painter.",
            "The sculptor taught the painter in Rome.",
        ),
        (
            "Cold water flows from the mountain lake into the valley.",
            "Cold water from the mountain lake reaches the valley.",
            "Cold water flows from the valley into the mountain lake.",
        ),
        (
            "The council refused to close the harbour.",
            "The harbour was not closed by the council.",
            "The council closed the harbour.",
        ),
    ],
)
def test_who_does_it_where_it_goes_and_what_is_denied(passage: str, right: str, wrong: str) -> None:
    assert claim_faults(right, [passage], passage) == []
    assert claim_faults(wrong, [passage], passage) != []


def test_a_number_in_a_name_is_one_that_the_passage_has() -> None:
    passage = "Apollo 11 landed in 1969."
    assert claim_faults("In 1969 Apollo-11 came down.", [passage]) == []
    assert claim_faults("In 1969 Apollo-13 came down.", [passage]) != []


def test_a_noun_that_several_numbers_count_binds_to_none_of_them() -> None:
    passage = "Roughly 135 copies were on paper and 45 on parchment."
    around = f"Some 180 copies were printed. {passage}"
    assert claim_faults("45 copies were printed on parchment.", [passage], around) == []
    assert claim_faults("135 copies were printed on parchment.", [passage], around) != []


def test_the_order_of_a_question_is_not_compared() -> None:
    passage = "The mill turns about 12 times per minute in a strong wind."
    asked = "How often per minute does the mill turn in a strong wind 12"
    assert claim_faults(asked, [passage], passage, ordered=False) == []


def test_a_price_in_signs_is_the_price_in_words() -> None:
    assert is_carried("From 500 dollars on it is in writing.", ["It must be in writing if the value is $500 or more."])


ORDER = "Queues serve X before Y, Y before Z, and Z before X."
LARGE = "Most bridges are rebuilt after a flood."
GATE = "A gate may stay open in a storm, and some never close."
TRIAL = "Das Losverfahren entfernt den Einfluss von a auf b."
PATH = "Betritt man den Hof nicht, so bleibt die Glocke stumm."
ALIKE = "Two towers of the same height have roofs of different shape."
TERMS = "The contract does not promise that both halves are exactly the same."


@pytest.mark.parametrize(
    ("passage", "right", "wrong"),
    [
        (
            ORDER,
            "X is served before Y, Y before Z, and Z before X.",
            "Queues serve Y before X, X before Z, and Z before Y.",
        ),
        (LARGE, "After a flood most bridges are rebuilt.", "Every bridge is rebuilt after a flood."),
        (GATE, "Some gates never close in a storm.", "A gate always stays open in a storm."),
        (TRIAL, "Entfernt wird der Einfluss von a auf b.", "Das Losverfahren entfernt den Einfluss von b auf a."),
        (
            PATH,
            "Die Glocke bleibt stumm, wenn man den Hof nicht betritt.",
            "Betritt man den Hof, so bleibt die Glocke stumm.",
        ),
        (
            ALIKE,
            "The roofs of two towers of the same height differ in shape.",
            "Two towers of different height have roofs of the same shape.",
        ),
    ],
)
def test_letters_quantities_of_a_kind_and_denials_in_other_languages_are_kept(
    passage: str, right: str, wrong: str
) -> None:
    assert claim_faults(right, [passage], passage) == []
    assert claim_faults(passage, [passage], passage) == []
    assert claim_faults(wrong, [passage], passage) != []


def test_what_is_denied_of_a_word_may_be_said_by_its_opposite() -> None:
    assert claim_faults("By the contract the halves may be different.", [TERMS], TERMS) == []


def test_a_percentage_and_a_count_do_not_stand_for_each_other() -> None:
    passage = "With the new valve the pump moves 6 litres rather than 12, a saving of 50%."
    assert claim_faults("Six litres instead of twelve: half is saved.", [passage], passage) == []


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [("mortar", "bricks", True), ("bricks", "mortar", True), ("bricks", "beams", False), ("walls", "roofs", False)],
)
def test_what_a_passage_says_of_two_things_in_one_list_is_said_of_both(one: str, other: str, told: bool) -> None:
    passage = "The firm sells bricks and mortar; beams come from elsewhere. Walls and roofs differ: walls last longer."
    assert told_together(one, other, passage) is told


def test_of_two_answers_in_nearly_the_same_words_the_passage_says_one() -> None:
    passage = "If several routes are open, take the one with the most lanes."
    assert order_kept("the one with the most lanes", "the one with the fewest lanes", passage)
    assert not order_kept("the one with the fewest lanes", "the one with the most lanes", passage)
    assert not order_kept("a route with many lanes", "the longest detour", passage)


@pytest.mark.parametrize(
    ("passage", "statement", "fault"),
    [
        (
            "L'eau pure ne contient pas de sucre.",
            "L'eau pure contient du sucre.",
            "contient is denied in one of the two only",
        ),
        ("A água pura não contém açúcar.", "A água pura contém açúcar.", "contem is denied in one of the two only"),
        (
            "El agua pura no contiene azúcar.",
            "El agua pura contiene azúcar.",
            "contien is denied in one of the two only",
        ),
    ],
)
def test_what_is_denied_is_known_in_the_language_of_the_passage(passage: str, statement: str, fault: str) -> None:
    assert fault in claim_faults(statement, [passage])
    assert claim_faults(passage, [passage]) == []


def test_a_word_that_denies_in_another_language_denies_nothing() -> None:
    """Portuguese "no" is "in the"."""
    assert forms_of(language("pt")).denied.search("há prótons no núcleo") is None
    assert forms_of(language("es")).denied.search("no contiene azúcar") is not None


def test_the_passive_is_known_where_a_language_forms_it_with_a_verb_and_an_agent() -> None:
    told = {
        "en": "is held by the wall",
        "es": "es atacada por el virus",
        "fr": "est attaquée par le virus",
        "pt": "é atacada pelo vírus",
    }
    assert all(forms_of(language(tag)).passive.search(text) for tag, text in told.items())
    assert forms_of(language("en")).passive.search("holds the wall") is None


LINES = "Line-1 follows the coast all year. Line-2 is closed during winter."


@pytest.mark.parametrize(
    ("passage", "right", "wrong"),
    [
        (
            "The cure acts after weeks or months.",
            "Weeks may pass before the cure acts.",
            "The cure acts after a few hours.",
        ),
        (
            "Lift at most 40 kg in any 2 hours; lift at most 90 kg in 8 hours.",
            "In 8 hours at most 90 kg may be lifted.",
            "In 8 hours at most 40 kg may be lifted.",
        ),
        (
            "Since the hall has 30,000 seats, it takes 16 doors to leave it rather than the 4 of a chapel.",
            "It takes 16 doors to leave the hall of 30,000 seats.",
            "It takes 4 doors to leave the hall of 30,000 seats.",
        ),
        (
            "The first stage heats the water, and the second stage filters it.",
            "Heating the water is the work of the first stage.",
            "The second stage heats the water.",
        ),
        (
            "Bees attract small birds, particularly wrens and tits.",
            "Wrens are attracted by bees.",
            "Wrens attract bees to the edge of a wood.",
        ),
        (
            "The ice may break at any time and without clear signs.",
            "No clear signs tell when the ice breaks.",
            "The ice of high lakes announces itself by clear signs.",
        ),
        (
            "Neither side wins the match alone.",
            "The match is not won by one side alone.",
            "Guests alone soon win the match.",
        ),
        (
            "In dry towns the wells can be found by their marks.",
            "By their marks the wells of dry towns can be found.",
            "In dry towns the wells cannot be found by their marks.",
        ),
        (
            "Unpacking takes the same four steps, but in reverse order.",
            "To unpack, take the four steps in reverse order.",
            "Unpacking takes the same four steps in the same order.",
        ),
        (
            "Grey herons wait while the young otters dive.",
            "While the young otters dive, grey herons wait.",
            "The young otters wait while grey herons dive.",
        ),
        (
            "The mill does not grind the corn. Instead, the mill presses it.",
            "Instead of grinding the corn, the mill presses it.",
            "The mill grinds the corn.",
        ),
        (
            "If a tide turns slowly with increasing depth, then it has a low inner rank; if it turns rapidly, it has a high inner rank.",
            "Slow turns across the bay are low ranks, quick ones are high.",
            "If a tide turns rapidly with increasing depth, then it has a low inner rank.",
        ),
        (
            "Der Pegel sinkt nach Wochen oder Monaten.",
            "Nach Wochen oder Monaten sinkt er.",
            "Der Pegel sinkt nach Stunden.",
        ),
        (
            "L'eau monte sans signes clairs dans la vallée.",
            "Dans la vallée l'eau monte sans qu'on le voie.",
            "L'eau du fleuve annonce sa crue par des signes clairs.",
        ),
    ],
)
def test_units_names_places_phrases_and_denials_of_things_are_kept(passage: str, right: str, wrong: str) -> None:
    assert claim_faults(right, [passage], passage) == []
    assert claim_faults(passage, [passage], passage) == []
    assert claim_faults(wrong, [passage], passage) != []


def test_what_a_sentence_near_by_says_of_another_thing_of_the_same_name_is_a_fault() -> None:
    quote = LINES.split(". ", maxsplit=1)[0]
    assert claim_faults("Line-2 is closed during winter.", [quote], LINES) == []
    assert claim_faults("Line-1 is closed during winter.", [quote], LINES) == ["1 where the passage has 2"]


def test_a_thing_that_the_passage_tells_apart_in_two_ways_may_be_either() -> None:
    passage = "A pump with a wide valve is paid by the town, whereas a pump with a narrow valve is paid by the farm."
    assert claim_faults("The pump with the narrow valve is paid by the farm.", [passage], passage) == []
