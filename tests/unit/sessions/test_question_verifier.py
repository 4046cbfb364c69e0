from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.domain.questions.duplicates import BankItem, near_duplicate
from sessions_app.domain.questions.types import (
    BooleanKey,
    CandidateQuestion,
    NumericKey,
    TextKey,
    make_options,
)
from tests.unit.sessions.question_material import (
    CLOZE,
    DENSITY,
    FASTER,
    GOOD,
    MORAINE,
    SHARE,
    choice,
    embed,
    statement,
    verifier,
    with_key,
    with_stem,
)


def rules(question: CandidateQuestion, **options: object) -> set[str]:
    return set(verifier().verify(question, **options).rules)  # type: ignore[arg-type]


@pytest.mark.parametrize("question", GOOD, ids=lambda question: question.stem[:30])
def test_a_good_question_passes(question: CandidateQuestion) -> None:
    assert verifier().verify(question).failures == ()


def test_a_paraphrase_passes() -> None:
    question = choice(
        "Which scientist put forward the theory of an ice age?",
        "Louis Agassiz",
        ["James Forbes", "John Tyndall", "Charles Lyell"],
        "Louis Agassiz proposed the theory of an ice age in 1837.",
    )
    assert rules(question) == set()


def test_a_key_the_passage_does_not_give_is_refused() -> None:
    assert rules(with_key(MORAINE, "A cirque")) & {"key_not_in_evidence", "distractor_supported"}
    assert {"number_disagrees", "distractor_supported"} <= rules(with_key(SHARE, "85 percent"))
    assert "key_not_in_evidence" in rules(replace(CLOZE, key=TextKey(("accumulation",))))
    assert "key_not_in_evidence" in rules(replace(DENSITY, key=NumericKey(971.0, 5.0, "kg/m3")))


def test_true_and_false_are_told_apart() -> None:
    assert rules(replace(FASTER, key=BooleanKey(False), explanation="False. The material says so.")) == {
        "false_statement_supported"
    }
    wrong = with_stem(FASTER, "faster", "slower")
    assert "opposite_of_evidence" in rules(wrong)
    assert rules(replace(wrong, key=BooleanKey(False), explanation="False. It moves faster.")) == set()


def test_a_denial_on_one_side_only_is_refused() -> None:
    assert "negation_disagrees" in rules(with_stem(FASTER, "moves", "does not move"))
    sea = "Sea ice does not raise the sea level when it melts."
    assert rules(statement(sea, True, sea)) == set()
    assert "negation_disagrees" in rules(statement("Sea ice does raise the sea level when it melts.", True, sea))


def test_another_number_year_or_unit_is_refused() -> None:
    forbes = "James Forbes measured the speed of the Mer de Glace in 1842."
    assert "number_disagrees" in rules(statement(forbes.replace("1842", "1852"), True, forbes))
    surge = "Surging glaciers can advance by more than 100 metres in a day."
    assert rules(statement(surge.replace("metres", "kilometres"), True, surge)) & {"unit_disagrees", "number_disagrees"}
    assert rules(with_stem(DENSITY, "kilograms", "milligrams"))


def test_another_thing_in_the_stem_is_refused() -> None:
    assert "stem_entity_not_in_evidence" in rules(with_stem(MORAINE, "rock debris", "turquoise water"))
    assert rules(with_stem(FASTER, "a glacier", "an iceberg"))
    assert rules(with_stem(CLOZE, "a glacier", "a fjord"))


def test_two_right_options_are_refused() -> None:
    twice = replace(MORAINE, options=make_options(MORAINE.stem, ["A moraine", "Moraines", "An esker", "A crevasse"]))
    assert rules(twice) & {"duplicate_options", "overlapping_options", "two_right_options"}
    same = replace(SHARE, options=make_options(SHARE.stem, ["69 percent", "0.69 %", "85 percent", "69 per cent"]))
    assert rules(same)


def test_a_distractor_that_another_passage_makes_right_is_refused() -> None:
    question = choice(
        "What is a winding ridge of sand or a ridge of rock debris that is left behind by a glacier called?",
        "A moraine",
        ["A cirque", "A moraine ridge", "A crevasse"],
        "A moraine is a ridge of rock debris that a glacier leaves behind.",
    )
    assert rules(question)


def test_a_stem_the_passage_cannot_answer_is_refused() -> None:
    assert rules(replace(MORAINE, stem="Who won the chess tournament in Reykjavik?")) & {
        "stem_not_answerable",
        "stem_entity_not_in_evidence",
    }
    assert rules(replace(MORAINE, stem="What is the main function of the process?"))


def test_evidence_that_is_not_the_stored_text_is_refused() -> None:
    moved = replace(MORAINE.evidence[0], char_start=MORAINE.evidence[0].char_start + 1)
    assert "evidence_not_exact" in rules(replace(MORAINE, evidence=(moved,)))
    assert "evidence_not_exact" in rules(
        replace(MORAINE, evidence=(replace(MORAINE.evidence[0], document_id="other"),))
    )
    assert "evidence_not_exact" in rules(replace(MORAINE, evidence=(replace(MORAINE.evidence[0], page_end=2),)))
    assert "evidence_missing" in rules(replace(MORAINE, evidence=()))


def test_an_explanation_has_to_agree_with_key_and_passage() -> None:
    assert "explanation_disagrees" in rules(replace(MORAINE, explanation="The right answer is: a cirque."))
    assert "explanation_disagrees" in rules(replace(FASTER, explanation="False. The bed moves faster."))
    assert "explanation_disagrees" in rules(
        replace(SHARE, explanation="Glaciers hold 69 percent of it, and lakes 20 percent.")
    )
    assert "explanation_disagrees" in rules(
        replace(MORAINE, explanation="A moraine: “Moraines are made of snow and salt.”")
    )


def test_the_bank_is_searched_for_the_same_question() -> None:
    bank = [BankItem.of(MORAINE)]
    assert "near_duplicate" in rules(MORAINE, bank=bank)
    reworded = replace(MORAINE, stem="What do you call a ridge of rock debris that a glacier leaves behind?")
    assert near_duplicate(reworded, bank, embed) is not None
    assert near_duplicate(SHARE, bank, embed) is None


@given(st.sampled_from(GOOD), st.text(max_size=60), st.text(max_size=60))
def test_any_text_gets_a_verdict_and_never_an_error(question: CandidateQuestion, stem: str, explanation: str) -> None:
    verdict = verifier().verify(replace(question, stem=stem, explanation=explanation))
    assert all(failure.rule and failure.detail for failure in verdict.failures)
