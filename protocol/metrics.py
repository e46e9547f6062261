"""What this service says of itself at /metrics (Prometheus). Every number that there is, on one page.

Nothing here is touched on the way of a request: `apikeys.usage` adds up what happened, a moment later. With several
processes each counts into files (PROMETHEUS_MULTIPROC_DIR, see gunicorn.conf.py) that /metrics adds up.
"""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("ow_requests", "Answers, by route template.", ["method", "route", "status"])
SECONDS = Histogram(
    "ow_request_seconds",
    "Time to answer.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5),
)
AUTHENTICATIONS = Counter(
    "ow_authentications", "Credentials judged: `ok`, or the rule that refused them.", ["credential", "outcome"]
)
LIMITED = Counter("ow_limited", "Calls refused for going too fast, by whose limit.", ["policy"])
LIMITER = Counter("ow_limiter_hits", "Calls counted, in `redis` (or one process's memory) or `alone`.", ["where"])
USAGE_FLUSHES = Counter("ow_usage_flushes", "Batches of usage written, or not.", ["outcome"])
USAGE_LAG = Gauge("ow_usage_lag_seconds", "Age of the oldest use that is not written yet.", multiprocess_mode="livemax")
USAGE_WAITING = Gauge("ow_usage_waiting", "Uses and requests that are not written yet.", multiprocess_mode="livesum")
REDIS_AWAY = Gauge("ow_redis_away", "Processes that count for themselves: Redis is away.", multiprocess_mode="livesum")
DATABASE_AWAY = Gauge(
    "ow_database_away", "Processes that do not ask the database for a moment.", multiprocess_mode="livesum"
)
HASHES = Gauge("ow_hash_queue", "Passwords that wait to be hashed, or are.", multiprocess_mode="livesum")
