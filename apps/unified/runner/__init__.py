"""Running jobs: what is run (kinds), in which directory, by which process, and how its events come home."""
