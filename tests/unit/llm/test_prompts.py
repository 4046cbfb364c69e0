"""Prompt files: their form, their versions, and that no text changes without a new version."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutor_project.llm import prompts
from tutor_project.llm.prompts import (
    PromptError,
    extended_lock,
    load_prompts,
    lock_problems,
    parse_prompt,
    read_lock,
)

HEAD = "---\nid: app.task\nversion: 2\nmax_prompt_tokens: 100\nmax_output_tokens: 50\ntemperature: 0.3\n---\n"
BODY = "# System\nBe brief.\n# User\nDo {{count}} things.\n{{documents}}\n"


def test_file_is_read_with_its_budget() -> None:
    prompt = parse_prompt(HEAD + BODY)
    assert (prompt.id, prompt.version, prompt.temperature) == ("app.task", 2, 0.3)
    assert (prompt.max_prompt_tokens, prompt.max_output_tokens) == (100, 50)
    assert prompt.system == "Be brief."
    assert prompt.placeholders == {"count", "documents"}


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        HEAD + "Do things.",
        HEAD + "# User\nx\n# System\ny",
        HEAD + "# System\nBe {{mood}}.\n# User\nx",
        HEAD.replace("app.task", "Task 1") + BODY,
        HEAD.replace("version: 2\n", "") + BODY,
        HEAD.replace("temperature", "temprature") + BODY,
        HEAD.replace("version: 2\n", "version: 2\nversion: 3\n") + BODY,
    ],
)
def test_malformed_file_is_refused(text: str) -> None:
    with pytest.raises(PromptError):
        parse_prompt(text)


def test_values_are_not_expanded_again() -> None:
    rendered = parse_prompt(HEAD + BODY).render_user({"count": "{{documents}}"}, "{{count}}")
    assert rendered == "Do {{documents}} things.\n{{count}}"


def test_variables_must_be_exactly_the_placeholders_and_no_free_text() -> None:
    prompt = parse_prompt(HEAD + BODY)
    for variables in ({}, {"count": 1, "more": 2}, {"count": "a\nb"}, {"count": "x" * 201}):
        with pytest.raises(PromptError):
            prompt.render_user(variables, "")


def test_hash_covers_text_and_limits_but_not_the_version() -> None:
    base = parse_prompt(HEAD + BODY).content_hash
    assert parse_prompt(HEAD.replace("version: 2", "version: 3") + BODY).content_hash == base
    assert parse_prompt(HEAD + BODY.replace("brief", "short")).content_hash != base
    assert parse_prompt(HEAD.replace("0.3", "0.4") + BODY).content_hash != base


def test_silent_change_is_found_and_not_locked() -> None:
    lock = extended_lock({"app.task": parse_prompt(HEAD + BODY)}, {})
    changed = {"app.task": parse_prompt(HEAD + BODY.replace("brief", "short"))}
    assert "version is still 2" in lock_problems(changed, lock)[0]
    with pytest.raises(PromptError):
        extended_lock(changed, lock)


def test_new_version_is_added_and_the_old_one_remembered() -> None:
    lock = extended_lock({"app.task": parse_prompt(HEAD + BODY)}, {})
    newer = {"app.task": parse_prompt(HEAD.replace("version: 2", "version: 3") + BODY.replace("brief", "short"))}
    assert "not locked" in lock_problems(newer, lock)[0]
    extended = extended_lock(newer, lock)
    assert sorted(extended["app.task"]) == ["2", "3"]
    assert lock_problems(newer, extended) == []
    older = {"app.task": parse_prompt(HEAD + BODY)}
    assert "replaced by 3" in lock_problems(older, extended)[0]


def test_vanished_prompt_is_found() -> None:
    assert "has no file" in lock_problems({}, {"app.task": {"1": "x"}})[0]


def test_double_id_is_refused(tmp_path: Path) -> None:
    for app in ("one_app", "two_app"):
        (tmp_path / app / "prompts").mkdir(parents=True)
        (tmp_path / app / "prompts" / "task.md").write_text(HEAD + BODY)
    with pytest.raises(PromptError, match="exists already"):
        load_prompts(tmp_path)


def test_every_prompt_of_the_project_agrees_with_the_lock() -> None:
    assert lock_problems(load_prompts(), read_lock()) == []


def test_command_locks_new_prompts_and_refuses_silent_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "prompts.lock"
    monkeypatch.setattr(prompts, "LOCK_FILE", lock)
    monkeypatch.setattr(prompts, "load_prompts", lambda: {"app.task": parse_prompt(HEAD + BODY)})
    assert prompts.main() == 0
    before = lock.read_text()
    monkeypatch.setattr(prompts, "load_prompts", lambda: {"app.task": parse_prompt(HEAD + BODY + "more")})
    assert prompts.main() == 1
    assert "raise it" in capsys.readouterr().err
    assert lock.read_text() == before
