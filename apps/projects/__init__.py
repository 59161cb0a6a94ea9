"""Projects and their checkouts."""
