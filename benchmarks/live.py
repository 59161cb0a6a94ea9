"""Followers of one job: lag of the last of them behind the rows, and what the API's latency pays for them.

    python -m benchmarks.live --url http://127.0.0.1:8080 --user admin --password PW [--followers 200] [--lines 10000]

It makes an ad hoc command that prints lines in the Demo Inventory, and follows it; ratios count, not absolute times.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time

import requests

PINGS = 200


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("url", "http://127.0.0.1:8080"), ("user", "admin"), ("password", "admin")):
        parser.add_argument(f"--{name}", default=default)
    parser.add_argument("--followers", type=int, default=200)
    parser.add_argument("--lines", type=int, default=10_000)
    given = parser.parse_args()
    api = requests.Session()
    token = requests.post(f"{given.url}/api/v2/tokens/", json={}, auth=(given.user, given.password), timeout=30).json()[
        "token"
    ]
    api.headers["Authorization"] = f"Bearer {token}"
    quiet = latency(api, given.url)
    pk = command(api, given.url, given.lines)
    ends: list[float] = []
    threads = [threading.Thread(target=follow, args=(given.url, token, pk, ends)) for _ in range(given.followers)]
    for thread in threads:
        thread.start()
    busy = latency(api, given.url)
    for thread in threads:
        thread.join()
    finished = api.get(f"{given.url}/api/v2/ad_hoc_commands/{pk}/", timeout=30).json()
    print(f"{given.followers} followers, {given.lines} lines: {finished['status']}, {finished['elapsed']} s")
    print(f"first follower done to last follower done    {max(ends) - min(ends):8.2f} s")
    print(f"ping, nobody follows                         {quiet:8.2f} ms")
    print(f"ping, {given.followers} follow a running command          {busy:8.2f} ms   x{busy / quiet:.1f}")


def latency(api: requests.Session, url: str) -> float:
    """The median of a ping in milliseconds."""
    times = []
    for _ in range(PINGS):
        begun = time.perf_counter()
        api.get(f"{url}/api/v2/ping/", timeout=30)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def command(api: requests.Session, url: str, lines: int) -> int:
    """An ad hoc command that prints; its id."""

    def first(path: str) -> int:
        return api.get(f"{url}/api/v2/{path}", timeout=30).json()["results"][0]["id"]

    body = {
        "inventory": first("inventories/?name=Demo%20Inventory"),
        "credential": first("credentials/?name=Demo%20Credential"),
        "module_name": "shell",
        "module_args": f"for i in $(seq {lines}); do echo line $i of many; done",
    }
    return api.post(f"{url}/api/v2/ad_hoc_commands/", json=body, timeout=30).json()["id"]


def follow(url: str, token: str, pk: int, ends: list[float]) -> None:
    """Read everything, note when it ended."""
    path = f"{url}/api/v2/ad_hoc_commands/{pk}/stdout/?format=txt&follow=1"
    with requests.get(path, headers={"Authorization": f"Bearer {token}"}, stream=True, timeout=120) as answer:
        answer.raise_for_status()
        for _ in answer.iter_content(65536):
            pass
    ends.append(time.monotonic())


if __name__ == "__main__":
    main()
