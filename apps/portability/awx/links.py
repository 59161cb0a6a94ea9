"""Many-to-many relations: pairs of ids, some with a place in an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from apps.identity.models import Organization
from apps.inventory.models import Inventory
from apps.unified.models import Schedule, UnifiedJobTemplate
from apps.workflows.models import WorkflowJobTemplate, WorkflowJobTemplateNode

from .copying import TEMPLATES, Run
from .source import BATCH

CREDENTIALS = ("credential_id", "main_credential")
LABELS = ("label_id", "main_label")
GROUPS = ("instancegroup_id", "main_instancegroup")
NOTIFICATIONS = ("notificationtemplate_id", "main_notificationtemplate")


@dataclass(frozen=True)
class Linked:
    """One relation: AWX's table, ours, and {AWX's column: (kind, our column)}."""

    table: str
    model: type[models.Model]
    columns: Mapping[str, tuple[str, str]]

    def run(self, run: Run) -> None:
        """Copy the pairs whose two ends are here; those that exist already stay."""
        ordered = any(f.attname == "position" for f in self.model._meta.concrete_fields)
        batch: list[models.Model] = []
        for row in run.source.rows(self.table):
            values: dict[str, Any] = {
                ours: run.map(kind).of(row[theirs]) for theirs, (kind, ours) in self.columns.items()
            }
            if None in values.values() or (ordered and self.exists(values)):
                continue
            if ordered:
                values["position"] = row.get("position") or 0
            batch.append(self.model(**values))
            if len(batch) == BATCH:
                self.write(batch)
                batch = []
        self.write(batch)

    def exists(self, values: dict[str, Any]) -> bool:
        """Ordered relations have no unique key that would refuse a second row."""
        return self.model._base_manager.filter(**values).exists()

    def write(self, batch: list[Any]) -> None:
        """One INSERT."""
        self.model._base_manager.bulk_create(batch, ignore_conflicts=True)


def plain(table: str, field: Any, owner: tuple[str, str], target: tuple[str, str]) -> Linked:
    """A relation whose columns are called alike on both sides."""
    return Linked(table, field.through, {owner[0]: (owner[1], owner[0]), target[0]: (target[1], target[0])})


ORGANIZATION = ("organization_id", "main_organization")
TEMPLATE = ("unifiedjobtemplate_id", TEMPLATES)
NODE = ("workflowjobtemplatenode_id", "main_workflowjobtemplatenode")
SCHEDULE = ("schedule_id", "main_schedule")
INVENTORY = ("inventory_id", "main_inventory")


def edges(kind: str) -> Linked:
    """The arrows of workflows."""
    ends = ("from_workflowjobtemplatenode_id", "to_workflowjobtemplatenode_id")
    table = f"main_workflowjobtemplatenode_{kind}"
    return Linked(table, getattr(WorkflowJobTemplateNode, kind).through, {end: (NODE[1], end) for end in ends})


LINKS = (
    plain("main_organizationinstancegroupmembership", Organization.instance_groups, ORGANIZATION, GROUPS),
    plain("main_organizationgalaxycredentialmembership", Organization.galaxy_credentials, ORGANIZATION, CREDENTIALS),
    *(
        plain(
            f"main_organization_notification_templates_{event}",
            getattr(Organization, f"notification_templates_{event}"),
            ORGANIZATION,
            NOTIFICATIONS,
        )
        for event in ("started", "success", "error", "approvals")
    ),
    plain("main_inventoryinstancegroupmembership", Inventory.instance_groups, INVENTORY, GROUPS),
    plain("main_inventory_labels", Inventory.labels, INVENTORY, LABELS),
    Linked(
        "main_inventoryconstructedinventorymembership",
        Inventory.input_inventories.through,
        {
            "constructed_inventory_id": ("main_inventory", "constructed_inventory_id"),
            "input_inventory_id": ("main_inventory", "input_inventory_id"),
        },
    ),
    plain("main_unifiedjobtemplate_credentials", UnifiedJobTemplate.credentials, TEMPLATE, CREDENTIALS),
    plain("main_unifiedjobtemplate_labels", UnifiedJobTemplate.labels, TEMPLATE, LABELS),
    plain("main_unifiedjobtemplateinstancegroupmembership", UnifiedJobTemplate.instance_groups, TEMPLATE, GROUPS),
    *(
        plain(
            f"main_unifiedjobtemplate_notification_templates_{event}",
            getattr(UnifiedJobTemplate, f"notification_templates_{event}"),
            TEMPLATE,
            NOTIFICATIONS,
        )
        for event in ("started", "success", "error")
    ),
    plain(
        "main_workflowjobtemplate_notification_templates_approvals",
        WorkflowJobTemplate.notification_templates_approvals,
        ("workflowjobtemplate_id", TEMPLATES),
        NOTIFICATIONS,
    ),
    *(edges(kind) for kind in ("success_nodes", "failure_nodes", "always_nodes")),
    plain("main_workflowjobtemplatenode_credentials", WorkflowJobTemplateNode.credentials, NODE, CREDENTIALS),
    plain("main_workflowjobtemplatenode_labels", WorkflowJobTemplateNode.labels, NODE, LABELS),
    plain(
        "main_workflowjobtemplatenodebaseinstancegroupmembership",
        WorkflowJobTemplateNode.instance_groups,
        NODE,
        GROUPS,
    ),
    plain("main_schedule_credentials", Schedule.credentials, SCHEDULE, CREDENTIALS),
    plain("main_schedule_labels", Schedule.labels, SCHEDULE, LABELS),
    plain("main_scheduleinstancegroupmembership", Schedule.instance_groups, SCHEDULE, GROUPS),
)
