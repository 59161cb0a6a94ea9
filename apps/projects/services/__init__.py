"""What is done with projects: updates, checkouts, the demo project."""

from .demo import preload

__all__ = ["preload"]
