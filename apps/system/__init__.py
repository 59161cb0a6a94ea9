"""The system's own pages and jobs."""
