"""Whether the models in use answer: from what the calls have met, and by a look that costs no tokens."""

from __future__ import annotations

import asyncio
from typing import Any

from tutor_project.llm.config import ModelConfig
from tutor_project.llm.examine import server_error_code
from tutor_project.llm.standing import standing_key
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


async def _look(configs: list[ModelConfig]) -> list[str | None]:
    return list(await asyncio.gather(*(server_error_code(config) for config in configs)))
