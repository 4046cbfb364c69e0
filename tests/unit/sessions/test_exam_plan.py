"""Reviews before an exam, readiness, names of concepts, and what is close to an open question."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.domain.concepts import concept_key, concept_name, merged_names
from sessions_app.domain.exam_plan import EXAM_SHARE, SAFE_RECALL, ExamCard, exam_days
from sessions_app.domain.questions.openness import is_close_to_stem
from sessions_app.domain.readiness import ConceptOutlook, memory_on_day, readiness
from sessions_app.engine import scheduling
from sessions_app.engine.exams import forecast
from sessions_app.engine.scheduling import ReviewRating, clock

TODAY = date(2026, 3, 2)

exam_cards = st.lists(
    st.builds(
        lambda due, last, lapsed, stability, recall: (due, last, lapsed, stability, recall),
        st.integers(-20, 90), st.integers(0, 60), st.booleans(), st.floats(0.5, 200), st.floats(0.2, 1.0),
    ),
    max_size=120,
).map(
    lambda rows: [
        ExamCard(f"{number:03d}", TODAY + timedelta(days=due), TODAY - timedelta(days=last), lapsed, stability, recall)
        for number, (due, last, lapsed, stability, recall) in enumerate(rows)
    ]
)  # fmt: skip


@given(exam_cards, st.integers(1, 30), st.integers(-3, 60))
def test_cards_are_only_brought_forward_within_the_cap_and_never_put_off(
    cards: list[ExamCard], cap: int, days_left: int
) -> None:
    planned = exam_days(cards, TODAY, TODAY + timedelta(days=days_left), cap)
    assert set(planned) == {card.id for card in cards}
    moved = [card for card in cards if planned[card.id] != card.due]
    assert all(planned[card.id] == TODAY < card.due for card in moved)
    assert all(card.recall_on_day < SAFE_RECALL and not card.lapsed for card in moved)
    assert len(moved) <= max(1, int(cap * EXAM_SHARE))
    if days_left <= 0:
        assert moved == []


def test_what_is_answered_today_leaves_the_rest_of_the_plan_as_it_was() -> None:
    cards = [
        ExamCard(f"{n:02d}", TODAY + timedelta(days=9), TODAY - timedelta(days=5), False, 10 + n, 0.8)
        for n in range(20)
    ]
    exam_on = TODAY + timedelta(days=1)
    before = [pk for pk, day in exam_days(cards, TODAY, exam_on, 10).items() if day == TODAY]
    assert len(before) == 8
    done = before[3]
    after_review = [
        ExamCard(done, TODAY + timedelta(days=30), TODAY, False, 40, 0.99) if card.id == done else card
        for card in cards
    ]
    after = [pk for pk, day in exam_days(after_review, TODAY, exam_on, 10).items() if day == TODAY]
    assert set(before) - {done} <= set(after)


def test_readiness_lies_within_its_interval_and_nothing_to_ask_has_none() -> None:
    assert readiness([]).expected_share is None
    outlooks = [ConceptOutlook("a", 0.9, 0.8, 0.95), ConceptOutlook("b", 0.5, 0.2, 0.8, memory=0.9)]
    found = readiness(outlooks)
    assert found.low is not None and found.high is not None and found.expected_share == pytest.approx(0.675)
    assert 0 <= found.low < 0.675 < found.high <= 1
    certain = readiness([ConceptOutlook("a", 0.5, 0.5, 0.5)] * 4)
    assert (certain.low, certain.high) == (pytest.approx(0.0888, abs=1e-3), pytest.approx(0.9112, abs=1e-3))
    wider = readiness([*outlooks[:1], ConceptOutlook("b", 0.5, 0.05, 0.95, memory=0.9)])
    assert wider.low is not None and wider.low < found.low


@given(st.lists(st.floats(0, 1), max_size=5), st.floats(0.5, 1))
def test_memory_is_a_share_of_the_usual_recall_and_whole_without_cards(recalls: list[float], usual: float) -> None:
    memory = memory_on_day(recalls, usual)
    assert memory == (min(1.0, sum(recalls) / len(recalls) / usual) if recalls else 1.0)


def test_the_forecast_ends_with_the_exam_and_keeps_to_the_cap() -> None:
    cards = {
        f"{n}": scheduling.review_answer(scheduling.new_card(clock(TODAY)), ReviewRating.GOOD, clock(TODAY))
        for n in range(40)
    }
    exam_on = TODAY + timedelta(days=20)
    ahead = forecast(cards, TODAY, exam_on, exam_on, cap=6, retention=0.9)
    assert set(ahead.load) == {TODAY + timedelta(days=n) for n in range(21)} and max(ahead.load.values()) <= 6
    assert set(ahead.recall) == set(cards) and all(0 < recall <= 1 for recall in ahead.recall.values())
    alone = {pk: scheduling.retrievability(card, clock(exam_on)) for pk, card in cards.items()}
    assert all(ahead.recall[pk] > alone[pk] for pk in cards)


def test_spellings_of_a_concept_are_one_and_a_sentence_is_none() -> None:
    assert concept_key("Archaea") == concept_key("archaea")
    assert concept_key("Cell walls") == concept_key("cell wall")
    assert merged_names(["archaea", "Archaea", "archaea"])[concept_key("archaea")] == "archaea"
    sentence = "the way in which cells of plants take up water at night"
    assert concept_name(sentence, "Osmosis") == "Osmosis"
    assert concept_name(sentence, sentence) == ""


@pytest.mark.parametrize(
    ("text", "close"),
    [
        ("Which organelle makes the ATP of a cell?", True),
        ("what organelle makes atp", True),
        ("organelle that makes ATP", True),
        ("What is osmosis?", False),
        ("How do plants store starch in their roots?", False),
        ("Tell me about the cell", False),
        ("", False),
    ],
)
def test_what_asks_for_the_open_question_is_close_to_its_stem(text: str, close: bool) -> None:
    assert is_close_to_stem(text, "Which organelle makes the ATP of a cell?") is close
