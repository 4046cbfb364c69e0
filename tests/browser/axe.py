"""What axe finds in a page, in the looks that people have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that depend on light or dark and on nothing else."""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True},
    "narrow": {"viewport": {"width": 320, "height": 640}},
}
"""A phone is 390 wide; 1280 at 400 % zoom is 320."""


def faults_of(page: Any, view: str, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds wrong in the view, and whether the page is wider than its window; all rules unless named."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=AXE)
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    found = page.evaluate(
        "async (only) => (await axe.run(document, { runOnly: only, resultTypes: ['violations'] })).violations"
        ".map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)",
        only,
    )
    wide = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    return [f"{view}: {fault}" for fault in (*found, *(["wider than the window"] if wide else []))]
