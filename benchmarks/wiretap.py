"""A door between the product and its database or Redis that counts what goes through, exactly, as it is sent."""

import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

WRITE = re.compile(rb"\s*(INSERT|UPDATE|DELETE|TRUNCATE|COPY|WITH\b.*\b(INSERT|UPDATE|DELETE))\b", re.I | re.S)
NO_STATEMENT = re.compile(rb"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW|LISTEN|DEALLOCATE)\b", re.I)


@dataclass(frozen=True)
class Heard:
    """One statement or command: when (monotonic seconds), on which connection, its text."""

    at: float
    connection: int
    text: bytes

    @property
    def is_statement(self) -> bool:
        """Whether it asks something of the tables; BEGIN, SET and their like do not."""
        return NO_STATEMENT.match(self.text) is None

    @property
    def writes(self) -> bool:
        """Whether it changes the database."""
        return WRITE.match(self.text) is not None


class Tap:
    """Listens on a port of its own and passes everything on.

    Args:
        host, port: where to.
        reader: PostgresReader or RedisReader.
    """

    def __init__(self, host: str, port: int, reader: type):
        self.target, self.reader = (host, port), reader
        self.heard: list[Heard] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def between(self, since: float, until: float) -> list[Heard]:
        """What was heard in that time."""
        return [one for one in self.heard if since <= one.at <= until]

    def close(self) -> None:
        """Take no more connections; those there are end with their peers."""
        self._listener.close()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self.target)
            except OSError:
                return
            number += 1
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pass, args=(client, server, self.reader(), number), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, None, number), daemon=True).start()

    def _pass(self, source, target, reader, number) -> None:
        try:
            while data := source.recv(65536):
                if reader is not None:
                    now = time.monotonic()
                    self.heard += [Heard(now, number, text) for text in reader.read(data)]
                target.sendall(data)
        except OSError:
            pass
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class PostgresReader:
    """Frontend messages (PostgreSQL protocol 3.0, §55.7): Query, and Execute of what was parsed before."""

    def __init__(self):
        self.buffer, self.started = b"", False
        self.parsed: dict[bytes, bytes] = {}
        self.bound: dict[bytes, bytes] = {}

    def read(self, data: bytes) -> list[bytes]:
        """The texts of the statements that these bytes complete."""
        self.buffer += data
        found = []
        while True:
            head = 1 if self.started else 0
            if len(self.buffer) < head + 4:
                return found
            end = head + int.from_bytes(self.buffer[head : head + 4])
            if len(self.buffer) < end:
                return found
            kind, body = self.buffer[:head], self.buffer[head + 4 : end]
            self.buffer = self.buffer[end:]
            if not self.started:
                # 1234.5679 and .5680 ask for TLS or GSSAPI; the startup message comes after the answer.
                self.started = body[:2] != b"\x04\xd2"
            elif text := self._statement(kind, body):
                found.append(text)

    def _statement(self, kind: bytes, body: bytes) -> bytes:
        if kind == b"Q":
            return body.rstrip(b"\0")
        if kind == b"P":
            name, text, _ = body.split(b"\0", 2)
            self.parsed[name] = text
        elif kind == b"B":
            portal, name, _ = body.split(b"\0", 2)
            self.bound[portal] = self.parsed.get(name, b"?")
        elif kind == b"E":
            return self.bound.get(body.split(b"\0", 1)[0], b"?")
        return b""


class RedisReader:
    """Commands as arrays of bulk strings (RESP)."""

    def __init__(self):
        self.buffer = b""

    def read(self, data: bytes) -> list[bytes]:
        """The names of the commands that these bytes complete."""
        self.buffer += data
        found = []
        while (command := self._command()) is not None:
            found.append(command)
        return found

    def _command(self) -> bytes | None:
        head, gap, rest = self.buffer.partition(b"\r\n")
        if not gap or not head.startswith(b"*"):
            return None
        parts = []
        for _ in range(int(head[1:])):
            size, gap, rest = rest.partition(b"\r\n")
            if not gap or len(rest) < int(size[1:]) + 2:
                return None
            parts.append(rest[: int(size[1:])])
            rest = rest[int(size[1:]) + 2 :]
        self.buffer = rest
        return b" ".join(parts[:1]).upper()
