"""Hosts and groups as JSON."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from rest_framework import serializers

from apps.core import links
from apps.core.errors import BadRequest
from apps.core.prepared import Given, Prepared, among
from apps.core.serializers import COMMON, NAMED, ResourceSerializer, iso
from apps.inventory.models import Group, Host
from apps.inventory.services.names import split_port, with_port

SHOWN_GROUPS = 5
RECENT = """
SELECT h.id, j.unifiedjob_ptr_id, COALESCE(t.name, ''), u.status, u.finished
FROM unnest(%s::bigint[]) AS h(id)
CROSS JOIN LATERAL (
  SELECT s.job_id FROM jobs_jobhostsummary s WHERE s.host_id = h.id ORDER BY s.id DESC LIMIT 5
) AS s
JOIN jobs_job j ON j.unifiedjob_ptr_id = s.job_id
JOIN unified_unifiedjob u ON u.id = j.unifiedjob_ptr_id
LEFT JOIN unified_unifiedjobtemplate t ON t.id = j.job_template_id
ORDER BY h.id, s.job_id DESC
"""


GROUPS = Prepared(
    lambda: (
        Group.hosts.through.objects.filter(among("host_id", Given(0)))
        .annotate(place=Window(RowNumber(), partition_by=F("host_id"), order_by=F("group__name").asc()))
        .values_list("host_id", "group_id", "group__name", "place")
    )
)


class InventoryMember(ResourceSerializer):
    """What has a name of its own within its inventory, where hosts and groups share the names."""

    other: Any  # the model that must not have the name either

    def validate_inventory(self, inventory: Any) -> Any:
        """Smart and constructed inventories compute what they hold."""
        if inventory is not None and inventory.is_computed:
            noun = self.Meta.model._meta.verbose_name
            raise serializers.ValidationError(
                {"detail": f"A {noun} cannot be put into a {inventory.kind} inventory by hand."}
            )
        return inventory

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A rename meets the names of the inventory, too."""
        attrs = super().validate(attrs)
        current = self.instance
        inventory = attrs.get("inventory", current.inventory if current else None)
        name = attrs.get("name", current.name if current else "")
        if self.other.objects.filter(inventory=inventory, name=name).exists():
            noun = self.other._meta.verbose_name
            raise serializers.ValidationError({"__all__": [f"A {noun} of this name already exists in the inventory."]})
        if current is not None and name != current.name:
            model = type(current)
            if model.objects.filter(inventory=inventory, name=name).exclude(pk=current.pk).exists():
                raise BadRequest(
                    {"detail": f"Another {model._meta.verbose_name} of this name already exists in the inventory."}
                )
        return attrs


class HostSerializer(InventoryMember):
    """A host."""

    other = Group

    has_active_failures = serializers.SerializerMethodField()
    has_inventory_sources = serializers.SerializerMethodField()

    class Meta:
        model = Host
        fields = (
            *NAMED, "inventory", "enabled", "instance_id", "variables", "has_active_failures",
            "has_inventory_sources", "last_job", "last_job_host_summary", "ansible_facts_modified",
        )  # fmt: skip
        read_only_fields = ("last_job", "last_job_host_summary", "ansible_facts_modified")
        capabilities = {"edit": "change", "delete": "delete"}
        summaries = {
            "last_job": (
                "id", "name", "description", "finished", "status", "failed", "canceled_on",
                "job_template_id=unified_job_template_id", "job_template_name=unified_job_template__name",
            ),
            "last_job_host_summary": ("id", "failed"),
        }  # fmt: skip

    def get_has_active_failures(self, obj: Host) -> bool:
        """Whether the last job failed on it."""
        return bool((self._prepared or {})[obj.pk].get("last_job_host_summary", {}).get("failed"))

    def get_has_inventory_sources(self, obj: Host) -> bool:
        """Whether some source brought it."""
        return obj.sourced if hasattr(obj, "sourced") else obj.inventory_sources.exists()

    def summarize(self, objects: list[Any]) -> dict[int, dict[str, Any]]:
        """`groups` and `recent_jobs`."""
        groups, jobs = group_summaries(objects), recent_jobs(objects)
        return {obj.pk: {"groups": groups[obj.pk], "recent_jobs": jobs[obj.pk]} for obj in objects}

    def links(self, obj: Host) -> dict[str, Any]:
        """A host of a constructed inventory leads to the one that it stands for."""
        out = super().links(obj)
        if obj.inventory.kind == "constructed" and obj.instance_id.isdecimal():
            out["original_host"] = f"{links.list_url('hosts')}{obj.instance_id}/"
        return out

    def validate_name(self, name: str) -> str:
        """A port in a name must be one."""
        split_port(name)
        return name

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A port in a name goes to the variables."""
        if "name" in attrs:
            attrs["name"], port = split_port(attrs["name"])
            if port is not None:
                kept = self.instance.variables if self.instance is not None and self.partial else ""
                attrs["variables"] = with_port(attrs.get("variables", kept), port)
        return super().validate(attrs)


class HostDetailSerializer(HostSerializer):
    """A host that exists: it stays in its inventory."""

    class Meta(HostSerializer.Meta):
        read_only_fields = (*HostSerializer.Meta.read_only_fields, "inventory")


def group_summaries(objects: list[Any]) -> dict[int, dict[str, Any]]:
    """`groups` of a page of hosts: how many, and the first of them, in one query."""
    out: dict[int, dict[str, Any]] = defaultdict(lambda: {"count": 0, "results": []})
    for pk, group, name, place in GROUPS([obj.pk for obj in objects]):
        out[pk]["count"] += 1
        if place <= SHOWN_GROUPS:
            out[pk]["results"].append({"id": group, "name": name})
    return out


def recent_jobs(objects: list[Any]) -> dict[int, list[dict[str, Any]]]:
    """The last five jobs of each host of a page, in one query that reads five rows a host."""
    out: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(RECENT, [[obj.pk for obj in objects]])
        for host, job, name, status, finished in cursor.fetchall():
            out[host].append({"id": job, "name": name, "type": "job", "status": status, "finished": iso(finished)})
    return out


class GroupSerializer(InventoryMember):
    """A group."""

    other = Host
    RESERVED = ("all", "_meta")

    class Meta:
        model = Group
        fields = (*NAMED, "inventory", "variables")
        capabilities = {"edit": "change", "delete": "delete", "copy": "change"}

    def validate_name(self, name: str) -> str:
        """Ansible has groups of its own."""
        if name in self.RESERVED:
            raise serializers.ValidationError(f"No group can be named {name!r}.")
        return name


class GroupDetailSerializer(GroupSerializer):
    """A group that exists: it stays in its inventory."""

    class Meta(GroupSerializer.Meta):
        read_only_fields = ("inventory",)


class GroupTreeSerializer(GroupSerializer):
    """A group with its children, and theirs."""

    children = serializers.SerializerMethodField()

    class Meta(GroupSerializer.Meta):
        fields = (*GroupSerializer.Meta.fields, "children")
        capabilities = None

    def get_children(self, obj: Group) -> list[dict[str, Any]]:
        """Filled by the view."""
        return []


class FactsSerializer(ResourceSerializer):
    """How OPTIONS describes the facts of a host."""

    class Meta:
        model = Host
        fields = (*COMMON, "name", "description")


class VariableDataSerializer(serializers.ModelSerializer):
    """How OPTIONS describes variables."""

    class Meta:
        model = Host
        fields = ("variables",)
