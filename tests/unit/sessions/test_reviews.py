"""Reviews: what an answer does to a card, the daily cap, and that nothing starves."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.domain.review_load import (
    InvalidReviewCap,
    WaitingCard,
    level_due_day,
    reviews_today,
)
from sessions_app.engine import scheduling
from sessions_app.engine.scheduling import CardDocument, ReviewRating, due_at, new_card, rating_of_answer, review_answer

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
TODAY = NOW.date()


def mature_card() -> CardDocument:
    card = review_answer(new_card(NOW), ReviewRating.GOOD, NOW)
    for _ in range(3):
        card = review_answer(card, ReviewRating.GOOD, due_at(card))
    return card


def last_review(card: CardDocument) -> datetime:
    return datetime.fromisoformat(card["last_review"])


def test_repeats_within_the_same_minute_do_not_move_a_card() -> None:
    card = review_answer(new_card(NOW), ReviewRating.GOOD, NOW)
    again = card
    for minute in range(1, 10):
        again = review_answer(again, ReviewRating.EASY, NOW + timedelta(minutes=minute))
    assert again == card


def test_repeats_long_before_due_barely_move_stability() -> None:
    card = mature_card()
    early = review_answer(card, ReviewRating.EASY, last_review(card) + timedelta(days=1))
    on_time = review_answer(card, ReviewRating.GOOD, due_at(card))
    assert 0 <= early["stability"] - card["stability"] < 0.02 * (on_time["stability"] - card["stability"])


def test_a_lapse_comes_back_the_next_day_and_counts_once_a_day() -> None:
    card = mature_card()
    moment = due_at(card)
    lapsed = review_answer(card, ReviewRating.AGAIN, moment)
    assert due_at(lapsed) == moment + timedelta(days=1)
    assert lapsed["stability"] < card["stability"] / 2
    assert review_answer(lapsed, ReviewRating.AGAIN, moment + timedelta(hours=1)) == lapsed
    assert review_answer(lapsed, ReviewRating.GOOD, moment + timedelta(hours=2)) == lapsed


def test_a_wrong_answer_right_after_a_right_one_counts() -> None:
    card = mature_card()
    slipped = review_answer(card, ReviewRating.AGAIN, last_review(card) + timedelta(hours=1))
    assert due_at(slipped) == last_review(card) + timedelta(hours=25)


def test_better_answers_give_longer_intervals() -> None:
    card = mature_card()
    dues = [due_at(review_answer(card, rating, due_at(card))) for rating in ReviewRating]
    assert dues == sorted(dues)


def test_a_card_is_plain_json_and_the_same_answers_give_the_same_card() -> None:
    assert json.loads(json.dumps(mature_card())) == mature_card()


def test_recall_falls_with_time_and_is_what_was_asked_for_at_the_due_time() -> None:
    card = review_answer(new_card(NOW), ReviewRating.GOOD, NOW)
    card = review_answer(card, ReviewRating.GOOD, due_at(card))
    assert scheduling.retrievability(card, due_at(card)) == pytest.approx(0.9, abs=0.02)
    later = scheduling.retrievability(card, due_at(card) + timedelta(days=60))
    assert later < 0.8


@pytest.mark.parametrize(
    ("answer", "rating"),
    [
        ({"credit": 0.0}, ReviewRating.AGAIN),
        ({"credit": 0.4}, ReviewRating.AGAIN),
        ({"credit": 0.5}, ReviewRating.HARD),
        ({"credit": 1.0, "hints_used": 1}, ReviewRating.HARD),
        ({"credit": 1.0, "seconds": 130.0, "usual_seconds": 60.0}, ReviewRating.HARD),
        ({"credit": 1.0}, ReviewRating.GOOD),
        ({"credit": 1.0, "seconds": 10.0, "usual_seconds": 60.0}, ReviewRating.EASY),
        ({"credit": 1.0, "seconds": 10.0, "usual_seconds": 60.0, "guess": 0.5}, ReviewRating.GOOD),
    ],
)
def test_the_rating_follows_credit_hints_time_and_guess_chance(answer: dict[str, float], rating: ReviewRating) -> None:
    assert rating_of_answer(**answer) is rating  # type: ignore[arg-type]


waiting_cards = st.lists(
    st.builds(
        lambda late, today, loss: (late, today, today * (1 - loss)),
        st.integers(-20, 60),
        st.floats(0.01, 0.99),
        st.floats(0, 0.5),
    ),
    max_size=80,
).map(
    lambda rows: [
        WaitingCard(f"{number:03d}", TODAY - timedelta(days=late), today, tomorrow)
        for number, (late, today, tomorrow) in enumerate(rows)
    ]
)


@given(waiting_cards, st.integers(1, 12), st.integers(0, 15))
def test_a_day_is_never_above_the_cap_and_holds_only_due_cards(cards: list[WaitingCard], cap: int, done: int) -> None:
    chosen = reviews_today(cards, TODAY, cap, done)
    due = {card.id for card in cards if card.due <= TODAY}
    assert len(chosen) == len(set(chosen)) == min(max(cap - done, 0), len(due))
    assert set(chosen) <= due
    assert chosen == reviews_today(list(reversed(cards)), TODAY, cap, done)


@pytest.mark.parametrize("cap", [1, 2, 3, 10])
def test_a_card_that_loses_nothing_by_waiting_is_still_shown_while_urgent_ones_keep_coming(cap: int) -> None:
    patient = [WaitingCard(f"patient-{n}", TODAY, 0.1, 0.1) for n in range(20)]
    waiting = {card.id: card for card in patient}
    bound = math.ceil(len(patient) / math.ceil(cap / 3))
    for day in range(bound):
        today = TODAY + timedelta(days=day)
        for number in range(cap):  # as many new urgent cards a day as the day holds
            waiting[f"urgent-{day}-{number}"] = WaitingCard(f"urgent-{day}-{number}", today, 0.9, 0.5)
        for identity in reviews_today(waiting.values(), today, cap):
            del waiting[identity]
    assert not any(card.id in waiting for card in patient)


def test_after_thirty_days_away_no_day_is_above_the_cap_and_every_card_is_shown() -> None:
    cards: dict[str, CardDocument] = {}
    for number in range(200):
        start = NOW + timedelta(days=number % 20)
        cards[f"{number:03d}"] = review_answer(new_card(start), ReviewRating.GOOD, start)
    back = TODAY + timedelta(days=50)
    waiting = {identity: scheduling.waiting_card(identity, card, back) for identity, card in cards.items()}
    assert len(reviews_today(waiting.values(), back, cap=25, done_today=20)) == 5
    for day in range(8):
        shown = reviews_today(waiting.values(), back + timedelta(days=day), cap=25)
        assert len(shown) == 25
        for identity in shown:
            del waiting[identity]
    assert not waiting


def test_a_due_day_moves_to_a_lighter_day_within_its_reach() -> None:
    last, due = date(2026, 1, 1), date(2026, 1, 21)
    load = {due: 10, due + timedelta(days=1): 10, due - timedelta(days=1): 2, due - timedelta(days=3): 2}
    busy = {due + timedelta(days=shift): 10 for shift in range(-3, 4)} | load
    assert level_due_day(due, last, busy, cap=10) == due - timedelta(days=1)
    assert level_due_day(due, last, {due: 1}, cap=10) == due
    assert level_due_day(date(2026, 1, 3), last, {date(2026, 1, 3): 99}, cap=10) == date(2026, 1, 3)


def test_levelling_keeps_the_time_of_day_and_spreads_cards_of_one_day() -> None:
    load: dict[date, int] = {}
    card = review_answer(new_card(NOW), ReviewRating.GOOD, NOW)
    for _ in range(40):
        reviewed = review_answer(card, ReviewRating.GOOD, due_at(card), load=load, cap=10)
        day = due_at(reviewed).date()
        load[day] = load.get(day, 0) + 1
        assert due_at(reviewed).time() == NOW.time()
    assert max(load.values()) <= 14
    assert len(load) == 5


@pytest.mark.parametrize("cap", [0, -1])
def test_a_cap_that_starves_everybody_is_refused(cap: int) -> None:
    with pytest.raises(InvalidReviewCap):
        reviews_today([], TODAY, cap)
