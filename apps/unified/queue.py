"""Sending tasks: to the control queue, or to the queue of the instance where a job runs.

A broker that is away loses nothing: what should be done stands in the database, and the sweeps look there.
"""

from __future__ import annotations

import logging

import redis
from celery import current_app
from kombu.exceptions import KombuError

from . import live

log = logging.getLogger(__name__)
WAITING_KEY = "awx.dispatch.queued"
WAITING_SECONDS = 10  # after this a lost message is no obstacle any more


def send(task: str, *args: object, node: str = "", delay: float = 0) -> bool:
    """Queue a task; `node` names an instance, otherwise it goes to the control queue. False where that failed.

    With `delay` it begins that many seconds later.
    """
    queue = f"jobs.{node}" if node else "control"
    try:
        current_app.send_task(task, args=args, queue=queue, retry=False, countdown=delay or None)
    except (KombuError, redis.RedisError, OSError) as error:
        log.warning("Task %s %s was not queued, the sweep will find it: %s", task, args, error)
        return False
    return True


def signal_dispatch() -> None:
    """Wake the dispatcher; while one call waits in the queue, further ones add nothing."""
    try:
        if not live.client().set(WAITING_KEY, 1, nx=True, ex=WAITING_SECONDS):
            return
    except redis.RedisError as error:
        log.warning("The dispatcher could not be woken, the sweep will do it: %s", error)
        return
    if not send("apps.unified.tasks.dispatch"):
        dispatch_begins()  # no call waits, so none may be in the way of the next


def dispatch_begins() -> None:
    """From here on a signal means a further pass."""
    try:
        live.client().delete(WAITING_KEY)
    except redis.RedisError as error:
        log.warning("The dispatcher's mark stays for some seconds: %s", error)
