"""Lists over a million jobs and a hundred thousand hosts: best, p50 and p99 for who sees all, nearly all, few, nothing.

    DATABASE_URL=… REDIS_URL=… python -m benchmarks.scale [--jobs 1000000] [--hosts 100000] [--rounds 30] [--keep]

It makes a database of its own on the server of DATABASE_URL; with `--keep` the database stays for the next run.
Requests run in this process, without HTTP.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from benchmarks import seeding
from benchmarks.seeding import TEMPLATES, timed

LISTS = (
    "jobs/", "jobs/?order_by=-finished", "jobs/?status=failed", "jobs/?page_size=200", "jobs/?count_disabled=1",
    "unified_jobs/", "unified_jobs/?order_by=-finished&page_size=20", "job_templates/", "hosts/?page_size=50",
    "hosts/?name__icontains=host-99", "dashboard/", "dashboard/graphs/jobs/?period=month",
)  # fmt: skip


def people(made: dict[str, Any]) -> dict[str, Any]:
    """Users by what they see."""
    from apps.identity.models import User
    from apps.rbac import services

    users = {name: User.objects.create_user(name, password="x") for name in ("few", "nearly", "organization", "none")}
    templates, farms = made["templates"], made["inventories"]
    for template in templates[:2]:
        services.grant(template.role("read_role"), user=users["few"])
    services.grant(farms[0].role("read_role"), user=users["few"])
    for template in templates[: TEMPLATES - 5]:
        services.grant(template.role("read_role"), user=users["nearly"])
    for farm in farms[:-1]:
        services.grant(farm.role("read_role"), user=users["nearly"])
    services.grant(made["organization"].role("admin_role"), user=users["organization"])
    return {"superuser": User.objects.get(username="admin")} | users


def prepare(jobs: int, hosts: int) -> None:
    """Fill the scratch database, unless an earlier run did."""
    from apps.identity.models import Organization

    if Organization.objects.filter(name="Benchmark").exists():
        return
    with timed(f"made {jobs:,} jobs and {hosts:,} hosts"):
        made = seeding.world()
        seeding.jobs(made, jobs, days=365)
        seeding.hosts(made, hosts)
        people(made)
        seeding.analyze()


def measure(user: Any, path: str, rounds: int) -> tuple[float, float, float]:
    """Milliseconds of one request: the best, which tells most on a busy machine, the median, the 99th percentile."""
    from rest_framework.test import APIClient

    client, times = APIClient(), []
    client.force_authenticate(user)
    for _ in range(rounds + 1):
        began = time.monotonic()
        answer = client.get(f"/api/v2/{path}")
        times.append((time.monotonic() - began) * 1000)
        assert answer.status_code == 200, (path, answer.content[:300])
    times = sorted(times[1:])
    return times[0], statistics.median(times), times[min(len(times) - 1, int(len(times) * 0.99))]


def main() -> None:
    """Seed, then measure everybody's lists."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", default="", help="lists whose path holds this text")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    with seeding.scratch(f"benchmark_scale_{options.jobs}_{options.hosts}", keep=options.keep):
        from apps.identity.models import User

        prepare(options.jobs, options.hosts)
        names = ("admin", "organization", "nearly", "few", "none")
        print(f"{'':<46}" + "".join(f"{name:>24}" for name in names))
        for path in (path for path in LISTS if options.only in path):
            cells = []
            for name in names:
                best, median, worst = measure(User.objects.get(username=name), path, options.rounds)
                cells.append(f"{best:5.0f} /{median:5.0f} /{worst:5.0f} ms")
            print(f"{path:<46}" + "".join(f"{cell:>24}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
