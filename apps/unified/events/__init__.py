"""Events: their tables, and how batches of them are stored."""
