"""What is done to workflows: launch, relaunch, approve, deny, put a question at a node."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from apps.core import links, registry
from apps.core.errors import BadRequest
from apps.core.verb_views import VerbView
from apps.jobs.verbs import ReceiverView
from apps.jobs.webhooks import Event
from apps.unified.prompts import form_of

from .models import WorkflowApprovalTemplate
from .serializers import NewApprovalSerializer, RelaunchSerializer, WorkflowLaunchSerializer, launch_facts
from .services import answers, approvals, launching, relaunching


def shown(view: VerbView, slug: str, obj: Any) -> dict[str, Any]:
    """An object as its own resource shows it."""
    resource = registry.by_slug(slug)
    context_ = {"request": view.request, "view": view, "detail": True}
    return resource.serializer_class(resource.rows().get(pk=obj.pk), context=context_).data


class LaunchView(VerbView):
    """launch/: what it needs, and starting it."""

    serializer_class = WorkflowLaunchSerializer
    page_fields = staticmethod(form_of)

    def get(self, request: Request, pk: int) -> Response:
        """Switches, defaults, and what stands in the way."""
        template = self.get_object()
        missing, rejected = answers.rejected_nodes(template)
        return Response(launch_facts(template, missing, rejected, answers.required(template)))

    def post(self, request: Request, pk: int) -> Response:
        """A new workflow job; 400 for what the template does not take."""
        template = self.require("execute")
        given = self.get_serializer(data=request.data)
        valid = given.is_valid()
        errors = dict(given.errors)
        if not valid:
            asked = {
                k: v for k, v in request.data.items() if k in given.fields and k not in errors and k != "extra_vars"
            }
            raise ValidationError(errors | answers.check(template, asked, needed=False))
        prompts = given.validated_data
        problems = answers.check(template, prompts) | doomed(template, prompts)
        if problems:
            raise ValidationError(problems)
        self.check_rights(prompts)
        job = launching.launch(template, actor=request.user, prompts=prompts)
        body = {"workflow_job": job.pk, "ignored_fields": {}} | shown(self, "workflow_jobs", job)
        location = f"{links.list_url('workflow_jobs')}{job.pk}/"
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": location})

    def check_rights(self, prompts: dict[str, Any]) -> None:
        """What is prompted for must be the user's to use."""
        for target, action in [
            (prompts.get("inventory"), "use"),
            *((label, "view") for label in prompts.get("labels", ())),
        ]:
            if target is not None:
                access = registry.for_model(type(target)).access_for(self.request.user)
                if not access.may(action, target):
                    raise PermissionDenied


def doomed(template: Any, prompts: dict[str, Any]) -> dict[str, list[str]]:
    """An inventory that is being deleted cannot be used any more."""
    inventory = prompts.get("inventory") or template.inventory
    gone = inventory is not None and inventory.pending_deletion
    return {"inventory": ["The inventory is being deleted."]} if gone else {}


class RelaunchView(VerbView):
    """relaunch/: the same again."""

    serializer_class = Serializer

    def get(self, request: Request, pk: int) -> Response:
        """Nothing needs to be known."""
        self.get_object()
        return Response({})

    def post(self, request: Request, pk: int) -> Response:
        """A new job with the same answers; `{"from": "failed"}` keeps what was successful."""
        job = self.get_object()
        if not self.resource.access_for(request.user).may_relaunch(job):
            raise PermissionDenied
        given = RelaunchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if given.validated_data.get("from") == "failed":
            if problem := relaunching.obstacle(job):
                raise ValidationError({"from": [problem]})
            twin = relaunching.go_on(job, actor=request.user)
        else:
            twin = relaunching.relaunch(job, actor=request.user)
        location = f"{links.list_url('workflow_jobs')}{twin.pk}/"
        body = shown(self, "workflow_jobs", twin)
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": location})


class WorkflowReceiverView(ReceiverView):
    """A webhook that launches a workflow."""

    def start(self, template: Any, event: Event, payload: Any) -> None:
        """Launch it with what the service said."""
        launching.launch(template, launch_type="webhook", variables=event.variables(payload), webhook_guid=event.guid)


class AnswerView(VerbView):
    """approve/ and deny/: 204; 400 where the question is answered already."""

    serializer_class = Serializer
    approves = True

    def get(self, request: Request, pk: int) -> Response:
        """Why it ended, if it did."""
        return Response({"job_explanation": self.get_object().job_explanation})

    def post(self, request: Request, pk: int) -> Response:
        """Answer."""
        approval = self.require("approve")
        done = approvals.approve if self.approves else approvals.deny
        if approval.status != "pending" or not done(approval, request.user):
            raise BadRequest({"error": "This approval has been answered, or its time is over."})
        return Response(status=status.HTTP_204_NO_CONTENT)


class ApproveView(AnswerView):
    """approve/"""


class DenyView(AnswerView):
    """deny/"""

    approves = False


class CreateApprovalView(VerbView):
    """create_approval_template/: the node asks from now on, in place of what it ran before."""

    kinds = ("workflow_approval_template",)  # what OPTIONS says that it makes
    serializer_class = NewApprovalSerializer

    def get(self, request: Request, pk: int) -> Response:
        """Nothing needs to be known."""
        self.get_object()
        return Response({})

    def post(self, request: Request, pk: int) -> Response:
        """A new approval template at the node."""
        node = self.require("change")
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            before = node.unified_job_template
            template = WorkflowApprovalTemplate.objects.create(
                organization_id=node.workflow_job_template.organization_id, **given.validated_data
            )
            node.unified_job_template = template
            node.save(update_fields=["unified_job_template"])
            if isinstance(before, WorkflowApprovalTemplate):
                before.delete()
        body = shown(self, "workflow_approval_templates", template)
        location = f"{links.list_url('workflow_approval_templates')}{template.pk}/"
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": location})
