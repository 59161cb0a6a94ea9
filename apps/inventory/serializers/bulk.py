"""Many hosts in one request."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers

from apps.conf import live
from apps.core.fields import parse_variables
from apps.inventory.models import Group, Host, Inventory
from apps.inventory.services.names import split_port, with_port

MOST = 100_000


class BulkHostSerializer(serializers.Serializer):
    """One host."""

    name = serializers.CharField(max_length=512)
    enabled = serializers.BooleanField(default=True)
    instance_id = serializers.CharField(max_length=1024, default="", allow_blank=True)
    description = serializers.CharField(default="", allow_blank=True)
    variables = serializers.CharField(default="", allow_blank=True)

    def validate_name(self, name: str) -> str:
        """A port in a name must be one."""
        try:
            split_port(name)
        except ModelError as error:
            raise serializers.ValidationError(error.messages) from error
        return name

    def validate_variables(self, text: str) -> str:
        """Variables that can be read."""
        try:
            parse_variables(text)
        except ModelError as error:
            raise serializers.ValidationError(error.messages) from error
        return text

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A port in a name goes to the variables."""
        attrs["name"], port = split_port(attrs["name"])
        if port is not None:
            attrs["variables"] = with_port(attrs["variables"], port)
        return attrs


class BulkHostCreateSerializer(serializers.Serializer):
    """New hosts of one inventory."""

    inventory = serializers.PrimaryKeyRelatedField(
        queryset=Inventory.objects.all(), write_only=True, help_text="The inventory that the hosts are put into."
    )
    hosts = serializers.ListField(
        child=BulkHostSerializer(), allow_empty=False, max_length=MOST, write_only=True, help_text="The new hosts."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A plain inventory that the user may change, and names that are free."""
        inventory, hosts = attrs["inventory"], attrs["hosts"]
        limit = int(live.get("BULK_HOST_MAX_CREATE"))
        if len(hosts) > limit:
            raise serializers.ValidationError(f"At most {limit} hosts can be created at once.")
        if not inventory.grants(self.context["request"].user, "change"):
            raise serializers.ValidationError(f"There is no inventory {inventory.pk} that you may put hosts into.")
        if inventory.is_computed:
            raise serializers.ValidationError(f"Hosts cannot be put into a {inventory.kind} inventory by hand.")
        names = [host["name"] for host in hosts]
        twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
        for model in (Host, Group):
            twice |= set(model.objects.filter(inventory=inventory, name__in=names).values_list("name", flat=True))
        if twice:
            shown = ", ".join(sorted(twice)[:10])
            raise serializers.ValidationError(f"These names are taken or given twice: {shown}.")
        return attrs


class BulkHostDeleteSerializer(serializers.Serializer):
    """Hosts to delete, of any inventories."""

    hosts = serializers.ListField(
        child=serializers.IntegerField(), allow_empty=False, max_length=MOST, write_only=True,
        help_text="The ids of the hosts.",
    )  # fmt: skip

    def validate_hosts(self, ids: list[int]) -> list[int]:
        """Each once, each there, each in an inventory that the user may change."""
        limit = int(live.get("BULK_HOST_MAX_DELETE"))
        if len(ids) > limit:
            raise serializers.ValidationError(f"At most {limit} hosts can be deleted at once.")
        if len(set(ids)) < len(ids):
            raise serializers.ValidationError("A host is named twice.")
        if any(not 0 < pk < 2**63 for pk in ids):
            raise serializers.ValidationError("An id is out of range.")
        user = self.context["request"].user
        rows = Host.objects.filter(pk__in=ids)
        allowed = rows if user.is_superuser else rows.permitted_to(user, "change")
        lacking = sorted(set(ids) - set(allowed.values_list("pk", flat=True)))
        if lacking:
            shown = ", ".join(map(str, lacking[:10]))
            raise serializers.ValidationError(f"There are no hosts with these ids that you may delete: {shown}.")
        return ids
