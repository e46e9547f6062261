"""What /metrics says of requests, added up where it costs no request anything."""

from functools import cache

from apikeys.usage.observation import Observation
from protocol import metrics

UNREFUSED = "ok"
JUDGED = {"invalid_api_key", "invalid_token", "not_authenticated", "ambiguous_credentials", "refresh_rejected"}


@cache
def _requests(method: str, route: str, status: int):
    return metrics.REQUESTS.labels(method, route, status)


@cache
def _seconds(route: str):
    return metrics.SECONDS.labels(route)


@cache
def _authentications(credential: str, outcome: str):
    return metrics.AUTHENTICATIONS.labels(credential, outcome)


@cache
def _limiter(where: str):
    return metrics.LIMITER.labels(where)


def add(seen: Observation) -> None:
    """Count one request."""
    _requests(seen.method, seen.route, seen.status).inc()
    _seconds(seen.route).observe(seen.ms / 1000)
    code, rule = seen.refusal
    if code in JUDGED:
        _authentications(seen.credential, rule or code).inc()
    elif seen.proved:
        _authentications(seen.credential, UNREFUSED).inc()
    if seen.counted_alone is not None:
        _limiter("alone" if seen.counted_alone else "shared").inc()
    if code == "rate_limited":
        metrics.LIMITED.labels(rule.partition("limit ")[2].partition(" ")[0]).inc()
