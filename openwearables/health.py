"""`/healthz`: the process lives. `/readyz`: it can serve. `/metrics`: in numbers. All over plain HTTP, for any Host."""

from functools import cache

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from redis import RedisError

from openwearables.metrics import metrics
from protocol.counters import counters


class HealthMiddleware:
    """Stands before everything that could fail or redirect."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/healthz":
            return _answer({"process": True})
        if request.path == "/readyz":
            return _answer(readiness())
        if request.path == "/metrics":
            return metrics(request)
        return self.get_response(request)


def readiness() -> dict[str, bool]:
    """What this process needs, each true or false."""
    return {"database": _database(), "migrations": _migrations(), "counters": _counters()}


def _answer(parts: dict[str, bool]) -> JsonResponse:
    good = all(parts.values())
    response = JsonResponse({"status": "ok" if good else "unavailable", "checks": parts}, status=200 if good else 503)
    response["Cache-Control"] = "no-store"
    if not good:
        response["Retry-After"] = "2"
    return response


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        connection.close()
        return False
    return True


@cache
def _migrated() -> bool:
    return True


def _migrations() -> bool:
    if _migrated.cache_info().currsize:
        return True
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
    except Exception:
        return False
    return _migrated()


def _counters() -> bool:
    ping = getattr(counters(), "ping", None)
    try:
        if ping:
            ping()
    except RedisError:
        return False
    return True
