"""Reading the environment strictly: a bad value stops the start and says its name."""

import argparse
import ipaddress
import os
import re
import shlex
import sys
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32  # characters; HS256 wants a key of at least 256 bits (RFC 7518 §3.2)
SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


def refuse(name: str, why: str) -> ImproperlyConfigured:
    """The error for a bad setting."""
    return ImproperlyConfigured(f"{name}: {why}")


def env_file(base: Path) -> Path | None:
    """The file under the environment: `.env`, or what OW_ENV_FILE names ('' for none); None when it isn't there."""
    name = os.environ.get("OW_ENV_FILE", str(base / ".env"))
    return Path(name) if name and Path(name).is_file() else None


def read_env(base: Path) -> environ.Env:
    """The environment, with `env_file` under it."""
    env = environ.Env()
    if file := env_file(base):
        env.read_env(str(file))
    return env


def switch(env: environ.Env, name: str, default: bool = False) -> bool:
    """on or off; a misspelt one is refused, where django-environ would take it for off."""
    text = env.str(name, default="").strip().lower()
    if text and text not in SWITCH:
        raise refuse(name, "say on or off")
    return SWITCH[text] if text else default


def _check_strength(name: str, value: str) -> None:
    if len(value) < SHORTEST_SECRET:
        raise refuse(name, f"say a random secret of at least {SHORTEST_SECRET} characters (./run secrets makes one)")
    if len(set(value)) < 8 or value.lower().startswith(("change", "secret", "django-insecure", "example")):
        raise refuse(name, "this looks like an example, not like a random secret (./run secrets makes one)")


def secret(env: environ.Env, name: str, *, needed: bool = True) -> str:
    """A secret that must be long, and be there unless it isn't `needed`."""
    value = env.str(name, default="")
    if needed or value:
        _check_strength(name, value)
    return value


def secrets(env: environ.Env, name: str) -> list[str]:
    """Former secrets, comma-separated, each as strong as one in use."""
    found = [value.strip() for value in env.str(name, default="").split(",") if value.strip()]
    for value in found:
        _check_strength(name, value)
    return found


def secret_set(env: environ.Env, name: str) -> dict[str, str]:
    """`id:secret,id:secret` as a dict in that order; the first is the one in use."""
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in env.str(name, default="").split(","))):
        ident, colon, value = part.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,15}", ident):
            raise refuse(name, "write id:secret,id:secret with ids of at most 16 letters and digits")
        _check_strength(name, value)
        if ident in found or value in found.values():
            raise refuse(name, f"{ident} stands twice, or two ids share a secret")
        found[ident] = value
    if not found:
        raise refuse(name, "say at least one id:secret (./run secrets makes one)")
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
    try:
        parts = urlsplit(url)
        whole = re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?", url) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not parts.hostname:
        raise refuse("SITE_URL", "say where people reach this site, like https://api.example.com")
    try:
        local = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        local = parts.hostname == "localhost"
    if not local and parts.scheme != "https":
        raise refuse("SITE_URL", "must begin with https:// (only loopback may go without)")
    port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}", parts.hostname, local  # as a browser writes an Origin (RFC 6454 §6.2)


def allowed_hosts(env: environ.Env, site_host: str, *, local: bool) -> list[str]:
    """ALLOWED_HOSTS: exact names in production, and always the one that every link of ours starts with."""
    site = f"[{site_host}]" if ":" in site_host else site_host
    hosts = env.list("ALLOWED_HOSTS", default=[site, *(["localhost", "127.0.0.1"] if local else [])])
    if not local and any(host.startswith(("*", ".")) for host in hosts):
        raise refuse("ALLOWED_HOSTS", "name each host exactly: no wildcards in production")
    if not {site, "*"} & {host.lower() for host in hosts}:
        raise refuse("ALLOWED_HOSTS", f"must hold {site}, the host of SITE_URL")
    return hosts


def workers(env: environ.Env) -> int:
    """How many processes serve: WEB_CONCURRENCY, or what gunicorn was told where it was started."""
    count = seconds(env, "WEB_CONCURRENCY", 1, most=1000)
    if "gunicorn" not in sys.argv[0]:
        return count
    said = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    said.add_argument("-w", "--workers", type=int, default=count)
    try:
        words = shlex.split(os.environ.get("GUNICORN_CMD_ARGS", "")) + sys.argv[1:]
        return max(count, said.parse_known_args(words)[0].workers)
    except (argparse.ArgumentError, ValueError):
        return count  # gunicorn itself says what is wrong


def trusted_proxies(env: environ.Env, *, local: bool):
    """The networks of TRUSTED_PROXIES; `none` is an answer, silence is not (but on loopback)."""
    text = env.str("TRUSTED_PROXIES", default="none" if local else "")
    if not text.strip():
        raise refuse("TRUSTED_PROXIES", "say the addresses of the proxies before this server, or none")
    if text.strip() == "none":
        return ()
    try:
        networks = tuple(ipaddress.ip_network(part.strip()) for part in text.split(","))
    except ValueError as error:
        raise refuse("TRUSTED_PROXIES", "write addresses or networks, like 10.0.0.0/24,::1, or none") from error
    if any(network.prefixlen == 0 for network in networks):
        raise refuse("TRUSTED_PROXIES", "a network of everybody lets anyone forge an address: name the proxies")
    return networks


def origins(env: environ.Env) -> list[str]:
    """CORS_ALLOWED_ORIGINS: exact origins, scheme://host[:port]."""
    found = env.list("CORS_ALLOWED_ORIGINS", default=[])
    for origin in found:
        if not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?", origin):
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
    """Refuse several workers over what only one can use."""
    if count > 1 and not local and "sqlite" in database_config["ENGINE"]:
        raise refuse("DATABASE_URL", "SQLite serves one worker: use PostgreSQL, or WEB_CONCURRENCY=1")
    if count > 1 and not redis:
        raise refuse("REDIS_URL", "with more than one worker limits need Redis, or WEB_CONCURRENCY=1")


def database(env: environ.Env, base: Path) -> dict:
    """DATABASE_URL as Django's dict, with the time-outs without which a fault becomes a pile-up."""
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
    config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        "connect_timeout": 2,
        "options": "-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
    }
    return config
