"""A module per measurement: GOALS it answers, SECONDS it takes (quick, full), SERVERS of the run that it
uses, and `measure(bench)`."""

from benchmarks.goals import (
    exactness,
    footprint,
    many_keys,
    many_people,
    refresh,
    sign_in,
    statements,
    throughput,
    usage_chart,
    withdrawal,
)

# Those that share a server stand together.
ALL = (throughput, refresh, withdrawal, sign_in, statements, exactness, footprint, many_keys, many_people, usage_chart)
