"""cleanup_jobs: many jobs with their events, host summaries and days; beside DELETE of as many bare rows.

    DATABASE_URL=… REDIS_URL=… python -m benchmarks.cleanup [--jobs 100000] [--events 10]

It makes a database of its own on the server of DATABASE_URL and drops it. A million jobs need about 8 GB for a while.
"""

from __future__ import annotations

import argparse
import os

from benchmarks import seeding
from benchmarks.seeding import timed


def main() -> None:
    """Seed, then clean all but the jobs of the last days."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=10, help="of each job")
    parser.add_argument("--days", type=int, default=100, help="over which the jobs are spread")
    options = parser.parse_args()
    with seeding.scratch(f"benchmark_{os.getpid()}"):
        from django.db import connection

        from apps.system.cleanup import jobs as cleanup
        from apps.unified.models import UnifiedJob

        made = seeding.world()
        with timed(f"made {options.jobs:,} jobs with {options.events} events each"):
            seeding.jobs(made, options.jobs, days=options.days, first_day=91)
            seeding.events(options.events)
            seeding.analyze()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare AS SELECT id, name, created, status FROM unified_unifiedjob")
            cursor.execute("ALTER TABLE bare ADD PRIMARY KEY (id)")
            with timed(f"raw: DELETE of {options.jobs:,} rows without anything on them"):
                cursor.execute("DELETE FROM bare")
        with timed(f"cleanup_jobs of {options.jobs:,} jobs"):
            counts = cleanup.clean(list(cleanup.KINDS), 90)
        left = UnifiedJob.objects.non_polymorphic().count()
        print(f"deleted {sum(counts.values()):,}, left {left:,}")


if __name__ == "__main__":
    main()
