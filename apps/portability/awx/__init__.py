"""The import from a stopped AWX 24.6.1: its database is read, nothing is written there."""
