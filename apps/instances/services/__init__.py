"""What is done with instances: registration, heartbeats, health checks, policies."""

from .health import EVERY, JOBS_LOST_AFTER, ask_health_check, beat, look_after, settle, silent_for
from .policy import apply_policies, join_group, leave_group
from .registration import deprovision, identity_of, join, preload, provision

__all__ = [
    "EVERY", "JOBS_LOST_AFTER", "apply_policies", "ask_health_check", "beat", "deprovision", "identity_of", "join",
    "join_group", "leave_group", "look_after", "preload", "provision", "settle", "silent_for",
]  # fmt: skip
