"""A mix of requests over HTTP, a hundred a second, at a million jobs and a hundred thousand hosts: p50 and p99.

    DATABASE_URL=… REDIS_URL=… python -m benchmarks.mix [--rate 100] [--seconds 30] [--keep]
        [--jobs 1000000] [--hosts 100000]

The web is started as `make up` starts it, on a database of its own (that of benchmarks.scale, where it was kept).
Requests are due when the clock says, whether earlier ones have been answered or not; being late counts.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import queue
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import scale, seeding
from tests.live import free_port

# (how often, path); {job} {host} {template} are ids at random
MIX = (
    (10, "ping/"), (10, "me/"), (15, "jobs/?order_by=-id&page_size=25"), (10, "jobs/{job}/"),
    (5, "jobs/?status=failed"),
    (5, "unified_jobs/?order_by=-finished&page_size=20"), (10, "job_templates/"), (10, "job_templates/{template}/"),
    (10, "hosts/?page_size=50"), (5, "hosts/{host}/"), (5, "inventories/"), (5, "projects/"), (5, "dashboard/"),
)  # fmt: skip
PEOPLE = ("admin", "organization", "nearly")
CONNECTIONS = 16


@contextlib.contextmanager
def web(name: str) -> Iterator[int]:
    """The web on the database `name`; its port."""
    port, address = free_port(), os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", "python:awx_lite.gunicorn", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "2", "--threads", "4", "awx_lite.wsgi:application"),
    ]
    process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": f"{address}/{name}"})
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                if ask(http.client.HTTPConnection("127.0.0.1", port), "ping/", "") == http.HTTPStatus.OK:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def ask(connection: http.client.HTTPConnection, path: str, token: str) -> int:
    """The status of one GET."""
    connection.request("GET", f"/api/v2/{path}", headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def tokens() -> list[str]:
    """A token for each of the people."""
    from rest_framework.test import APIClient

    from apps.identity.models import User

    found = []
    for name in PEOPLE:
        client = APIClient()
        client.force_authenticate(User.objects.get(username=name))
        found.append(client.post("/api/v2/tokens/", {"scope": "read"}, format="json").json()["token"])
    return found


def ids() -> dict[str, range]:
    """Which ids the paths may name."""
    from apps.inventory.models import Host
    from apps.jobs.models import JobTemplate

    first = JobTemplate.objects.get(name="t0").pk
    # jobs of a template and hosts of an inventory that everybody sees
    known = {"job": range(1_000_001, 1_000_001 + 10_000, seeding.TEMPLATES), "template": range(first, first + 100)}
    hosts = Host.objects.filter(pk__gt=1_000_000).count()
    return known | {"host": range(1_000_001, 1_000_001 + hosts, 20)}


Answer = tuple[str, int, float]  # path, status, milliseconds from when it was due


def run(port: int, rate: int, seconds: int, bearers: list[str], known: dict[str, range]) -> list[Answer]:
    """The answers to a stream of requests."""
    chance, plan, done = random.Random(7), queue.Queue[Any](), []
    begin = time.monotonic() + 0.5
    for number in range(rate * seconds):
        path = chance.choices([path for _, path in MIX], [often for often, _ in MIX])[0]
        filled = path.format(**{name: chance.choice(values) for name, values in known.items()})
        plan.put((begin + number / rate, path, filled, chance.choice(bearers)))

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            try:
                due, path, filled, token = plan.get_nowait()
            except queue.Empty:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            status = ask(connection, filled, token)
            done.append((path, status, (time.monotonic() - due) * 1000))

    threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def report(done: list[Answer], seconds: int) -> None:
    """p50 and p99, of all and by path."""
    print(f"{len(done) / seconds:.0f} requests a second")
    for path in ("all", *(path for _, path in MIX)):
        times = sorted(took for kind, _, took in done if path in ("all", kind))
        worst = times[min(len(times) - 1, int(len(times) * 0.99))]
        print(f"{path:<46} {len(times):6} p50 {statistics.median(times):7.1f} ms   p99 {worst:7.1f} ms")
    wrong = [(kind, status) for kind, status, _ in done if status != http.HTTPStatus.OK]
    if wrong:
        raise SystemExit(f"{len(wrong)} requests were refused, the first: {wrong[0]}")


def main() -> None:
    """Seed, start, warm up, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    name = f"benchmark_scale_{options.jobs}_{options.hosts}"
    with seeding.scratch(name, keep=options.keep):
        scale.prepare(options.jobs, options.hosts)
        bearers, known = tokens(), ids()
        with web(name) as port:
            run(port, 20, 5, bearers, known)
            report(run(port, options.rate, options.seconds, bearers, known), options.seconds)


if __name__ == "__main__":
    main()
