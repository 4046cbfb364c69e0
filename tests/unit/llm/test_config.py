"""From the settings to a model: every provider by string, every mistake named, the key never shown."""

from __future__ import annotations

import pytest

from tutor_project.llm.config import parse_model_config
from tutor_project.llm.engines import choose_engine
from tutor_project.llm.errors import LLMMisconfigured, LLMNotConfigured


@pytest.mark.parametrize(
    ("model", "base_url", "provider", "name", "url"),
    [
        ("openai:gpt-4o-mini", "", "openai", "gpt-4o-mini", "https://api.openai.com/v1"),
        ("anthropic:claude-x", "", "anthropic", "claude-x", "https://api.anthropic.com"),
        ("ollama:llama3:8b", "", "ollama", "llama3:8b", "http://127.0.0.1:11434"),
        ("ollama:llama3", "http://gpu:11434/", "ollama", "llama3", "http://gpu:11434"),
        ("openai:qwen", "http://vllm:8000/v1", "openai_compatible", "qwen", "http://vllm:8000/v1"),
        ("qwen2:7b", "http://vllm:8000/v1", "openai_compatible", "qwen2:7b", "http://vllm:8000/v1"),
    ],
)
def test_provider_is_chosen_by_string(model: str, base_url: str, provider: str, name: str, url: str) -> None:
    config = parse_model_config(model, base_url=base_url, api_key="key")
    assert (config.provider, config.name, config.base_url) == (provider, name, url)
    assert config.model == f"{provider}:{name}"


@pytest.mark.parametrize(
    ("model", "options", "names"),
    [
        ("gpt-4o", {"api_key": "k"}, "LLM_MODEL"),
        ("azure:gpt-4o", {"api_key": "k"}, "LLM_MODEL"),
        ("openai:", {"api_key": "k"}, "LLM_MODEL"),
        ("openai:gpt-4o", {}, "LLM_API_KEY"),
        ("anthropic:claude", {}, "LLM_API_KEY"),
        ("ollama:x", {"base_url": "file:///etc/passwd"}, "LLM_BASE_URL"),
        ("ollama:x", {"base_url": "http://user:pass@host"}, "LLM_BASE_URL"),
        ("ollama:x", {"timeout_seconds": 0}, "LLM_TIMEOUT_SECONDS"),
        ("ollama:x", {"seconds_per_token": -1}, "LLM_SECONDS_PER_TOKEN"),
    ],
)
def test_mistake_is_named_with_its_setting(model: str, options: dict[str, object], names: str) -> None:
    with pytest.raises(LLMMisconfigured) as refused:
        parse_model_config(model, **options)  # type: ignore[arg-type]
    assert names in refused.value.for_operators
    assert "LLM_" not in refused.value.message, "a learner cannot mend it"


def test_no_model_is_not_a_mistake() -> None:
    with pytest.raises(LLMNotConfigured):
        parse_model_config(" ")


def test_key_is_not_in_the_representation() -> None:
    assert "sk-secret" not in repr(parse_model_config("openai:x", api_key="sk-secret"))


@pytest.mark.parametrize(("name", "takes"), [("gpt-4o", True), ("o3-mini", False), ("gpt-5", False)])
def test_hosted_reasoning_models_get_no_temperature(name: str, takes: bool) -> None:
    assert parse_model_config(f"openai:{name}", api_key="k").takes_temperature is takes
    assert parse_model_config(f"openai:{name}", base_url="http://local/v1").takes_temperature


@pytest.mark.parametrize(
    ("setting", "configured", "forced_builtin", "forced_model", "engine"),
    [
        ("auto", False, False, False, "builtin"),
        ("auto", True, False, False, "model"),
        ("auto", True, True, True, "builtin"),
        ("builtin", True, False, False, "builtin"),
        ("builtin", True, False, True, "model"),
        ("builtin", False, False, True, "builtin"),
        ("model", True, False, False, "model"),
        ("model", False, True, False, "builtin"),
    ],
)
def test_engine_is_chosen_by_setting_and_flags(
    setting: str, configured: bool, forced_builtin: bool, forced_model: bool, engine: str
) -> None:
    chosen = choose_engine(
        setting=setting, configured=configured, forced_builtin=forced_builtin, forced_model=forced_model
    )
    assert chosen == engine


def test_insisting_on_a_model_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LLMNotConfigured):
        choose_engine(setting="model", configured=False)


def test_longer_replies_get_more_time() -> None:
    config = parse_model_config("ollama:x", timeout_seconds=30, seconds_per_token=0.05)
    assert config.seconds_for(0) == 30
    assert config.seconds_for(2000) == 130
