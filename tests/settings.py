"""The product's own settings with fixed secrets, a cheap password hash and mail that is kept.

DATABASE_URL and REDIS_URL may be said outside, so that the same suite runs on PostgreSQL and Redis.
"""

import os

os.environ["OW_ENV_FILE"] = ""  # a developer's own .env must not change what the tests see
for name, value in {
    "SECRET_KEY": "tests-fY3kq0Zr8mWcXv5nB2uJtL7dGhPeQa91",
    "JWT_SIGNING_KEYS": "k2:tests-Jw3kq0Zr8mWcXv5nB2uJtL7dGhPeQa91,k1:tests-Old3kq0Zr8mWcXv5nB2uJtL7dGhPeQa9",
    "API_KEY_PEPPERS": "p2:tests-Pp3kq0Zr8mWcXv5nB2uJtL7dGhPeQa91,p1:tests-Old4kq0Zr8mWcXv5nB2uJtL7dGhPeQa9",
    "AUDIT_KEY": "tests-Au3kq0Zr8mWcXv5nB2uJtL7dGhPeQa91",
    "MFA_ENCRYPTION_KEYS": "m2:tests-Mf3kq0Zr8mWcXv5nB2uJtL7dGhPeQa91,m1:tests-Old5kq0Zr8mWcXv5nB2uJtL7dGhPeQa9",
    "SITE_URL": "http://127.0.0.1:8000",
    "LOG_LEVEL": "WARNING",
}.items():
    os.environ[name] = value
for name in ("DEBUG", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "EMAIL_URL", "WEB_CONCURRENCY"):
    os.environ.pop(name, None)

from openwearables.settings import *  # noqa: E402, F403
from openwearables.settings import ALLOWED_HOSTS, REDIS_URL  # noqa: E402

# Tests that run at the same time must not count each other's calls: each xdist worker has a Redis database of its own.
if REDIS_URL and (worker := os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")):
    base, _, number = REDIS_URL.rpartition("/")
    REDIS_URL = f"{base}/{(int(number) + int(worker)) % 16}"
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
PASSWORD_HASHERS = ["tests.hashers.CheapArgon2"]
MAIL_IN_BACKGROUND = False
USAGE_IN_BACKGROUND = False
# Every test client makes the middleware anew; each listing all static files again was half of the suite's time.
WHITENOISE_AUTOREFRESH = True
