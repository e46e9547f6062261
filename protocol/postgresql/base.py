"""Django's PostgreSQL backend, but for one thing: who does not answer in time is away.

PostgreSQL itself ends a statement that takes too long (`statement_timeout`), but only a PostgreSQL that is there. One
that hangs, or a network that drops packets, keeps a caller waiting for as long as TCP does: minutes, and with it every
thread of a worker. Here the connection is closed, its caller gets an OperationalError (and so a 503), and for a moment
the other threads get theirs without asking.

Only servers use this engine (`openwearables.connections`): a command may take its time.
"""

import threading
import time

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import ConnectionTimeout, _WaitTimeout

from protocol import metrics

CONNECT_WITHIN = 1.0  # seconds; psycopg takes no connect_timeout below two
ANSWER_WITHIN = 1.6  # seconds; more than `statement_timeout`, so that PostgreSQL's own verdict comes first
PAUSE = 0.5  # seconds without a question after one that got no answer

SILENCE = (ConnectionTimeout, _WaitTimeout)  # both are OperationalErrors


class Circuit:
    """`with circuit:` stands around each question to PostgreSQL. Open for PAUSE after one that got no answer.

    Then one caller asks again, and the others are refused until it knows. Any answer closes the circuit, an error as
    well as a refused connection: they cost nothing to ask for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asks_again_at = 0.0  # on time.monotonic(); 0 while closed

    def __enter__(self) -> None:
        if self._asks_again_at:
            with self._lock:
                now = time.monotonic()
                if now < self._asks_again_at:
                    raise psycopg.OperationalError("the database did not answer a moment ago")
                self._asks_again_at = now + ANSWER_WITHIN

    def __exit__(self, kind, error, trace) -> None:
        if isinstance(error, SILENCE):
            self._asks_again_at = time.monotonic() + PAUSE
            metrics.DATABASE_AWAY.set(1)
        elif self._asks_again_at:
            self._asks_again_at = 0.0
            metrics.DATABASE_AWAY.set(0)


circuit = Circuit()  # of this process


class HastyConnection(psycopg.Connection):
    """A connection that gives up on a server that does not answer."""

    @classmethod
    def connect(cls, *args, **kwargs):
        """As psycopg's. Raises OperationalError after CONNECT_WITHIN, or at once while the circuit is open."""
        with circuit:
            return super().connect(*args, **kwargs)

    @classmethod
    def _connect_gen(cls, conninfo=""):
        """psycopg's steps to a connection, each of which tells what to wait for; cut off at the deadline."""
        ends = time.monotonic() + CONNECT_WITHIN
        steps = super()._connect_gen(conninfo)
        try:
            waits_for = next(steps)
            while time.monotonic() < ends:
                waits_for = steps.send((yield waits_for))
        except StopIteration as connected:
            return connected.value
        raise ConnectionTimeout("no connection in time")

    def wait(self, gen, *args, timeout=None, **kwargs):
        """Every question on the connection passes here. Raises OperationalError after ANSWER_WITHIN, and closes it."""
        if timeout is not None:  # for notifications: silence is no fault there
            return super().wait(gen, *args, timeout=timeout, **kwargs)
        try:
            with circuit:
                return super().wait(gen, *args, timeout=ANSWER_WITHIN, **kwargs)
        except _WaitTimeout:
            self.close()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, over such connections."""

    def get_new_connection(self, conn_params):
        """A new connection. Raises OperationalError."""
        return HastyConnection.connect(**conn_params)
