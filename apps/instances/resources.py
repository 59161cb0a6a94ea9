"""instances, instance_groups, execution_environments, receptor_addresses, mesh_visualizer."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import registry
from apps.core.audit import audited
from apps.core.errors import BadRequest, Conflict
from apps.core.registry import page, register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verb_views import VerbView
from apps.core.verbs import Verb
from apps.core.views import PageView
from apps.identity.sublists import ROLES

from .access import FIXED, ExecutionEnvironmentAccess, InstanceAccess, InstanceGroupAccess, shown
from .models import ExecutionEnvironment, Instance, InstanceGroup, ReceptorAddress
from .serializers import (
    ExecutionEnvironmentSerializer,
    InstanceGroupSerializer,
    InstanceSerializer,
    ReceptorAddressSerializer,
)
from .services import apply_policies, ask_health_check, identity_of, join_group, leave_group, settle
from .usage import BUSY

MESH_FIELDS = ("listener_port", "peers", "peers_from_control_nodes", "protocol", "reverse_peers")


def jobs_of_instance(obj: Instance, user: Any) -> Any:
    """Jobs that ran there."""
    return registry.by_slug("unified_jobs").model.objects.filter(execution_node=obj.hostname)


def jobs_of_group(obj: InstanceGroup, user: Any) -> Any:
    """Jobs that ran on the group's account."""
    return registry.by_slug("unified_jobs").model.objects.filter(instance_group=obj)


def templates_of(obj: ExecutionEnvironment, user: Any) -> Any:
    """Templates that name the environment."""
    return registry.by_slug("unified_job_templates").model.objects.filter(execution_environment=obj)


def no_addresses(obj: Instance, user: Any) -> Any:
    """Peers; workers talk through the broker, so there are none."""
    return ReceptorAddress.objects.none()


def check_join(user: Any, group: InstanceGroup, instance: Instance) -> None:
    """Nodes that run no jobs are in the groups where the server puts them."""
    if instance.node_type in ("control", "hop"):
        raise BadRequest(
            {"msg": f"The groups of {instance.hostname} cannot change: it is a {instance.node_type} node."}
        )


def check_leave(user: Any, group: InstanceGroup, instance: Instance) -> None:
    """A hybrid node stays in the control plane."""
    check_join(user, group, instance)
    if instance.node_type == "hybrid" and group.name == "controlplane":
        raise BadRequest({"msg": f"The hybrid node {instance.hostname} stays in {group.name}."})


def join(user: Any, group: InstanceGroup, instance: Instance) -> None:
    """Someone puts an instance into a group."""
    join_group(group, instance)


def leave(user: Any, group: InstanceGroup, instance: Instance) -> None:
    """Someone takes it out."""
    leave_group(group, instance)


class HealthCheckSerializer(serializers.ModelSerializer):
    """The last health check."""

    class Meta:
        model = Instance
        fields = (
            "uuid", "hostname", "ip_address", "version", "last_health_check", "errors", "cpu", "memory",
            "cpu_capacity", "mem_capacity", "capacity",
        )  # fmt: skip
        read_only_fields = fields


class HealthCheckView(VerbView):
    """GET the last check, POST asks for a new one."""

    serializer_class = HealthCheckSerializer

    def get_object(self) -> Instance:
        """Execution nodes are asked; as in AWX, the others say how they are by themselves."""
        found = super().get_object()
        if found.node_type != "execution":
            raise Http404
        return found

    def get(self, request: Request, pk: int) -> Response:
        """What the last check found."""
        return Response(HealthCheckSerializer(self.get_object()).data)

    def post(self, request: Request, pk: int) -> Response:
        """Ask the instance itself; it answers through its heartbeat."""
        obj = self.require("change")
        Instance.objects.filter(pk=obj.pk).update(health_check_started=timezone.now())
        ask_health_check(obj.hostname)
        return Response({"msg": f"Health check is running for {obj.hostname}."})


class InstallBundleView(VerbView):
    """AWX builds an archive that installs a receptor node; here hosts join by DATABASE_URL and REDIS_URL."""

    serializer_class = InstanceSerializer

    def get(self, request: Request, pk: int) -> Response:
        """There is no bundle."""
        self.get_object()
        raise BadRequest({"msg": "Hosts join with DATABASE_URL, REDIS_URL and SECRET_KEY; there is no bundle."})


@register("instances")
class Instances(Resource):
    """Hosts that run jobs."""

    model = Instance
    serializer_class = InstanceSerializer
    access = InstanceAccess
    detail_methods = ("get", "put", "patch")
    named_by = (("hostname",),)
    summary = ("id", "hostname")
    search = ("hostname",)
    unfilterable = ("consumed_capacity", "percent_capacity_remaining", "jobs_running", "jobs_total", *MESH_FIELDS)
    unlinked = ("health_check", "install_bundle")
    sublists = (
        Sub("jobs", slug="unified_jobs", rows=jobs_of_instance),
        Sub(
            "instance_groups",
            source="rampart_groups",
            attach=True,
            create=True,
            check_attach=lambda user, instance, group: check_join(user, group, instance),
            check_detach=lambda user, instance, group: check_leave(user, group, instance),
            on_attach=lambda user, instance, group: join(user, group, instance),
            on_detach=lambda user, instance, group: leave(user, group, instance),
        ),
        Sub("peers", slug="receptor_addresses", rows=no_addresses),
        Sub("receptor_addresses"),
    )
    verbs = (Verb("health_check", HealthCheckView), Verb("install_bundle", InstallBundleView))

    def perform_create(self, serializer: Any, **extra: Any) -> Instance:
        """A new instance joins the groups whose policy wants it."""
        made = super().perform_create(serializer, uuid=identity_of(serializer.validated_data["hostname"]), **extra)
        apply_policies()
        return made

    def perform_update(self, serializer: Any) -> Instance:
        """What changes its capacity counts at once."""
        changed = super().perform_update(serializer)
        settle(changed)
        apply_policies()
        return changed

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """What OPTIONS says of fields whose class says otherwise."""
        return {"peers": "field", "jobs_running": "integer", "jobs_total": "integer"}.get(name)


@register("instance_groups")
class InstanceGroups(Resource):
    """Groups of instances."""

    model = InstanceGroup
    serializer_class = InstanceGroupSerializer
    access = InstanceGroupAccess
    named_by = (("name",),)
    summary = ("id", "name", "is_container_group")
    search = ("name",)
    unfilterable = (
        "capacity",
        "consumed_capacity",
        "percent_capacity_remaining",
        "jobs_running",
        "jobs_total",
        "instances",
    )
    sublists = (
        Sub("jobs", slug="unified_jobs", rows=jobs_of_group),
        Sub(
            "instances", attach=True, check_attach=check_join, check_detach=check_leave, on_attach=join, on_detach=leave
        ),
        *ROLES,
    )

    def perform_destroy(self, obj: InstanceGroup) -> Response | None:
        """Not while jobs run on its account."""
        running = jobs_of_group(obj, self.request.user).filter(status__in=BUSY).order_by("pk")[:100]
        active = [{"type": self.type_name(type(job)), "id": job.pk} for job in running]
        if active:
            raise Conflict({"error": "Jobs are using the group.", "active_jobs": active})
        return super().perform_destroy(obj)

    def perform_create(self, serializer: Any, **extra: Any) -> InstanceGroup:
        """The policy acts at once."""
        made = super().perform_create(serializer, **extra)
        apply_policies()
        return made

    def perform_update(self, serializer: Any) -> InstanceGroup:
        """So does a changed one."""
        changed = super().perform_update(serializer)
        apply_policies()
        return changed

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """What OPTIONS says of fields whose class says otherwise."""
        return {"jobs_total": "integer", "policy_instance_list": "json"}.get(name)


@register("execution_environments")
class ExecutionEnvironments(Resource):
    """Container images for jobs."""

    model = ExecutionEnvironment
    serializer_class = ExecutionEnvironmentSerializer
    access = ExecutionEnvironmentAccess
    named_by = (("name",),)
    summary = ("id", "name", "description", "image")
    copies = ()
    copy_resets = ("managed",)
    sublists = (
        Sub("unified_job_templates", slug="unified_job_templates", rows=templates_of),
        audited(),
    )

    def update(self, request: Request, pk: int, *, partial: bool = False) -> Response:
        """A PUT of a managed environment names all that stays, as it is."""
        if not partial:
            obj = self.get_object()
            if obj.managed and any(request.data.get(name) != shown(getattr(obj, name)) for name in FIXED):
                raise PermissionDenied
        return super().update(request, pk, partial=partial)


@register("receptor_addresses")
class ReceptorAddresses(Resource):
    """Addresses of a mesh; read only."""

    model = ReceptorAddress
    serializer_class = ReceptorAddressSerializer
    list_methods = ("get",)
    detail_methods = ("get",)
    search = ("address",)
    summary = ("id", "address")


@page("mesh_visualizer/", root="mesh_visualizer")
class MeshVisualizer(PageView):
    """The instances as nodes; workers talk through the broker, so there are no links."""

    title = "Mesh Visualizer"

    def get(self, request: Request) -> Response:
        """{nodes, links}, for administrators and auditors of the system."""
        user: Any = request.user
        if not (user.is_superuser or user.is_system_auditor):
            raise PermissionDenied
        rows = Instances.access_for(user).visible(Instance.objects.all())
        columns = ("id", "node_type", "hostname", "node_state", "enabled")
        nodes = [dict(zip(columns, row, strict=True)) for row in rows.values_list(*columns)]
        return Response({"nodes": nodes, "links": []})
