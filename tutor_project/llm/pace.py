"""How fast a model's server reads and writes, and what follows from it for a call.

Learnt from streams, which show when reading ended and writing began, and by an examination. A server nobody has measured
is taken to be fast enough for everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor_project.llm.types import Phase, Usage

READ_AT_LEAST = 600
"""Tokens of documents that even the slowest server is given: fewer would answer nothing."""
_READING_SECONDS: Mapping[Phase, float] = {"interaction": 20.0}
_READING_SECONDS_OTHERWISE = 60.0
LONGEST_CALL = 300.0
"""Seconds of one call beyond which nobody waits for what a model writes in the background: the built-in engine is there."""
_SHARE_WRITTEN = 0.5
"""Of what it may write, a reply takes about half."""
_PATIENCE = 2.5
"""A call may take so many times what it should take: servers are shared."""
_FEWEST_READ, _FEWEST_WRITTEN = 150, 15
_SAME = 1.3
_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """Tokens a second that a server reads and writes; None where it was not measured."""

    reads: float | None = None
    writes: float | None = None

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> Pace:
        """Return the pace among what is known of a server."""
        return cls(known.get("tokens_read_per_second"), known.get("tokens_per_second"))

    @classmethod
    def of_stream(cls, usage: Usage, first: float, seconds: float) -> Pace:
        """Return what a stream shows: its usage, and after how many seconds its first and its last text came."""
        if not usage.measured:
            return cls()
        read, written = usage.prompt_tokens - usage.cached_prompt_tokens, usage.completion_tokens
        return cls(
            round(read / first, 1) if read >= _FEWEST_READ and first > 0 else None,
            round(written / (seconds - first), 1) if written >= _FEWEST_WRITTEN and seconds > first else None,
        )

    def with_newer(self, newer: Pace) -> dict[str, float]:
        """Return what is to be remembered after another measurement: nothing where it says about the same."""
        pairs = {
            "tokens_read_per_second": (self.reads, newer.reads),
            "tokens_per_second": (self.writes, newer.writes),
        }
        found = {}
        for name, (known, measured) in pairs.items():
            if measured is None or (known and max(known, measured) < _SAME * min(known, measured)):
                continue
            found[name] = measured if not known else round(known + _WEIGHT * (measured - known), 1)
        return found

    def seconds(self, prompt_tokens: int, output_tokens: int) -> float:
        """Return how long a call takes; what was not measured takes no time."""
        reading = prompt_tokens / self.reads if self.reads else 0.0
        return reading + (output_tokens / self.writes if self.writes else 0.0)

    def allowed(self, prompt_tokens: int, output_tokens: int) -> float:
        """Return the seconds after which a call is given up, as far as the pace says."""
        return _PATIENCE * self.seconds(prompt_tokens, output_tokens)

    def readable(self, phase: Phase) -> int | None:
        """Return how many tokens of documents are read while somebody waits; None where nothing limits them."""
        if not self.reads:
            return None
        return max(round(self.reads * _READING_SECONDS.get(phase, _READING_SECONDS_OTHERWISE)), READ_AT_LEAST)

    def too_slow(self, phase: Phase, prompt_tokens: int, output_tokens: int) -> bool:
        """Say whether a call in the background would take so long that nobody should wait for it."""
        if phase == "interaction":
            return False
        return self.seconds(prompt_tokens, round(output_tokens * _SHARE_WRITTEN)) > LONGEST_CALL

    def items_in(self, seconds: float, tokens_an_item: int, at_most: int) -> int:
        """Return how many items of a length one call should ask for, from 1 to ``at_most``."""
        if not self.writes:
            return at_most
        return max(1, min(at_most, int(seconds * self.writes / tokens_an_item)))
