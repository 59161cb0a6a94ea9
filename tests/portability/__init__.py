"""Moving whole installations."""
