"""Names of concepts as a learner reads them: one concept whatever its case or number, and none that is a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from sessions_app.domain.questions.text import roots

LONGEST_NAME = 6
"""Words of the longest name of a concept; what is longer is a sentence and says what its section is about."""


def concept_name(concept: str, section: str = "") -> str:
    """Return the name under which answers about a concept are kept: its own, or its section's where it is no name; else ''."""
    for name in (concept, section):
        tidy = re.sub(r"\s+", " ", name).strip(" .,;:")
        if 0 < len(tidy.split()) <= LONGEST_NAME:
            return tidy
    return ""


def concept_key(name: str) -> str:
    """Return what two spellings of one concept have in common ("Archaea", "archaea"; "cell walls", "Cell wall")."""
    return " ".join(roots(name)) or name.casefold()


def merged_names(names: Iterable[str]) -> dict[str, str]:
    """Return for each key the spelling to show: the most frequent one, of equally frequent ones the first in the alphabet."""
    spellings: dict[str, Counter[str]] = {}
    for name in names:
        spellings.setdefault(concept_key(name), Counter())[name] += 1
    return {key: min(found, key=lambda name: (-found[name], name)) for key, found in spellings.items()}
