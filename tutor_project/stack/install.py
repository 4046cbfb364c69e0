"""Makes ``.venv`` and installs the pinned requirements when they changed: ``python install.py [--dev]``.

Run by the Makefile with the Python of the machine, before anything is installed: standard library only.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NEEDED_MEGABYTES = 1500
# What pip says when nobody answers, in the words of its HTTP library and of the resolver.
NO_NETWORK = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "Max retries exceeded", "ProxyError")


def main() -> None:
    """Install the runtime requirements, with ``--dev`` the tools too; nothing when nothing changed."""
    names = ["requirements.txt", *(["requirements-dev.txt"] if "--dev" in sys.argv[1:] else [])]
    changed = [name for name in names if not _is_current(name)]
    if not changed:
        return
    _check_space()
    if not _usable():
        _make_venv()
    for name in changed:
        print(f"installing {name} into .venv (the first time takes a minute or two)", flush=True)
        _pip_install(name)
        _stamp(name).write_text(_fingerprint(name), encoding="ascii")


def _stamp(name: str) -> Path:
    return VENV / f".installed-{name}"


def _fingerprint(name: str) -> str:
    """What the installation depends on: the pins and the interpreter."""
    interpreter = (VENV / "pyvenv.cfg").read_bytes() if (VENV / "pyvenv.cfg").exists() else b""
    return hashlib.sha256((ROOT / name).read_bytes() + interpreter).hexdigest()


def _is_current(name: str) -> bool:
    return _stamp(name).exists() and _stamp(name).read_text(encoding="ascii") == _fingerprint(name) and _usable()


def _usable() -> bool:
    """Whether .venv has a working Python with pip (a moved checkout or a removed interpreter breaks it)."""
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0


def _make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if done.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        if "ensurepip" in done.stdout + done.stderr or "No module named" in done.stderr:
            sys.exit(
                f"This Python {version} comes without venv: install it (Debian, Ubuntu: apt install python3-venv) "
                "or name another Python (make run PYTHON=/path/to/python3)."
            )
        sys.exit(f"The virtual environment could not be made: {_last_line(done.stdout + done.stderr)}")


def _pip_install(name: str) -> None:
    """Install the pins as they are, which is twice as fast as resolving them again, then look whether any is missing.

    The pins were made on one platform; where another needs one more package, pip resolves after all.
    """
    pins = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if "==" in line]
    _pip(name, len(pins), "--no-deps", "--no-compile")
    if subprocess.run([PYTHON, "-m", "pip", "check"], capture_output=True).returncode != 0:
        _pip(name, len(pins), "--no-compile")


def _pip(name: str, count: int, *options: str) -> None:
    fixed = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    command = [str(PYTHON), "-m", "pip", "install", *fixed, *options, "-r", str(ROOT / name)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    assert process.stdout is not None
    said = []
    done = 0
    for line in process.stdout:
        said.append(line)
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")):
            done += 1
            _show_progress(min(done, count), count)
        elif line.startswith("Installing collected packages"):
            print("\n  unpacking …" if sys.stdout.isatty() else "  unpacking", flush=True)
    if process.wait() != 0:
        sys.exit(_reason(name, "".join(said)))


def _show_progress(done: int, count: int) -> None:
    """A bar on a terminal; elsewhere a line at every quarter."""
    if sys.stdout.isatty():
        filled = 30 * done // count
        print(f"\r  [{'#' * filled}{'.' * (30 - filled)}] {done}/{count} packages", end="", flush=True)
    elif done % max(count // 4, 1) == 0:
        print(f"  {done}/{count} packages", flush=True)


def _reason(name: str, said: str) -> str:
    if any(word in said for word in NO_NETWORK):
        return "The package index cannot be reached: check the network, or set PIP_INDEX_URL or HTTPS_PROXY."
    if "No space left on device" in said:
        return f"The disk became full while installing: free about {NEEDED_MEGABYTES} MB and run it again."
    if "(from versions: none)" in said:
        package = said.rpartition("No matching distribution found for ")[2].split()[0]
        return f"The package index has no {package} for this Python and platform, or is out of reach: try Python 3.11."
    errors = [line.strip() for line in said.splitlines() if line.startswith("ERROR:")]
    return f"pip could not install {name}: {errors[-1] if errors else _last_line(said)}"


def _check_space() -> None:
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < NEEDED_MEGABYTES:
        sys.exit(f"Only {free} MB are free where {ROOT} lies and {NEEDED_MEGABYTES} MB are needed: free some space.")


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it gave no reason")


if __name__ == "__main__":
    main()
