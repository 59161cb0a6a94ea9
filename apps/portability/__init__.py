"""Carrying configuration in and out: the import from AWX, export and import."""
