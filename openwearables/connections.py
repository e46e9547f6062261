"""Where the database, Redis and the mail server are: settings, read as strictly as `environment` reads the rest."""

import os
import re
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from openwearables.environment import refuse

NEVER_BY_ITSELF = 2**30  # times a statement must have run before psycopg prepares it unasked


def mail(env: environ.Env, *, local: bool) -> dict[str, object]:
    """EMAIL_URL as Django's EMAIL_… settings; `none` drops all mail."""
    url = env.str("EMAIL_URL", default="consolemail://" if local else "")
    if not url:
        raise refuse("EMAIL_URL", "say how mail leaves, like smtp+tls://user:password@host:587, or none")
    if url == "none":
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        found = environ.Env.email_url_config(url)
        if "smtp" in found["EMAIL_BACKEND"] and not found["EMAIL_HOST"]:
            raise ValueError("no host")
    except (KeyError, ValueError, ImproperlyConfigured) as error:
        raise refuse("EMAIL_URL", "write it like smtp+tls://user:password@host:587") from error
    if found["EMAIL_BACKEND"].endswith("console.EmailBackend"):
        found["EMAIL_BACKEND"] = "accounts.console_mail.EmailBackend"
    return {**found, "EMAIL_TIMEOUT": 10}


def sender(env: environ.Env, host: str) -> str:
    """DEFAULT_FROM_EMAIL: one address, with or without a name."""
    text = env.str("DEFAULT_FROM_EMAIL", default=f"Open Wearables <no-reply@{'localhost' if ':' in host else host}>")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(text)[1]) or not text.isprintable():
        raise refuse("DEFAULT_FROM_EMAIL", "write it like Open Wearables <no-reply@example.com>")
    return text


def redis_url(env: environ.Env) -> str:
    """REDIS_URL, or '' for counters in memory."""
    url = env.str("REDIS_URL", default="")
    try:
        parts = urlsplit(url)
        good = parts.path if parts.scheme == "unix" else parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if url and not (good and parts.scheme in ("redis", "rediss", "unix")):
        raise refuse("REDIS_URL", "write it like redis://host:6379/0")
    return url


def check_shared(count: int, database_config: dict, redis: str, *, local: bool) -> None:
    """Refuse several processes, on one server or on several, over what only one can use."""
    if count > 1 and not local and "sqlite" in database_config["ENGINE"]:
        raise refuse("DATABASE_URL", "SQLite serves one worker: use PostgreSQL, or WEB_CONCURRENCY=1 and SERVERS=1")
    if count > 1 and not redis:
        raise refuse("REDIS_URL", "with more than one worker limits need Redis, or WEB_CONCURRENCY=1 and SERVERS=1")


def database(env: environ.Env, base: Path) -> dict:
    """DATABASE_URL as Django's dict, with the time-outs without which a fault becomes a pile-up.

    They are a server's (openwearables/wsgi.py), whose callers get a 503 within two seconds. A command may take its
    time, but waits for no lock for long: whoever came after it would wait too.
    """
    try:
        url = env.str("DATABASE_URL", default="") or f"sqlite:///{base / 'db.sqlite3'}"
        if urlsplit(url).scheme not in ("postgres", "postgresql", "psql", "pgsql", "sqlite"):
            raise refuse("DATABASE_URL", "use postgres:// or sqlite://")
        config = environ.Env.db_url_config(url)
        if not config["NAME"]:
            raise ValueError("no name")
    except (KeyError, ValueError) as error:
        raise refuse("DATABASE_URL", "write it like postgres://user:password@host:5432/name") from error
    if "sqlite" in config["ENGINE"]:
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 15,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=15000;",
        }
        return config
    limits = {"lock_timeout": 5000, "idle_in_transaction_session_timeout": 30_000}  # milliseconds
    if "OW_SERVING" in os.environ:
        config["ENGINE"] = "protocol.postgresql"  # which waits a little longer than a statement may take
        limits |= {"lock_timeout": 1100, "statement_timeout": 1300}
    config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        "connect_timeout": 2,
        # Django's default forbids prepared statements altogether; so those, and only those, that ask for it are
        # prepared (protocol/sql.py).
        "prepare_threshold": NEVER_BY_ITSELF,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
    return config
