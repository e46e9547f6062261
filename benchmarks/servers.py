"""Ours and the peers under the same gunicorn: as many workers, as many threads, each over its own database."""

import ast
import ctypes
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.live import GENEROUS, ROOT, Answer, Line, Server, free_port

WORKERS = 2
PASSWORD = "correct horse battery staple"
HERE = Path(__file__).parent
PYTHON = {side: str(HERE / ".venv" / side / "bin" / "python") for side in ("ours", "peers")}  # made by ./run bench
TICK = os.sysconf("SC_CLK_TCK")
START_WITHIN, STOP_WITHIN = 60, 10  # seconds

# Never in anybody's way, and the rest as it is shipped: limits, usage and request log stay on.
ROOMY = {
    **GENEROUS,
    "API_KEYS_PER_TEAM": "100000",
    "ACCESS_TOKEN_LIFETIME": "86400",
    "EMAIL_URL": "none",
    "DJANGO_SETTINGS_MODULE": "benchmarks.ours.settings",
}
DEFAULT_GUESSES = {"LOGIN_RATE_LIMIT": "10/900,100/900,100/86400"}  # as .env.example has it
UNLIMITED_GUESSES = {"LOGIN_RATE_LIMIT": "1000000/900,1000000/900,1000000/86400"}


def shipped(name: str):
    """What the product's gunicorn.conf.py says for `name`; reading it must not run it."""
    for node in ast.parse((ROOT / "gunicorn.conf.py").read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    raise LookupError(f"gunicorn.conf.py does not set {name}")


class Served(Server):
    """A gunicorn that is watched: its CPU time, its memory, its start. The database belongs to the run."""

    python = sys.executable
    words: tuple[str, ...] = ()
    cwd = ROOT
    ready = "/healthz"

    def __init__(self, env: dict[str, str]):
        self.postgres = env.get("DATABASE_URL", "")
        self.workers = WORKERS
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="ow-bench-"))
        self.log, self.mail = self.folder / "stderr", self.folder / "stdout"
        self.process = None
        self._developers = []
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder), **env}

    def start(self) -> float:
        """Serve, on a database that is migrated already; answers the seconds to the first answer."""
        began = time.monotonic()
        with self.log.open("ab") as log, self.mail.open("ab") as out:
            self.process = subprocess.Popen(
                [self.python, "-m", "gunicorn", *self.words, "--bind", f"127.0.0.1:{self.port}"]
                + ["--workers", str(self.workers)],
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one call into libc, which takes no lock
            )
        while time.monotonic() < began + START_WITHIN and self.process.poll() is None:
            try:
                if self.get(self.ready).status == 200:
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"the server did not start:\n{self.logged()[-4000:]}")

    def stop(self) -> None:
        """End it at once (QUIT): nobody waits for an answer any more. Its database stays for the next."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def cpu(self) -> float:
        """Seconds of CPU that the workers have taken."""
        ticks = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK

    def memory(self) -> dict[str, float]:
        """Megabytes (10⁶ bytes) of a worker, on average: `rss`, and `pss`, which shares what is shared."""
        kilobytes = {"Rss": 0, "Pss": 0}
        pids = self.pids()
        for pid in pids:
            for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = row.partition(":")
                if name in kilobytes:
                    kilobytes[name] += int(rest.split()[0])
        return {name.lower(): value * 1024 / 1e6 / len(pids) for name, value in kilobytes.items()}


class Ours(Served):
    """The product, started as an operator would, with secrets that all servers of a run share."""

    python = PYTHON["ours"]
    words = ("openwearables.wsgi",)  # and gunicorn.conf.py
    secrets = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SIGNING_KEYS": f"k1:{secrets.token_urlsafe(48)}",
        "API_KEY_PEPPERS": f"p1:{secrets.token_urlsafe(48)}",
        "AUDIT_KEY": secrets.token_urlsafe(48),
        "MFA_ENCRYPTION_KEYS": f"m1:{secrets.token_urlsafe(48)}",
        # One for all, since it is signed into every token; nobody follows it.
        "SITE_URL": "http://127.0.0.1:8000",
    }

    def __init__(self, database: str, redis: str, **setting: str):
        known = {"OW_ENV_FILE": "", "WEB_CONCURRENCY": str(WORKERS), "DATABASE_URL": database, "REDIS_URL": redis}
        super().__init__({**known, **self.secrets, **ROOMY, **setting})

    def cast(self, developers: int, credentials: int) -> dict[str, list[str]]:
        """Make the people of `benchmarks.ours.cast`."""
        return _cast(self, "benchmarks.ours.cast", str(developers), str(credentials), PASSWORD)


class Peers(Served):
    """Every peer in one Django project, a route each."""

    python = PYTHON["peers"]
    cwd = HERE  # not the root, whose gunicorn.conf.py is ours
    ready = "/floor"

    def __init__(self, database: str):
        where = urlsplit(database)
        super().__init__(
            {
                "PYTHONPATH": str(ROOT),
                "DJANGO_SETTINGS_MODULE": "benchmarks.peers.settings",
                "PEERS_SECRET": secrets.token_urlsafe(48),
                "PEERS_HOST": where.hostname or "",
                "PEERS_PORT": str(where.port or 5432),
                "PEERS_USER": where.username or "",
                "PEERS_PASSWORD": where.password or "",
                "PEERS_DATABASE": where.path.lstrip("/"),
            }
        )
        self.words = (
            *("benchmarks.peers.wsgi", "--threads", str(shipped("threads"))),
            *("--keep-alive", str(shipped("keepalive")), "--no-control-socket"),
            *(("--worker-tmp-dir", "/dev/shm") if Path("/dev/shm").is_dir() else ()),
        )

    def cast(self, credentials: int) -> dict[str, list[str]]:
        """Make the tables and people of `benchmarks.peers.cast`."""
        return _cast(self, "benchmarks.peers.cast", str(credentials), PASSWORD)


def _cast(server: Served, module: str, *words: str) -> dict[str, list[str]]:
    done = subprocess.run(
        [server.python, "-m", module, *words],
        cwd=server.cwd,
        env=server.env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stderr[-4000:]}")
    return json.loads(done.stdout)


def _end_with_parent() -> None:
    """Let the kernel send TERM when the run is gone, however it went (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


__all__ = ["DEFAULT_GUESSES", "PASSWORD", "UNLIMITED_GUESSES", "WORKERS", "Answer", "Line", "Ours", "Peers", "Served"]
