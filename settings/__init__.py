"""Django settings: base for all, then prod (default), dev and test."""
