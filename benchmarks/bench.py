"""One run: its databases, its servers, the people in them, its clock. Whatever it made is gone when it ends."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

import redis

from benchmarks.databases import Databases, empty_redis, filling
from benchmarks.filling import add_keys
from benchmarks.load import Burst, Load, get
from benchmarks.servers import Ours, Peers, Served
from benchmarks.sizes import Sized, large, small

CREDENTIALS = 256
DEVELOPERS = 64
NOTHING = "/api/v1/nothing"
FOLDER = "ow-bench-"


def sweep_folders() -> None:
    """Take away what runs that are gone left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        if not Path("/proc", folder.name.removeprefix(FOLDER)).exists():
            shutil.rmtree(folder, ignore_errors=True)


class Bench:
    """What the goals share. Servers start when a goal asks for them first.

    Args:
        quick: fewer and shorter rounds, smaller tables.
        postgres, redis_server: postgres://… and redis://… without a database.
        tick: called with a few words whenever something begins.
    """

    def __init__(self, *, quick: bool, postgres: str, redis_server: str, tick):
        self.quick, self.tick = quick, tick
        self.rounds, self.seconds = (5, 1) if quick else (9, 3)
        self.few, self.dear = (3, 2) if quick else (7, 5)  # rounds where each is long, and longer
        self.cold_keys = 20_000 if quick else 120_000
        sweep_folders()
        self.folder = Path(tempfile.gettempdir()) / f"{FOLDER}{os.getpid()}"
        self.folder.mkdir(mode=0o700)
        tempfile.tempdir = str(self.folder)  # for the servers' folders as well
        self.databases = Databases(postgres)
        self.redis = empty_redis(redis_server)
        self.bursts: dict[str, list[Burst]] = {}
        self._servers: dict[str, Served] = {}
        self._stack = ExitStack()
        self._stack.callback(shutil.rmtree, self.folder, True)
        self._stack.callback(self.forget_counters)
        self._stack.callback(self.databases.drop_all)
        self._stack.callback(self.keep)

    def close(self) -> None:
        """End the servers, drop the databases, empty the Redis database."""
        self._stack.close()

    def forget_counters(self) -> None:
        """Empty the Redis database, which was empty when the run began."""
        with redis.Redis.from_url(self.redis) as client:
            client.flushdb()

    def keep(self, *names: str) -> None:
        """Stop every server but these: each holds up to 32 connections to PostgreSQL."""
        for name in [name for name in self._servers if name not in names]:
            self._servers.pop(name).stop()
            self.__dict__.pop(name, None)

    def run_ours(self, name: str, database: str, redis_url: str = "", **setting: str) -> Ours:
        """Start the product over a database that is migrated; it runs until `keep` leaves its name out."""
        server = self._servers[name] = Ours(database, redis_url or self.redis, **setting)
        self.databases.settle()
        server.start()
        return server

    @cached_property
    def migrated(self) -> str:
        """An empty database with the product's tables, to copy; nobody connects to it."""
        self.tick("migrating the product")
        url = self.databases.make("empty")
        server = Ours(url, self.redis)
        server.manage("migrate", "--noinput", "--verbosity", "0")
        server.stop()
        return url

    @cached_property
    def database(self) -> str:
        """The database of most goals: `cast` and many keys that nobody used yet."""
        return self.databases.make("ours", template=self.migrated)

    @cached_property
    def cast(self) -> dict[str, list[str]]:
        """Developers, their sessions' tokens and keys, made by the product's own verbs."""
        self.tick("making developers, sessions and keys")
        server = Ours(self.database, self.redis)
        made = server.cast(DEVELOPERS, CREDENTIALS)
        server.stop()
        with filling(self.database) as connection:
            made["cold"] = add_keys(connection, self.cold_keys)
        return made

    @cached_property
    def ours(self) -> Ours:
        """The product."""
        self.cast  # noqa: B018 - its people first
        self.tick("starting the product")
        return self.run_ours("ours", self.database)

    @cached_property
    def peers(self) -> Peers:
        """All peers."""
        self.tick("making the peers' tables and credentials")
        server = self._servers["peers"] = Peers(self.databases.make("peers"))
        self.peer_cast = server.cast(CREDENTIALS)
        self.databases.settle()
        server.start()
        return server

    @cached_property
    def small(self) -> Sized:
        """The product over a thousand keys and people."""
        return small(self)

    @cached_property
    def large(self) -> Sized:
        """The product over millions of them."""
        return large(self)

    def keyed(self, server: Ours, keys: list[str], *paths: str) -> Load:
        """Requests for each of these paths with each of these keys, in turn."""
        return Load(server, [get(path, X_API_Key=key) for path in paths or [NOTHING] for key in keys])
