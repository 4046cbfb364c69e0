"""Running PostgreSQL, which refuses to run as root, when we are root.

The server is started under a user id that nobody else on the machine has, so that no other program shares its files,
its socket or its signals. No folder outside ``var/`` changes its mode or owner for that, so a
checkout below a private folder (``/root``) would be out of the other user's reach; there the process keeps the one
Linux capability that lets it *enter and read* folders (or, where containers withhold that one, the wider one).
"""

from __future__ import annotations

import ctypes
import hashlib
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
_STAND_INS = ("nobody", "daemon")
"""Users that belong to no person; many programs share them."""
_OWN_UIDS = range(60_706, 61_184)
"""Given to nobody: above the users of Debian and of systemd-homed, below systemd's dynamic ones."""


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

    Not root: ourselves. Root: the data's owner if that is a person, else the checkout's owner, else a user id that
    only this folder's server has.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    uid, gid = _other_user(data_dir)
    if _reachable([data_dir.parent, programs], uid, gid):
        return ServerUser(uid, gid)
    return ServerUser(uid, gid, _entering_capability(data_dir, uid))


def named_user(user: ServerUser) -> ServerUser:
    """Who makes a cluster for ``user``: initdb wants a user with a name."""
    if os.geteuid() != 0 or user_name(user.uid) is not None:
        return user
    for name in _STAND_INS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid, user.capability)
    raise EmbeddedServerError(
        "PostgreSQL does not run as root and there is no user 'nobody' here: run as an ordinary user, "
        "or set DATABASE_URL to a server of your own."
    )


def user_name(uid: int) -> str | None:
    """The name of a user id, or ``None`` when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def client_names(var_dir: Path) -> list[str]:
    """The users of this machine who may connect to a server in ``var_dir``: who starts it, root, the checkout's owner."""
    names = {user_name(uid) for uid in (0, os.geteuid(), var_dir.parent.stat().st_uid)}
    return sorted(name for name in names if name is not None and (name not in _STAND_INS or os.geteuid() != 0))


def _other_user(data_dir: Path) -> tuple[int, int]:
    owners = [path.stat() for path in (data_dir, data_dir.parent.parent) if path.exists()]
    for owner in owners:
        name = user_name(owner.st_uid)
        if owner.st_uid != 0 and name is not None and name not in _STAND_INS:
            return owner.st_uid, pwd.getpwnam(name).pw_gid
    own = _own_uid(data_dir)
    return own, own


def _own_uid(data_dir: Path) -> int:
    begin = int.from_bytes(hashlib.sha256(os.fsencode(data_dir)).digest()[:4], "big")
    for step in range(len(_OWN_UIDS)):
        uid = _OWN_UIDS[(begin + step) % len(_OWN_UIDS)]
        if user_name(uid) is None:
            return uid
    raise EmbeddedServerError(
        "Every user id from 60706 to 61183 has a name here: set DATABASE_URL to a server of your own."
    )


def _reachable(folders: Iterable[Path], uid: int, gid: int) -> bool:
    """Whether the user may enter every folder on the way to ``folders`` (access lists are not considered)."""
    for folder in folders:
        resolved = folder.resolve()
        for step in (resolved, *resolved.parents):
            try:
                status = step.stat()
            except FileNotFoundError:
                continue  # what is yet to be made will be made enterable
            if status.st_uid == uid:
                allowed = status.st_mode & 0o100
            elif status.st_gid == gid:
                allowed = status.st_mode & 0o010
            else:
                allowed = status.st_mode & 0o001
            if not allowed:
                return False
    return True


def _entering_capability(data_dir: Path, uid: int) -> int:
    permitted = _permitted_capabilities()
    if permitted >> CAP_SETPCAP & 1:
        for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
            if permitted >> capability & 1:
                return capability
    raise EmbeddedServerError(
        f"PostgreSQL does not run as root, and the user {user_name(uid) or uid} may not enter {data_dir.parent} or the virtual "
        "environment: move the checkout to a folder others may enter, run as an ordinary user, or set DATABASE_URL."
    )


def _permitted_capabilities() -> int:
    if not sys.platform.startswith("linux"):
        return 0
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapPrm:"):
            return int(line.split()[1], 16)
    return 0
