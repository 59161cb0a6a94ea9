"""bulk/job_launch/: many jobs at once, as the nodes of one workflow job; the number of queries does not grow."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.conf import live
from apps.core import links, registry
from apps.core.registry import page
from apps.core.resources import View
from apps.credentials.models import Credential
from apps.identity.models import Label, Organization
from apps.instances.models import ExecutionEnvironment, InstanceGroup
from apps.inventory.models import Inventory
from apps.unified.models import UnifiedJobTemplate
from apps.unified.prompt_fields import JOB_TYPES, VERBOSITIES
from apps.unified.prompts import SHORT, survey_variables

from .models import WorkflowJob, WorkflowJobNode
from .models.node import new_identifier
from .models.template import WORKFLOW_PROMPTS
from .resources import WorkflowJobs
from .serializers import LaunchVariables, WorkflowJobSerializer
from .services.launching import launch_bulk

MOST = 100_000
STARTABLE = ("jobtemplate", "workflowjobtemplate", "project", "inventorysource")
# what a job points to -> (model, the action that is needed on it)
TARGETS: dict[str, tuple[Any, str]] = {
    "inventory": (Inventory, "use"),
    "execution_environment": (ExecutionEnvironment, "view"),
    "credentials": (Credential, "use"),
    "labels": (Label, "view"),
    "instance_groups": (InstanceGroup, "use"),
}
MANY = ("credentials", "labels", "instance_groups")


def ids() -> serializers.ListField:
    """A list of ids."""
    return serializers.ListField(child=serializers.IntegerField(min_value=1), required=False)


class BulkNodes(serializers.ListSerializer):
    """The jobs; their errors are a list with an entry for each of them, as AWX has it."""

    def to_internal_value(self, data: Any) -> Any:
        """REST framework's own form is an object by position."""
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            found: Any = error.detail
            if isinstance(data, list) and found and all(isinstance(key, int) for key in found):
                raise serializers.ValidationError([found.get(i, {}) for i in range(len(data))]) from error
            raise


class BulkNodeSerializer(serializers.Serializer):
    """One of the jobs."""

    unified_job_template = serializers.IntegerField(min_value=1)
    identifier = serializers.CharField(required=False, max_length=512)
    inventory = serializers.IntegerField(required=False, min_value=1)
    execution_environment = serializers.IntegerField(required=False, min_value=1)
    credentials = ids()
    labels = ids()
    instance_groups = ids()
    extra_data = LaunchVariables(required=False)
    scm_branch = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    job_type = serializers.ChoiceField(choices=JOB_TYPES, required=False, allow_blank=True, allow_null=True)
    job_tags = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    skip_tags = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    limit = serializers.CharField(required=False, allow_blank=True, allow_null=True)
    diff_mode = serializers.BooleanField(required=False, allow_null=True)
    verbosity = serializers.ChoiceField(choices=VERBOSITIES, required=False, allow_null=True)
    forks = serializers.IntegerField(required=False, min_value=0, allow_null=True)
    job_slice_count = serializers.IntegerField(required=False, min_value=0, allow_null=True)
    timeout = serializers.IntegerField(required=False, allow_null=True)

    class Meta:
        list_serializer_class = BulkNodes


def text() -> serializers.CharField:
    """A prompt for all jobs."""
    return serializers.CharField(required=False, write_only=True)


class BulkLaunchSerializer(serializers.Serializer):
    """The jobs, and what counts for all of them."""

    name = serializers.CharField(default="Bulk Job Launch", max_length=512, required=False, write_only=True)
    jobs = BulkNodeSerializer(many=True, allow_empty=False, max_length=MOST, write_only=True)  # type: ignore[call-arg]
    description = text()
    extra_vars = LaunchVariables(required=False, write_only=True)
    organization = serializers.PrimaryKeyRelatedField(
        queryset=Organization.objects.all(), required=False, allow_null=True, default=None, write_only=True
    )
    inventory = serializers.PrimaryKeyRelatedField(queryset=Inventory.objects.all(), required=False, write_only=True)
    limit = text()
    scm_branch = text()
    skip_tags = text()
    job_tags = text()

    class Meta:
        model = WorkflowJob  # for OPTIONS

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Everything that the jobs name is there, and is the user's to use."""
        user, jobs = self.context["request"].user, attrs["jobs"]
        if len(jobs) > live.get("BULK_JOB_MAX_LAUNCH"):
            refuse(f"At most {live.get('BULK_JOB_MAX_LAUNCH')} jobs can be launched at once.")
        given = [job["identifier"] for job in jobs if "identifier" in job]
        if len(set(given)) < len(given):
            refuse("An identifier is used twice.")
        self.templates = startable(user, {job["unified_job_template"] for job in jobs})
        self.found = {name: usable(user, name, asked(jobs, name)) for name in TARGETS}
        if attrs.get("inventory"):
            usable(user, "inventory", {attrs["inventory"].pk})
        attrs["organization"] = home(user, attrs.get("organization"))
        return attrs


def refuse(sentence: str) -> None:
    """400 under __all__."""
    raise serializers.ValidationError(sentence)


def asked(jobs: Iterable[dict[str, Any]], name: str) -> set[int]:
    """The ids that the jobs name."""
    if name in MANY:
        return {pk for job in jobs for pk in job.get(name, ())}
    return {job[name] for job in jobs if name in job}


def startable(user: Any, wanted: set[int]) -> dict[int, Any]:
    """{pk: template} of those that the user may start; refused where one is not among them."""
    rows = UnifiedJobTemplate.objects.filter(pk__in=wanted, polymorphic_ctype__model__in=STARTABLE)
    if not registry.by_slug("unified_job_templates").access_for(user).everything:
        rows = rows.permitted_to(user, "start")
    found = {row.pk: row for row in rows}
    lacking = sorted(wanted - found.keys())
    if lacking:
        refuse(f"You may not launch these templates, or they do not exist: {', '.join(map(str, lacking))}.")
    return found


def usable(user: Any, name: str, wanted: set[int]) -> dict[int, Any]:
    """{pk: row} of what the user may use; refused where one is not among them."""
    if not wanted:
        return {}
    model, action = TARGETS[name]
    access = registry.for_model(model).access_for(user)
    rows = model._default_manager.filter(pk__in=wanted)
    rows = access.visible(rows) if action == "view" or access.everything else rows.permitted_to(user, action)
    found = {row.pk: row for row in rows}
    lacking = sorted(wanted - found.keys())
    if lacking:
        refuse(f"{name}: you may not use these, or they do not exist: {', '.join(map(str, lacking))}.")
    return found


def home(user: Any, organization: Organization | None) -> Organization | None:
    """The organization of the workflow job: the given one, or the only one that the user is a member of."""
    access = registry.by_slug("organizations").access_for(user)
    if access.everything:
        return organization
    own = set(user.organizations_as("member_role", "admin_role"))
    if organization is not None:
        if organization.pk not in own:
            refuse("You are not a member of this organization.")
        return organization
    if len(own) != 1:
        refuse("Name the organization: you are a member of none, or of several.")
    return Organization.objects.get(pk__in=own)


@page("bulk/job_launch/")
class BulkLaunchView(View, GenericAPIView):
    """POST {"jobs": [{"unified_job_template": 7}, …]}"""

    serializer_class = BulkLaunchSerializer
    http_method_names = ["get", "post", "options"]
    pagination_class = None
    filter_backends = ()
    title = "Bulk Job Launch"
    resource = WorkflowJobs

    def adjust_metadata(self, fields: dict[str, Any], method: str) -> dict[str, Any]:
        """AWX's word for the list of jobs."""
        if "jobs" in fields:
            fields["jobs"] |= {"type": "field", "child": {"type": "nested object"}}
        return fields

    def get(self, request: Request) -> Response:
        """What can be done here."""
        return Response({"detail": "POST a list of jobs to launch them at once."})

    def post(self, request: Request) -> Response:
        """A workflow job that runs them all."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        job = launch(request.user, cast("BulkLaunchSerializer", given))
        shown = WorkflowJobSerializer(
            WorkflowJob.objects.non_polymorphic().get(pk=job.pk),
            context={"request": request, "view": self, "detail": True},
        )
        location = f"{links.list_url('workflow_jobs')}{job.pk}/"
        return Response(shown.data, status=status.HTTP_201_CREATED, headers={"Location": location})


def launch(user: Any, given: BulkLaunchSerializer) -> WorkflowJob:
    """Make the workflow job and its nodes."""
    data = given.validated_data
    job = WorkflowJob(
        name=data["name"], description=data.get("description", ""), organization=data["organization"],
        inventory=data.get("inventory"), extra_vars=json.dumps(data.get("extra_vars", {})), is_bulk_job=True,
        created_by=user, launch_type="manual",
    )  # fmt: skip
    job.char_prompts = {name: data[name] for name in WORKFLOW_PROMPTS if data.get(name)}
    return launch_bulk(job, [node_of(entry, given) for entry in data["jobs"]])


def node_of(entry: dict[str, Any], given: BulkLaunchSerializer) -> tuple[WorkflowJobNode, dict[str, list[Any]]]:
    """A node, and its many-to-many answers."""
    template = given.templates[entry["unified_job_template"]]
    node = WorkflowJobNode(
        unified_job_template_id=template.pk, identifier=entry.get("identifier") or new_identifier(),
        inventory_id=entry.get("inventory"), execution_environment_id=entry.get("execution_environment"),
    )  # fmt: skip
    node.char_prompts = {name: entry[name] for name in SHORT if entry.get(name) not in (None, "")}
    node.keep_secrets(entry.get("extra_data", {}), survey_variables(template, secret=True))
    return node, {name: [given.found[name][pk] for pk in entry.get(name, ())] for name in MANY}
