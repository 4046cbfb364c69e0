"""Which reviews come today, and when the others come: a daily cap, and an order that starves nothing.

After an absence more reviews are due than a day should hold. The cap is filled from two ends: of every
three places one goes to the card that has waited longest and two go to the cards that lose most by waiting
another day (the fall of retrievability until tomorrow). The second serves memory best; the first bounds the
wait: of ``n`` due cards each is shown within ``ceil(n / ceil(cap / 3))`` days, whatever becomes due meanwhile.
Everything is decided by the cards alone, so the same cards give the same day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tutor_project.common.errors import InvalidInput

WAITING_PLACE_EVERY = 3
SHIFT_SHARE = 0.15
LONGEST_SHIFT_DAYS = 7
SHORTEST_SHIFTED_INTERVAL_DAYS = 3


class InvalidReviewCap(InvalidInput):
    """400: a cap that lets nothing through would starve every card."""

    code = "invalid_review_cap"
    detail = "The daily cap on reviews must be at least 1."


@dataclass(frozen=True, slots=True)
class WaitingCard:
    """A card as the plan sees it: when it is due, and the chance to recall it today and tomorrow."""

    id: str
    due: date
    recall_today: float
    recall_tomorrow: float

    @property
    def loss(self) -> float:
        """The chance to recall that is lost by waiting another day."""
        return self.recall_today - self.recall_tomorrow


def reviews_today(cards: Iterable[WaitingCard], today: date, cap: int, done_today: int = 0) -> list[str]:
    """Return the ids of the cards to review today, most urgent first, at most ``cap - done_today`` of them.

    Raises InvalidReviewCap for a cap below 1.
    """
    if cap < 1:
        raise InvalidReviewCap(attr="cap")
    due = [card for card in cards if card.due <= today]
    return [card.id for card in _in_order(due, max(cap - done_today, 0), done_today)]


def level_due_day(due: date, last_review: date, load: Mapping[date, int], cap: int) -> date:
    """Return the day near ``due`` that holds the fewest reviews, so that cards do not come in waves.

    ``load`` counts the reviews already planned per day. A day at the cap is avoided while the interval allows it:
    it may move by 15 % and by a week at most, never to the review day itself; intervals below three days stay.
    Of equally loaded days the one nearest to ``due`` wins, the earlier one first.
    """
    interval = (due - last_review).days
    if interval < SHORTEST_SHIFTED_INTERVAL_DAYS:
        return due
    reach = min(max(round(interval * SHIFT_SHARE), 1), LONGEST_SHIFT_DAYS)
    days = [due + timedelta(days=shift) for shift in range(-reach, reach + 1)]
    planned = load.get(due, 0)
    if planned < cap // 2:
        return due
    return min(days, key=lambda day: (load.get(day, 0), abs((day - due).days), day))


def _in_order(due: Sequence[WaitingCard], places: int, already_filled: int) -> list[WaitingCard]:
    """Fill ``places``: every third place of the day by waiting time, the others by loss."""
    by_loss = sorted(due, key=lambda card: (-card.loss, card.due, card.id))
    by_wait = sorted(due, key=lambda card: (card.due, card.id))
    chosen: list[WaitingCard] = []
    taken: set[str] = set()
    position = {"loss": 0, "wait": 0}
    for place in range(already_filled, already_filled + min(places, len(due))):
        # the first place of three goes by waiting time, so that a cap of one or two also reaches everybody
        name, order = ("wait", by_wait) if place % WAITING_PLACE_EVERY == 0 else ("loss", by_loss)
        while order[position[name]].id in taken:
            position[name] += 1
        card = order[position[name]]
        chosen.append(card)
        taken.add(card.id)
    return chosen
