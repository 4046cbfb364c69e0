"""``manage.py reembed --model provider:name``: change the embedding model while searches go on."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents_app.retrieval import reembed
from documents_app.retrieval.spaces import spaces_in_use
from tutor_project.common.errors import DomainError


class Command(BaseCommand):
    """Builds the new vectors beside the old ones, switches at full coverage, then removes the old ones."""

    help = (
        "Re-embed all documents with another model. Searches use the old vectors until the new ones cover everything. "
        "It may be stopped and started again at any time; what is done stays done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One of four actions."""
        action = parser.add_mutually_exclusive_group(required=True)
        action.add_argument("--model", help="'bundled' or 'provider:model' of an installed LangChain package")
        action.add_argument("--status", action="store_true", help="show the generations in use and their coverage")
        action.add_argument("--cancel", action="store_true", help="give up the generation that is being built")
        action.add_argument("--prune", action="store_true", help="remove the vectors of retired generations")
        parser.add_argument("--keep-old", action="store_true", help="leave the old vectors for --prune later")

    def handle(self, *args: Any, **options: Any) -> None:
        """Carry the action out; a named failure ends with its cure and status 1."""
        try:
            if options["status"]:
                self._status()
            elif options["cancel"]:
                self.stdout.write("cancelled" if reembed.reembed_cancel() else "nothing is being built")
            elif options["prune"]:
                self.stdout.write(f"{reembed.spaces_prune()} retired generations removed")
            else:
                self._run(options["model"], keep_old=options["keep_old"])
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.message}") from error

    def _run(self, spec: str, *, keep_old: bool) -> None:
        space = reembed.reembed_begin(spec=spec)
        self._show(reembed.reembed_progress(space))
        while True:
            self._show(reembed.reembed_continue(space=space, report=self._show))
            try:
                reembed.reembed_switch(space=space)
                break
            except reembed.ReembedIncomplete:  # documents came in between; they are few
                time.sleep(0.1)
        self.stdout.write(f"searches use {space.model} now; set EMBEDDING_MODEL={spec} to keep the settings in step")
        if not keep_old:
            time.sleep(min(reembed.GRACE.total_seconds(), 5.0))
            self.stdout.write(f"{reembed.spaces_prune(grace=timedelta(seconds=5))} old generations removed")

    def _status(self) -> None:
        for space in spaces_in_use():
            progress = reembed.reembed_progress(space)
            self.stdout.write(
                f"{space.state:<9} {space.model} ({space.dimensions} dimensions): "
                f"{progress.embedded} of {progress.total} chunks, {100 * progress.share:.1f} %"
            )

    def _show(self, progress: reembed.ReembedProgress) -> None:
        self.stdout.write(
            f"{progress.model}: {progress.embedded} of {progress.total} chunks, {100 * progress.share:.1f} %"
        )
