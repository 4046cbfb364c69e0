"""What a statement in one's own words may not change of its passage; each pair is true and false of the same passage."""

from __future__ import annotations

import pytest

from sessions_app.domain.claims import claim_faults, is_carried

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
