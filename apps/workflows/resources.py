"""workflow_job_templates, workflow_jobs, their nodes, approvals and what they are made from."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.core import registry
from apps.core.audit import audited
from apps.core.errors import Conflict
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb
from apps.identity.sublists import LABELS, ROLES, Labelled
from apps.jobs import verbs as job_verbs
from apps.jobs.webhooks import new_key
from apps.unified import services as unified
from apps.unified.prompt_fields import check_credential
from apps.unified.resources import JobResource
from apps.unified.schedules.sublists import SCHEDULES
from apps.unified.verbs import CancelView

from . import access, verbs
from .models import (
    WorkflowApproval,
    WorkflowApprovalTemplate,
    WorkflowJob,
    WorkflowJobNode,
    WorkflowJobTemplate,
    WorkflowJobTemplateNode,
)
from .node_serializers import JobNodeSerializer, NodeSerializer
from .serializers import (
    WorkflowApprovalListSerializer,
    WorkflowApprovalSerializer,
    WorkflowApprovalTemplateSerializer,
    WorkflowJobListSerializer,
    WorkflowJobSerializer,
    WorkflowJobTemplateSerializer,
)
from .services.copying import copy_nodes
from .services.graph import KINDS
from .services.links import check_link

HOOKS = ("github", "gitlab", "bitbucket_dc")
EVENTS = ("started", "success", "error", "approvals")


@register("workflow_job_templates")
class WorkflowJobTemplates(Labelled, Resource):
    """Graphs of templates."""

    model = WorkflowJobTemplate
    serializer_class = WorkflowJobTemplateSerializer
    access = access.WorkflowTemplateAccess
    joins = ("organization",)
    named_by = (("name",), ("organization__name",))
    copies = ("labels", *(f"notification_templates_{event}" for event in EVENTS))
    copy_resets = (
        "status", "current_job", "last_job", "last_job_failed", "last_job_run", "next_job_run", "next_schedule",
    )  # fmt: skip
    unlinked = HOOKS
    summary = ("id", "name", "description")
    sublists = (
        Sub("workflow_jobs"),
        SCHEDULES,
        Sub(
            "workflow_nodes", source="workflow_job_template_nodes", create=True, key="workflow_job_template",
            visible_all=True, order_by=("pk",),
        ),
        LABELS,
        *(Sub(f"notification_templates_{event}", attach=True, create=True) for event in EVENTS),
        audited(),
        *ROLES,
    )  # fmt: skip
    verbs = (
        Verb("launch", verbs.LaunchView),
        Verb("survey_spec", job_verbs.SurveyView),
        Verb("webhook_key", job_verbs.WebhookKeyView),
        *(Verb(name, job_verbs.receiver(name, verbs.WorkflowReceiverView)) for name in HOOKS),
    )

    def check_delete(self, obj: WorkflowJobTemplate) -> None:
        """Not while jobs run; rights come first, so that an outsider learns nothing."""
        if self.access_for(self.request.user).may("delete", obj):
            refuse_active(obj.pk)

    def perform_destroy(self, obj: WorkflowJobTemplate) -> None:
        """The questions at its nodes go with it."""
        questions = WorkflowApprovalTemplate.objects.filter(workflowjobtemplatenodes__workflow_job_template=obj)
        for question in list(questions):
            question.delete()
        super().perform_destroy(obj)

    @classmethod
    def copy_report(cls, user: Any, obj: WorkflowJobTemplate) -> dict[str, Any]:
        """What the copier may not use, and what therefore would be left out of the copy."""
        lacking = unusable(user, obj)
        return {"can_copy_without_user_input": not any(lacking.values()), **lacking}

    @staticmethod
    def before_copy(obj: WorkflowJobTemplate, twin: WorkflowJobTemplate, user: Any) -> None:
        """The copy listens with a key of its own, and takes only what the copier may use."""
        twin.webhook_key = new_key() if twin.webhook_service else ""
        for name in ("inventory", "webhook_credential"):
            if not may_use(user, getattr(twin, name)):
                setattr(twin, name, None)

    @staticmethod
    def after_copy(obj: WorkflowJobTemplate, twin: WorkflowJobTemplate, user: Any) -> None:
        """The nodes; each keeps what the copier may use, and questions are asked anew."""
        copy_nodes(obj, twin, keep=lambda found: may_use(user, found))
        for node in twin.workflow_job_template_nodes.all():
            template = node.unified_job_template
            if isinstance(template, WorkflowApprovalTemplate):
                node.unified_job_template = WorkflowApprovalTemplate.objects.create(
                    name=template.name, description=template.description, timeout=template.timeout,
                    organization_id=twin.organization_id,
                )  # fmt: skip
            elif template is not None and not startable(user, template):
                node.unified_job_template = None
            if not may_use(user, node.inventory):
                node.inventory = None
            node.save()


def may_use(user: Any, target: Any) -> bool:
    """Whether the user may use (or, of labels, see) what a node points to."""
    if target is None:
        return True
    action = "view" if type(target).__name__ in {"Label", "ExecutionEnvironment"} else "use"
    return registry.for_model(type(target)).access_for(user).may(action, target)


def startable(user: Any, template: Any) -> bool:
    """Whether the user may start a template of any kind."""
    if isinstance(template, WorkflowApprovalTemplate):
        return True
    return registry.for_model(type(template)).access_for(user).may(type(template).start_action, template)


def unusable(user: Any, workflow: WorkflowJobTemplate) -> dict[str, list[str]]:
    """Names of templates, credentials and inventories at the nodes that the user may not use."""
    out: dict[str, list[str]] = {
        "templates_unable_to_copy": [],
        "credentials_unable_to_copy": [],
        "inventories_unable_to_copy": [],
    }
    for node in workflow.workflow_job_template_nodes.order_by("pk").prefetch_related("credentials"):
        template = node.unified_job_template
        if template is not None and not startable(user, template):
            out["templates_unable_to_copy"].append(template.name)
        out["credentials_unable_to_copy"] += [c.name for c in node.credentials.all() if not may_use(user, c)]
        if not may_use(user, node.inventory):
            out["inventories_unable_to_copy"].append(node.inventory.name)
    return out


def refuse_active(template: int) -> None:
    """409 that names the jobs in the way."""
    active = list(unified.active_jobs([template]).get_real_instances())
    if active:
        shown = [{"id": job.pk, "type": Resource.type_name(type(job))} for job in active]
        raise Conflict({"error": "Jobs that are not over use this.", "active_jobs": shown})


def edge(kind: str) -> Sub:
    """The nodes that follow a node on one kind of edge."""

    def attach(user: Any, parent: WorkflowJobTemplateNode, child: WorkflowJobTemplateNode) -> None:
        check_link(parent, child, kind)
        getattr(parent, kind).add(child)

    return Sub(
        kind, attach=True, create=True, role="change", on_attach=attach, visible_all=True, fill=workflow_of
    )  # fmt: skip


def workflow_of(parent: WorkflowJobTemplateNode) -> dict[str, Any]:
    """A child made in place belongs to its parent's workflow."""
    return {"workflow_job_template": parent.workflow_job_template_id}


@register("workflow_job_template_nodes")
class WorkflowJobTemplateNodes(Resource):
    """Steps of workflow templates."""

    model = WorkflowJobTemplateNode
    serializer_class = NodeSerializer
    access = access.NodeAccess
    named_by = (("identifier",), ("workflow_job_template__name",), ("workflow_job_template__organization__name",))
    search = ("unified_job_template__name", "unified_job_template__description")
    sublists = (
        *(edge(kind) for kind in KINDS),
        Sub("credentials", attach=True, role="use", check_attach=check_credential),
        LABELS,
        Sub(
            "instance_groups", attach=True, ordered=True, role="use",
            order_by=("workflowjobtemplatenodeinstancegroup__position",),
        ),
    )  # fmt: skip
    verbs = (Verb("create_approval_template", verbs.CreateApprovalView),)

    def adjust_metadata(self, fields: dict[str, Any], method: str) -> dict[str, Any]:
        """The default identifier is a new one each time; OPTIONS shows its form."""
        if "default" in fields.get("identifier", {}):
            fields["identifier"]["default"] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
        return fields

    def perform_update(self, serializer: Any) -> Any:
        """A question that no node asks any more goes."""
        before = serializer.instance.unified_job_template
        with transaction.atomic():
            node = super().perform_update(serializer)
            drop_question(before)
        return node

    def perform_destroy(self, obj: WorkflowJobTemplateNode) -> None:
        """The node's question goes with it."""
        template = obj.unified_job_template
        super().perform_destroy(obj)
        drop_question(template)


def drop_question(template: Any) -> None:
    """Delete an approval template that no node uses."""
    if isinstance(template, WorkflowApprovalTemplate) and not template.workflowjobtemplatenodes.exists():
        template.delete()


@register("workflow_jobs")
class WorkflowJobs(JobResource):
    """Runs of workflows."""

    model = WorkflowJob
    serializer_class = WorkflowJobSerializer
    list_serializer_class = WorkflowJobListSerializer
    access = access.WorkflowJobAccess
    summary = ("id", "name", "description")
    sublists = (
        Sub("workflow_nodes", source="workflow_job_nodes", visible_all=True, order_by=("pk",)),
        Sub("labels"),
        Sub("notifications", visible_all=True),
        audited(),
    )
    verbs = (Verb("cancel", CancelView), Verb("relaunch", verbs.RelaunchView))


@register("workflow_job_nodes")
class WorkflowJobNodes(Resource):
    """Steps of runs."""

    model = WorkflowJobNode
    serializer_class = JobNodeSerializer
    access = access.JobNodeAccess
    list_methods = ("get",)
    detail_methods = ("get",)
    search = ("unified_job_template__name", "unified_job_template__description")
    sublists = (
        *(Sub(kind, visible_all=True) for kind in KINDS),
        Sub("credentials"),
        Sub("labels"),
        Sub(
            "instance_groups", attach=True, ordered=True, role="use",
            order_by=("workflowjobnodeinstancegroup__position",),
        ),
    )  # fmt: skip


@register("workflow_approval_templates")
class WorkflowApprovalTemplates(Resource):
    """Questions at nodes; they are made there."""

    model = WorkflowApprovalTemplate
    serializer_class = WorkflowApprovalTemplateSerializer
    access = access.ApprovalTemplateAccess
    list_methods = ()
    root = "-"
    unlinked = ("approvals",)
    summary = ("id", "name", "description", "timeout")
    sublists = (Sub("approvals"),)

    def check_delete(self, obj: WorkflowApprovalTemplate) -> None:
        """Not while it is asked."""
        if self.access_for(self.request.user).may("delete", obj):
            refuse_active(obj.pk)


@register("workflow_approvals")
class WorkflowApprovals(JobResource):
    """Questions asked."""

    model = WorkflowApproval
    serializer_class = WorkflowApprovalSerializer
    list_serializer_class = WorkflowApprovalListSerializer
    access = access.ApprovalAccess
    summary = ("id", "name", "description", "timeout")
    verbs = (Verb("approve", verbs.ApproveView), Verb("deny", verbs.DenyView))
