"""Which pending job starts next, and where."""
