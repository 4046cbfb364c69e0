"""What a quiz is made of: few statements, not all of them true, and no two questions about one passage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.selection import Selection, select
from sessions_app.domain.questions.types import (
    FALSE_OPTION,
    TRUE_OPTION,
    BooleanKey,
    CandidateQuestion,
    QuestionKind,
    Verdict,
)
from tests.unit.sessions.question_material import MORAINE


class PassesAll:
    """A verifier that refuses nothing: the choice alone is looked at."""

    def verify(self, question: CandidateQuestion, bank: Collection[BankItem] = ()) -> Verdict:
        return Verdict()


def about(place: int, **fields: object) -> CandidateQuestion:
    """A question about the passage number ``place``."""
    passage = replace(MORAINE.evidence[0], char_start=100 * place, char_end=100 * place + 50)
    return replace(MORAINE, stem=f"What stands in passage {place}?", evidence=(passage,), **fields)  # type: ignore[arg-type]


def statement(place: int, *, true: bool) -> CandidateQuestion:
    return about(place, kind=QuestionKind.TRUE_FALSE, key=BooleanKey(true), options=(TRUE_OPTION, FALSE_OPTION))


def chosen(candidates: Sequence[CandidateQuestion], count: int, *, mixed: bool = True) -> Selection:
    def propose(missing: int, turn: int, avoid: Collection[str]) -> Sequence[CandidateQuestion]:
        return candidates if turn == 0 else ()

    return select(propose, PassesAll(), count=count, mixed=mixed)  # type: ignore[arg-type]


def statements(selection: Selection) -> list[CandidateQuestion]:
    return [question for question in selection.questions if question.kind is QuestionKind.TRUE_FALSE]


def test_three_of_ten_are_statements_and_not_all_of_them_true() -> None:
    candidates = [statement(place, true=place < 15) for place in range(20)] + [about(place) for place in range(20, 40)]
    selection = chosen(candidates, 10)
    assert len(selection.questions) == 10
    assert len(statements(selection)) == 3
    assert sum(question.key == BooleanKey(False) for question in selection.questions) == 1


def test_a_short_quiz_is_rather_filled_with_statements_than_left_short() -> None:
    candidates = [statement(place, true=True) for place in range(20)] + [about(20)]
    assert len(chosen(candidates, 10).questions) == 10


def test_a_long_quiz_is_rather_short_than_full_of_statements() -> None:
    candidates = [statement(place, true=place % 2 == 0) for place in range(30)] + [about(p) for p in range(30, 44)]
    selection = chosen(candidates, 40)
    assert len(statements(selection)) == 6
    assert len(selection.questions) == 20


def test_who_asks_for_statements_gets_statements() -> None:
    candidates = [statement(place, true=True) for place in range(20)]
    assert len(chosen(candidates, 20, mixed=False).questions) == 20


def test_no_two_questions_of_a_quiz_are_about_one_passage() -> None:
    candidates = [about(place // 2, concept=str(place)) for place in range(40)]
    passages = [question.evidence[0].char_start for question in chosen(candidates, 15).questions]
    assert len(passages) == 15
    assert len(set(passages)) == 15


def test_a_bank_keeps_all_that_passes() -> None:
    candidates = [statement(place, true=True) for place in range(60)]
    assert len(chosen(candidates, 1000).questions) == 60
