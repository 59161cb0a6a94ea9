"""What rights cost: a user with 1,000 direct grants and 100 teams among 100,000 objects, beside a superuser.

    DATABASE_URL=… REDIS_URL=… python -m benchmarks.rbac [--objects 100000] [--rounds 20] [--keep]

It makes a database of its own on the server of DATABASE_URL. Requests run in this process, without HTTP.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from benchmarks import seeding

GRANTS, TEAMS = 1000, 100
LISTS = (
    "inventories/", "inventories/?page_size=200", "inventories/?order_by=name", "inventories/?name__icontains=i99",
    "inventories/?role_level=use_role", "credentials/", "credentials/?page_size=200", "credentials/?order_by=name",
)  # fmt: skip


def seed(objects: int) -> dict[str, Any]:
    """Half inventories, half credentials; the user's grants and those of his teams are spread over both."""
    from django.db import connection

    from apps.credentials.models import Credential, CredentialType
    from apps.identity.models import Organization, Team, User
    from apps.inventory.models import Inventory
    from apps.rbac import services
    from apps.rbac.mixins import make_roles

    organization = Organization.objects.create(name="Benchmark")
    kind, half, source = CredentialType.objects.first(), objects // 2, "FROM generate_series(1, {}) g"
    seeding.insert(Inventory, source.format(half), name="'i' || g", organization_id=str(organization.pk))
    seeding.insert(
        Credential, source.format(half), name="'c' || g", organization_id=str(organization.pk),
        credential_type_id=str(kind.pk),
    )  # fmt: skip
    user, root = User.objects.create_user("many"), User.objects.create_superuser("root")
    teams = [Team.objects.create(name=f"t{n}", organization=organization) for n in range(TEAMS)]
    for team in teams:
        services.grant(team.role("member_role"), user=user)
    for model in (Inventory, Credential):
        ids = list(model.objects.order_by("pk").values_list("pk", flat=True))
        own, shared = ids[:: len(ids) * 2 // GRANTS], ids[7 :: len(ids) * 2 // GRANTS]
        make_roles(model, {*own, *shared})
        for pk in own:
            services.grant(model(pk=pk).role("use_role"), user=user)
        for number, pk in enumerate(shared):
            services.grant(model(pk=pk).role("read_role"), team=teams[number % TEAMS])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"superuser": root, "many grants": user}


def measure(client: Any, path: str, rounds: int) -> tuple[float, int, int]:
    """(milliseconds in the middle, queries, rows counted) of one list."""
    from django.db import connection

    asked = []

    def count(execute: Any, sql: Any, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    client.get(f"/api/v2/{path}")
    with connection.execute_wrapper(count):
        answer = client.get(f"/api/v2/{path}")
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        client.get(f"/api/v2/{path}")
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), len(asked), answer.json()["count"]


def main() -> None:
    """Seed, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    with seeding.scratch("awx_lite_rbac", keep=options.keep):
        from rest_framework.test import APIClient

        people = seed(options.objects)
        print(f"{'list':36}{'superuser':>20}{'many grants':>20}{'ratio':>8}")
        for path in LISTS:
            found = {}
            for who, user in people.items():
                client = APIClient()
                client.force_authenticate(user)
                found[who] = measure(client, path, options.rounds)
            (fast, few, _), (slow, more, count) = found["superuser"], found["many grants"]
            print(f"{path:36}{fast:9.1f} ms {few:3} q{slow:13.1f} ms {more:3} q{slow / fast:8.2f}  ({count} rows)")


if __name__ == "__main__":
    main()
