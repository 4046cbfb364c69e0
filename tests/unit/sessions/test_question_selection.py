"""What a quiz is made of: few statements, not all of them true, and no two questions about one passage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from sessions_app.domain.questions.duplicates import BankItem
from sessions_app.domain.questions.request import QuestionRequest
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
    fields = {"concept": str(place), **fields}
    return replace(MORAINE, stem=f"What stands in passage {place}?", evidence=(passage,), **fields)  # type: ignore[arg-type]


def statement(place: int, *, true: bool) -> CandidateQuestion:
    return about(place, kind=QuestionKind.TRUE_FALSE, key=BooleanKey(true), options=(TRUE_OPTION, FALSE_OPTION))


def chosen(
    candidates: Sequence[CandidateQuestion], count: int, *, kinds: frozenset[QuestionKind] | None = None
) -> Selection:
    def propose(request: QuestionRequest) -> Sequence[CandidateQuestion]:
        return candidates if request.seed == 0 else ()

    return select(propose, PassesAll(), QuestionRequest(count=count, kinds=kinds))  # type: ignore[arg-type]


def statements(selection: Selection) -> list[CandidateQuestion]:
    return [question for question in selection.questions if question.kind is QuestionKind.TRUE_FALSE]


def test_three_of_ten_are_statements_and_not_all_of_them_true() -> None:
    candidates = [statement(place, true=place < 15) for place in range(20)] + [about(place) for place in range(20, 40)]
    selection = chosen(candidates, 10)
    assert len(selection.questions) == 10
    assert len(statements(selection)) == 3
    assert sum(question.key == BooleanKey(False) for question in selection.questions) == 1


def test_a_quiz_is_rather_short_than_filled_with_statements() -> None:
    candidates = [statement(place, true=place % 2 == 0) for place in range(30)] + [about(p) for p in range(30, 44)]
    selection = chosen(candidates, 40)
    assert len(statements(selection)) == 6
    assert len(selection.questions) == 20


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 10, 14, 20, 29])
@pytest.mark.parametrize("true", [0, 1, 2, 5, 20])
@pytest.mark.parametrize("others", [0, 3, 40])
def test_statements_are_few_and_of_four_or_more_about_half_are_true(count: int, true: int, others: int) -> None:
    candidates = [statement(place, true=place < true) for place in range(20)] + [
        about(p) for p in range(20, 20 + others)
    ]
    selection = chosen(candidates, count)
    shown = statements(selection)
    assert len(shown) <= 0.3 * count
    assert len(shown) <= 0.3 * len(selection.questions) + 1e-9
    if len(shown) >= 4:
        assert 0.4 <= sum(question.key == BooleanKey(True) for question in shown) / len(shown) <= 0.6


@pytest.mark.parametrize("true", [0, 3, 8, 10, 17, 20])
def test_who_asks_for_statements_gets_true_and_false_ones(true: int) -> None:
    candidates = [statement(place, true=place < true) for place in range(20)]
    shown = chosen(candidates, 20, kinds=frozenset({QuestionKind.TRUE_FALSE})).questions
    right = sum(question.key == BooleanKey(True) for question in shown)
    assert len(shown) < 4 or 0.4 <= right / len(shown) <= 0.6
    assert len(shown) >= (20 if 8 <= true <= 12 else 3)


def test_no_two_questions_of_a_quiz_are_about_one_passage() -> None:
    candidates = [about(place // 2, concept=str(place)) for place in range(40)]
    passages = [question.evidence[0].char_start for question in chosen(candidates, 15).questions]
    assert len(passages) == 15
    assert len(set(passages)) == 15


def test_a_bank_keeps_several_questions_of_one_passage() -> None:
    candidates = [about(place // 2, concept=str(place)) for place in range(120)]
    assert len(chosen(candidates, 1000).questions) == 120


def test_no_more_than_two_questions_of_a_quiz_are_about_one_thing() -> None:
    candidates = [about(place, concept=str(place // 4)) for place in range(20)]
    concepts = [question.concept for question in chosen(candidates, 20).questions]
    assert len(concepts) == 10
    assert max(map(concepts.count, concepts)) == 2


def test_a_second_question_of_one_table_comes_only_where_nothing_else_is_left() -> None:
    head = replace(MORAINE.evidence[0], char_start=9000, char_end=9050)
    rows = [replace(about(place), evidence=(*about(place).evidence, head)) for place in range(3)]
    others = [about(place) for place in range(3, 6)]
    few = chosen([*rows, *others], 4)
    assert [question.concept for question in few.questions] == ["0", "3", "4", "5"]
    assert len(chosen([*rows, *others], 6).questions) == 6
