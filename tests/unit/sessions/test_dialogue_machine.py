"""The tutoring dialogue never gets stuck, and only an answer is taken as an answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.domain.dialogue.learner import user_model
from sessions_app.domain.dialogue.machine import (
    AnswerOutcome,
    DialogueState,
    Effect,
    EffectKind,
    Event,
    EventType,
    Phase,
    Record,
    Rules,
    Script,
    available_actions,
    fit,
    step,
)

scripts = st.builds(Script, st.lists(st.integers(0, 3), max_size=4).map(tuple))
events = st.builds(
    Event, st.sampled_from(list(EventType)), st.none() | st.sampled_from(list(AnswerOutcome)), st.booleans()
)
rules = st.builds(Rules, st.integers(0, 3))


def _reached(script: Script, history: list[Event], given_rules: Rules) -> DialogueState:
    state = DialogueState()
    for event in history:
        state, _ = step(state, event, script, given_rules)
    return state


@given(scripts, st.lists(events, max_size=25), rules)
def test_from_every_reachable_state_next_leads_to_the_end(
    script: Script, history: list[Event], given_rules: Rules
) -> None:
    state = _reached(script, history, given_rules)
    for _ in range(2 + script.sections + 2 * sum(script.questions)):
        state, _ = step(state, Event(EventType.NEXT), script, given_rules)
    assert state.phase is Phase.FINISHED


@given(scripts, st.lists(events, max_size=25), rules)
def test_the_first_available_action_changes_the_state(script: Script, history: list[Event], given_rules: Rules) -> None:
    state = _reached(script, history, given_rules)
    action = available_actions(state, script)[0]
    after, _ = step(
        state, Event(action, AnswerOutcome.WRONG if action is EventType.ANSWER else None), script, given_rules
    )
    assert after != state or (state.phase is Phase.FINISHED and not script.sections)


@given(scripts, st.lists(events, max_size=25), rules)
def test_wrong_answers_end_in_the_answer_shown(script: Script, history: list[Event], given_rules: Rules) -> None:
    state = _reached(script, history, given_rules)
    if state.phase is not Phase.ASKING:
        return
    for _ in range(given_rules.hints_before_answer + 1):
        state, effect = step(state, Event(EventType.ANSWER, AnswerOutcome.WRONG), script, given_rules)
        if effect.kind is EffectKind.REVEAL:
            break
    assert state.phase is Phase.REVIEWED


@given(
    scripts,
    st.lists(events, max_size=25),
    rules,
    st.sampled_from([EventType.QUESTION, EventType.SUMMARY, EventType.START]),
)
def test_only_answers_change_the_record_of_answers(
    script: Script, history: list[Event], given_rules: Rules, asked: EventType
) -> None:
    state = _reached(script, history, given_rules)
    after, _ = step(state, Event(asked), script, given_rules)
    assert after.records == state.records
    if asked is EventType.QUESTION:
        assert (after.phase, after.section, after.question, after.tries, after.hints) == (
            state.phase, state.section, state.question, state.tries, state.hints,
        )  # fmt: skip


@given(scripts, scripts, st.lists(events, max_size=25), events, rules)
def test_a_state_survives_storage_and_another_lesson(
    script: Script, other: Script, history: list[Event], event: Event, given_rules: Rules
) -> None:
    state = _reached(script, history, given_rules)
    stored = DialogueState.from_dict(json.loads(json.dumps(state.as_dict())))
    assert stored == state
    moved, effect = step(stored, event, other, given_rules)
    assert fit(moved, other) == moved
    if effect.kind is EffectKind.EXPLAIN:
        assert effect.section < other.sections
    if effect.kind is EffectKind.ASK:
        assert effect.question is not None and effect.question < other.questions[effect.section]


@given(scripts, st.lists(events, max_size=25), rules)
def test_the_learner_model_is_in_range(script: Script, history: list[Event], given_rules: Rules) -> None:
    model = user_model(_reached(script, history, given_rules), script, [["a"]] * script.sections)
    assert 0.0 <= model.progress <= 1.0
    assert model.correct <= model.answered
    json.dumps(model.as_dict())


def _asking(hints: int = 3) -> tuple[DialogueState, Script, Rules]:
    script, given_rules = Script((2, 1)), Rules(hints)
    state = _reached(script, [Event(EventType.START), Event(EventType.NEXT)], given_rules)
    assert state.phase is Phase.ASKING
    return state, script, given_rules


def test_three_hints_come_before_the_answer() -> None:
    state, script, given_rules = _asking()
    kinds = []
    for _ in range(4):
        state, effect = step(state, Event(EventType.ANSWER, AnswerOutcome.WRONG), script, given_rules)
        kinds.append((effect.kind, effect.hint))
    assert kinds == [(EffectKind.HINT, 1), (EffectKind.HINT, 2), (EffectKind.HINT, 3), (EffectKind.REVEAL, 0)]
    assert state.records[0].outcome == "wrong" and state.records[0].tries == 4


def test_giving_up_takes_a_hint_but_is_no_try() -> None:
    state, script, given_rules = _asking()
    state, effect = step(state, Event(EventType.ANSWER, AnswerOutcome.GAVE_UP), script, given_rules)
    assert effect.kind is EffectKind.HINT and state.tries == 0


def test_an_ungraded_text_leaves_the_question_open() -> None:
    state, script, given_rules = _asking()
    after, effect = step(state, Event(EventType.ANSWER), script, given_rules)
    assert after == state and effect.kind is EffectKind.ASK


def test_a_right_answer_after_a_hint_is_recorded_with_it() -> None:
    state, script, given_rules = _asking()
    state, _ = step(state, Event(EventType.ANSWER, AnswerOutcome.WRONG), script, given_rules)
    state, effect = step(state, Event(EventType.ANSWER, AnswerOutcome.CORRECT), script, given_rules)
    assert effect.kind is EffectKind.CORRECT
    assert (state.records[0].outcome, state.records[0].tries, state.records[0].hints) == ("correct", 2, 1)


def test_an_answer_that_cannot_be_graded_holds_nobody_up() -> None:
    state, script, given_rules = _asking()
    state, effect = step(state, Event(EventType.ANSWER, AnswerOutcome.UNSURE), script, given_rules)
    assert effect.kind is EffectKind.UNSURE and state.phase is Phase.REVIEWED


def test_passing_over_a_question_does_not_overwrite_an_answer() -> None:
    script, given_rules = Script((2, 1)), Rules()
    state = DialogueState(phase=Phase.ASKING, records=(Record(0, 0, "correct", 1, 0),))
    state, _ = step(state, Event(EventType.NEXT), script, given_rules)
    assert state.records[0].outcome == "correct"


def test_a_question_passed_over_after_a_hint_comes_back_once_at_the_end() -> None:
    state, script, given_rules = _asking()
    state, effect = step(state, Event(EventType.ANSWER, AnswerOutcome.GAVE_UP), script, given_rules)
    assert effect.kind is EffectKind.HINT
    shown = []
    while state.phase is not Phase.FINISHED:
        state, effect = step(state, Event(EventType.NEXT), script, given_rules)
        shown.append((effect.kind, effect.section, effect.question, effect.code))
    ask, explain = EffectKind.ASK, EffectKind.EXPLAIN
    assert shown[:3] == [(ask, 0, 1, ""), (explain, 1, None, ""), (ask, 1, 0, "")]
    assert shown[3:6] == [(ask, 0, 0, "came_back"), (ask, 0, 1, "came_back"), (ask, 1, 0, "came_back")]
    assert shown[6][0] is EffectKind.FINISHED
    assert {record.outcome for record in state.records} == {"skipped"}


def test_a_question_that_came_back_is_answered_like_any_other() -> None:
    script, given_rules = Script((1,)), Rules()
    state = _reached(script, [Event(EventType.START)] + 2 * [Event(EventType.NEXT)], given_rules)
    assert (state.phase, state.returning) == (Phase.ASKING, True)
    back, _ = step(state, Event(EventType.PREVIOUS), script, given_rules)
    state, effect = step(back, Event(EventType.NEXT), script, given_rules)
    assert effect.code == "came_back", "going back to the explanation does not lose the question"
    state, effect = step(state, Event(EventType.ANSWER, AnswerOutcome.CORRECT), script, given_rules)
    assert (effect.kind, state.records) == (EffectKind.CORRECT, (Record(0, 0, "correct", 1, 0),))
    state, effect = step(state, Event(EventType.NEXT), script, given_rules)
    assert (effect.kind, state.returning) == (EffectKind.FINISHED, False)


def test_an_answer_without_an_open_question_is_told_so() -> None:
    _, effect = step(DialogueState(), Event(EventType.ANSWER, AnswerOutcome.CORRECT), Script((1,)))
    assert effect == Effect(EffectKind.MESSAGE, code="no_question_open")


def test_previous_goes_back_and_stops_at_the_beginning() -> None:
    script = Script((0, 0))
    state = _reached(script, [Event(EventType.START), Event(EventType.NEXT)], Rules())
    assert state.section == 1
    state, effect = step(state, Event(EventType.PREVIOUS), script)
    assert (effect.kind, state.section) == (EffectKind.EXPLAIN, 0)
    state, effect = step(state, Event(EventType.PREVIOUS), script)
    assert effect.code == "at_the_beginning"


def test_start_resumes_and_restart_begins_anew() -> None:
    state, script, given_rules = _asking()
    again, effect = step(state, Event(EventType.START), script, given_rules)
    assert again == state and effect.kind is EffectKind.ASK
    again, effect = step(state, Event(EventType.START, restart=True), script, given_rules)
    assert (again.phase, again.section, effect.kind) == (Phase.EXPLAINING, 0, EffectKind.EXPLAIN)


@pytest.mark.parametrize(
    "damaged", [None, {}, {"version": 0}, {"version": 1, "phase": "dancing"}, {"version": 1, "phase": "idle"}]
)
def test_a_damaged_state_begins_anew(damaged: dict[str, object] | None) -> None:
    assert DialogueState.from_dict(damaged) == DialogueState()
