"""Reviews before an exam: what would not be fresh on the day comes once more, as late as there is room for it.

Cards are due as always; on top of that, cards whose recall on the exam's day would be below ``SAFE_RECALL`` are brought
forward. They wait until the days that are left, at a share of the daily cap and with the days people miss, just hold them:
the later the review, the fresher the memory. Those forgotten most slowly come first, for they lose least by coming early.
Nothing is stored: without the date, or once it has passed, cards are due as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

EXAM_SHARE = 0.8
"""Share of the daily cap that reviews brought forward may fill; lapses and other courses need the rest."""
DAYS_STUDIED = 0.6
"""Share of the coming days on which a learner is expected to study."""
SAFE_RECALL = 0.97
"""A card that will be recalled with at least this chance on the day needs no further review."""


@dataclass(frozen=True, slots=True)
class ExamCard:
    """A card before an exam.

    ``lapsed``: the last answer was wrong; ``stability``: days until recall has fallen to 90 %; ``recall_on_day``: the chance
    to recall it in the exam without another review.
    """

    id: str
    due: date
    last_review: date | None
    lapsed: bool
    stability: float
    recall_on_day: float


def exam_days(cards: Sequence[ExamCard], today: date, exam_on: date, cap: int) -> dict[str, date]:
    """Return the day each card is due for a learner with an exam: ``today`` for those brought forward, else its own day."""
    days = {card.id: card.due for card in cards}
    if exam_on <= today:
        return days
    places = max(1, int(cap * EXAM_SHARE))
    wanting = [card for card in cards if _wants_a_review(card, today)]
    held_later = int(DAYS_STUDIED * places * ((exam_on - today).days - 1))
    forward = min(places, max(0, len(wanting) - held_later))
    for card in sorted(wanting, key=lambda card: (-card.stability, card.id))[:forward]:
        days[card.id] = today
    return days


def _wants_a_review(card: ExamCard, today: date) -> bool:
    """Whether a card that is not due yet would not be safe on the day; one answered today or learned anew has its own day."""
    if card.last_review is None or card.last_review >= today or card.lapsed:
        return False
    return card.due > today and card.recall_on_day < SAFE_RECALL
