"""On what the figures were taken: without that they mean nothing."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import psycopg
import redis

from benchmarks.servers import PYTHON, ROOT, WORKERS, shipped

OURS = ("django", "djangorestframework", "djangorestframework-simplejwt", "gunicorn", "psycopg", "redis")
PEERS = ("django", "djangorestframework", "djangorestframework-api-key", "djangorestframework-simplejwt")
PEERS += ("django-rest-knox", "gunicorn", "psycopg")


def describe(bench) -> dict[str, str]:
    """Name → value, in the order they are shown."""
    return {
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "load average at the start": " ".join(f"{value:.1f}" for value in os.getloadavg()),
        "system": platform.platform(),
        "Python": sys.version.split()[0],
        "PostgreSQL": _postgres(bench.databases.server),
        "Redis": _redis(bench.redis),
        "wrk": _said(["wrk", "-v"]).split(" [")[0],
        "commit": _commit(),
        "server": f"gunicorn gthread, {WORKERS} workers × {shipped('threads')} threads, both sides",
        "ours": ", ".join(f"{name} {version(name)}" for name in OURS),
        "peers": _said([PYTHON["peers"], "-c", _VERSIONS, *PEERS]),
    }


_VERSIONS = (
    "import sys; from importlib.metadata import version as v; print(', '.join(f'{n} {v(n)}' for n in sys.argv[1:]))"
)


def _said(words: list[str]) -> str:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    return (done.stdout or done.stderr).strip()


def _commit() -> str:
    changed = _said(["git", "status", "--porcelain", "--untracked-files=no"])
    return _said(["git", "rev-parse", "--short=12", "HEAD"]) + (" and uncommitted changes" if changed else "")


def _processor() -> str:
    for row in Path("/proc/cpuinfo").read_text().splitlines():
        if row.startswith("model name"):
            return row.partition(":")[2].strip()
    return platform.machine()


def _postgres(server: str) -> str:
    with psycopg.connect(f"{server}/postgres") as connection:
        names = ("server_version", "shared_buffers", "fsync", "synchronous_commit")
        values = [connection.execute(f"SHOW {name}").fetchone()[0] for name in names]
    return ", ".join([values[0], *(f"{name} {value}" for name, value in zip(names[1:], values[1:], strict=True))])


def _redis(url: str) -> str:
    with redis.Redis.from_url(url) as client:
        return client.info("server")["redis_version"]
