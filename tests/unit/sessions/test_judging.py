"""The judge answers from the evidence alone; what it answers is compared with the key."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sessions_app.domain.questions.types import ChoiceKey, TextKey
from sessions_app.engine_model.judging import Claim, agrees, judged, upheld
from sessions_app.engine_model.schemas import JudgedReply
from tests.unit.llm.material import CALLER, model_saying
from tests.unit.sessions.question_material import GOOD, source, verifier


def question(kind: str):  # type: ignore[no-untyped-def]
    found = next(item for item in GOOD if item.kind.value == kind)
    return replace(found, engine="model", estimate={})


def reply(**said: object) -> JudgedReply:
    return JudgedReply(number=1, **said)  # type: ignore[arg-type]


def test_options_are_compared_by_their_letter_and_a_second_right_one_refuses() -> None:
    asked = question("multiple_choice")
    assert isinstance(asked.key, ChoiceKey)
    at = [option.id for option in asked.options].index(asked.key.option_id)
    right, other = "ABCD"[at], "ABCD"[(at + 1) % 4]
    assert agrees(asked, reply(answer=f"({right})")) is True
    assert agrees(asked, reply(answer=other)) is False
    assert agrees(asked, reply(answer=right, others=[other])) is False
    assert agrees(asked, reply(answer="")) is False, "the passage gives none of them"
    assert agrees(asked, reply(answer=asked.options[at].text)) is True, "named by its text"
    assert agrees(asked, reply(answer=f"{right}) {asked.options[at].text}")) is True
    assert agrees(asked, reply(answer="not said")) is False


@pytest.mark.parametrize(("follows", "verdict"), [("yes", True), ("no", False)])
def test_a_statement_follows_or_not(follows: str, verdict: bool) -> None:
    asked = question("true_false")
    assert agrees(asked, reply(follows=follows)) is (verdict if asked.key.value else not verdict)


def test_the_key_is_not_shown_and_disagreement_is_a_verdict_of_the_verifier() -> None:
    asked = question("numeric")
    gateway, setup = model_saying({"items": [{"number": 1, "answer": "500 kg/m3"}]})
    (marked,) = judged([asked], source(), gateway, CALLER)
    prompt = setup.client.calls[0]["messages"][1].text
    assert asked.stem in prompt and "ANSWER" not in prompt
    assert "judge_disagrees" in {failure.rule for failure in verifier().verify(marked).failures}


def test_a_longer_answer_agrees_with_the_key_it_holds_and_an_unsure_grade_is_no_agreement() -> None:
    asked = replace(question("cloze"), key=TextKey(("influence of X on Y",)), stem="What does the trial remove?")
    assert agrees(asked, reply(answer="It removes the influence of X on Y.")) is True
    assert agrees(asked, reply(answer="the influence of Y on X")) is False
    assert agrees(asked, reply(answer="not the influence of X on Y")) is False


def test_a_statement_stands_where_the_judge_upholds_it_or_is_unsure_of_what_the_rules_carry() -> None:
    claims = [Claim("a", "p"), Claim("b", "p"), Claim("c", "p"), Claim("d", "p")]
    said = [{"number": at, "follows": word} for at, word in enumerate(("yes", "no", "unsure", "unsure"), 1)]
    gateway, _ = model_saying({"items": said})
    assert upheld(claims, [False, True, True, False], gateway, CALLER) == [True, False, True, False]


def test_a_judge_that_fails_leaves_the_rules_alone() -> None:
    asked = question("cloze")
    gateway, _ = model_saying("nothing", "of", "use")
    assert judged([asked], source(), gateway, CALLER) == [asked]
    assert json.dumps(asked.estimate) == "{}"
