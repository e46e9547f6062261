"""`/metrics`: the numbers of `protocol.metrics` in Prometheus' text, over all processes of this server.

For who knows METRICS_TOKEN, and for whoever is on this machine and comes without a proxy (contract §8).
"""

import hmac
import os

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts import jobs
from accounts.authentication import bearer_of
from protocol.problems import ServiceUnavailable, Unauthorized, problem_response


def may_read(request) -> bool:
    """Whether this caller is let in."""
    token = bearer_of(request)
    if settings.METRICS_TOKEN and token and hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        return True
    caller = request.caller
    return caller.direct and caller.address is not None and caller.address.is_loopback


def metrics(request) -> HttpResponse:
    """Everything that is counted; a use is in it a few seconds later."""
    if not may_read(request):
        return problem_response(Unauthorized("Send METRICS_TOKEN as a Bearer, or ask from this machine."), request)
    try:
        text = generate_latest(registry()) + generate_latest(_jobs)
    except (OSError, ValueError):
        return problem_response(ServiceUnavailable(), request)  # its folder is gone: the next HUP makes it anew
    response = HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


class LastSuccesses(Collector):
    """When each regular job last did its work: asked of the database, for no server knows it alone."""

    def collect(self):
        """One gauge, a label per job; nothing while the database is away."""
        found = GaugeMetricFamily(
            "ow_job_last_success_timestamp_seconds",
            "When run_jobs last did this, Unix time.",
            labels=["job"],
        )
        try:
            for name, at in jobs.last_successes().items():
                found.add_metric([name], at.timestamp())
        except DatabaseError:
            connection.close()
        yield found


_jobs = CollectorRegistry()
_jobs.register(LastSuccesses())


def registry() -> CollectorRegistry:
    """This process's own numbers, or those of all that share PROMETHEUS_MULTIPROC_DIR."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    found = CollectorRegistry()
    multiprocess.MultiProcessCollector(found)
    return found
