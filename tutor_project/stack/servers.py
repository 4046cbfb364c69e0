"""The embedded servers as parts of the stack: started with it, watched, started again, stopped last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from tutor_project import embedded
from tutor_project.embedded import EmbeddedServerError
from tutor_project.environment import EMBEDDED_DURABLE, EMBEDDED_POSTGRES, EMBEDDED_REDIS

LOOK_EVERY_SECONDS = 0.5
RETRY_PAUSE_SECONDS = 5.0


class Servers:
    """PostgreSQL and Valkey of this checkout, those of them that are not configured elsewhere."""

    def __init__(self, var_dir: Path, say: Callable[[str], None]) -> None:
        self._say = say
        self._ensure: dict[str, Callable[[], str]] = {}
        self._answers: dict[str, Callable[[], bool]] = {}
        if EMBEDDED_POSTGRES:
            self._ensure["PostgreSQL"] = lambda: embedded.ensure_postgres(var_dir, durable=EMBEDDED_DURABLE)
            self._answers["PostgreSQL"] = lambda: embedded.postgres_answers(var_dir)
        if EMBEDDED_REDIS:
            self._ensure["Valkey"] = lambda: embedded.ensure_redis(var_dir)
            self._answers["Valkey"] = lambda: embedded.redis_answers(var_dir)
        self._var_dir = var_dir
        self._away: set[str] = set()
        self._stopping = threading.Event()
        self._keepers = [threading.Thread(target=self._keep, args=(name,), daemon=True) for name in self._ensure]

    @property
    def names(self) -> list[str]:
        """The servers that are this checkout's own; empty when all are configured elsewhere."""
        return list(self._ensure)

    def start(self, status: Callable[[str], None]) -> None:
        """Start or attach to them, and keep them from now on. Raises ``EmbeddedServerError``."""
        for name, ensure in self._ensure.items():
            status(name)
            ensure()
        for keeper in self._keepers:
            keeper.start()

    def all_there(self) -> bool:
        """Whether none of them is away as far as the last look could tell."""
        return not self._away

    def stop(self) -> None:
        """Stop watching, then stop them, whoever uses them."""
        self._stopping.set()
        for keeper in self._keepers:
            if keeper.ident is not None:
                keeper.join()
        if self._ensure:
            embedded.stop(self._var_dir)

    def _keep(self, name: str) -> None:
        pause = LOOK_EVERY_SECONDS
        while not self._stopping.wait(pause):
            pause = LOOK_EVERY_SECONDS
            if self._answers[name]():
                continue
            self._away.add(name)
            self._say(f"{name} does not answer; starting it again")
            try:
                self._ensure[name]()
            except EmbeddedServerError as error:
                self._say(str(error))
                pause = RETRY_PAUSE_SECONDS
            else:
                self._away.discard(name)
                self._say(f"{name} answers again")
