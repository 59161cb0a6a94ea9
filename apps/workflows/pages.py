"""The pages of this app; importing them registers them."""

from . import bulk

__all__ = ["bulk"]
