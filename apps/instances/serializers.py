"""Instances, groups, execution environments and receptor addresses as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from rest_framework import serializers

from apps.core.serializers import NAMED, ResourceSerializer

from .access import PERMANENT
from .environments import IMAGE
from .models import HOSTNAME, ExecutionEnvironment, Instance, InstanceGroup, ReceptorAddress
from .usage import Usage

ADDABLE = ("execution", "hop")
POD_SPEC = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"namespace": "default"},
    "spec": {
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "containers": [
            {
                "image": "quay.io/ansible/awx-ee:latest",
                "name": "worker",
                "args": ["ansible-runner", "worker", "--private-data-dir=/runner"],
                "resources": {"requests": {"cpu": "250m", "memory": "100Mi"}},
            }
        ],
    },
}
EDITABLE = {"edit": "change", "delete": "delete"}
# https://github.com/distribution/reference: [host[:port]/]path[:tag][@digest], in lower case


def percent(capacity: int, used: int) -> float:
    """How much of a capacity is free, from 0 to 100."""
    return float(round(Decimal(max(capacity - used, 0)) / Decimal(capacity) * 100, 2)) if capacity else 0.0


class UsageSerializer(ResourceSerializer):
    """What instances and groups share: how much of them is used, asked once for a page."""

    usage: Usage

    def prepare(self, objects: Any) -> None:
        """Fetch the usage too."""
        objects = list(objects)
        super().prepare(objects)
        self.usage = Usage.of(type(objects[0]), [obj.pk for obj in objects]) if objects else Usage()

    def get_consumed_capacity(self, obj: Any) -> float:
        """Forks of running and waiting jobs."""
        return float(self.usage.consumed.get(obj.pk, 0))

    def get_percent_capacity_remaining(self, obj: Any) -> float:
        """The free share."""
        return percent(self.get_capacity(obj), int(self.get_consumed_capacity(obj)))

    def get_capacity(self, obj: Any) -> int:
        """All forks."""
        return obj.capacity

    def get_jobs_running(self, obj: Any) -> int:
        """Jobs that run or are about to."""
        return self.usage.running.get(obj.pk, 0)

    def get_jobs_total(self, obj: Any) -> int:
        """Jobs that ever ran there."""
        return self.usage.total.get(obj.pk, 0)


class Peers(serializers.ListField):
    """Instances that this one connects to: taken from clients of AWX, and always none."""

    def get_attribute(self, instance: Any) -> list[int]:
        """There is no such column."""
        return []


class PodSpec(serializers.CharField):
    """What OPTIONS calls the default is what AWX would run; nothing given is stored as nothing."""

    def get_default(self) -> str:
        """Empty."""
        return ""


class InstanceSerializer(UsageSerializer):
    """A host that runs jobs."""

    consumed_capacity = serializers.SerializerMethodField()
    percent_capacity_remaining = serializers.SerializerMethodField()
    jobs_running = serializers.SerializerMethodField()
    jobs_total = serializers.SerializerMethodField()
    health_check_pending = serializers.SerializerMethodField()
    peers = Peers(child=serializers.IntegerField(), required=False)
    reverse_peers = serializers.SerializerMethodField()
    listener_port = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=65535)
    peers_from_control_nodes = serializers.BooleanField(required=False)
    protocol = serializers.SerializerMethodField()

    class Meta:
        model = Instance
        fields = (
            "id", "hostname", "type", "url", "related", "summary_fields", "uuid", "created", "modified", "last_seen",
            "health_check_started", "health_check_pending", "last_health_check", "errors", "capacity_adjustment",
            "version", "capacity", "consumed_capacity", "percent_capacity_remaining", "jobs_running", "jobs_total",
            "cpu", "memory", "cpu_capacity", "mem_capacity", "enabled", "managed_by_policy", "managed", "node_type",
            "node_state", "ip_address", "peers", "reverse_peers", "listener_port", "peers_from_control_nodes",
            "protocol",
        )  # fmt: skip
        extra_kwargs = {"capacity_adjustment": {"min_value": 0}}
        capabilities = {"edit": "change"}

    def get_health_check_pending(self, obj: Instance) -> bool:
        """Whether a health check was asked for and has not answered."""
        started, last = obj.health_check_started, obj.last_health_check
        return bool(started and (last is None or last < started))

    def get_reverse_peers(self, obj: Instance) -> list[int]:
        """Instances that connect to this one; workers here talk through the broker, so there are none."""
        return []

    def get_protocol(self, obj: Instance) -> str:
        """How peers connect."""
        return "tcp"

    def to_representation(self, instance: Instance) -> dict[str, Any]:
        """The mesh's columns, which a server without a mesh answers with nothing."""
        mesh = {"peers": [], "listener_port": None, "peers_from_control_nodes": False}
        return super().to_representation(instance) | mesh

    def links(self, obj: Instance) -> dict[str, Any]:
        """Health checks are asked of execution nodes."""
        url = f"{self.get_url(obj)}health_check/" if obj.node_type == "execution" else None
        return super().links(obj) | {"health_check": url}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Whatever is below one object shows the links of the mesh: none."""
        below = "pk" in getattr(self.context.get("view"), "kwargs", {})
        return {obj.pk: {"links": []} if below else {} for obj in objects}

    @classmethod
    def plan(cls) -> Any:
        """Without the columns of the mesh, which are no columns here."""
        return [(n, r) for n, r in super().plan() if n not in ("listener_port", "peers_from_control_nodes")]

    def to_internal_value(self, data: Any) -> Any:
        """A PUT that does not name them asks for the type and the state of a new instance."""
        if self.instance is not None and not self.partial:
            data = {"node_type": "execution", "node_state": "installed"} | data
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The mesh's settings are taken and mean nothing."""
        for name in ("peers", "listener_port", "peers_from_control_nodes"):
            attrs.pop(name, None)
        attrs = super().validate(attrs)
        if self.instance is None and not settings.IS_K8S:
            message = "Instances register themselves; they are added here only where IS_K8S is set."
            raise serializers.ValidationError({"__all__": [message]})
        return attrs

    def validate_hostname(self, value: str) -> str:
        """A name that other hosts can have, not this one's own; it stays."""
        if self.instance is not None:
            return self.unchanged("hostname", value)
        if not HOSTNAME.match(value) or value == "localhost" or value.startswith("127."):
            raise serializers.ValidationError("This is no name of a host.")
        return value

    def validate_node_type(self, value: str) -> str:
        """What belongs to the control plane is registered by its own command."""
        if self.instance is None and value not in ADDABLE:
            raise serializers.ValidationError("Only execution and hop nodes can be added here: see provision_instance.")
        return self.unchanged("node_type", value)

    def unchanged(self, name: str, value: str) -> str:
        """What an instance is cannot change, not even to the default of a PUT that does not name it."""
        if self.instance is not None and value != getattr(self.instance, name):
            raise serializers.ValidationError("This cannot be changed.")
        return value

    def validate_node_state(self, value: str) -> str:
        """People can only ask for an instance to go; the rest is found out."""
        now = self.instance
        if now is None and value != "installed":
            raise serializers.ValidationError("A new instance is installed, and gets ready by its first heartbeat.")
        if now is not None and value != now.node_state and not settings.IS_K8S:
            raise serializers.ValidationError("The state is found out; it can be changed only where IS_K8S is set.")
        if now is not None and value != now.node_state and (value != "deprovisioning" or now.node_type not in ADDABLE):
            raise serializers.ValidationError("Only execution and hop nodes change by request, to deprovisioning.")
        return value


class InstanceGroupSerializer(UsageSerializer):
    """Instances among which jobs are spread."""

    capacity = serializers.SerializerMethodField()
    consumed_capacity = serializers.SerializerMethodField()
    percent_capacity_remaining = serializers.SerializerMethodField()
    jobs_running = serializers.SerializerMethodField()
    jobs_total = serializers.SerializerMethodField()
    instances = serializers.SerializerMethodField()
    pod_spec_override = PodSpec(default=POD_SPEC, allow_blank=True, required=False)  # type: ignore[arg-type]
    is_container_group = serializers.BooleanField(required=False)
    policy_instance_percentage = serializers.IntegerField(default=0, min_value=0, max_value=100, required=False)
    policy_instance_minimum = serializers.IntegerField(default=0, min_value=0, required=False)
    policy_instance_list = serializers.ListField(child=serializers.CharField(), required=False)
    max_concurrent_jobs = serializers.IntegerField(default=0, min_value=0, required=False)
    max_forks = serializers.IntegerField(default=0, min_value=0, required=False)

    class Meta:
        model = InstanceGroup
        fields = (
            "id", "type", "url", "related", "summary_fields", "name", "created", "modified", "capacity",
            "consumed_capacity", "percent_capacity_remaining", "jobs_running", "max_concurrent_jobs", "max_forks",
            "jobs_total", "instances", "is_container_group", "credential", "policy_instance_percentage",
            "policy_instance_minimum", "policy_instance_list", "pod_spec_override",
        )  # fmt: skip
        capabilities = EDITABLE

    def get_capacity(self, obj: InstanceGroup) -> int:
        """Forks of its enabled instances."""
        return self.usage.capacity.get(obj.pk, 0)

    def get_instances(self, obj: InstanceGroup) -> int:
        """How many it has."""
        return self.usage.members.get(obj.pk, 0)

    def validate_policy_instance_list(self, value: list[str]) -> list[str]:
        """Names of instances, each once."""
        known = set(Instance.objects.filter(hostname__in=value).values_list("hostname", flat=True))
        missing = [name for name in value if name not in known]
        if missing or len(set(value)) != len(value):
            raise serializers.ValidationError(f"No such instance: {missing[0]}." if missing else "Name each once.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Container groups have a credential and no policy; the permanent groups stay what they are."""
        now = self.instance
        container = attrs.get("is_container_group", bool(now and now.is_container_group))
        if now is not None and now.name in PERMANENT:
            self.keep(now, attrs)
        credential = attrs.get("credential")
        if credential is not None and not container:
            raise serializers.ValidationError({"is_container_group": ["Only a container group has a credential."]})
        if credential is not None and not credential.credential_type.kind == "kubernetes":
            raise serializers.ValidationError({"credential": ["This must be a Kubernetes credential."]})
        for name in ("policy_instance_percentage", "policy_instance_minimum", "policy_instance_list"):
            if container and attrs.get(name):
                raise serializers.ValidationError({name: ["A container group has no instances."]})
        return super().validate(attrs)

    @staticmethod
    def keep(group: InstanceGroup, attrs: dict[str, Any]) -> None:
        """What cannot change of the permanent groups."""
        for name in ("name", "is_container_group", "policy_instance_percentage"):
            if name in attrs and attrs[name] != getattr(group, name):
                raise serializers.ValidationError({name: [f"This cannot be changed for the group {group.name}."]})


class ExecutionEnvironmentSerializer(ResourceSerializer):
    """A container image for jobs."""

    class Meta:
        model = ExecutionEnvironment
        fields = (*NAMED, "organization", "image", "managed", "credential", "pull")
        read_only_fields = ("managed",)
        capabilities = {**EDITABLE, "copy": "copy"}

    def validate_image(self, value: str) -> str:
        """The name of an image, without a scheme."""
        if not IMAGE.match(value):
            raise serializers.ValidationError("This is no name of a container image.")
        return value

    def validate_credential(self, value: Any) -> Any:
        """A registry's."""
        if value is not None and value.credential_type.kind != "registry":
            raise serializers.ValidationError("This must be a container registry credential.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """An environment does not go to another organization; it may become a global one."""
        now = self.instance
        if now is not None and attrs.get("organization") not in (None, now.organization):
            raise serializers.ValidationError({"organization": ["An environment cannot move to another organization."]})
        return super().validate(attrs)


class ReceptorAddressSerializer(ResourceSerializer):
    """Where an instance would be reached in a mesh."""

    port = serializers.IntegerField(read_only=True, min_value=0, max_value=65535)
    protocol = serializers.ChoiceField(choices=("tcp", "ws", "wss"), read_only=True)
    full_address = serializers.SerializerMethodField()

    class Meta:
        model = ReceptorAddress
        fields = (
            "id", "url", "type", "summary_fields", "related", "address", "port", "protocol", "websocket_path",
            "is_internal", "canonical", "instance", "peers_from_control_nodes", "full_address",
        )  # fmt: skip

    def get_full_address(self, obj: ReceptorAddress) -> str:
        """Address and port."""
        return f"{obj.address}:{obj.port}"
