"""Whether the models in use answer: from what the calls have met, and by a look that costs no tokens."""

from __future__ import annotations

import asyncio
from typing import Any

from tutor_project.common import runtime
from tutor_project.llm.config import ModelConfig
from tutor_project.llm.examine import examine, server_error_code
from tutor_project.llm.standing import standing_key
from tutor_project.llm.types import Caller
from tutor_project.platform.profiles import profiles_in_use
from tutor_project.platform.standing import standing_note, standing_of


def models_standing() -> list[dict[str, Any]]:
    """Return ``{profile, model, answers, error_code, since}`` of each profile in use; ``answers`` null: never asked."""
    shown = []
    for profile in profiles_in_use():
        row = standing_of(standing_key(profile.config))
        shown.append(
            {
                "profile": profile.name,
                "model": profile.config.model,
                "answers": row.answers if row else None,
                "error_code": row.error_code if row else "",
                "since": row.since.isoformat() if row and row.since else None,
            }
        )
    return shown


def models_not_answering() -> list[dict[str, str]]:
    """Return profile and model of those that do not answer."""
    return [
        {"profile": model["profile"], "model": model["model"]}
        for model in models_standing()
        if model["answers"] is False
    ]


def models_look() -> None:
    """Ask the server of each profile in use for its list of models, all at once, and note who answers."""
    configs = list({standing_key(profile.config): profile.config for profile in profiles_in_use()}.values())
    if not configs:
        return
    for config, code in zip(configs, asyncio.run(_look(configs)), strict=True):
        standing_note(key=standing_key(config), model=config.model, error=code)


def _unexamined() -> list[ModelConfig]:
    """Return the models in use whose server answers and of which nobody has found out what it can.

    None where an operator has set the built-in engine for everybody: then no model is asked anything.
    """
    if runtime.get_str("ENGINE") == "builtin":
        return []
    rows = {standing_key(profile.config): profile.config for profile in profiles_in_use()}
    return [
        config
        for key, config in rows.items()
        if (row := standing_of(key)) and row.answers and "streams" not in row.capabilities
    ]


def models_need_examination() -> bool:
    """Say whether a model was set up and not looked at yet."""
    return bool(_unexamined())


def models_examine() -> dict[str, bool]:
    """Examine each model that was set up and not looked at yet; whether each answered, by its name. Costs two short calls each."""
    return {config.model: examine(config, caller=Caller()).answers for config in _unexamined()}


async def _look(configs: list[ModelConfig]) -> list[str | None]:
    return list(await asyncio.gather(*(server_error_code(config) for config in configs)))
