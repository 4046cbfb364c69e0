"""A model may judge only after it told good replies from bad ones: recorded readings of the shipped collections are replayed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sessions_app.services.evaluation import Findings, JudgedReplies, collections_shipped, evaluated, judge_examined
from tests.support.recorded_judge import Reader
from tests.unit.llm.material import model_answering
from tutor_project.llm import standing
from tutor_project.llm.config import parse_model_config


@pytest.fixture(scope="module")
def collections() -> list[JudgedReplies]:
    return collections_shipped()


@pytest.fixture(autouse=True)
def _standing_of_the_process() -> Iterator[None]:
    before = standing._store
    standing.register_standing_store(standing.ProcessStanding())
    yield
    standing.register_standing_store(before)


CONFIG = parse_model_config("openai:judge", base_url="http://127.0.0.1:9/v1", api_key="none")


def test_recorded_readings_of_a_strong_model_pass_and_the_model_may_judge(collections: list[JudgedReplies]) -> None:
    gateway = model_answering(Reader(collections))
    found = judge_examined(CONFIG, gateway)
    assert found.may_judge, found.misses
    assert standing.capabilities(CONFIG)["judges"] is True


def test_a_model_that_agrees_with_everything_may_not_judge(collections: list[JudgedReplies]) -> None:
    gateway = model_answering(Reader(collections, always={"follows": "yes", "answer": "A"}))
    assert not judge_examined(CONFIG, gateway).may_judge
    assert standing.capabilities(CONFIG)["judges"] is False


def test_a_model_that_says_nothing_may_not_judge_however_good_the_rules_are(collections: list[JudgedReplies]) -> None:
    silent = model_answering(lambda payload: "I cannot tell.")
    found = judge_examined(CONFIG, silent)
    assert not found.may_judge
    unsure = model_answering(Reader(collections, always={"follows": "unsure"}))
    assert not judge_examined(CONFIG, unsure).may_judge
    assert standing.capabilities(CONFIG)["judges"] is False


def test_the_judge_finds_false_sentences_that_the_rules_pass(collections: list[JudgedReplies]) -> None:
    alone, beside = Findings(), Findings()
    for collection in collections:
        alone.merge(evaluated(collection))
        beside.merge(evaluated(collection, model_answering(Reader(collections))))
    assert beside.share("bad_questions", "false_sentences") < alone.share("bad_questions", "false_sentences")
    assert alone.share("good_questions") <= 0.1
