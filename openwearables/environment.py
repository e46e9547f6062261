"""Reading the environment strictly: a bad value stops the start and says its name."""

import argparse
import hashlib
import ipaddress
import os
import re
import shlex
import sys
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


def factor_keys(env: environ.Env, secret_key: str, *, local: bool) -> dict[str, str]:
    """MFA_ENCRYPTION_KEYS. Local mode goes without: one is made from SECRET_KEY, and stays good beside those said."""
    name = "MFA_ENCRYPTION_KEYS"
    if not local:
        return secret_set(env, name)
    made = hashlib.sha256(f"{name}:{secret_key}".encode()).hexdigest()
    return {**(secret_set(env, name) if env.str(name, default="") else {}), "local": made}


def number(env: environ.Env, name: str, default: int, *, least: int = 1, most: int = 10 * 365 * 86400) -> int:
    """A whole number (of seconds, days, keys …) within its bounds."""
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


def optional_rate(env: environ.Env, name: str) -> tuple[int, int] | None:
    """`6000/60`, or None for a limit that nobody set."""
    return rates(env, name, "6000/60")[0] if env.str(name, default="").strip() else None


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
    count = number(env, "WEB_CONCURRENCY", 1, most=1000)
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
