"""Regular work, and when it was last done: `manage.py run_jobs` runs every job each minute, on any server.

What the jobs are stands in `openwearables.jobs`; each does all that waits, is safe to repeat, and lets nobody else do
the same at the same time (`protocol.locks`).
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import JobRun
from accounts.models.job import ERROR_LENGTH
from protocol.locks import Busy
from protocol.masking import mask

log = logging.getLogger(__name__)

LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Job:
    """A name, and the work behind it, which answers how many things it did. `done` says what they are."""

    name: str
    work: Callable[[], int]
    done: str


@dataclass(frozen=True)
class Run:
    """How one run of a job went. Without an error it succeeded; `busy`: another server was at it."""

    name: str
    milliseconds: int
    count: int = 0
    busy: bool = False
    error: str = ""


def run(job: Job) -> Run:
    """Do a job and note how it went; whatever it raises ends here, so that the next job runs."""
    started = time.monotonic()
    count, busy, error = 0, False, ""
    try:
        count = job.work()
    except Busy:
        busy = True
    except Exception as raised:
        log.exception("the job %r failed", job.name)
        error = mask(" ".join(f"{type(raised).__name__}: {raised}".split()))[:ERROR_LENGTH]
        _drop_a_broken_connection()
    run = Run(job.name, round((time.monotonic() - started) * 1000), count, busy, error)
    try:
        _note(run)
    except DatabaseError:
        log.exception("how the job %r went could not be noted", job.name)
        _drop_a_broken_connection()
    return run


def _drop_a_broken_connection() -> None:
    """So that the next job gets a new one."""
    if not connection.is_usable():
        connection.close()


def _note(run: Run) -> None:
    """One INSERT … ON CONFLICT: two servers may end the same job at the same moment."""
    if run.busy:
        return
    now = timezone.now()
    row = JobRun(name=run.name, milliseconds=run.milliseconds)
    if run.error:
        row.failed_at, row.error, changed = now, run.error, ["failed_at", "error", "milliseconds"]
    else:
        row.succeeded_at, changed = now, ["succeeded_at", "milliseconds"]
    JobRun.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=changed)


def last_successes() -> dict[str, datetime]:
    """When each job that ever succeeded last did."""
    return {name: at for name, at in JobRun.objects.values_list("name", "succeeded_at") if at is not None}


def late(names: Iterable[str], at: datetime | None = None) -> dict[str, datetime | None]:
    """The jobs that did not succeed within LATE, each with its last success; None is never."""
    before = (at or timezone.now()) - LATE
    done = last_successes()
    return {name: done.get(name) for name in names if name not in done or done[name] < before}
