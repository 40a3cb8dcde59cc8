"""The embedded services: they start on an empty folder, keep acknowledged data through any death, and never collide."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
import sqlalchemy

from shop.kernel import embedded
from shop.kernel.embedded.processes import stop, wait_until

HOLDER = """
import sys
from pathlib import Path
from shop.kernel import embedded
with embedded.start(Path(sys.argv[1])) as services:
    print(*(process.pid for process in services.processes.values()), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Not made yet, in a folder only its owner may enter, with a path that is long and has spaces."""
    tmp_path.chmod(0o700)
    return tmp_path / "a shop's data, in a place with a rather long name that no Unix socket could have" / "déjà vu"


@contextlib.contextmanager
def held_by_another_process(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        try:
            yield holder, [int(pid) for pid in holder.stdout.readline().split()]
        finally:
            holder.communicate(timeout=30)


@contextlib.contextmanager
def valkey(services: embedded.Services) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(services.urls.redis_url) as client:
        yield client


def rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM kept ORDER BY id")]


def test_starts_on_an_empty_folder_and_keeps_the_data(data_dir: Path) -> None:
    with embedded.start(data_dir) as services:
        with psycopg.connect(services.urls.database_owner_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (id int PRIMARY KEY)")
            connection.execute("INSERT INTO kept VALUES (1)")
        with valkey(services) as client:
            client.set("forgotten", 1)
    with embedded.start(data_dir) as services:
        assert rows(services.urls.database_owner_url) == [1]
        with valkey(services) as client:
            assert client.get("forgotten") is None


def test_sqlalchemy_takes_the_url_and_orders_survive_a_power_cut(data_dir: Path) -> None:
    with embedded.start(data_dir) as services:
        url = services.urls.database_owner_url.replace("postgresql:", "postgresql+psycopg:", 1)
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                assert connection.exec_driver_sql(f"SHOW {name}").scalar() == "on"
            assert connection.exec_driver_sql("SHOW listen_addresses").scalar() == ""
        engine.dispose()


def test_valkey_evicts_only_what_may_be_lost_and_listens_on_no_port(data_dir: Path) -> None:
    with embedded.start(data_dir, postgres=False) as services:
        assert services.urls.database_owner_url == ""
        with valkey(services) as client:
            configuration = client.config_get("*")
        wanted = {"maxmemory-policy": "volatile-lru", "maxmemory": "67108864", "save": "", "port": "0"}
        assert {name: configuration[name] for name in wanted} == wanted


def test_two_shops_with_two_folders_run_at_once(tmp_path: Path) -> None:
    with (
        embedded.start(tmp_path / "one", test_mode=True) as one,
        embedded.start(tmp_path / "two", test_mode=True) as two,
    ):
        with valkey(one) as first, valkey(two) as second:
            first.set("owner", "one")
            assert second.get("owner") is None
        with psycopg.connect(one.urls.database_owner_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (id int PRIMARY KEY)")
        with pytest.raises(psycopg.errors.UndefinedTable):
            rows(two.urls.database_owner_url)


def test_a_second_start_on_one_folder_says_who_holds_it(data_dir: Path) -> None:
    with held_by_another_process(data_dir) as (holder, _):
        with pytest.raises(embedded.DataDirBusy, match=f"pid {holder.pid} .*SHOP_DATA_DIR"):
            embedded.launch(data_dir)
        assert embedded.discover(data_dir) is not None


def test_a_running_shop_is_discovered_and_a_stopped_one_is_not(data_dir: Path) -> None:
    assert embedded.discover(data_dir) is None
    with embedded.start(data_dir, test_mode=True) as services:
        assert embedded.discover(data_dir) == services.urls
    assert embedded.discover(data_dir) is None


def test_the_sockets_are_private_and_leave_with_the_services(data_dir: Path) -> None:
    with embedded.start(data_dir, test_mode=True) as services:
        folder = Path(services.urls.redis_url.removeprefix("unix://").partition("?")[0]).parent
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(os.fsencode(folder)) < 60
    assert not folder.exists()


def test_a_killed_database_starts_again_with_what_was_acknowledged(data_dir: Path) -> None:
    with embedded.start(data_dir) as services:
        with psycopg.connect(services.urls.database_owner_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (id int PRIMARY KEY)")
            connection.execute("INSERT INTO kept VALUES (1)")
            for part in services.parts:
                services.processes[part.name].kill()
                services.processes[part.name].wait()
        for part in services.parts:
            part.wait_ready(services.spawn(part), 30)
        assert rows(services.urls.database_owner_url) == [1]
        with valkey(services) as client:
            assert client.ping()


def test_services_come_back_at_the_same_address_after_a_cleaner_took_their_sockets(data_dir: Path) -> None:
    with embedded.start(data_dir) as services:
        assert not any(part.lost_its_socket() for part in services.parts)
        shutil.rmtree(services.socket_dir.path)
        assert all(part.lost_its_socket() for part in services.parts)
        for part in services.parts:
            stop(services.processes[part.name], part.stop_steps)
            part.wait_ready(services.spawn(part), 30)
        with valkey(services) as client, psycopg.connect(services.urls.database_owner_url):
            assert client.ping()


def test_a_folder_of_sockets_that_others_could_enter_is_not_used_again(data_dir: Path) -> None:
    with embedded.start(data_dir, test_mode=True, postgres=False) as services:
        (part,) = services.parts
        stop(services.processes[part.name], part.stop_steps)
        services.socket_dir.path.chmod(0o777)
        with pytest.raises(PermissionError, match="no longer a private folder"):
            services.spawn(part)


def test_services_end_with_a_killed_shop_and_the_next_start_works(data_dir: Path) -> None:
    with held_by_another_process(data_dir) as (holder, pids):
        first = embedded.discover(data_dir)
        assert first is not None
        with psycopg.connect(first.database_owner_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (id int PRIMARY KEY)")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with embedded.start(data_dir) as services:
            assert rows(services.urls.database_owner_url) == []
            assert wait_until(lambda: not any(psutil.pid_exists(pid) for pid in pids), seconds=30)
        assert not Path(first.redis_url.removeprefix("unix://").partition("?")[0]).parent.exists()


def test_a_stale_lock_file_with_the_pid_of_another_program_does_not_stop_the_start(data_dir: Path) -> None:
    with embedded.start(data_dir):
        lock = data_dir / "postgres" / "postmaster.pid"
        content = lock.read_text().splitlines(keepends=True)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        try:
            lock.write_text("".join([f"{stranger.pid}\n", *content[1:]]))
            with embedded.start(data_dir) as services, psycopg.connect(services.urls.database_owner_url):
                assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_cluster_half_made_is_made_anew(data_dir: Path) -> None:
    half = data_dir / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with (
        embedded.start(data_dir, test_mode=True) as services,
        psycopg.connect(services.urls.database_owner_url) as connection,
    ):
        assert connection.info.dbname == "shop"


def test_a_cluster_of_another_version_is_refused_with_a_way_out(data_dir: Path) -> None:
    cluster = data_dir / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.ServicesError, match=r"PostgreSQL 17.*pg_dump"):
        embedded.launch(data_dir)
    cluster.rename(data_dir / "old")
    with embedded.start(data_dir, test_mode=True) as services:
        assert services.urls.database_owner_url


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(embedded.ServicesError, match=r"file/data can't be used.*SHOP_DATA_DIR"):
        embedded.launch(tmp_path / "file" / "data")
