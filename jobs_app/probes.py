"""Health probes: apps above contribute figures and alerts without being imported.

An app declares its probes in ``health_probes.py``, discovered at start-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that is wrong now: its alert code, how bad it is, and a sentence with the cure."""

    code: str
    severity: str
    message: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What one probe contributes to the picture."""

    figures: dict[str, Any]
    findings: tuple[Finding, ...] = ()


Probe = Callable[[], ProbeReport]
_probes: dict[str, Probe] = {}


def register_probe(name: str, probe: Probe) -> None:
    """Add a probe; the name identifies it in logs."""
    _probes[name] = probe


def all_probes() -> dict[str, Probe]:
    """Return the registered probes by name."""
    return dict(_probes)
