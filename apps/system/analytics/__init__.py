"""What `manage.py gather_analytics` collects: facts as JSON, tables as CSV, in AWX's names and columns."""
