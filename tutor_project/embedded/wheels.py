"""Where a wheel that brings the programs of a server has put them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tutor_project.embedded.errors import EmbeddedServerError


def wheel_folder(module: str, package: str, cure: str) -> Path:
    """Return the folder of a package. Raises ``EmbeddedServerError``, with the cure, when it is not installed.

    Found, not imported: importing looks for a runtime folder, warns, and costs as much as the start of a server.
    """
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedServerError(
            f"The package {package} is not installed for this Python: run 'make install', or {cure}"
        )
    return Path(found.submodule_search_locations[0])
