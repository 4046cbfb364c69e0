"""Running PostgreSQL, which refuses to run as root, when we are root.

The server is started under another user id. No folder outside ``var/`` changes its mode or owner for that, so a
checkout below a private folder (``/root``) would be out of the other user's reach; there the process keeps the one
Linux capability that lets it *enter and read* folders (or, where containers withhold that one, the wider one).
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tutor_project.embedded.errors import EmbeddedServerError

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAP_SETPCAP = 8
# <linux/prctl.h>, <linux/securebits.h>, <linux/capability.h>
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522
_ORDINARY_USERS = ("nobody", "daemon")


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Whom the server runs as; ``capability`` is what it keeps of root's powers, if anything."""

    uid: int
    gid: int
    capability: int | None = None

    def preexec(self) -> Callable[[], None] | None:
        """What the child does between fork and exec; ``None`` when there is nothing to change."""
        if self.uid == os.geteuid():
            return None
        if self.capability is None:
            return self._become
        libc = ctypes.CDLL(None, use_errno=True)
        return lambda: self._become_keeping(libc)

    def _become(self) -> None:
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)

    def _become_keeping(self, libc: ctypes.CDLL) -> None:
        # Without this bit access(2) judges by the plain user id, and PostgreSQL looks for its programs with access(2).
        _check(libc, libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
        self._become()
        assert self.capability is not None
        mask = 1 << self.capability
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable; then bits 32-63
        _check(libc, libc.capset(header, sets))
        _check(libc, libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, self.capability, 0, 0))


def _check(libc: ctypes.CDLL, result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "could not keep the capability to enter folders")


def server_user(data_dir: Path, programs: Path) -> ServerUser:
    """Whom to run a server on ``data_dir`` as, with its programs in ``programs``.

    Not root: ourselves. Root: the data's owner if it exists, else the checkout's owner, else ``nobody``.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    entry = _ordinary_user(data_dir)
    if _reachable([data_dir.parent, programs], entry):
        return ServerUser(entry.pw_uid, entry.pw_gid)
    return ServerUser(entry.pw_uid, entry.pw_gid, _entering_capability(data_dir, entry.pw_name))


def _ordinary_user(data_dir: Path) -> pwd.struct_passwd:
    owners = [path.stat().st_uid for path in (data_dir, data_dir.parent.parent) if path.exists()]
    for uid in owners:
        if uid != 0:
            try:
                return pwd.getpwuid(uid)
            except KeyError:
                continue  # initdb wants a user with a name
    for name in _ORDINARY_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedServerError(
        "PostgreSQL does not run as root and there is no user 'nobody' here: run as an ordinary user, "
        "or set DATABASE_URL to a server of your own."
    )


def _reachable(folders: Iterable[Path], user: pwd.struct_passwd) -> bool:
    """Whether ``user`` may enter every folder on the way to ``folders`` (access lists are not considered)."""
    for folder in folders:
        resolved = folder.resolve()
        for step in (resolved, *resolved.parents):
            try:
                status = step.stat()
            except FileNotFoundError:
                continue  # what is yet to be made will be made enterable
            if status.st_uid == user.pw_uid:
                allowed = status.st_mode & 0o100
            elif status.st_gid == user.pw_gid:
                allowed = status.st_mode & 0o010
            else:
                allowed = status.st_mode & 0o001
            if not allowed:
                return False
    return True


def _entering_capability(data_dir: Path, user_name: str) -> int:
    permitted = _permitted_capabilities()
    if permitted >> CAP_SETPCAP & 1:
        for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
            if permitted >> capability & 1:
                return capability
    raise EmbeddedServerError(
        f"PostgreSQL does not run as root, and the user '{user_name}' may not enter {data_dir.parent} or the virtual "
        "environment: move the checkout to a folder others may enter, run as an ordinary user, or set DATABASE_URL."
    )


def _permitted_capabilities() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapPrm:"):
            return int(line.split()[1], 16)
    return 0
