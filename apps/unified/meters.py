"""What the parts that run jobs measure of themselves, by node, for /metrics/; kept in the broker, beside the queues.

Meters are a courtesy, as live messages are: where the broker is away nothing is measured, and no job waits for it.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from django.conf import settings

from . import live

log = logging.getLogger(__name__)
KEY = "awx.meters"  # a hash: "<metric>|<node>" -> number


def add(**amounts: float) -> None:
    """So much more of each, on this node."""
    try:
        pipe = live.client().pipeline(transaction=False)
        for name, amount in amounts.items():
            pipe.hincrbyfloat(KEY, f"{name}|{settings.CLUSTER_HOST_ID}", amount)
        pipe.execute()
    except redis.RedisError as error:
        log.debug("Meters could not be written: %s", error)


def put(**values: float) -> None:
    """What each is now, on this node."""
    try:
        live.client().hset(KEY, mapping={f"{n}|{settings.CLUSTER_HOST_ID}": value for n, value in values.items()})
    except redis.RedisError as error:
        log.debug("Meters could not be written: %s", error)


@contextmanager
def turn(part: str) -> Iterator[None]:
    """One turn of the dispatcher or of a workflow: how many there were, how long the last one took, and when."""
    begun = time.monotonic()
    yield
    add(**{f"{part}__schedule_calls": 1})
    put(**{f"{part}__schedule_seconds": time.monotonic() - begun, f"{part}_recorded_timestamp": time.time()})


def read() -> dict[str, dict[str, float]]:
    """{metric: {node: number}}; empty where the broker does not answer."""
    out: dict[str, dict[str, float]] = defaultdict(dict)
    try:
        found = live.client().hgetall(KEY)
    except redis.RedisError as error:
        log.warning("Meters could not be read: %s", error)
        return {}
    for field, number in found.items():
        name, _, node = field.decode().partition("|")
        out[name][node] = float(number)
    return dict(out)
