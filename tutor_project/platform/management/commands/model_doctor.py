"""``manage.py model_doctor``: does each model answer, what can its server do, and what should be set?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_project.llm.errors import LLMError
from tutor_project.llm.examine import examine
from tutor_project.llm.profiles import environment_profile
from tutor_project.llm.types import Caller
from tutor_project.platform.profiles import profiles_in_use, tasks_served


class Command(BaseCommand):
    """Examine all profiles in use."""

    help = "Ask each configured model two short questions; say what its server can and what to set."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a paragraph for each profile; fails when one of them does not answer."""
        try:
            environment_profile()
        except LLMError as error:
            raise CommandError(error.for_operators) from None
        profiles = profiles_in_use()
        if not profiles:
            self.stdout.write(
                "No model is set up: the built-in engine serves everything. Set LLM_MODEL, or add a profile."
            )
            return
        served = tasks_served()
        silent = []
        for profile in profiles:
            tasks = ", ".join(task for task, by in served.items() if by == profile.id) or "nothing"
            self.stdout.write(f"{profile.name} ({profile.config.model} at {profile.config.base_url}) serves {tasks}")
            found = examine(profile.config, caller=Caller())
            if not found.answers:
                silent.append(profile.name)
                self.stdout.write(f"  does not answer: {found.error_code}. {found.error}")
            else:
                for name in (
                    "structured",
                    "native_schema",
                    "streams",
                    "first_token_seconds",
                    "tokens_per_second",
                    "tokens_read_per_second",
                    "context_tokens",
                ):
                    self.stdout.write(f"  {name.replace('_', ' ')}: {getattr(found, name)}")
            for sentence in found.advice:
                self.stdout.write(f"  → {sentence}")
        if silent:
            raise CommandError(f"No answer from: {', '.join(silent)}.")
