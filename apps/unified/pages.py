"""The parts of this app that lie in folders of their own; importing them registers them."""

from .schedules import resources

__all__ = ["resources"]
