"""What is done to inventories: script, counters, deletion, imports, facts, metrics."""
