"""The launcher and the settings, as real processes."""
