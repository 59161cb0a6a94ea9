"""What is done with instances: registration, heartbeats, health checks, policies."""

from .health import ask_all, ask_health_check, beat, settle
from .policy import apply_policies, join_group, leave_group
from .registration import deprovision, identity_of, preload, provision

__all__ = [
    "apply_policies", "ask_all", "ask_health_check", "beat", "deprovision", "identity_of", "join_group", "leave_group",
    "preload", "provision", "settle",
]  # fmt: skip
