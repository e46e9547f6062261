"""What an operator would look at first: each part of an installation, and what to do where it is not well.

Every `Finding` is good (True), bad (False), or could not be looked at (None), which says why and is no failure.
"""

import http.client
import ssl
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts import audit_triggers, jobs, key_sets
from accounts.checks import missing_triggers
from accounts.factors import keys
from accounts.models import AuditEvent, Session, WaitingMail
from apikeys import checks
from openwearables.jobs import JOBS
from protocol.address import parse_address

OLD_KEY = timedelta(days=366)  # a signing key is changed once a year at least
CLOCK_DIFFERENCE = 2.0  # seconds; tokens forgive 5
SEAL_OVERDUE = timedelta(minutes=10)
RUN_JOBS = "Run manage.py run_jobs every minute: docs/operations.md has a systemd timer, compose.yaml a service."
TIMEOUT = 5  # seconds, for Redis, mail and the site itself


@dataclass(frozen=True)
class Finding:
    """One line: the part, whether it is well, what was seen, and the fix where it is not."""

    part: str
    good: bool | None
    seen: str
    fix: str = ""


def examine() -> Iterator[Finding]:
    """Everything, in the order in which one would mend it."""
    yield Finding("settings", True, f"{'local mode' if settings.LOCAL_MODE else 'production'} at {settings.SITE_URL}")
    yield _env_file()
    yield from _secrets()
    database = _database()
    yield database
    if database.good:
        yield from _database_file()
        migrations = _migrations()
        yield migrations
        if migrations.good:
            yield from (_clock(), _peppers(), _audit(), _jobs(), _waiting_mail(), _address())
    yield _redis()
    yield _mail()
    yield _scheme()
    yield _static()


def _env_file() -> Finding:
    file = settings.ENV_FILE
    if file is None:
        return Finding("env file", True, "none: the environment alone")
    mode = stat.S_IMODE(Path(file).stat().st_mode)
    return Finding("env file", not mode & 0o077, f"{file} has mode {mode:04o}", f"chmod 600 {file}")


def _secrets() -> Iterator[Finding]:
    """Their strength was settled when the settings were read; their age only a dated id tells."""
    yield Finding("secrets", True, "all long and all different; the age of SECRET_KEY and AUDIT_KEY is not known")
    today = timezone.now().date()
    for name, command in key_sets.ROTATED_BY.items():
        first, *others = getattr(settings, name)
        made = key_sets.made_on(first)
        age = "of unknown age" if made is None else f"{max((today - made).days, 0)} days old"
        also = f"; {', '.join(others)} only {'decrypt' if 'MFA' in name else 'verify'}" if others else ""
        young = name != "JWT_SIGNING_KEYS" or made is None or today - made < OLD_KEY
        yield Finding(name, young, f"{first} is in use, {age}{also}", f"./run manage {command} shows the steps")


def _database() -> Finding:
    config = settings.DATABASES["default"]
    fix = "Is it running? Check DATABASE_URL."
    started = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            milliseconds = (time.monotonic() - started) * 1000
            if connection.vendor == "postgresql":
                cursor.execute("SHOW default_transaction_read_only")
                if cursor.fetchone()[0] == "on":
                    return Finding("database", False, "it is read-only", "Point DATABASE_URL at the primary.")
    except DatabaseError as error:
        return Finding("database", False, f"no answer: {' '.join(str(error).split())}", fix)
    return Finding("database", True, f"{connection.display_name} {config['NAME']}, {milliseconds:.0f} ms")


def _database_file() -> Iterator[Finding]:
    file = Path(str(settings.DATABASES["default"]["NAME"]))
    if connection.vendor == "sqlite" and file.is_file():
        mode = stat.S_IMODE(file.stat().st_mode)
        yield Finding("database file", not mode & 0o077, f"{file} has mode {mode:04o}", f"chmod 600 {file}*")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    waiting = ", ".join(str(migration) for migration, _ in plan[:3]) + (" …" if len(plan) > 3 else "")
    return Finding("migrations", not plan, waiting or "all applied", "./run manage migrate")


def _clock() -> Finding:
    fix = "Set this machine's clock by NTP: tokens and limits depend on it."
    newest = AuditEvent.objects.order_by("-pk").values_list("at", flat=True).first()
    now = timezone.now()
    if newest and newest > now + timedelta(seconds=CLOCK_DIFFERENCE):
        return Finding("clock", False, f"the audit trail ends at {newest:%F %T}, later than now, {now:%F %T}", fix)
    if connection.vendor != "postgresql":
        return Finding("clock", True, f"{now:%F %T} UTC; the database has the same")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    apart = abs((theirs - datetime.now(UTC)).total_seconds())
    return Finding("clock", apart < CLOCK_DIFFERENCE, f"{apart:.1f} s from the database's", fix)


def _peppers() -> Finding:
    found = checks.unknown_peppers()
    if found:
        return Finding("peppers", False, "usable keys that nothing can verify", checks.sentence(found))
    if lost := keys.missing():
        return Finding(
            "peppers", False, f"second factors whose key is gone: {lost}", "Put it into MFA_ENCRYPTION_KEYS."
        )
    return Finding("peppers", True, "every usable key has its pepper")


def _audit() -> Finding:
    if missing_triggers(connection):
        return Finding(
            "audit", False, "the trail is not append-only", f"Its triggers are gone; {audit_triggers.__name__}.install"
        )
    waiting = AuditEvent.objects.filter(seal=None)
    since = waiting.order_by("at").values_list("at", flat=True).first()
    seen = f"append-only, {waiting.count()} events not sealed yet"
    late = bool(since and timezone.now() - since > SEAL_OVERDUE and not settings.LOCAL_MODE)
    return Finding("audit", not late, seen, RUN_JOBS)


def _jobs() -> Finding:
    """Local mode runs them at its start; nobody promised more."""
    late = jobs.late(job.name for job in JOBS)
    if not late:
        return Finding("jobs", True, "all ran within ten minutes")
    seen = ", ".join(f"{name} last ran {at:%F %T} UTC" if at else f"{name} never ran" for name, at in late.items())
    return Finding("jobs", settings.LOCAL_MODE, seen, RUN_JOBS)


def _waiting_mail() -> Finding:
    first = WaitingMail.objects.order_by("created_at").only("created_at", "last_error").first()
    if first is None:
        return Finding("waiting mail", True, "none waits")
    why = f": {first.last_error}" if first.last_error else ""
    seen = f"{WaitingMail.objects.count()} wait, the oldest since {first.created_at:%F %T} UTC{why}"
    good = timezone.now() - first.created_at < jobs.LATE
    return Finding("waiting mail", good, seen, "Check EMAIL_URL. run_jobs tries each again for MAILS_KEPT days.")


def _address() -> Finding:
    """What past sign-ins looked like: a proxy that nobody declared makes them all come from one place."""
    text = Session.objects.exclude(ip=None).order_by("-created_at").values_list("ip", flat=True).first()
    address = parse_address(text) if text else None
    if address is None:
        return Finding("address", None, "nobody has signed in yet, so no address was seen")
    seen = f"the last sign-in came from {address}"
    through_proxy = any(address in network for network in settings.TRUSTED_PROXIES)
    if settings.LOCAL_MODE or not (through_proxy or address.is_loopback):
        return Finding("address", True, seen)
    return Finding(
        "address",
        False,
        f"{seen}, which is a proxy",
        "The proxy must send X-Forwarded-For, and every proxy must be named in TRUSTED_PROXIES.",
    )


def _redis() -> Finding:
    if not settings.REDIS_URL:
        return Finding("Redis", True, "not used: counters in memory, for one worker")
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
    try:
        client.ping()
    except redis.RedisError as error:
        return Finding("Redis", False, f"no answer: {type(error).__name__}", "Is it running? Check REDIS_URL.")
    finally:
        client.close()
    return Finding("Redis", True, "answers")


def _mail() -> Finding:
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if backend != "smtp":
        meaning = {"dummy": "none: notices are dropped", "console_mail": "printed to the console"}
        return Finding("mail", True, meaning.get(backend, f"goes to the {backend} backend"))
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT or 25}"
    mail = get_connection(timeout=TIMEOUT)
    try:
        mail.open()
    except (OSError, ValueError) as error:  # smtplib's own errors are OSErrors
        return Finding("mail", False, f"{where}: {type(error).__name__}", "Check EMAIL_URL: host, port, password.")
    finally:
        mail.close()
    return Finding("mail", True, f"{where} lets us in")


def _scheme() -> Finding:
    """Ask the site itself: a server that takes an https:// call for plain HTTP doesn't believe its proxy."""
    url = f"{settings.SITE_URL}/api/v1/auth/me"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        status, body = opener.open(url, timeout=TIMEOUT).status, b""
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read(2000)
    except (OSError, ValueError, http.client.HTTPException) as error:
        why = getattr(error, "reason", error)
        if isinstance(why, ssl.SSLError):
            return Finding("scheme", False, f"{settings.SITE_URL}: {why}", "Mend the certificate.")
        return Finding("scheme", None, f"nothing answers at {settings.SITE_URL} now, so it was not looked at")
    scheme = settings.SITE_URL.partition("://")[0]
    if b"https_required" in body:
        fix = "Name the proxy in TRUSTED_PROXIES, and let it send X-Forwarded-Proto; or correct SITE_URL."
        return Finding("scheme", False, f"called by {scheme}, the server saw plain HTTP", fix)
    if status != 401:
        fix = f"Is it this server that {settings.SITE_URL} leads to? Check ALLOWED_HOSTS and the proxy."
        return Finding("scheme", False, f"{settings.SITE_URL} answered {status} where 401 was due", fix)
    return Finding("scheme", True, f"called by {scheme}, the server saw {scheme}")


def _static() -> Finding:
    if settings.LOCAL_MODE or (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        return Finding("static files", True, "found")
    return Finding("static files", False, "not collected: pages would fail", "./run manage collectstatic --noinput")
