"""``manage.py rotate_model_keys``: encrypt the stored keys with the first of ``MODEL_KEY_SECRETS``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tutor_project.common.errors import DomainError
from tutor_project.platform.profiles import keys_rotate


class Command(BaseCommand):
    """Rotate the secret of model keys."""

    help = "Encrypt the keys of model profiles with the first of MODEL_KEY_SECRETS; then the others may be taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate all keys or none."""
        try:
            count = keys_rotate()
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{count} keys are encrypted with the first secret now.")
