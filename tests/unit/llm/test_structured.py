"""What the parser of model replies accepts and what it refuses."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from tutor_project.llm.errors import LLMInvalidOutput, LLMRefused
from tutor_project.llm.structured import parse_chat_reply, parse_text, schema_instructions, strip_reasoning
from tutor_project.llm.types import ChatReply


class Item(BaseModel):
    name: str
    count: int
    tags: tuple[str, ...] = ()


GOOD = '{"name": "cell", "count": 2}'
WANTED = Item(name="cell", count=2)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\ufeff  {GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"Sure, here it is:\n{GOOD}\nAnything else?",
        f'<think>maybe {{"name": 1}}?</think>\n{GOOD}',
        f"<THINKING>a</THINKING><reasoning>b</reasoning>{GOOD}",
        f"the user wants JSON</think>{GOOD}",
        '{"name": "cell", "count": 2,}',
        '{"name": "cell", "count": 2, "tags": [ ],\n}',
        f"In set notation {{a, b}} means a pair. {GOOD}",
        f"An unclosed {{ brace. {GOOD}",
        f'First idea: {{"name": "draft", "count": 1}}. Better: {GOOD}',
        '{"name": "cell", "count": 2, "unasked": null}',
    ],
)
def test_wrapping_around_the_json_is_tolerated(text: str) -> None:
    assert parse_text(text, Item) == WANTED


def test_raw_line_breaks_inside_strings_are_kept() -> None:
    assert parse_text('{"name": "a\nb", "count": 1}', Item).name == "a\nb"


def test_commas_and_brackets_inside_strings_are_untouched() -> None:
    assert parse_text('{"name": "x,} [,] \\",}", "count": 1,}', Item).name == 'x,} [,] ",}'


def test_characters_that_cannot_be_stored_are_dropped() -> None:
    assert parse_text('{"name": "a\\u0000b\\ud800c", "count": 1}', Item).name == "abc"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("<think>I wonder", "empty"),
        ("no object here", "no JSON object"),
        ('{"name": "cell", "count": 2', "not complete"),
        ('{"name": "cell", "count": "two"}', "count"),
        ('{"name": "cell", "count": true}', "count"),
        ('{"name": "cell", "count": 2.5}', "count"),
        ('{"name": "cell"}', "count"),
        ('{"name": "cell", "count": NaN}', "NaN"),
        ('{"name": "cell", "count": 1, "count": 2}', "twice"),
        ("{'name': 'cell', 'count': 2}", "malformed"),
        ('{"name": "cell", "count": ' + "9" * 5000 + "}", "malformed"),
        ("[" * 20_000 + "]" * 20_000, "nested"),
        ("[1, 2]", "does not fit"),
    ],
)
def test_content_that_is_not_what_was_asked_for_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(LLMInvalidOutput) as refused:
        parse_text(text, Item)
    assert problem in refused.value.problem


def test_problem_shown_to_the_model_is_bounded() -> None:
    class Many(BaseModel):
        items: list[int]

    with pytest.raises(LLMInvalidOutput) as refused:
        parse_text(json.dumps({"items": ["x"] * 500}), Many)
    assert len(refused.value.problem) < 1000
    assert "494 more" in refused.value.problem


def test_a_reply_of_many_braces_is_read_in_bounded_time() -> None:
    with pytest.raises(LLMInvalidOutput):
        parse_text("{" * 30_000, Item)
    with pytest.raises(LLMInvalidOutput):
        parse_text("x" * 300_001, Item)


@pytest.mark.parametrize("text", ["I'm sorry, but I can't help with that.", "I cannot assist.", "As an AI, I may not."])
def test_prose_that_declines_is_a_refusal(text: str) -> None:
    with pytest.raises(LLMRefused):
        parse_text(text, Item)


def test_an_apology_before_the_json_is_not_a_refusal() -> None:
    assert parse_text(f"Sorry, here is the corrected object: {GOOD}", Item) == WANTED


def test_refusal_field_and_content_filter_are_refusals() -> None:
    for reply in (ChatReply("", None, "stop", refusal="no"), ChatReply(GOOD, None, "content_filter")):
        with pytest.raises(LLMRefused):
            parse_chat_reply(reply, Item)


def test_reply_cut_at_the_limit_is_named_as_such_unless_it_is_whole() -> None:
    with pytest.raises(LLMInvalidOutput) as refused:
        parse_chat_reply(ChatReply('{"name": "ce', None, "length"), Item)
    assert "cut off" in refused.value.problem
    assert parse_chat_reply(ChatReply(GOOD, None, "length"), Item) == WANTED


def test_reasoning_tags_inside_the_json_are_content() -> None:
    assert strip_reasoning('{"html": "<think>x</think>"}') == '{"html": "<think>x</think>"}'
    assert parse_text('{"name": "<think>x</think>", "count": 1}', Item).name == "<think>x</think>"


def test_schema_is_part_of_the_instructions() -> None:
    assert '"count"' in schema_instructions(Item)


LETTERS = 'ab,:{}[]"\\\n\x00\ud800é字'
TEXTS = st.text(alphabet=LETTERS, max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Entry(BaseModel):
    text: str
    kind: Literal["multiple_choice", "true_false"]
    level: Literal["easy", "medium", "hard"] = "medium"
    share: float = 0.5
    options: list[str] = []


class Entries(BaseModel):
    entries: list[Entry]


ENTRY = {"text": "a", "kind": "true_false"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({**ENTRY, "text": 18}, {"text": "18"}),
        ({**ENTRY, "text": 2.0}, {"text": "2"}),
        ({**ENTRY, "text": True}, {"text": "true"}),
        ({**ENTRY, "text": None}, {"text": ""}),
        ({**ENTRY, "level": None, "options": None}, {"level": "medium", "options": []}),
        ({**ENTRY, "level": "Medium"}, {"level": "medium"}),
        ({**ENTRY, "kind": "mcq"}, {"kind": "multiple_choice"}),
        ({**ENTRY, "kind": "Multiple Choice"}, {"kind": "multiple_choice"}),
        ({**ENTRY, "share": "0.25"}, {"share": 0.25}),
        ({**ENTRY, "options": "one"}, {"options": ["one"]}),
        ({**ENTRY, "options": [1, "b"]}, {"options": ["1", "b"]}),
    ],
)
def test_values_that_can_mean_only_one_thing_are_understood(written: dict[str, Any], meant: dict[str, Any]) -> None:
    (entry,) = parse_text(json.dumps({"entries": [written]}), Entries).entries
    assert {name: getattr(entry, name) for name in meant} == meant


def test_a_list_is_understood_where_an_object_that_only_holds_it_is_asked_for() -> None:
    assert len(parse_text(json.dumps([ENTRY, ENTRY]), Entries).entries) == 2


def test_unusable_items_are_left_out_and_the_others_kept() -> None:
    entries = [ENTRY, {**ENTRY, "kind": "essay"}, {"kind": "true_false"}, {**ENTRY, "text": "b"}]
    assert [entry.text for entry in parse_text(json.dumps({"entries": entries}), Entries).entries] == ["a", "b"]


def test_a_list_of_unusable_items_is_no_reply() -> None:
    with pytest.raises(LLMInvalidOutput) as refused:
        parse_text(json.dumps({"entries": [{**ENTRY, "kind": "essay"}]}), Entries)
    assert "kind" in refused.value.problem


def test_a_reply_cut_off_after_five_whole_items_gives_five() -> None:
    whole = json.dumps({"entries": [{**ENTRY, "text": f"{number}, [odd] {{text}}"} for number in range(7)]})
    for end in range(whole.index('"5, ') - 10, whole.index('"5, ') + 20):
        reply = parse_chat_reply(ChatReply(whole[:end], None, "length"), Entries)
        assert [entry.text[0] for entry in reply.entries] == list("01234"), whole[:end]


def test_a_reply_that_was_all_thinking_is_named_as_such() -> None:
    with pytest.raises(LLMInvalidOutput) as refused:
        parse_chat_reply(ChatReply("<think>Let me see whether", None, "length"), Item)
    assert "thinking" in refused.value.problem


class Wrapped(BaseModel):
    value: object


@given(
    value=json_values,
    before=st.text(alphabet="abc .,:\n`", max_size=30),
    after=st.text(alphabet="abc .,:\n`", max_size=30),
    indent=st.sampled_from([None, 2]),
)
def test_any_json_survives_prose_around_it(value: object, before: str, after: str, indent: int | None) -> None:
    from tutor_project.llm.structured import _storable

    text = f"{before}{json.dumps({'value': value}, indent=indent)}{after}"
    assert parse_text(text, Wrapped).value == _storable(value)


@given(st.text(alphabet=LETTERS, max_size=100))
def test_no_text_at_all_raises_anything_else(text: str) -> None:
    with suppress(LLMInvalidOutput, LLMRefused):
        parse_text(text, Item)
