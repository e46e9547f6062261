"""How gunicorn serves; it reads this file by itself, from the folder it is started in.

The command line adds the address and the number of workers.
"""

import os
import shutil
import tempfile
from pathlib import Path

from openwearables.logging import logging_at

# Each worker counts for itself; /metrics adds them up from these files (prometheus-client's multi-process mode).
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="ow-metrics-")
    os.environ["OW_METRICS_MADE_HERE"] = str(os.getpid())

from gunicorn.glogging import Logger
from prometheus_client import multiprocess

# This file is read again at HUP, when something may have tidied /tmp up.
Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(mode=0o700, parents=True, exist_ok=True)


class WithoutAccessLog(Logger):
    """gunicorn's, but for a line per request that nobody reads: the request log knows more (`GET /requests`)."""

    def access(self, resp, req, environ, request_time):
        """Nothing: with a logconfig_dict gunicorn would put the line together all the same."""


logger_class = WithoutAccessLog
threads = 16  # half may wait for a password's turn to be hashed (accounts/attempts.py); the rest serves on
keepalive = 65  # seconds; longer than the minute after which a proxy lets go of an idle connection
graceful_timeout = 20  # seconds for what is under way at TERM or HUP
forwarded_allow_ips = ""  # forwarding headers are judged by the app alone (protocol/address.py)
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeats must not wait for a disk
logconfig_dict = logging_at(os.environ.get("LOG_LEVEL", "INFO").upper())


def child_exit(server, worker):
    """Forget what a worker that is gone said of itself; what it counted stays."""
    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    """Take the files away with the server that made them."""
    if os.environ.get("OW_METRICS_MADE_HERE") == str(os.getpid()):
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
