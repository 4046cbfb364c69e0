"""The four things the Makefile asks of the stack: run, up, down, demo."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
from rich.console import Console
from rich.markup import escape

from tutor_project import embedded
from tutor_project.embedded.private import private_file, private_folder
from tutor_project.environment import BASE_DIR
from tutor_project.stack import preflight
from tutor_project.stack.client import ApiError, TutorClient
from tutor_project.stack.errors import StackError
from tutor_project.stack.layout import Stack
from tutor_project.stack.main_job import run_main_job
from tutor_project.stack.report import print_result, progress_bar, step
from tutor_project.stack.serving import (
    READY_TIMEOUT_SECONDS,
    becomes,
    serving,
    wait,
    wait_until_stopped,
)
from tutor_project.stack.state import kill_left_over

STOP_TIMEOUT_SECONDS = 90
PREPARE_SECONDS = 120
"""What a busy machine may take for a first migration; a start that fails is noticed at once."""
REPAIR_SECONDS = 45
"""What a supervisor may take to mend its stack: it finds a hung server after 20 s, and a worker reports within ten more."""
SAMPLE = BASE_DIR / "samples" / "photosynthesis.pdf"


def run(stack: Stack, console: Console) -> None:
    """Serve in the foreground until Ctrl-C, after taking the sample document through the main job."""
    with serving(stack, console) as supervisor:
        console.print(f"[green]✓[/] serving at {stack.url}", highlight=False)
        _take_sample(stack, console)
        _print_addresses(stack, console)
        console.print("\nThe logs follow; Ctrl-C stops everything.\n", style="dim")
        supervisor.show_output = True
        wait_until_stopped(supervisor)
    console.print("stopped")


def serve(stack: Stack, console: Console) -> None:
    """Serve without a word; what ``up`` runs in the background."""
    with serving(stack, console) as supervisor:
        wait_until_stopped(supervisor)


def up(stack: Stack, console: Console) -> None:
    """Start in the background; returns when the stack can serve.

    A stack that runs and does not serve is given the time to mend itself, then started anew.
    """
    if stack.state.supervised():
        if _whole(stack):
            raise stack.state.already_running()
        with step(console, "the stack runs and does not serve; waiting for it"):
            mended = becomes(lambda: _whole(stack), REPAIR_SECONDS)
        if mended:
            console.print("the stack had lost a part; it is whole again")
            _print_addresses(stack, console)
            return
        console.print("the stack does not mend itself; starting it anew")
        down(stack, console)
    _start_in_background(stack, console)
    _print_addresses(stack, console)


def _whole(stack: Stack) -> bool:
    """Whether a request would be answered and a job be run, by what the running stack says of itself."""
    state = stack.state.read()
    return state is not None and all(TutorClient(state.url).ready(role) for role in ("web", "worker"))


def down(stack: Stack, console: Console) -> None:
    """Stop whatever runs of this checkout, however it was started or killed."""
    state = stack.state.read()
    was_running = False
    if stack.state.supervised() and state is not None:
        was_running = True
        process = state.supervisor.process()
        with console.status("stopping …"):
            if process is not None:
                with suppress(psutil.NoSuchProcess):
                    process.resume()  # one that was held still could not hear the rest
                    process.terminate()
            stopped = becomes(
                lambda: not stack.state.supervised() and state.supervisor.process() is None, STOP_TIMEOUT_SECONDS
            )
            if not stopped and process is not None:  # it hangs, and cannot end the others
                with suppress(psutil.NoSuchProcess):
                    process.kill()
                kill_left_over(state)
                stack.state.clear()
    elif state is not None:
        was_running = bool(kill_left_over(state))
        stack.state.clear()
    if embedded.postgres_running(stack.var_dir) or embedded.redis_running(stack.var_dir):
        was_running = True
        embedded.stop(stack.var_dir)
    console.print("stopped" if was_running else "nothing was running")


def demo(stack: Stack, console: Console, file: Path) -> None:
    """Take ``file`` through the main job; starts the stack for it if need be, and stops only what it started."""
    preflight.check_file(file)
    state = stack.state.read()
    if stack.state.supervised() and state is not None:
        wait(lambda: TutorClient(state.url).ready(), READY_TIMEOUT_SECONDS, f"{state.url} does not become ready")
        _take(TutorClient(state.url), stack, console, file)
        return
    _start_in_background(stack, console)
    try:
        _take(TutorClient(stack.url), stack, console, file)
    finally:
        down(stack, console)


def _start_in_background(stack: Stack, console: Console) -> None:
    preflight.check_disk(stack.var_dir)
    private_folder(stack.log_dir)
    log = private_file(stack.log_dir / "stack.log")
    with log.open("wb") as output:
        background = subprocess.Popen(
            [sys.executable, "-m", "tutor_project.stack", "serve"],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ready() -> bool:
        if background.poll() is not None:
            said = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
            raise StackError(said[-1] if said else f"The stack ended with code {background.returncode}.")
        state = stack.state.read()
        return bool(state and state.supervisor.pid == background.pid and state.processes) and _whole(stack)

    try:
        with step(console, "starting everything in the background"):
            wait(ready, PREPARE_SECONDS + READY_TIMEOUT_SECONDS, f"The stack did not become ready: see {stack.log_dir}")
    except (KeyboardInterrupt, StackError):
        background.terminate()
        background.wait()
        raise


def _take_sample(stack: Stack, console: Console) -> None:
    client = TutorClient(stack.url)
    _log_in(client, stack)
    sessions = client.get("/sessions")["results"]
    if any(session["title"] == SAMPLE.name for session in sessions):
        console.print(f"{SAMPLE.name} has been through the main job before; 'make demo FILE=…' takes another file.")
        return
    _take(client, stack, console, SAMPLE)


def _take(client: TutorClient, stack: Stack, console: Console, file: Path) -> None:
    if not client.token:
        _log_in(client, stack)
    console.print(f"[bold]{escape(file.name)}[/] through the main job, over HTTP as a learner")
    with progress_bar(console) as progress:
        result = run_main_job(client, file, progress)
    print_result(console, result)


def _log_in(client: TutorClient, stack: Stack) -> None:
    password = stack.credentials().get("demo")
    if password:
        try:
            client.login("demo", password)
            return
        except ApiError as error:
            if error.status not in (400, 401, 403):
                raise  # a changed password is no failure, anything else is
    client.register()


def _print_addresses(stack: Stack, console: Console) -> None:
    passwords = stack.credentials()
    pages = [
        ("start page", "/", ""),
        ("learner's page", "/learn", "demo"),
        ("staff console", "/admin/", "admin"),
        ("API, to be tried", "/api/docs", ""),
    ]
    console.print()
    for name, path, account in pages:
        signed = f"   sign in as {account}, password {passwords[account]}" if account in passwords else ""
        console.print(f"  {name:<18} {stack.url}{path}{signed}", highlight=False, markup=False, soft_wrap=True)
    if passwords:
        console.print(
            "  (the first passwords, kept in var/credentials.json; your own count once you changed them)", style="dim"
        )
