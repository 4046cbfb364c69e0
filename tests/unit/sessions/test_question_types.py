from __future__ import annotations

from dataclasses import replace

import pytest

from sessions_app.domain.questions.types import (
    BooleanKey,
    ChoiceKey,
    Key,
    NumericKey,
    PartsKey,
    TextKey,
    key_from_dict,
)
from sessions_app.domain.questions.types import key_as_dict as as_dict
from tests.unit.sessions.question_material import MORAINE


@pytest.mark.parametrize(
    "key",
    [
        ChoiceKey("1a2b3c4d"),
        BooleanKey(False),
        TextKey(("axon", "axons")),
        NumericKey(-70.0, 0.5, "mV"),
        PartsKey((TextKey(("ice",)), NumericKey(2.0)), ordered=True),
    ],
)
def test_a_key_survives_its_stored_form(key: Key) -> None:
    assert key_from_dict(as_dict(key)) == key


def test_an_unknown_stored_key_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown type of key"):
        key_from_dict({"type": "essay"})


def test_option_ids_do_not_depend_on_order_and_do_not_mark_the_key() -> None:
    turned = replace(MORAINE, options=tuple(reversed(MORAINE.options)))
    assert {option.id for option in turned.options} == {option.id for option in MORAINE.options}
    assert turned.fingerprint == MORAINE.fingerprint
    assert turned.key_text == MORAINE.key_text == "A moraine"


def test_a_fingerprint_ignores_case_and_spaces_but_not_the_answer() -> None:
    assert replace(MORAINE, stem=MORAINE.stem.upper().replace(" ", "  ")).fingerprint == MORAINE.fingerprint
    other = next(option for option in MORAINE.options if option.text == "A cirque")
    assert replace(MORAINE, key=ChoiceKey(other.id)).fingerprint != MORAINE.fingerprint
