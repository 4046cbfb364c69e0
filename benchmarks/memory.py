"""Memory of the whole stack at rest, after the sample document went through the main job, by part.

Proportional set size: a page that several processes share counts once, in equal parts. Both sides run the same stack,
once with every program imported on its own (``--apart``) and once as forks of one base, which is what ships.
``python -m benchmarks.memory [--apart]``; Linux only.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.support.own_stack import ROOT, database_process, own_stack
from tutor_project.stack.state import StateFile

REST_SECONDS = 75
"""Longer than a child for extraction and a spare connection live."""


def proportional_kb(process: psutil.Process) -> int:
    """Return the share of the memory that is this process's, in KiB; 0 for one that has ended."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process.pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def by_part(var: Path) -> dict[str, int]:
    """Return MiB by part of a running stack, each process counted once, with the one it descends from most closely."""
    state = StateFile(var).read()
    assert state is not None
    heads = {identity.pid: name for name, identity in state.processes.items()}
    heads |= {state.supervisor.pid: "supervisor", database_process(var).pid: "postgres"}
    parts = dict.fromkeys(heads.values(), 0)
    roots = [psutil.Process(pid) for pid in heads]
    every = {process.pid: process for root in roots for process in (root, *root.children(recursive=True))}
    for process in every.values():
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            line = [process, *process.parents()]
            part = next((heads[one.pid] for one in line if one.pid in heads), "supervisor")
            part = "valkey" if "valkey" in process.name() else part
            parts[part] = parts.get(part, 0) + proportional_kb(process)
    return {name: kb >> 10 for name, kb in parts.items()}


def main() -> None:
    """Print one line a part, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed: the sample is in the repository")
    parser.add_argument("--apart", action="store_true", help="every program imports the project on its own")
    asked = parser.parse_args()
    with own_stack(**({"STACK_FORKS": "off"} if asked.apart else {})) as (url, var):
        take = [sys.executable, "-m", "tutor_project.stack", "demo", "samples/photosynthesis.pdf"]
        subprocess.run(
            take, cwd=ROOT, env={"PATH": "", "TUTOR_VAR_DIR": str(var), "PORT": url.rpartition(":")[2]},
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(REST_SECONDS)
        parts = by_part(var)
    for name, megabytes in [*parts.items(), ("all", sum(parts.values()))]:
        print(f"{name:<14} {megabytes:>6} MB")


if __name__ == "__main__":
    main()
