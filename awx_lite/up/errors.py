"""The one exception of the launcher."""


class StartError(Exception):
    """Why it cannot start, in one sentence for the person at the terminal."""
