"""Goal 7: sign-ins a second beside SimpleJWT's with Django's default hasher, and what a flood of bad ones takes.

The flood comes from 16 connections with a wrong password for accounts that exist, while eight connections call with
keys: once with LOGIN_RATE_LIMIT as it is shipped, which refuses after a hundred from one address, and once without any
limit, as if it came from a hundred thousand addresses, so that only the cap on hashes stands in its way.
"""

import subprocess
from contextlib import contextmanager

from benchmarks.bench import Bench
from benchmarks.figures import Figure, at_least, told
from benchmarks.load import Load, interleave, post, ratio, read, spread, words_of
from benchmarks.servers import DEFAULT_GUESSES, PASSWORD, UNLIMITED_GUESSES, Ours

GOALS = (7,)
SECONDS = (32, 110)
SERVERS = ("peers",)
SIGNING_IN, FLOOD = 4, 16  # connections; the peer's hash takes a core for a quarter of a second
OURS, PEER = "ours, sign-in", "sign-in with Django's default hasher"
SIGN_IN = "/api/v1/auth/login"


def measure(bench: Bench) -> list[Figure]:
    """Two ratios: sign-ins against the peer's; key throughput with the flood against the same without."""
    emails, names = bench.cast["emails"], (bench.peers and bench.peer_cast["names"])
    server = bench.run_ours("guarded", bench.database, **DEFAULT_GUESSES)
    ours = [post(SIGN_IN, {"username": email, "password": PASSWORD}) for email in emails]
    theirs = [post("/login", {"username": name, "password": PASSWORD}) for name in names]
    loads = {
        OURS: Load(server, ours, connections=SIGNING_IN),
        PEER: Load(bench.peers, theirs, connections=SIGNING_IN),
    }
    found = interleave(loads, rounds=bench.dear, seconds=4 if bench.quick else 5, tick=bench.tick)
    bench.bursts |= found
    figures = [
        at_least(
            *(7, f"{OURS} / {PEER}", ratio(found[OURS], found[PEER]), 5),
            "right passwords; Argon2id as OWASP sets it against PBKDF2 with a million rounds",
        )
    ]
    figures += _flooded(bench, server, "LOGIN_RATE_LIMIT as shipped")
    bench.keep()
    bench.forget_counters()
    server = bench.run_ours("open", bench.database, **UNLIMITED_GUESSES)
    figures += _flooded(bench, server, "no limit on guesses")
    bench.keep()
    bench.forget_counters()
    return figures


def _flooded(bench: Bench, server: Ours, name: str) -> list[Figure]:
    keyed = bench.keyed(server, bench.cast["keys"])
    bad = [post(SIGN_IN, {"username": email, "password": "not the one"}) for email in bench.cast["emails"]]
    flood = Load(server, bad, connections=FLOOD, strict=False)
    shares, rates = [], []
    for number in range(bench.dear):
        bench.tick(f"a flood of bad sign-ins, {name}, round {number + 1} of {bench.dear}")
        calm = keyed.burst(bench.seconds)
        with flooding(flood, bench.seconds + 1) as rest:
            shares.append(keyed.burst(bench.seconds).rate / calm.rate)
        rates.append(rest["requests"] / rest["seconds"])
    return [
        at_least(
            *(7, f"key throughput left under a flood, {name}", spread(shares), 0.5),
            f"{FLOOD} connections send wrong passwords while {keyed.connections} call with keys",
        ),
        told(7, f"answers to the flood, {name}", spread(rates), "401 and 429 together", "/s"),
    ]


@contextmanager
def flooding(flood: Load, seconds: int):
    """Keep wrk sending meanwhile; the dict fills with what it sent, once it ends."""
    sent = (str(flood.file), str(flood.sent))
    words = words_of(flood.server, "replay.lua", *sent, seconds=seconds, connections=flood.connections)
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    told_later: dict = {}
    try:
        yield told_later
        output, _ = process.communicate(timeout=seconds + 60)
    finally:
        process.kill()
        process.wait()
    told_later |= read(output)
    flood.sent += told_later["requests"]
