"""job_templates, jobs, job_events, job_host_summaries, ad_hoc_commands, ad_hoc_command_events."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.audit import audited
from apps.core.errors import BadRequest, Conflict
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb
from apps.identity.sublists import LABELS, ROLES, Labelled
from apps.inventory.models import Inventory
from apps.unified import services as unified
from apps.unified.events.rows import of_job
from apps.unified.followers.views import JobLiveView
from apps.unified.models import AdHocCommandEvent, JobEvent
from apps.unified.resources import JobResource
from apps.unified.stdout import StdoutView
from apps.unified.verbs import CancelView, PlainCancelView

from . import access, serializers, verbs, webhooks
from .credentials import JOB_KINDS, called, slot
from .models import AdHocCommand, Job, JobHostSummary, JobTemplate
from .services import launch_ad_hoc
from .services.prompts import needed_passwords

HOOKS = ("github", "gitlab", "bitbucket_dc")
EVENTS = ("started", "success", "error")
FEW, MOST = 50, 1000  # events of an answer with ?limit=


def check_credential(user: Any, template: JobTemplate, credential: Any) -> None:
    """A kind that jobs can use, and a slot that is free."""
    if credential.credential_type.kind not in JOB_KINDS:
        raise BadRequest({"error": f"A {called(credential)} credential cannot be used by a job."})
    kept = template.credentials.select_related("credential_type")
    if any(slot(other) == slot(credential) for other in kept):
        raise BadRequest({"error": f"The template has a {called(credential)} credential already."})


def events_of(job: Any, user: Any) -> Any:
    """The events of a job, from their partition."""
    return of_job(job)


def children_of(event: JobEvent, user: Any) -> Any:
    """The events below an event."""
    return JobEvent.objects.filter(job=event.job_id, job_created=event.job_created, parent_uuid=event.uuid)


def active_conflict(jobs: Any) -> Conflict:
    """409 that names the jobs in the way."""
    shown = [{"id": job.pk, "type": Resource.type_name(type(job))} for job in jobs]
    return Conflict({"error": "Jobs that are not over use this.", "active_jobs": shown})


def nobody(user: Any, parent: Any, data: Any) -> bool:
    """Only a launch makes the workflow job of slices; AWX describes the POST all the same."""
    return False


@register("job_templates")
class JobTemplates(Labelled, Resource):
    """What jobs are launched from."""

    model = JobTemplate
    serializer_class = serializers.JobTemplateSerializer
    access = access.JobTemplateAccess
    joins = ("project",)
    named_by = (("name",), ("organization__name",))
    named_short = True
    copies = ("labels", "instance_groups", "credentials")
    copy_resets = (
        "status", "current_job", "last_job", "last_job_failed", "last_job_run", "next_job_run", "next_schedule",
        "host_config_key",
    )  # fmt: skip
    unlinked = ("callback", "retry_policy", *HOOKS)
    sublists = (
        Sub("jobs"),
        Sub("schedules", create=True, key="unified_job_template", parent_role="execute"),
        Sub("credentials", attach=True, create=True, role="use", check_attach=check_credential),
        LABELS,
        Sub("instance_groups", attach=True, ordered=True, role="use"),
        *(Sub(f"notification_templates_{event}", attach=True, create=True) for event in EVENTS),
        Sub("slice_workflow_jobs", create=True, may_add=nobody),
        audited(),
        *ROLES,
    )
    verbs = (
        Verb("launch", verbs.LaunchView),
        Verb("callback", verbs.CallbackView),
        Verb("survey_spec", verbs.SurveyView),
        Verb("webhook_key", verbs.WebhookKeyView),
        Verb("retry_policy", verbs.RetryPolicyView),
        *(Verb(name, verbs.receiver(name)) for name in HOOKS),
    )

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """What the launch takes, in the words of the awx command."""
        words = {
            "credentials": "list_of_ids",
            "credential_passwords": "json",
            "can_start_without_user_input": "boolean",
        }
        return words.get(name)

    def perform_create(self, serializer: Any, **extra: Any) -> Any:
        """A webhook service gets a key."""
        return super().perform_create(serializer, **extra, **new_key(serializer, None))

    def perform_update(self, serializer: Any) -> Any:
        """Another webhook service gets another key, none gets none."""
        return serializer.save(**new_key(serializer, serializer.instance))

    def check_delete(self, obj: JobTemplate) -> None:
        """Not while jobs run; rights come first, so that an outsider learns nothing."""
        if self.access_for(self.request.user).may("delete", obj):
            active = list(unified.active_jobs([obj.pk]).get_real_instances())
            if active:
                raise active_conflict(active)

    @staticmethod
    def before_copy(obj: JobTemplate, twin: JobTemplate, user: Any) -> None:
        """The copy listens with a key of its own."""
        twin.webhook_key = webhooks.new_key() if twin.webhook_service else ""


def new_key(serializer: Any, before: JobTemplate | None) -> dict[str, str]:
    """The webhook key as a column to save, where it changes."""
    service = serializer.validated_data.get("webhook_service")
    if service is None or service == (before.webhook_service if before else ""):
        return {}
    return {"webhook_key": webhooks.new_key() if service else ""}


@register("jobs")
class Jobs(JobResource):
    """Runs of job templates."""

    model = Job
    serializer_class = serializers.JobSerializer
    list_serializer_class = serializers.JobListSerializer
    access = access.JobAccess
    summary = ("id", "name", "description", "status", "failed", "elapsed")
    unlinked = ("job_events/children_summary", "live")
    sublists = (
        Sub("job_events", slug="job_events", rows=events_of, visible_all=True, order_by=("counter",)),
        Sub("job_host_summaries", visible_all=True),
        Sub("labels"),
        Sub("credentials"),
        Sub("notifications", visible_all=True),
        audited(),
    )
    verbs = (
        Verb("cancel", PlainCancelView),
        Verb("relaunch", verbs.RelaunchJobView),
        Verb("create_schedule", verbs.CreateScheduleView),
        Verb("stdout", StdoutView),
        Verb("live", JobLiveView),
        Verb("job_events/children_summary", verbs.ChildrenSummaryView),
    )


class Events(Resource):
    """What jobs said; there is no list of all of them."""

    access = access.OfJobAccess
    list_methods = ()
    detail_methods = ("get",)
    search = ("stdout",)
    reserved_params = ("no_truncate",)

    def list(self, request: Request, **kwargs: Any) -> Response:
        """`?limit=` gives just so many rows, without counting: for those who follow a job."""
        asked = request.query_params.get("limit")
        if asked is None:
            return super().list(request, **kwargs)
        self.check_list(request)
        size = min(int(asked), MOST) if asked.isdecimal() and asked.isascii() else FEW
        rows = self.filter_queryset(self.get_queryset())[:size]
        return Response({"results": self.get_serializer(rows, many=True).data})

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """Texts that are worked out."""
        return "string" if name in ("event_display", "stdout") else None


@register("job_events")
class JobEvents(Events):
    """What a job said."""

    model = JobEvent
    serializer_class = serializers.JobEventSerializer
    sublists = (Sub("children", slug="job_events", rows=children_of, visible_all=True, order_by=("counter",)),)


@register("job_host_summaries")
class JobHostSummaries(Resource):
    """What jobs did to hosts."""

    model = JobHostSummary
    serializer_class = serializers.JobHostSummarySerializer
    access = access.OfJobAccess
    list_methods = ()
    detail_methods = ("get",)
    search = ("host_name",)
    summary = ("id", "failed")


@register("ad_hoc_commands")
class AdHocCommands(JobResource):
    """Single modules, run without a template."""

    model = AdHocCommand
    serializer_class = serializers.AdHocCommandSerializer
    list_serializer_class = serializers.AdHocCommandListSerializer
    access = access.AdHocCommandAccess
    list_methods = ("get", "post")
    summary = ("id", "name", "description", "status", "failed", "elapsed")
    sublists = (
        Sub("events", slug="ad_hoc_command_events", rows=events_of, visible_all=True, order_by=("counter",)),
        Sub("notifications", visible_all=True),
        audited(),
    )
    unlinked = ("live",)
    verbs = (
        Verb("cancel", CancelView),
        Verb("relaunch", verbs.RelaunchCommandView),
        Verb("stdout", StdoutView),
        Verb("live", JobLiveView),
    )

    @classmethod
    def type_of(cls, name: str) -> str | None:
        """AWX calls these variables a text."""
        return "string" if name == "extra_vars" else None

    def create(self, request: Request, **kwargs: Any) -> Response:
        """An inventory that is not there is told before anything else."""
        asked = cast("dict[str, Any]", request.data).get("inventory")
        if asked is not None and not known(asked):
            raise BadRequest({"detail": "There is no such inventory."})
        return super().create(request, **kwargs)

    def perform_create(self, serializer: Any, **extra: Any) -> AdHocCommand:
        """Submit it at once; passwords that the credential asks for come in the same body."""
        credential = serializer.validated_data["credential"]
        needed = needed_passwords([credential])
        given = cast("dict[str, Any]", self.request.data)
        lacking = [name for name in needed if not isinstance(given.get(name), str)]
        if lacking:
            raise BadRequest({"passwords_needed_to_start": lacking})
        with transaction.atomic():
            command = serializer.save(**extra)
            launch_ad_hoc(command, passwords={name: given[name] for name in needed})
        return command

    def created(self, serializer: Any, obj: AdHocCommand) -> Response:
        """The answer is of the moment before it was submitted."""
        obj.status = "new"
        return super().created(serializer, obj)


def known(asked: Any) -> bool:
    """Whether this is the id of an inventory."""
    if isinstance(asked, bool) or not str(asked).isdecimal():
        return False
    return Inventory.objects.filter(pk=int(asked)).exists()


@register("ad_hoc_command_events")
class AdHocCommandEvents(Events):
    """What a command said."""

    model = AdHocCommandEvent
    serializer_class = serializers.AdHocCommandEventSerializer
