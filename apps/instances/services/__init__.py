"""What is done with instances: registration, heartbeats, health checks, policies."""

from .health import ask_all, ask_health_check, beat
from .policy import apply_policies
from .registration import deprovision, preload, provision

__all__ = ["apply_policies", "ask_all", "ask_health_check", "beat", "deprovision", "preload", "provision"]
