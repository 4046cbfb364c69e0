"""``manage.py bootstrap``: what a fresh database needs. Running it again changes nothing."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction

from jobs_app.services.scheduling import schedules_seed
from tutor_project.common.locks import try_advisory_lock
from tutor_project.platform.flags import flags_seed
from tutor_project.platform.roles import roles_seed


class Command(BaseCommand):
    """Seed schedules, flags, roles and, in the embedded mode, the accounts ``admin`` and ``demo``."""

    help = "Seeds schedules, flags and roles; in the embedded mode also makes the accounts admin and demo."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed under a lock, so that several processes may start at once."""
        with transaction.atomic(), try_advisory_lock("bootstrap") as held:
            if not held:
                return
            for name in schedules_seed():
                self.stdout.write(f"schedule {name}")
            for name in flags_seed():
                self.stdout.write(f"flag {name}")
            for name in roles_seed():
                self.stdout.write(f"role {name}")
            if settings.EMBEDDED:
                self._accounts(settings.VAR_DIR / "credentials.json")

    def _accounts(self, path: Path) -> None:
        kept: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
        users = get_user_model().objects
        missing = [name for name in ("admin", "demo") if not users.filter(username=name).exists()]
        for name in missing:
            kept[name] = kept.get(name) or secrets.token_urlsafe(12)
            make = users.create_superuser if name == "admin" else users.create_user
            make(username=name, email=f"{name}@tutor.local", password=kept[name])
        if not missing:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            json.dump(kept, handle, indent=2)
        for name in missing:
            self.stdout.write(f"account {name} password {kept[name]}")
