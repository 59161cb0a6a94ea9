"""Inventories as JSON."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from rest_framework import serializers

from apps.core import links
from apps.core.serializers import NAMED, ResourceSerializer
from apps.inventory.host_filter import FactsLookupError, FilterError, to_query
from apps.inventory.models import Inventory, InventorySource
from apps.inventory.services.constructed import give_source

from .source import readable_variables

SHOWN_LABELS = 10
CAPABILITIES = {"edit": "change", "delete": "delete", "copy": "copy", "adhoc": "adhoc"}
COUNTERS = (
    "has_active_failures", "total_hosts", "hosts_with_active_failures", "total_groups", "has_inventory_sources",
    "total_inventory_sources", "inventory_sources_with_failures",
)  # fmt: skip
GROUPED = ("groups", "root_groups", "update_inventory_sources", "inventory_sources", "tree")  # not of smart ones


def label_summaries(objects: list[Any]) -> dict[int, dict[str, Any]]:
    """`labels` of a page: how many, and the first of them, in one query."""
    out: dict[int, dict[str, Any]] = defaultdict(lambda: {"count": 0, "results": []})
    through = Inventory.labels.through
    rows = through.objects.filter(inventory__in=[obj.pk for obj in objects])
    rows = rows.annotate(place=Window(RowNumber(), partition_by=F("inventory_id"), order_by=F("label__name").asc()))
    for pk, label, name, place in rows.values_list("inventory_id", "label_id", "label__name", "place"):
        out[pk]["count"] += 1
        if place <= SHOWN_LABELS:
            out[pk]["results"].append({"id": label, "name": name})
    return {obj.pk: {"labels": out[obj.pk]} for obj in objects}


class InventorySerializer(ResourceSerializer):
    """An inventory of any kind."""

    class Meta:
        model = Inventory
        fields = (
            *NAMED, "organization", "kind", "host_filter", "variables", *COUNTERS, "pending_deletion",
            "prevent_instance_group_fallback",
        )  # fmt: skip
        read_only_fields = (*COUNTERS, "pending_deletion")
        capabilities = CAPABILITIES
        extra_kwargs = {"organization": {"required": True, "allow_null": False}}

    def summarize(self, objects: list[Any]) -> dict[int, dict[str, Any]]:
        """`labels`."""
        return label_summaries(objects)

    def links(self, obj: Any) -> dict[str, str | None]:
        """A smart inventory has neither groups nor sources; a constructed one has inputs."""
        if obj.kind == "smart":
            return dict.fromkeys(GROUPED)
        if obj.kind != "constructed":
            return {}
        return {
            "input_inventories": f"{links.list_url('inventories')}{obj.pk}/input_inventories/",
            "constructed_url": f"{links.list_url('constructed_inventories')}{obj.pk}/",
        }

    def validate_host_filter(self, text: str | None) -> str | None:
        """A filter that can be read; a refused comparison of facts is nested, as AWX has it."""
        if not text:
            return None
        try:
            to_query(text)
        except FactsLookupError as error:
            raise serializers.ValidationError({"host_filter": [str(error)]}) from error
        except FilterError as error:
            raise serializers.ValidationError(str(error)) from error
        return text

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A smart inventory is its filter."""
        attrs = super().validate(attrs)
        current = self.instance
        kind = attrs.get("kind", current.kind if current else "")
        host_filter = attrs.get("host_filter", current.host_filter if current else None)
        if kind == "smart" and not host_filter:
            raise serializers.ValidationError({"host_filter": ["A smart inventory needs a host filter."]})
        return attrs


class ConstructedInventorySerializer(InventorySerializer):
    """A constructed inventory with the options of its one source among its own fields."""

    SOURCE = ("source_vars", "update_cache_timeout", "limit", "verbosity")

    source_vars = serializers.CharField(
        required=False, default=None, allow_blank=True, allow_null=True, help_text="Variables of the plugin."
    )
    update_cache_timeout = serializers.IntegerField(
        required=False, default=None, min_value=0, allow_null=True, help_text="Seconds for which an update holds."
    )
    limit = serializers.CharField(
        required=False, default=None, allow_blank=True, allow_null=True, help_text="A pattern that hosts must match."
    )
    verbosity = serializers.IntegerField(
        required=False, default=None, min_value=0, max_value=2, allow_null=True, help_text="How much updates tell."
    )

    class Meta(InventorySerializer.Meta):
        fields = (
            *(name for name in InventorySerializer.Meta.fields if name != "host_filter"),
            *("source_vars", "update_cache_timeout", "limit", "verbosity"),
        )
        read_only_fields = (*COUNTERS, "pending_deletion", "kind")

    def prepare(self, objects: Any) -> None:
        """Fetch the sources of the page."""
        objects = list(objects)
        found = InventorySource.objects.filter(inventory__in=objects, source="constructed")
        self._sources = {source.inventory_id: source for source in found}
        super().prepare(objects)

    @classmethod
    def plan(cls) -> list[Any]:
        """The source's options are read from the source."""
        return [(name, option(name) if name in cls.SOURCE else read) for name, read in super().plan()]

    def get_url(self, obj: Any) -> str:
        """Under the path of constructed inventories."""
        return f"{links.list_url('constructed_inventories')}{obj.pk}/"

    def get_related(self, obj: Any) -> dict[str, str]:
        """Everything below it is under the path of inventories."""
        plain = InventorySerializer(context=self.context)
        plain._prepared = self._prepared
        out = plain.get_related(obj)
        if "named_url" in out:
            out["named_url"] = out["named_url"].replace("/inventories/", "/constructed_inventories/", 1)
        return out

    def validate_source_vars(self, text: str | None) -> str | None:
        """Variables that can be read."""
        return readable_variables(text)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The source's options are not the inventory's columns."""
        given = {name: attrs.pop(name) for name in self.SOURCE if name in attrs}
        attrs = super().validate(attrs)
        return attrs | {name: value for name, value in given.items() if value is not None}

    def create(self, validated_data: dict[str, Any]) -> Inventory:
        """The inventory and its source."""
        options = {name: validated_data.pop(name) for name in self.SOURCE if name in validated_data}
        inventory = super().create(validated_data | {"kind": "constructed"})
        give_source(inventory, **options)
        return inventory

    def update(self, instance: Inventory, validated_data: dict[str, Any]) -> Inventory:
        """What is said of the source goes to the source."""
        options = {name: validated_data.pop(name) for name in self.SOURCE if name in validated_data}
        inventory = super().update(instance, validated_data)
        if inventory.kind == "constructed":
            give_source(inventory, **options)
        self._prepared = None
        return inventory


def option(name: str) -> Any:
    """Reads one option of a constructed inventory's source."""

    def read(serializer: Any, obj: Any) -> Any:
        source = serializer._sources.get(obj.pk)
        return getattr(source, name) if source is not None else None

    return read


class CanUpdateSerializer(serializers.Serializer):
    """What a GET of update/ answers."""

    can_update = serializers.BooleanField(read_only=True)
