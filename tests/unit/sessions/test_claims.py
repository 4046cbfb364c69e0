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
