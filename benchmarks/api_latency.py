"""List latency: CPU per request in process beside a bare Django view, and requests per second over HTTP.

    python benchmarks/api_latency.py [--url http://127.0.0.1:8080 --user admin --password PW] [--requests 200]

Without --url only the in-process part runs (it needs DATABASE_URL and REDIS_URL of a migrated, preloaded database).
"""

from __future__ import annotations

import argparse
import base64
import http.client
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

PATHS = (
    "/api/v2/ping/",
    "/api/v2/me/",
    "/api/v2/organizations/",
    "/api/v2/job_templates/?page_size=1",
    "/api/v2/job_templates/",
    "/api/v2/inventories/",
    "/api/v2/jobs/?page_size=25&order_by=-id",
)


def cpu(call: Callable[[], object], requests: int) -> float:
    """Milliseconds of CPU for one call, the median of five runs."""
    call()
    runs = []
    for _ in range(5):
        started = time.process_time()
        for _ in range(requests // 5):
            call()
        runs.append((time.process_time() - started) / (requests // 5) * 1000)
    return statistics.median(runs)


def in_process(requests: int) -> None:
    """CPU of each list, beside a view that answers a constant."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.dev")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.http import JsonResponse
    from django.test import RequestFactory
    from django.urls import resolve
    from rest_framework.test import force_authenticate

    admin, factory = get_user_model().objects.filter(is_superuser=True).first(), RequestFactory()

    def run(path: str) -> object:
        request = factory.get(path)
        force_authenticate(request, user=admin)
        found = resolve(urlsplit(path).path)
        response = found.func(request, *found.args, **found.kwargs)
        return response.render() if hasattr(response, "render") else response

    bare = cpu(lambda: JsonResponse({"a": 1}), requests)
    print(f"{'CPU in process':34} {'ms/request':>10} {'x bare JsonResponse':>20}")
    for path in PATHS:
        spent = cpu(lambda path=path: run(path), requests)
        print(f"{path:34} {spent:10.2f} {spent / bare:20.0f}")


def fetch(connection: http.client.HTTPConnection, path: str, header: str) -> None:
    """One GET on a kept connection."""
    connection.request("GET", path, headers={"Authorization": header, "Accept": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"{path}: {answer.status} {body[:200]!r}")


def over_http(url: str, header: str, requests: int) -> None:
    """Median latency of one client, and the rate of four."""
    host = urlsplit(url).netloc
    print(f"\n{'over HTTP':34} {'median ms':>10} {'p99 ms':>8} {'req/s, 4 clients':>18}")
    for path in PATHS:
        connection = http.client.HTTPConnection(host)
        times = []
        fetch(connection, path, header)
        for _ in range(requests):
            started = time.perf_counter()
            fetch(connection, path, header)
            times.append((time.perf_counter() - started) * 1000)
        times.sort()

        def client(path: str = path) -> None:
            own = http.client.HTTPConnection(host)
            for _ in range(requests):
                fetch(own, path, header)

        threads = [threading.Thread(target=client) for _ in range(4)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = 4 * requests / (time.perf_counter() - started)
        print(f"{path:34} {statistics.median(times):10.2f} {times[int(len(times) * 0.99) - 1]:8.2f} {rate:18.0f}")


def main() -> None:
    """Run both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="")
    parser.add_argument("--token", default="")
    parser.add_argument("--requests", type=int, default=200)
    args = parser.parse_args()
    if args.url:
        basic = base64.b64encode(f"{args.user}:{args.password}".encode()).decode()
        over_http(args.url, f"Bearer {args.token}" if args.token else f"Basic {basic}", args.requests)
    else:
        in_process(args.requests)


if __name__ == "__main__":
    main()
