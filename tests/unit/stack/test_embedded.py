"""The decisions of the embedded servers that need no server: sockets, users, addresses, space."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tutor_project.embedded import (
    EmbeddedServerError,
    celery_url,
    errors,
    postgres_running,
    privileges,
    redis_running,
    server,
    sockets,
    stop,
)
from tutor_project.embedded.privileges import ServerUser
from tutor_project.embedded.valkey import ValkeyServer

ME = ServerUser(os.geteuid(), os.getegid())


def test_the_broker_gets_the_spelling_its_transport_knows() -> None:
    assert celery_url("unix:///tmp/a/valkey.sock?db=3") == "redis+socket:///tmp/a/valkey.sock?virtual_host=3"
    assert celery_url("unix:///tmp/a/valkey.sock") == "redis+socket:///tmp/a/valkey.sock?virtual_host=0"


def test_the_address_of_a_real_redis_is_left_alone() -> None:
    assert celery_url("rediss://user:pw@redis.example:6380/2") == "rediss://user:pw@redis.example:6380/2"


def test_a_short_path_keeps_its_socket_beside_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "MAX_SOCKET_PATH_BYTES", 4096)
    folder = sockets.socket_folder(tmp_path / "run" / "redis", "a.sock", ME)
    assert folder == tmp_path / "run" / "redis"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["x" * 120, "with, comma", "größe", "ein leer"])
def test_a_long_or_odd_path_gets_a_short_private_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    short = _short_folder(tmp_path, monkeypatch)
    folder = sockets.socket_folder(tmp_path / name, "a.sock", ME)
    assert folder.parent == short
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sockets.socket_folder(tmp_path / name, "a.sock", ME) == folder


def test_two_checkouts_never_share_a_short_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _short_folder(tmp_path, monkeypatch)
    one = sockets.socket_folder(tmp_path / ("x" * 120) / "one", "a.sock", ME)
    assert one != sockets.socket_folder(tmp_path / ("x" * 120) / "two", "a.sock", ME)


def test_a_link_planted_under_the_short_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = _short_folder(tmp_path, monkeypatch)
    folder = sockets.socket_folder(tmp_path / ("x" * 120), "a.sock", ME)
    folder.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    folder.symlink_to(elsewhere)
    with pytest.raises(EmbeddedServerError, match="TMPDIR"):
        sockets.socket_folder(tmp_path / ("x" * 120), "a.sock", ME)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755
    assert short.exists()


def test_too_little_space_says_how_much_is_needed(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError, match=r"MB are needed.*DATABASE_URL"):
        errors.require_free_space(tmp_path, 2**40, variable="DATABASE_URL")


def test_an_ordinary_user_runs_the_server_as_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    monkeypatch.setattr(os, "getegid", lambda: 1234)
    assert privileges.server_user(tmp_path, tmp_path) == ServerUser(1234, 1234)


def test_root_behind_a_closed_folder_keeps_only_the_power_to_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(privileges, "_reachable", lambda folders, uid, gid: False)
    every = (1 << privileges.CAP_DAC_READ_SEARCH) | (1 << privileges.CAP_DAC_OVERRIDE) | (1 << privileges.CAP_SETPCAP)
    monkeypatch.setattr(privileges, "_permitted_capabilities", lambda: every)
    user = privileges.server_user(tmp_path / "var" / "postgres", tmp_path)
    assert user.uid != 0
    assert user.capability == privileges.CAP_DAC_READ_SEARCH


def test_a_container_that_withholds_it_gets_the_wider_power(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(privileges, "_reachable", lambda folders, uid, gid: False)
    some = (1 << privileges.CAP_DAC_OVERRIDE) | (1 << privileges.CAP_SETPCAP)
    monkeypatch.setattr(privileges, "_permitted_capabilities", lambda: some)
    assert privileges.server_user(tmp_path / "var" / "postgres", tmp_path).capability == privileges.CAP_DAC_OVERRIDE


def test_root_without_any_power_is_told_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(privileges, "_reachable", lambda folders, uid, gid: False)
    monkeypatch.setattr(privileges, "_permitted_capabilities", lambda: 0)
    with pytest.raises(EmbeddedServerError, match="ordinary user"):
        privileges.server_user(tmp_path / "var" / "postgres", tmp_path)


def test_root_in_an_open_folder_needs_no_power_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(privileges, "_reachable", lambda folders, uid, gid: True)
    assert privileges.server_user(tmp_path / "var" / "postgres", tmp_path).capability is None


def test_asking_and_stopping_where_nothing_ever_ran_leaves_no_trace(tmp_path: Path) -> None:
    assert not postgres_running(tmp_path)
    assert not redis_running(tmp_path)
    stop(tmp_path)
    assert list(tmp_path.iterdir()) == []


def _short_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make ``tmp_path/s`` the only place for short folders, whatever the length of ``tmp_path`` itself."""
    short = tmp_path / "s"
    short.mkdir()
    monkeypatch.setattr(sockets, "_short_bases", lambda: [short])
    monkeypatch.setattr(sockets, "MAX_SOCKET_PATH_BYTES", len(os.fsencode(short)) + 60)
    return short


def test_a_server_that_is_still_recovering_is_waited_for_and_not_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "UNRESPONSIVE_TIMEOUT_SECONDS", 0.0)
    answers = iter([False, False, False, True])
    recovering = ValkeyServer(tmp_path)
    monkeypatch.setattr(recovering, "running", lambda: True)
    monkeypatch.setattr(recovering, "_recorded_socket_dir", lambda: tmp_path)
    monkeypatch.setattr(recovering, "_answers", lambda folder: next(answers))
    monkeypatch.setattr(recovering, "_recovering", lambda folder: True)
    monkeypatch.setattr(recovering, "_kill", lambda: pytest.fail("killed while it recovered"))
    assert recovering._attach() == tmp_path
