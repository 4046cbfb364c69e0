"""What somebody sees who starts the project for the first time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rich.console import Console

from tutor_project.stack import install
from tutor_project.stack.commands import _print_addresses
from tutor_project.stack.layout import Stack
from tutor_project.stack.report import step

ROOT = Path(__file__).resolve().parents[3]


def test_the_stack_says_something_before_it_reads_its_configuration(tmp_path: Path) -> None:
    environment = {**os.environ, "PORT": "none", "TUTOR_VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "tutor_project.stack", "run"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.startswith("AI Tutor: getting ready")
    assert "PORT must be a whole number" in done.stderr


def test_a_step_says_what_begins_and_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    with step(Console(force_terminal=False), "starting") as say:
        assert capsys.readouterr().out == "- starting …\n"
        say("PostgreSQL")
    assert re.fullmatch(r"  PostgreSQL …\n✓ starting \(\d+\.\d s\)\n", capsys.readouterr().out)


def test_a_step_that_fails_is_not_said_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no"), step(Console(force_terminal=False), "starting"):
        raise ValueError("no")
    assert "✓" not in capsys.readouterr().out


def test_the_passwords_stand_beside_the_addresses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack = Stack(var_dir=tmp_path, host="127.0.0.1", port=8001, web_workers=1, job_processes=1, model_processes=1)
    stack.credentials_file.write_text('{"admin": "[b]1", "demo": "d2"}')
    _print_addresses(stack, Console(force_terminal=False, width=60))
    said = capsys.readouterr().out
    assert "http://127.0.0.1:8001/admin/   sign in as admin, password [b]1\n" in said
    assert "http://127.0.0.1:8001/learn   sign in as demo, password d2\n" in said


def test_packages_of_all_lanes_are_counted_together(capsys: pytest.CaptureFixture[str]) -> None:
    progress = install._Progress(8)
    for lane in range(install.LANES):
        said: list[str] = []
        words = "\n".join([f"Collecting p{lane}-{n}" for n in range(4)] + ["Installing collected packages: all"])
        pip = subprocess.Popen(["printf", "%s\n", words], stdout=subprocess.PIPE, text=True)
        progress.follow(pip, said)
        assert len(said) == 5
        assert pip.wait() == 0
    assert capsys.readouterr().out.splitlines() == [
        *[f"  {n} of 8" for n in (2, 4, 6, 8)], "  all are here; unpacking them",
    ]  # fmt: skip


def test_whatever_a_pinned_package_needs_is_pinned_too() -> None:
    """One that is missing makes each first installation resolve everything a second time."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {canonicalize_name(line.split("==")[0]) for line in lines if "==" in line}
    assert len(pinned) > 100
    missing = set()
    for name in pinned:
        for needed in map(Requirement, metadata.requires(name) or []):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                missing |= {(name, needed.name)} if canonicalize_name(needed.name) not in pinned else set()
    assert missing == set()
