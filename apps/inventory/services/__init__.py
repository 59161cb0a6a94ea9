"""What is done to inventories: script, counters, deletion, imports, facts, metrics."""

from .demo import preload

__all__ = ["preload"]
