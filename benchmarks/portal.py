"""p95 of every portal page at 10,000 keys, 1,000 members and a million usage rows of one team, on PostgreSQL.

    PYTHONPATH=. .venv/bin/python -m benchmarks.portal [part of a page name…]

Every page of openwearables.portal_urls that a GET opens is asked for, over HTTP, signed in as the team's owner. Writes
benchmarks/results/portal.md; the goal is 100 ms, and a missed one stands there with its figure.
"""

import http.client
import os
import platform
import re
import statistics
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlencode

import django
import psycopg

from benchmarks.databases import Databases, empty_redis
from benchmarks.machine import _postgres, _processor
from benchmarks.servers import PASSWORD, WORKERS, Ours
from tests.live import ROOT

GOAL = 100  # ms
ASKED, WARM, LONGEST = 40, 3, 10  # times each page; seconds, then fewer have to do
KEYS, MEMBERS, USAGE = 10_000, 1_000, 1_000_000
RESULTS = ROOT / "benchmarks" / "results" / "portal.md"
OWNER = "owner@example.com"

FILL = f"""
import secrets
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from accounts.models import Developer, Membership, Team
from apikeys import keys
from apikeys.models import ApiKey
owner = Developer.objects.create_user({OWNER!r}, {PASSWORD!r}, first_name="Olga", last_name="Owner")
team, now = owner.home_team, timezone.now()
people = Developer.objects.bulk_create(
    [Developer(email=f"member-{{n}}@example.com", first_name=f"Member {{n}}", password="!")
     for n in range({MEMBERS} - 1)])
Membership.objects.bulk_create([Membership(team=team, developer=one, role="developer") for one in people])
ApiKey.objects.bulk_create(
    [ApiKey(team=team, created_by=owner, name=f"Server {{n}}", public_id=keys._random(12), pepper_id="p1",
        digest=secrets.token_bytes(32), scopes=["users:read", "data:read"], environment="live" if n % 3 else "test",
        created_at=now - timedelta(hours=n % 4000), expires_at=now + timedelta(days=n % 50) if n % 5 == 0 else None,
        revoked_at=now if n % 11 == 0 else None)
     for n in range({KEYS})], batch_size=1000)
busy = ApiKey.objects.filter(team=team, revoked_at=None).order_by("-created_at").first()
"""

# Counts of all keys by the hour; the log and the days of all of them too, and most of the log is of one.
SQL = [
    f"""INSERT INTO apikeys_usagehour (key_id, hour, outcome, count)
        SELECT id, date_trunc('hour', now()) - interval '1 hour' * (7 * n), (ARRAY['2xx', '403', '429'])[1 + n % 3],
               1 + n FROM apikeys_apikey, generate_series(0, {USAGE // KEYS - 1}) AS n""",
    """INSERT INTO apikeys_usageday (key_id, day, outcome, count)
        SELECT id, current_date - n, '2xx', 100 FROM apikeys_apikey, generate_series(0, 29) AS n""",
    """INSERT INTO apikeys_endpointday (key_id, day, method, route, count)
        SELECT id, current_date - n, 'GET', '/api/v1/users', 100 FROM apikeys_apikey, generate_series(0, 9) AS n""",
    """INSERT INTO apikeys_teamhour (team_id, hour, outcome, count)
        SELECT team_id, hour, outcome, sum(count) FROM apikeys_usagehour JOIN apikeys_apikey ON id = key_id
        GROUP BY team_id, hour, outcome""",
    """INSERT INTO apikeys_teamendpointday (team_id, day, method, route, count)
        SELECT team_id, day, method, route, sum(count) FROM apikeys_endpointday JOIN apikeys_apikey ON id = key_id
        GROUP BY team_id, day, method, route""",
    """INSERT INTO apikeys_lastuse (key_id, first_used_at, last_used_at, ip, user_agent)
        SELECT id, now() - interval '100 days', now() - random() * interval '120 days', '203.0.113.9', 'Job'
        FROM apikeys_apikey WHERE random() < 0.9 ON CONFLICT DO NOTHING""",
    """INSERT INTO apikeys_requestrecord
            (id, request_id, created_at, team_id, key_id, method, route, status, code, failed_rule, ms, ip, user_agent)
        SELECT gen_random_uuid(), 'r' || n, now() - interval '1 second' * n, k.team_id, k.id, 'GET', '/api/v1/users',
               200, '', '', 2, '203.0.113.9', 'Job ' || n % 20
        FROM generate_series(1, 200000) AS n
        JOIN (SELECT id, team_id, substr(name, 8)::int AS turn FROM apikeys_apikey) AS k
            ON k.turn = CASE WHEN n % 2 = 0 THEN 1 ELSE n % 10000 END""",
    "VACUUM ANALYZE",
]

SEVERAL = {  # what a page is asked for with, beyond its bare address
    "usage": [{"window": "7d"}, {"window": "30d"}],
    "key-usage": [{"window": "30d"}],
    "request-list": [{"status": "refused"}, {"code": "not_found"}, {"key": "ow_live_aaaaaaaaaaaa"}],
    "key-list": [
        {"sort": "name"},
        {"sort": "used"},
        {"sort": "expiry"},
        {"use": "unused"},
        {"use": "never"},
        {"use": "refused"},
        {"use": "expiring"},
        {"q": "server 77"},
        {"q": "ow_live_abc"},
        {"status": "all", "sort": "used", "page": "150"},
    ],
}
NOT_PAGES = {"home", "account_logout", "my-data"}  # the last: all there is of a person, a file


class Visitor:
    """A browser that is signed in: one connection, its cookies."""

    def __init__(self, server: Ours):
        self.server, self.cookies = server, {}
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', self.ask("GET", "/sign-in/")[1])[1]
        fields = {"csrfmiddlewaretoken": token, "login": OWNER, "password": PASSWORD}
        assert self.ask("POST", "/sign-in/", urlencode(fields))[0] == 302

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        """(status, page) of one request; 0 for a download, which is no page."""
        headers = {"Host": "127.0.0.1:8000", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://127.0.0.1:8000"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition(";")
                self.cookies[cookie.partition("=")[0]] = cookie.partition("=")[2]
        text = answer.read().decode()
        return (0 if "attachment" in answer.getheader("Content-Disposition", "") else answer.status), text


def addresses(database: str) -> dict[str, str]:
    """Page name (and query) → address, of every page that some rows of the database can fill in."""
    django.setup()
    urlpatterns = import_module("openwearables.portal_urls").urlpatterns  # needs the settings
    with psycopg.connect(database) as connection:

        def one(query):
            row = connection.execute(query).fetchone()
            return str(row[0]) if row else None

        known = {
            "key_id": one("SELECT id FROM apikeys_apikey WHERE name = 'Server 1'"),
            "team_id": one("SELECT id FROM accounts_team ORDER BY created_at LIMIT 1"),
            "request_id": "r1000",
        }
    found = {}
    for pattern in urlpatterns:
        names = set(pattern.pattern.converters)
        if not pattern.name or pattern.name in NOT_PAGES or any(not known.get(name) for name in names):
            continue
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known[match[1]], str(pattern.pattern))
        found[pattern.name] = path
        for query in SEVERAL.get(pattern.name, []):
            found[f"{pattern.name} {urlencode(query)}"] = f"{path}?{urlencode(query)}"
    return found


@dataclass(frozen=True)
class Times:
    """One page: the milliseconds of each request, sorted, and those that it kept a worker's CPU busy, on average."""

    name: str
    waited: list[float]
    cpu: float

    @property
    def median(self) -> float:
        """Of what a person waited."""
        return statistics.median(self.waited)

    @property
    def p95(self) -> float:
        """Of the same."""
        return self.waited[int(len(self.waited) * 0.95)]


def measure(visitor: Visitor, name: str, path: str) -> Times | int:
    """What a page costs; or its status, where it is none (0: a download)."""
    for _ in range(WARM):
        status, _text = visitor.ask("GET", path)
        if status != 200:
            return status
    times, busy, ends = [], visitor.server.cpu(), time.monotonic() + LONGEST
    while len(times) < ASKED and time.monotonic() < ends:
        began = time.perf_counter()
        visitor.ask("GET", path)
        times.append((time.perf_counter() - began) * 1000)
    return Times(name, sorted(times), (visitor.server.cpu() - busy) * 1000 / len(times))


def report(pages: list[Times], server: str) -> str:
    """The figures as Markdown."""
    lines = [
        "# The portal's pages, full",
        "",
        f"One team with {KEYS:,} keys and {MEMBERS:,} members, {USAGE:,} rows of usage by the hour (300,000 by the day,"
        f" 200,000 logged requests). PostgreSQL {_postgres(server)}; {_processor()}, {len(os.sched_getaffinity(0))}"
        f" cores shared with others (load {os.getloadavg()[0]:.1f} at the end), {platform.platform()}; gunicorn with"
        f" {WORKERS} workers; {ASKED} requests each, one after the other.",
        "",
        f"Goal: p95 ≤ {GOAL} ms. *Waited* is the time of a request over HTTP, and grows with whatever else the machine"
        " does; *CPU* is what a request takes of a worker. Made by `python -m benchmarks.portal`.",
        "",
        "| page | median waited, ms | p95 waited, ms | CPU, ms | |",
        "|---|---|---|---|---|",
    ]
    for page in pages:
        met = "" if page.p95 <= GOAL else "**missed**"
        lines.append(f"| {page.name} | {page.median:.0f} | {page.p95:.0f} | {page.cpu:.0f} | {met} |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Fill, ask, write; answers 1 when a page misses the goal."""
    server_url = os.environ.get("BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432")
    databases = Databases(server_url)
    database = databases.make("portal")
    server = Ours(database, empty_redis(os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379")))
    try:
        server.manage("migrate", "--noinput", "--verbosity", "0")
        server.manage("shell", "--no-imports", "-c", FILL)
        with psycopg.connect(database, autocommit=True) as connection:
            for statement in SQL:
                connection.execute(statement)
        server.manage("run_jobs", "--only", "rank_keys")
        databases.settle()
        server.start()
        visitor, pages = Visitor(server), []
        os.environ.update(server.env)
        for name, path in addresses(database).items():
            if sys.argv[1:] and not any(wanted in name for wanted in sys.argv[1:]):
                continue
            page = measure(visitor, name, path)
            if isinstance(page, int):
                print(f"{name}: {page or 'a download'}, no page", file=sys.stderr)
                continue
            print(f"{name}: {page.median:.0f} {page.p95:.0f} {page.cpu:.0f}", file=sys.stderr, flush=True)
            pages.append(page)
        if not sys.argv[1:]:
            RESULTS.write_text(report(pages, server_url), encoding="utf-8")
        if os.environ.get("BENCH_KEEP"):
            print(f"kept for BENCH_KEEP seconds: {database}", file=sys.stderr)
            time.sleep(float(os.environ["BENCH_KEEP"]))
        return int(any(page.p95 > GOAL for page in pages))
    finally:
        server.stop()
        databases.drop_all()


if __name__ == "__main__":
    sys.exit(main())
