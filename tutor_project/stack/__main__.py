"""``python -m tutor_project.stack run|up|down|demo FILE``; exits 0, or 1 with one line that names the cure."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main() -> int:
    """Parse the command line and do it; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tutor_project.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="serve in the foreground, after taking the sample through the main job")
    commands.add_parser("serve", help="serve in the foreground and say nothing")
    commands.add_parser("up", help="serve in the background")
    commands.add_parser("down", help="stop what runs")
    demo = commands.add_parser("demo", help="take a document through the main job")
    demo.add_argument("file", type=Path)
    arguments = parser.parse_args()
    os.umask(0o077)  # logs, uploads and state are nobody's but the user's the stack runs as

    if arguments.command in ("run", "up", "demo"):
        print("AI Tutor: getting ready (Ctrl-C stops everything)", flush=True)  # before the slow imports
    from rich.console import Console

    from tutor_project.embedded import EmbeddedServerError
    from tutor_project.stack import commands as do
    from tutor_project.stack.errors import StackError
    from tutor_project.stack.layout import Stack

    console = Console(quiet=arguments.command == "serve")
    try:
        stack = Stack.configured()
        if arguments.command == "demo":
            do.demo(stack, console, arguments.file)
        else:
            getattr(do, arguments.command)(stack, console)
    except (StackError, EmbeddedServerError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
