"""How gunicorn runs the web: the code is loaded once and shared by the processes."""

from __future__ import annotations

import gc
from typing import Any

worker_class = "gthread"
preload_app = True
timeout = 120
graceful_timeout = 10
keepalive = 75
# A filter over many names makes a long line.
limit_request_line = 8190
# Replaced now and then, at different times, so that a slow leak of any library never grows.
max_requests = 50_000
max_requests_jitter = 10_000
accesslog = None
# It would be a file in the home directory of the account, shared by all servers of it.
control_socket_disable = True
errorlog = "-"


def when_ready(_server: Any) -> None:
    """Keep what is loaded out of the collector, so that forked processes go on sharing its memory."""
    gc.collect()
    gc.freeze()
