"""A process that ends with the one that started it, whatever ended that one."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Have this process killed when ``parent``, the process that started it, ends; at once if it has ended already.

    Only Linux can; elsewhere a process ends at its next use of the pipe to its parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
