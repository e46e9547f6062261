"""Reading the environment strictly: a bad value stops the start and says its name."""

import ipaddress
import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32  # characters; HS256 wants a key of at least 256 bits (RFC 7518 §3.2)


def refuse(name: str, why: str) -> ImproperlyConfigured:
    """The error for a bad setting."""
    return ImproperlyConfigured(f"{name}: {why}")


def read_env(base: Path) -> environ.Env:
    """The environment, with `.env` under it; OW_ENV_FILE names another file ('' for none)."""
    env = environ.Env()
    file = os.environ.get("OW_ENV_FILE", str(base / ".env"))
    if file and Path(file).is_file():
        env.read_env(file)
    return env


def secret(env: environ.Env, name: str) -> str:
    """A secret that must be there and be long."""
    value = env.str(name, default="")
    if len(value) < SHORTEST_SECRET:
        raise refuse(name, f"say a random secret of at least {SHORTEST_SECRET} characters (./run makes one)")
    if len(set(value)) < 8 or value.lower().startswith(("change", "secret", "django-insecure", "example")):
        raise refuse(name, "this looks like an example, not like a random secret")
    return value


def secret_set(env: environ.Env, name: str) -> dict[str, str]:
    """`id:secret,id:secret` as a dict in that order; the first is the one in use."""
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in env.str(name, default="").split(","))):
        ident, colon, value = part.partition(":")
        if not colon or not ident.isidentifier() or len(ident) > 16 or len(value) < SHORTEST_SECRET:
            raise refuse(name, f"write id:secret,id:secret with secrets of at least {SHORTEST_SECRET} characters")
        if ident in found or value in found.values():
            raise refuse(name, f"{ident} stands twice, or two ids share a secret")
        found[ident] = value
    if not found:
        raise refuse(name, "say at least one id:secret (./run makes one)")
    return found


def seconds(env: environ.Env, name: str, default: int, *, least: int = 1, most: int = 10 * 365 * 86400) -> int:
    """A number of seconds within its bounds."""
    try:
        value = env.int(name, default=default)
    except ValueError as error:
        raise refuse(name, "say a whole number") from error
    if not least <= value <= most:
        raise refuse(name, f"say a number from {least} to {most}")
    return value


def rates(env: environ.Env, name: str, default: str, *, count: int = 1) -> list[tuple[int, int]]:
    """`600/60,…`: how many per how many seconds, each."""
    try:
        found = [tuple(int(n) for n in part.split("/")) for part in env.str(name, default=default).split(",")]
    except ValueError as error:
        raise refuse(name, f"write it like {default}") from error
    if len(found) != count or any(len(rate) != 2 or min(rate) < 1 for rate in found):
        raise refuse(name, f"write it like {default}")
    return found  # type: ignore[return-value]


def site_url(env: environ.Env) -> tuple[str, str, bool]:
    """(SITE_URL without a slash at its end, its host, whether that is loopback)."""
    url = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise refuse("SITE_URL", "say where people reach this site, like https://api.example.com")
    try:
        local = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        local = parts.hostname == "localhost"
    if not local and parts.scheme != "https":
        raise refuse("SITE_URL", "must begin with https:// (only loopback may go without)")
    return url, parts.hostname, local


def trusted_proxies(env: environ.Env, *, local: bool):
    """The networks of TRUSTED_PROXIES; `none` is an answer, silence is not (but on loopback)."""
    text = env.str("TRUSTED_PROXIES", default="none" if local else "")
    if not text.strip():
        raise refuse("TRUSTED_PROXIES", "say the addresses of the proxies before this server, or none")
    if text.strip() == "none":
        return ()
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(","))
    except ValueError as error:
        raise refuse("TRUSTED_PROXIES", "write addresses or networks, like 10.0.0.0/24,::1, or none") from error


def origins(env: environ.Env) -> list[str]:
    """CORS_ALLOWED_ORIGINS: exact origins, scheme://host[:port]."""
    found = env.list("CORS_ALLOWED_ORIGINS", default=[])
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or origin.count("/") != 2 or "*" in origin:
            raise refuse("CORS_ALLOWED_ORIGINS", "write exact origins, like https://app.example.com")
    return found


def mail(env: environ.Env, *, local: bool) -> dict[str, object]:
    """EMAIL_URL as Django's EMAIL_… settings; `none` drops all mail."""
    url = env.str("EMAIL_URL", default="consolemail://" if local else "")
    if not url:
        raise refuse("EMAIL_URL", "say how mail leaves, like smtp+tls://user:password@host:587, or none")
    if url == "none":
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        found = environ.Env.email_url_config(url)
    except (KeyError, ValueError, ImproperlyConfigured) as error:
        raise refuse("EMAIL_URL", "write it like smtp+tls://user:password@host:587") from error
    return {**found, "EMAIL_TIMEOUT": 10}


def database(env: environ.Env, base: Path) -> dict:
    """DATABASE_URL as Django's dict, with the time-outs without which a fault becomes a pile-up."""
    try:
        config = env.db_url("DATABASE_URL", default=f"sqlite:///{base / 'db.sqlite3'}")
    except (KeyError, ValueError, ImproperlyConfigured) as error:
        raise refuse("DATABASE_URL", "write it like postgres://user:password@host:5432/name") from error
    if "sqlite" in config["ENGINE"]:
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 15,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=15000;",
        }
        return config
    if "postgresql" not in config["ENGINE"]:
        raise refuse("DATABASE_URL", "use postgres:// or sqlite://")
    config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        "connect_timeout": 2,
        "options": "-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
    }
    return config
