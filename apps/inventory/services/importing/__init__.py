"""Importing what ansible-inventory found: read as a stream, merged by statements."""

from .merge import ImportFailed, Result, Wishes, import_file

__all__ = ["ImportFailed", "Result", "Wishes", "import_file"]
