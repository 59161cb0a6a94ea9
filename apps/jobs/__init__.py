"""Job templates, jobs and ad hoc commands."""
