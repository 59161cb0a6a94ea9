"""What followers are told at once: status changes and events, published on Redis by AWX's group names.

Channels are `awx.live.<group>`; groups are `jobs-status_changed`, `job_events-<id>`, `project_update_events-<id>`, ….
Live messages are a courtesy: who misses one reads the API; so a broker that is away stops no job.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

import redis
from django.conf import settings

log = logging.getLogger(__name__)
PREFIX = "awx.live."
_local = threading.local()


def client() -> redis.Redis:
    """This thread's client; it connects again by itself."""
    if not hasattr(_local, "client"):
        _local.client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    return _local.client


def followed(group: str) -> bool:
    """Whether anyone has subscribed to the group's channel; who does so names the channel, no pattern."""
    try:
        return bool(client().pubsub_numsub(f"{PREFIX}{group}")[0][1])
    except redis.RedisError as error:
        log.warning("Whether %s is followed cannot be told: %s", group, error)
        return False


def publish(group: str, *payloads: dict[str, Any]) -> None:
    """Send messages to the followers of a group, in one round trip."""
    try:
        pipe = client().pipeline(transaction=False)
        for payload in payloads:
            pipe.publish(
                f"{PREFIX}{group}", json.dumps({**payload, "group_name": group.partition("-")[0]}, default=str)
            )
        pipe.execute()
    except redis.RedisError as error:
        log.warning("Followers of %s could not be told: %s", group, error)


# what is told beside the ids: clients take a message with `project_id` for one about a project update
RELATED = {
    "job": ("job_template_id",),
    "workflow_job": ("workflow_job_template_id",),
    "project_update": ("project_id",),
    "inventory_update": ("inventory_source_id", "inventory_id"),
}


def status(job: Any, state: str) -> None:
    """Tell that a job changed its status: all who follow jobs, those of its workflow, those of its inventory."""
    kind = type_name(job)
    told = {
        "unified_job_id": job.pk,
        "unified_job_template_id": job.unified_job_template_id,
        "status": state,
        "type": kind,
        **{name: getattr(job, name) for name in RELATED.get(kind, ())},
    }
    if job.finished:
        told["finished"] = job.finished
    publish("jobs-status_changed", told)
    if job.finished:
        publish("jobs-summary", told)
    if job.launch_type == "workflow" and (node := job.workflow_node) is not None:
        publish(f"workflow_events-{node.workflow_job_id}", {**told, "workflow_node_id": node.pk})
    if getattr(job, "inventory_source_id", None) is not None:
        publish("inventories-status_changed", told)


def type_name(job: Any) -> str:
    """The job's kind as the API names it."""
    from apps.core.resources import Resource

    return Resource.type_name(type(job))
