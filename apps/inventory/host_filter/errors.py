"""What is wrong with a filter, and where."""

from __future__ import annotations

SHOWN = 20  # characters of the filter that an error repeats


class FilterError(ValueError):
    """The text is no filter; the message names the place."""

    @classmethod
    def at(cls, message: str, text: str, place: int) -> FilterError:
        """An error that points to a character (counted from 1)."""
        rest = text[place : place + SHOWN]
        where = f"at character {place + 1}, before {rest!r}" if rest else "at the end"
        return cls(f"{message} ({where} of the host filter)")


class FactsLookupError(FilterError):
    """Facts are compared for equality only."""
