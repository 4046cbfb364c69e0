"""Workers of a stack are forks of one process, and what each of them runs stands on a board of its own."""

from __future__ import annotations

import subprocess
import sys

FORKS = """
import math, os, time
from uuid import uuid4
import django
django.setup()
from celery import signals
import jobs_app.worker
from jobs_app import leases
from jobs_app.limits import Limits

def worker(act):
    pid = os.fork()
    if not pid:
        signals.worker_init.send(sender=None)
        child = os.fork()  # a process of its pool
        if not child:
            act()
            os._exit(0)
        os.waitpid(child, 0)
        print(sorted(held.pid for held in leases.board.read()), flush=True)
        os._exit(0)
    os.waitpid(pid, 0)

running = leases.Held(4711, uuid4(), uuid4(), time.monotonic(), 0.0, 0, Limits(1, math.inf, 1))
worker(lambda: leases.board.write(0, running))
worker(lambda: None)
"""


def test_a_worker_sees_what_its_own_pool_runs_and_nothing_of_another_fork() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["[4711]", "[]"], done.stderr
