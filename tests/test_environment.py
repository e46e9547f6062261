"""Settings refuse a bad environment, by name; a good one starts.

Every case runs in one other interpreter, which reads the settings anew for each: what a start does, without the price
of an interpreter a case.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STRONG = "Zr8mWcXv5nB2uJtL7dGhPeQa91fY3kq0"

PRODUCTION = {
    "OW_ENV_FILE": "",
    "SITE_URL": "https://api.example.com",
    "SECRET_KEY": f"s-{STRONG}-{STRONG}",
    "JWT_SIGNING_KEYS": f"k1:j-{STRONG}",
    "API_KEY_PEPPERS": f"p1:p-{STRONG}",
    "AUDIT_KEY": f"a-{STRONG}",
    "MFA_ENCRYPTION_KEYS": f"m1:m-{STRONG}",
    "DATABASE_URL": "postgres://ow:pw@db.invalid:5432/ow",
    "REDIS_URL": "redis://redis.invalid:6379/0",
    "EMAIL_URL": "smtp+tls://u:pw@mail.invalid:587",
    "TRUSTED_PROXIES": "10.0.0.0/24",
    "WEB_CONCURRENCY": "2",
}
LOCAL = {name: PRODUCTION[name] for name in ("OW_ENV_FILE", "SECRET_KEY", "JWT_SIGNING_KEYS", "API_KEY_PEPPERS")}
LOCAL["AUDIT_KEY"] = PRODUCTION["AUDIT_KEY"]
NOT_SAID = None

REFUSED_IN_PRODUCTION = [
    ("DEBUG", "on"),
    ("DEBUG", "ture"),
    ("SIGNUP_OPEN", "maybe"),
    ("REVOKE_KEYS_SENT_OVER_HTTP", "2"),
    ("SITE_URL", "http://api.example.com"),
    ("SITE_URL", "https://api.example.com/path"),
    ("SITE_URL", "https://api.example.com#x"),
    ("SITE_URL", "https://user:pw@api.example.com"),
    ("SITE_URL", "https://api.example.com:port"),
    ("SITE_URL", "https://[::1"),
    ("SITE_URL", "https://two words"),
    ("SITE_URL", "api.example.com"),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "api.example.com,*"),
    ("ALLOWED_HOSTS", ".example.com,api.example.com"),
    ("ALLOWED_HOSTS", "www.example.com"),
    ("ALLOWED_HOSTS", ""),
    ("SECRET_KEY", NOT_SAID),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", STRONG[:31]),
    ("SECRET_KEY", "a" * 64),
    ("SECRET_KEY", "django-insecure-" + STRONG),
    ("SECRET_KEY_FALLBACKS", f"f-{STRONG},short"),
    ("AUDIT_KEY", NOT_SAID),
    ("AUDIT_KEY", "change-me-" + STRONG),
    ("METRICS_TOKEN", "short"),
    ("JWT_SIGNING_KEYS", NOT_SAID),
    ("JWT_SIGNING_KEYS", ","),
    ("JWT_SIGNING_KEYS", STRONG),
    ("JWT_SIGNING_KEYS", "k1:short"),
    ("JWT_SIGNING_KEYS", "k1:" + "ab" * 32),
    ("JWT_SIGNING_KEYS", f"k1:j-{STRONG},k1:i-{STRONG}"),
    ("JWT_SIGNING_KEYS", f"k1:j-{STRONG},k2:j-{STRONG}"),
    ("JWT_SIGNING_KEYS", f"k 1:j-{STRONG}"),
    ("JWT_SIGNING_KEYS", f"k1:s-{STRONG}-{STRONG}"),
    ("API_KEY_PEPPERS", NOT_SAID),
    ("API_KEY_PEPPERS", "p1:short"),
    ("MFA_ENCRYPTION_KEYS", NOT_SAID),
    ("MFA_ENCRYPTION_KEYS", "m1:short"),
    ("REQUIRE_STAFF_MFA", "perhaps"),
    ("API_KEY_PEPPERS", f"p1:{STRONG[:31]}"),
    ("TRUSTED_PROXIES", NOT_SAID),
    ("TRUSTED_PROXIES", "proxy.example.com"),
    ("TRUSTED_PROXIES", "10.0.0.1/24"),
    ("TRUSTED_PROXIES", "0.0.0.0/0"),
    ("TRUSTED_PROXIES", "10.0.0.0/24,::/0"),
    ("EMAIL_URL", NOT_SAID),
    ("EMAIL_URL", "mail.example.com"),
    ("EMAIL_URL", "smtp+tls://u:p@host:port"),
    ("EMAIL_URL", "smtp+tls://"),
    ("DEFAULT_FROM_EMAIL", "nobody"),
    ("DATABASE_URL", "db.example.com"),
    ("DATABASE_URL", "mysql://u@db.example.com/ow"),
    ("DATABASE_URL", "postgres://u@db.example.com:port/ow"),
    ("DATABASE_URL", "postgres://u@db.example.com"),
    ("DATABASE_URL", "sqlite:////tmp/never-made.sqlite3"),
    ("DATABASE_URL", NOT_SAID),
    ("REDIS_URL", NOT_SAID),
    ("REDIS_URL", "redis.example.com"),
    ("REDIS_URL", "redis://host:port"),
    ("REDIS_URL", "redis://"),
    ("WEB_CONCURRENCY", "two"),
    ("WEB_CONCURRENCY", "0"),
    ("CORS_ALLOWED_ORIGINS", "*"),
    ("CORS_ALLOWED_ORIGINS", "https://app.example.com/"),
    ("CORS_ALLOWED_ORIGINS", "https://*.example.com"),
    ("ADMIN_PATH", "../admin"),
    ("ADMIN_PATH", "api/admin"),
    ("LOG_LEVEL", "LOUD"),
    ("ACCESS_TOKEN_LIFETIME", "1h"),
    ("ACCESS_TOKEN_LIFETIME", "864000"),
    ("REFRESH_TOKEN_LIFETIME", "0"),
    ("SESSION_ABSOLUTE_LIFETIME", "-1"),
    ("REFRESH_LEEWAY", "61"),
    ("KEY_REAUTH_SECONDS", ""),
    ("PASSWORD_MIN_LENGTH", "4"),
    ("API_KEYS_PER_TEAM", "many"),
    ("API_KEY_RATE_LIMIT", "600"),
    ("API_KEY_RATE_LIMIT", "0/60"),
    ("API_KEY_RATE_LIMIT_MAX", "600/60,1/1"),
    ("LOGIN_RATE_LIMIT", "10/900"),
]
STARTS = {
    "production": PRODUCTION,
    "production with one worker over SQLite": PRODUCTION
    | {"WEB_CONCURRENCY": "1", "DATABASE_URL": "sqlite:////tmp/never-made.sqlite3", "REDIS_URL": ""},
    "production that answers none": PRODUCTION | {"TRUSTED_PROXIES": "none", "EMAIL_URL": "none"},
    "production with every secret": PRODUCTION
    | {"SECRET_KEY_FALLBACKS": f"f-{STRONG}", "METRICS_TOKEN": f"m-{STRONG}", "SIGNUP_OPEN": "on"},
    "local mode with the secrets alone": LOCAL,
    "local mode on IPv6": LOCAL | {"SITE_URL": "http://[::1]:8000"},
    "local mode with debug pages": LOCAL | {"DEBUG": "on"},
    "local mode with two workers over Redis": LOCAL
    | {"WEB_CONCURRENCY": "2", "REDIS_URL": "redis://redis.invalid:6379/0"},
}
REFUSED_ELSEWHERE = {
    "REDIS_URL when two local workers would count apart": ("REDIS_URL", LOCAL | {"WEB_CONCURRENCY": "2"}, []),
    "REDIS_URL when gunicorn is told of workers": ("REDIS_URL", LOCAL, ["/venv/bin/gunicorn", "-w", "3"]),
    "DATABASE_URL when gunicorn is told of workers": (
        "DATABASE_URL",
        PRODUCTION | {"WEB_CONCURRENCY": "1", "DATABASE_URL": "sqlite:////tmp/never-made.sqlite3"},
        ["/venv/bin/gunicorn", "--workers=2"],
    ),
    "REDIS_URL when GUNICORN_CMD_ARGS tells of workers": (
        "REDIS_URL",
        LOCAL | {"GUNICORN_CMD_ARGS": "--workers 2"},
        ["/venv/bin/gunicorn"],
    ),
}

READ_EACH = """
import importlib, json, os, sys, warnings
warnings.simplefilter("ignore")
answers = []
for environment, argv in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = argv or ["manage.py"]
    sys.modules.pop("openwearables.settings", None)
    try:
        found = importlib.import_module("openwearables.settings")
        answers.append(["", {name: getattr(found, name) for name in ("LOCAL_MODE", "DEBUG", "ALLOWED_HOSTS")}])
    except Exception as error:
        answers.append([type(error).__name__, str(error)])
print(json.dumps(answers))
"""


def without_silence(environment):
    return {name: value for name, value in environment.items() if value is not NOT_SAID}


def case_id(case):
    name, value = case
    shown = "not said" if value is NOT_SAID else value.replace(STRONG, "…") or "empty"
    return f"{name} {shown}"[:60]


@pytest.fixture(scope="module")
def answers():
    """answers[key] → ["", settings] or [the error's type, its text]."""
    cases = {("production", *case): (PRODUCTION | {case[0]: case[1]}, []) for case in REFUSED_IN_PRODUCTION}
    cases |= {("starts", title): (environment, []) for title, environment in STARTS.items()}
    cases |= {("elsewhere", title): case[1:] for title, case in REFUSED_ELSEWHERE.items()}
    sent = [(without_silence(environment), argv) for environment, argv in cases.values()]
    done = subprocess.run(
        [sys.executable, "-c", READ_EACH],
        check=False,
        input=json.dumps(sent),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(cases, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("case", REFUSED_IN_PRODUCTION, ids=case_id)
def test_production_refuses_to_start_and_names(answers, case):
    kind, text = answers["production", *case]
    assert kind == "ImproperlyConfigured", text
    assert text.startswith(f"{case[0]}: ")
    assert "\n" not in text


@pytest.mark.parametrize("case", [case for case in REFUSED_IN_PRODUCTION if case[1] and STRONG in case[1]], ids=case_id)
def test_a_refusal_never_repeats_the_secret(answers, case):
    assert STRONG not in answers["production", *case][1]


@pytest.mark.parametrize("title", STARTS)
def test_it_starts_as(answers, title):
    kind, found = answers["starts", title]
    assert kind == "", found
    assert found["LOCAL_MODE"] is title.startswith("local")
    assert found["DEBUG"] is (title == "local mode with debug pages")


def test_production_answers_the_site_alone_and_local_mode_every_name_of_loopback(answers):
    assert answers["starts", "production"][1]["ALLOWED_HOSTS"] == ["api.example.com"]
    assert answers["starts", "local mode on IPv6"][1]["ALLOWED_HOSTS"] == ["[::1]", "localhost", "127.0.0.1"]


@pytest.mark.parametrize("title", REFUSED_ELSEWHERE)
def test_it_refuses(answers, title):
    kind, text = answers["elsewhere", title]
    assert kind == "ImproperlyConfigured", text
    assert text.startswith(f"{REFUSED_ELSEWHERE[title][0]}: ")
