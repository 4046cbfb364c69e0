"""``manage.py evaluate_model``: may a model judge what models write? It is asked about replies whose worth is known."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sessions_app.services.evaluation import Findings, collections_shipped, evaluated, judge_examined
from tutor_project.llm.errors import LLMError
from tutor_project.llm.gateway import gateway_to
from tutor_project.platform.profiles import profiles_in_use


class Command(BaseCommand):
    """Evaluate the profiles in use, or one of them."""

    help = (
        "Have each configured model judge questions and statements of known worth, and allow it to judge where it passes. "
        "Costs about fifteen calls a model."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of a profile."""
        parser.add_argument("--profile", help="only the profile of this name (see manage.py model_doctor)")
        parser.add_argument("--show", action="store_true", help="print each item that was judged wrongly")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings of the rules alone, and of each model beside them; fails when there is no such profile."""
        wanted = options["profile"]
        profiles = [profile for profile in profiles_in_use() if wanted in (None, profile.name)]
        if not profiles:
            raise CommandError(f"There is no profile named {wanted!r}." if wanted else "No model is set up.")
        alone = Findings()
        for collection in collections_shipped():
            alone.merge(evaluated(collection))
        self.stdout.write(f"rules alone: {alone}")
        for profile in profiles:
            try:
                found = judge_examined(profile.config, gateway_to(profile.config))
            except LLMError as error:
                raise CommandError(f"{profile.name}: {error.for_operators}") from None
            verdict = "may judge from now on" if found.may_judge else "may not judge: the rules decide alone"
            self.stdout.write(f"{profile.name} ({profile.config.model}): {found} → it {verdict}")
            for miss in found.misses if options["show"] else ():
                self.stdout.write(f"  {miss}")
