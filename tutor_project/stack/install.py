"""Makes ``.venv`` and installs the pinned requirements when they changed: ``python install.py [--dev]``.

Run by the Makefile with the Python of the machine, before anything is installed: standard library only.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NEEDED_MEGABYTES = 1500
LANES = 2
"""How many pips install at a time: unpacking keeps one processor busy, and any machine has two."""
# What pip says when nobody answers, in the words of its HTTP library and of the resolver.
NO_NETWORK = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "Max retries exceeded", "ProxyError")


def main() -> None:
    """Install the runtime requirements, with ``--dev`` the tools too; nothing when nothing changed."""
    names = ["requirements.txt", *(["requirements-dev.txt"] if "--dev" in sys.argv[1:] else [])]
    changed = [name for name in names if not _is_current(name)]
    if not changed:
        return
    print("Installing into .venv; this happens once and takes a minute or two.", flush=True)
    _check_space()
    if not _usable():
        with _step("making the virtual environment"):
            _make_venv()
    for name in changed:
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
    """Install the pins as they are, which is faster than resolving them again, then look whether any is missing.

    The pins were made on one platform; where another needs one more package, pip resolves after all.
    """
    pins = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if "==" in line]
    with _step(f"installing the {len(pins)} packages of {name}"):
        _pip_in_lanes(name, pins)
    with _step("checking that none is missing"):
        missing = subprocess.run([PYTHON, "-m", "pip", "check"], capture_output=True).returncode != 0
    if missing:
        with _step("adding what this platform needs besides"):
            _report(name, [_pip("-r", str(ROOT / name))])


def _pip_in_lanes(name: str, pins: list[str]) -> None:
    """Share the pins out to pips that work side by side: without dependencies none has to wait for another."""
    progress = _Progress(len(pins))
    said: list[list[str]] = [[] for _ in range(LANES)]
    with tempfile.TemporaryDirectory() as folder:
        pips = []
        for lane in range(LANES):
            share = Path(folder) / f"lane-{lane}.txt"
            share.write_text("\n".join(pins[lane::LANES]), encoding="utf-8")
            pips.append(_pip("--no-deps", "-r", str(share)))
        readers = [threading.Thread(target=progress.follow, args=(pip, said[n])) for n, pip in enumerate(pips)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        progress.close()
        _report(name, pips, said)


def _pip(*options: str) -> subprocess.Popen[str]:
    """Start ``pip install``. Bytecode is written when a module is first used: most of it never is."""
    fixed = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--no-compile"]
    command = [str(PYTHON), "-m", "pip", "install", *fixed, *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def _report(name: str, pips: list[subprocess.Popen[str]], said: list[list[str]] | None = None) -> None:
    """End with the reason of the first pip that failed."""
    for number, pip in enumerate(pips):
        text = "".join(said[number]) if said is not None else pip.communicate()[0]
        if pip.wait() != 0:
            sys.exit(_reason(name, text))


class _Progress:
    """Counts the packages of all lanes: a bar on a terminal; elsewhere a line at every quarter."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._done = 0
        self._unpacking = 0
        self._lock = threading.Lock()

    def follow(self, pip: subprocess.Popen[str], said: list[str]) -> None:
        """Read what a pip says until it ends."""
        assert pip.stdout is not None
        for line in pip.stdout:
            said.append(line)
            with self._lock:
                if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")):
                    self._done = min(self._done + 1, self._count)
                    self._show(self._done % max(self._count // 4, 1) == 0)
                elif line.startswith("Installing collected packages"):
                    self._unpacking += 1
                    if self._unpacking == LANES:
                        self.close()
                        print("  all are here; unpacking them", flush=True)

    def _show(self, quarter: bool) -> None:
        if sys.stdout.isatty():
            filled = 30 * self._done // self._count
            print(f"\r  [{'#' * filled}{'.' * (30 - filled)}] {self._done} of {self._count}", end="", flush=True)
        elif quarter:
            print(f"  {self._done} of {self._count}", flush=True)

    def close(self) -> None:
        """End the line of the bar."""
        if sys.stdout.isatty() and self._done:
            print(flush=True)
            self._done = 0


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Say what begins, and at its end how long it took."""
    began = time.monotonic()
    print(f"- {what} …", flush=True)
    yield
    print(f"  done in {time.monotonic() - began:.1f} s", flush=True)


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
