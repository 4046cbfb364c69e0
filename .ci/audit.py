"""Known vulnerabilities of what is pinned, by pip-audit over PyPI's own advisories.

    python .ci/audit.py [requirements.txt …]

Exits 1 when a pinned version has a known vulnerability, 3 when the advisories cannot be reached: then nothing was
audited, and it says so. It keeps pip-audit in an environment of its own, apart from what it judges.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TOOL = "pip-audit==2.9.0"
ENVIRONMENT = ROOT / "var" / "audit"
CLEAN, VULNERABLE, NOT_AUDITED = 0, 1, 3


def judge(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Return the exit code and the lines to print for a report of pip-audit."""
    found = report.get("dependencies", [])
    bad = [entry for entry in found if entry.get("vulns")]
    skipped = [entry["name"] for entry in found if entry.get("skip_reason")]
    audited = len(found) - len(skipped)
    lines = [
        f"VULNERABLE {entry['name']} {entry['version']}: {flaw['id']}, fixed in "
        + (", ".join(flaw.get("fix_versions", [])) or "no version yet")
        for entry in bad
        for flaw in entry["vulns"]
    ]
    if skipped:
        lines.append(f"NOT AUDITED, no advisories to be had: {', '.join(sorted(skipped))}")
    if bad:
        return VULNERABLE, lines
    if not audited:
        return NOT_AUDITED, [f"The advisories cannot be reached from here: none of {len(found)} pins was audited."]
    return (NOT_AUDITED if skipped else CLEAN), [*lines, f"{audited} pinned versions have no known vulnerability."]


def audit(files: list[str]) -> tuple[int, list[str]]:
    """Run pip-audit over requirement files; returns what ``judge`` makes of it."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", TOOL]
    if subprocess.run(install, check=False).returncode:
        return NOT_AUDITED, ["pip-audit cannot be installed from here: nothing was audited."]
    named = [part for file in files for part in ("--requirement", file)]
    command = [str(python), "-m", "pip_audit", "--vulnerability-service", "pypi", "--no-deps", "--disable-pip"]
    done = subprocess.run(
        [*command, "--format", "json", "--progress-spinner", "off", *named], capture_output=True, text=True, check=False
    )
    try:
        return judge(json.loads(done.stdout))
    except ValueError:
        return NOT_AUDITED, [
            "The advisories cannot be reached from here: nothing was audited.",
            done.stderr.strip()[-500:],
        ]


def main() -> int:
    """Print the verdict."""
    code, lines = audit(sys.argv[1:] or ["requirements.txt"])
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
