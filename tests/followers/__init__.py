"""Live output: what stays open, what is told, and to whom."""
