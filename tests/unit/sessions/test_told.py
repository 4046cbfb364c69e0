"""A model's words over a turn of the built-in tutor: what stands below must not speak against them."""

from __future__ import annotations

from typing import Any

import pytest

from sessions_app.services.dialogue.keeping import Told

CITED = {"text": "Basalt has small crystals."}
TOLD = Told("openai:tutor", None, "Look at the crystals.", (CITED,))


def answer(status: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "text": "What the search found.", "passages": [1], "citations": [2], **more}


@pytest.mark.parametrize("data", [answer("closest"), answer("not_in_material"), answer("answered", note="still open")])
def test_passages_that_answer_nothing_or_are_cut_give_way(data: dict[str, Any]) -> None:
    kind, shown = TOLD.over(("explanation", data))
    assert (kind, shown["message"], shown["text"]) == ("explanation", TOLD.text, TOLD.text)
    assert (shown["passages"], shown["citations"], shown["engine"]) == ([], [CITED], "model")


def test_an_answer_that_holds_stands_below_the_tutor_s_words_and_so_does_a_hint() -> None:
    assert TOLD.over(("explanation", answer("answered")))[1]["passages"] == [1]
    hint = {"outcome": "hint", "message": "Not yet.", "hint": "Look at page 2.", "citations": [2]}
    assert TOLD.over(("feedback", hint))[1]["hint"] == "Look at page 2."
