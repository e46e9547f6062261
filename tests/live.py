"""A real server for tests: gunicorn in processes of its own, over a database of its own.

With DATABASE_URL (PostgreSQL) and REDIS_URL in the environment of pytest it runs two workers; without, one worker over
a SQLite file, as `./run` does. It writes nothing in the repository.
"""

import atexit
import ctypes
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery staple"
START_WITHIN = 40  # seconds; a worker imports Django in two, on a busy machine in many more
STOP_WITHIN = 20
FOREIGN_PAGE = "http://localhost:3000"  # an origin of its own on the same site: another port

# Nobody's counters but the one that a test asks for.
GENEROUS = {
    "API_KEY_RATE_LIMIT": "1000000/60",
    "API_KEY_RATE_LIMIT_MAX": "1000000/60",
    "DEVELOPER_RATE_LIMIT": "1000000/60",
    "LOGIN_RATE_LIMIT": "10000/900,10000/900,10000/86400",
    "API_KEYS_PER_TEAM": "60",
    "CORS_ALLOWED_ORIGINS": FOREIGN_PAGE,
}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answer:
    """A response: status, headers (one per name, lower case), bytes."""

    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The stable code of a problem."""
        return self.json()["code"]

    @property
    def refuses_the_key(self) -> bool:
        """401; or 429 past a hundred bad keys from one address, which a good key is never told."""
        return self.status in (401, 429) and self.code in ("invalid_api_key", "too_many_attempts")

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Line:
    """One keep-alive connection, and so one worker. Not for two threads at once."""

    def __init__(self, server, **headers):
        self.headers = {"User-Agent": "line", **headers}
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def call(self, method, path, body=None, **headers) -> Answer:
        """One call below /api/v1; raises OSError or HTTPException when no answer came."""
        data = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        self.connection.request(method, f"/api/v1{path}", data, {**self.headers, **kind, **headers})
        response = self.connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())

    @property
    def local_port(self):
        if self.connection.sock is None:
            self.connection.connect()
        return self.connection.sock.getsockname()[1]

    def close(self):
        self.connection.close()


class Server:
    """`./run`'s gunicorn, with its own secrets, database and log.

    Args:
        workers: how many processes; left out, two over PostgreSQL and Redis, else one.
        beside: another server, whose database, Redis, secrets and settings this one shares, as behind one proxy.
        setting: environment names of `.env.example` for this server.
    """

    def __init__(self, workers=None, beside=None, **setting):
        said = os.environ.get("DATABASE_URL", "")
        self.postgres = said if said.startswith("postgres") else ""
        shared = bool(self.postgres and settings.REDIS_URL)
        self.workers = workers or (2 if shared else 1)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="ow-live-"))
        self.log = self.folder / "stderr"
        self.mail = self.folder / "stdout"  # the console backend prints there
        self.process = None
        self.beside = beside
        self.only_served: dict[str, str] = {}  # what the commands and statements of a test shall not see
        if beside is not None:
            self.env = {**beside.env, "HOME": str(self.folder), "WEB_CONCURRENCY": str(self.workers), **setting}
            self._developers = beside._developers
            return
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "OW_ENV_FILE": "",
            "SITE_URL": self.url,
            "WEB_CONCURRENCY": str(self.workers),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "JWT_SIGNING_KEYS": f"k1:{secrets.token_urlsafe(48)}",
            "API_KEY_PEPPERS": f"p1:{secrets.token_urlsafe(48)}",
            "AUDIT_KEY": secrets.token_urlsafe(48),
            "MFA_ENCRYPTION_KEYS": f"m1:{secrets.token_urlsafe(48)}",
            "DATABASE_URL": self._make_database(),
            "REDIS_URL": settings.REDIS_URL if shared else "",
            **GENEROUS,
            **setting,
        }

    # --- its life ---

    def start(self, migrate=True) -> "Server":
        """Serve, and wait until it answers; over a migrated database, or over what is there."""
        if migrate and self.beside is None:
            self._copy_a_migrated_database()
        with self.log.open("ab") as log, self.mail.open("ab") as mail:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "openwearables.wsgi"),
                    *("--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers)),  # and gunicorn.conf.py
                ],
                cwd=ROOT,
                env=self.env | self.only_served,
                stdin=subprocess.DEVNULL,
                stdout=mail,
                stderr=log,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one call into libc, which takes no lock
            )
        self.wait()
        return self

    def wait(self):
        """Until every worker is there and /healthz answers."""
        ends = time.monotonic() + START_WITHIN
        while time.monotonic() < ends:
            if self.process.poll() is not None:
                break
            try:
                if len(self.pids()) >= self.workers and self.get("/healthz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start:\n{self.logged()[-4000:]}")

    def end(self) -> int | None:
        """End it as a service manager does (TERM); its database stays. Answers gunicorn's exit code."""
        code = None
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                code = self.process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        return code

    def stop(self) -> int | None:
        """End it, and take its database away; answers gunicorn's exit code."""
        code = self.end()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.postgres and self.beside is None:
            self.in_postgres(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
        return code

    def reload(self):
        """HUP: new workers, no request dropped."""
        self.process.send_signal(signal.SIGHUP)

    def pids(self) -> list[int]:
        """The worker processes."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == self.process.pid and state != "Z":
                found.append(int(stat.parent.name))
        return sorted(found)

    def kill(self, pid):
        """SIGKILL one worker; its requests get no answer."""
        if pid in self.pids():
            os.kill(pid, signal.SIGKILL)

    def worker_of(self, line) -> int:
        """The process that serves a connection, which must have been used once."""
        mine, inode = f"{line.local_port:04X}", None
        for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            columns = row.split()
            here, there = columns[1].rpartition(":")[2], columns[2].rpartition(":")[2]
            if there == mine and here == f"{self.port:04X}":
                inode = f"socket:[{columns[9]}]"
        for pid in self.pids():
            for handle in Path(f"/proc/{pid}/fd").iterdir():
                try:
                    if str(handle.readlink()) == inode:
                        return pid
                except OSError:
                    continue
        raise LookupError("no worker holds this connection")

    def a_line_to_each_worker(self, **headers) -> list[Line]:
        """One open connection per worker."""
        found = {}
        for _ in range(200):
            line = Line(self, **headers)
            line.call("GET", "/openapi.json")
            pid = self.worker_of(line)
            if pid in found:
                line.close()
            found.setdefault(pid, line)
            if len(found) == self.workers:
                return list(found.values())
        raise RuntimeError("one worker takes no connection")

    def logged(self) -> str:
        """All it wrote: log lines and mails."""
        return "".join(path.read_text(errors="replace") for path in (self.log, self.mail) if path.exists())

    # --- speaking with it ---

    def get(self, path, **headers) -> Answer:
        """GET a path from the root, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def raw(self, *pieces: bytes, wait: float = 0.0, cut: bool = False) -> bytes:
        """Send bytes as they are and read until the server closes or answers whole.

        Args:
            wait: seconds between pieces.
            cut: send no more: the server sees the end of the stream.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as wire:
            try:
                for piece in pieces:
                    wire.sendall(piece)
                    time.sleep(wait)
                if cut:
                    wire.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it has answered and hung up already
            return _read_answer(wire)

    def line(self, **headers) -> Line:
        """A new keep-alive connection."""
        return Line(self, **headers)

    def sign_in(self, email) -> dict:
        """The tokens of a new session."""
        line = Line(self)
        answer = line.call("POST", "/auth/login", {"username": email, "password": PASSWORD})
        line.close()
        assert answer.status == 200, answer
        return answer.json()

    def as_developer(self, email) -> Line:
        """A connection that carries a new session's access token."""
        return Line(self, Authorization=f"Bearer {self.sign_in(email)['access_token']}")

    def new_developer(self) -> str:
        """The e-mail of a developer nobody used before, in a team of their own."""
        if not self._developers:
            names = [f"dev-{uuid.uuid4().hex[:8]}@example.com" for _ in range(12)]
            made = "".join(f"D.objects.create_user({name!r}, {PASSWORD!r})\n" for name in names)
            self.manage("shell", "-c", f"from accounts.models import Developer as D\n{made}")
            self._developers.extend(names)
        return self._developers.pop()

    # --- behind its back ---

    def manage(self, *words, text=None, check=True) -> subprocess.CompletedProcess:
        """Run manage.py with the server's environment."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.env,
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"manage.py {words[0]}: {done.stdout}{done.stderr}")
        return done

    def sql(self, query, *values) -> list[tuple]:
        """Run one statement (%s for values) in its database, as psql would."""
        with self.connect() as connection:
            cursor = connection.execute(query if self.postgres else query.replace("%s", "?"), values)
            return cursor.fetchall() if cursor.description else []

    def connect(self):
        """A connection to its database that commits when its `with` ends."""
        if self.postgres:
            import psycopg

            return psycopg.connect(self.env["DATABASE_URL"], autocommit=True)
        connection = sqlite3.connect(self.folder / "db.sqlite3", timeout=30)
        connection.execute("PRAGMA busy_timeout=30000")
        return connection

    def key_of(self, ident) -> str:
        """An id as its database keeps it."""
        return str(ident) if self.postgres else uuid.UUID(str(ident)).hex

    _developers: list[str]

    def _make_database(self) -> str:
        self._developers = []
        if not self.postgres:
            return f"sqlite:///{self.folder / 'db.sqlite3'}"
        base, _, name = self.postgres.rpartition("/")
        self.database = f"{name}_live_{os.getpid()}_{secrets.token_hex(3)}"
        self.in_postgres(f'CREATE DATABASE "{self.database}"')
        return f"{base}/{self.database}"

    def _copy_a_migrated_database(self):
        made = _migrated(self.postgres)
        if not self.postgres:
            shutil.copyfile(made.folder / "db.sqlite3", self.folder / "db.sqlite3")
            return
        self.in_postgres(f'DROP DATABASE "{self.database}" WITH (FORCE)')
        self.in_postgres(f'CREATE DATABASE "{self.database}" TEMPLATE "{made.database}"')
        # Who sees what when stays the same. No test takes the power from PostgreSQL itself, and a slow disk would tell
        # of itself only: in one run of CI it made the races take twice their time.
        self.in_postgres(f'ALTER DATABASE "{self.database}" SET synchronous_commit = off')

    def in_postgres(self, statement):
        """Run one statement beside its database, for what can't be done in it."""
        import psycopg

        base = self.postgres.rpartition("/")[0]
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            connection.execute(statement)


def _end_with_parent():
    """Let the kernel send TERM when pytest is gone, however it went (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _read_answer(wire) -> bytes:
    found = b""
    try:
        while chunk := wire.recv(65536):
            found += chunk
            head, gap, body = found.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            if gap and length and len(body) >= int(length[1]):
                break
    except OSError:
        pass
    return found


@cache
def _migrated(_postgres) -> Server:
    """A server that never starts: its database is migrated once a process, and copied for all the others."""
    server = Server()
    atexit.register(server.stop)
    server.manage("migrate", "--noinput", "--verbosity", "0")
    return server


@cache
def shared() -> Server:
    """The one server that the tests of this process share; it ends with the process."""
    server = Server()
    atexit.register(server.stop)
    return server.start()
