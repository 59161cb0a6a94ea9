"""The contents of a copied inventory: hosts and groups, by four statements."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from apps.inventory.models import Inventory
from apps.unified.queue import send

from . import counters

TASK = "apps.inventory.tasks.copy_contents"
STATEMENTS = (
    """INSERT INTO inventory_host (created, modified, created_by_id, modified_by_id, name, description, inventory_id,
         enabled, instance_id, variables)
       SELECT now(), now(), %(user)s, %(user)s, name, description, %(target)s, enabled, instance_id, variables
       FROM inventory_host WHERE inventory_id = %(source)s ON CONFLICT DO NOTHING""",
    """INSERT INTO inventory_group (created, modified, created_by_id, modified_by_id, name, description, inventory_id,
         variables)
       SELECT now(), now(), %(user)s, %(user)s, name, description, %(target)s, variables
       FROM inventory_group WHERE inventory_id = %(source)s ON CONFLICT DO NOTHING""",
    """INSERT INTO inventory_group_hosts (group_id, host_id)
       SELECT ng.id, nh.id FROM inventory_group_hosts l
       JOIN inventory_group g ON g.id = l.group_id AND g.inventory_id = %(source)s
       JOIN inventory_host h ON h.id = l.host_id AND h.inventory_id = %(source)s
       JOIN inventory_group ng ON ng.inventory_id = %(target)s AND ng.name = g.name
       JOIN inventory_host nh ON nh.inventory_id = %(target)s AND nh.name = h.name ON CONFLICT DO NOTHING""",
    """INSERT INTO inventory_group_children (from_group_id, to_group_id)
       SELECT na.id, nb.id FROM inventory_group_children l
       JOIN inventory_group a ON a.id = l.from_group_id AND a.inventory_id = %(source)s
       JOIN inventory_group b ON b.id = l.to_group_id AND b.inventory_id = %(source)s
       JOIN inventory_group na ON na.inventory_id = %(target)s AND na.name = a.name
       JOIN inventory_group nb ON nb.inventory_id = %(target)s AND nb.name = b.name ON CONFLICT DO NOTHING""",
)


def copy_contents_later(source: Inventory, target: Inventory, user: Any) -> None:
    """Have the hosts and groups copied in the background; here and now where no task can be queued."""
    ids = source.pk, target.pk, getattr(user, "pk", None)

    def hand_over() -> None:
        if not send(TASK, *ids):
            copy_contents(*ids)

    transaction.on_commit(hand_over)


def copy_contents(source_id: int, target_id: int, user_id: int | None) -> None:
    """The task; what is there already stays."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, {"source": source_id, "target": target_id, "user": user_id})
    counters.count_hosts([target_id])
    counters.count_smart([target_id])
