"""Instances come and go; a fresh server registers its own host."""

from __future__ import annotations

import socket
import uuid

from django.conf import settings
from django.db import transaction

from apps.instances.models import ExecutionEnvironment, Instance, InstanceGroup

from .health import beat
from .policy import apply_policies

DEFAULT_IMAGE = "quay.io/ansible/awx-ee:latest"


@transaction.atomic
def provision(hostname: str, *, node_type: str = "hybrid", identity: str = "") -> tuple[Instance, bool]:
    """Register an instance, which gets ready with its first heartbeat; and whether anything changed."""
    identity = identity or identity_of(hostname)
    found, made = Instance.objects.get_or_create(
        hostname=hostname, defaults={"node_type": node_type, "uuid": identity, "node_state": "installed"}
    )
    if not made and found.node_type != node_type:
        found.node_type = node_type
        found.save(update_fields=["node_type", "modified"])
        made = True
    apply_policies()
    return found, made


def join(hostname: str) -> None:
    """This host's worker has started: it is an instance from now on, if it was not one before."""
    found = Instance.objects.filter(hostname=hostname).first() or provision(hostname)[0]
    if not found.ip_address:
        found.ip_address = address()
        found.save(update_fields=["ip_address", "modified"])
    beat(hostname)


def identity_of(hostname: str) -> str:
    """The UUID that a name stands for."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, hostname))


@transaction.atomic
def deprovision(hostname: str) -> bool:
    """Forget an instance; whether there was one."""
    gone, _ = Instance.objects.filter(hostname=hostname).delete()
    apply_policies()
    return bool(gone)


def preload() -> None:
    """This host as a hybrid instance of both groups, and the environments."""
    for name in ("controlplane", "default"):
        InstanceGroup.objects.get_or_create(
            name=name, defaults={"policy_instance_percentage": 100, "policy_instance_minimum": 0}
        )
    join(settings.CLUSTER_HOST_ID)
    ExecutionEnvironment.objects.get_or_create(
        name="Control Plane Execution Environment", defaults={"image": DEFAULT_IMAGE, "managed": True}
    )
    ExecutionEnvironment.objects.get_or_create(name="AWX EE (latest)", defaults={"image": DEFAULT_IMAGE})


def address() -> str:
    """The host's own address, or loopback where its name does not resolve."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"
