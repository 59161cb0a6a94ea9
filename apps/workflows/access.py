"""Who may do what with workflows, their nodes, jobs and approvals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.core.access import Access
from apps.identity.models import Organization
from apps.unified.access import UnifiedJobAccess
from apps.unified.models import JobLaunchConfig
from apps.unified.schedules.access import family

from .models import WorkflowJob, WorkflowJobTemplate


class WorkflowTemplateAccess(Access):
    """Workflow templates belong to organizations; those without one are the superusers'."""

    needs = {"organization": "add_workflowjobtemplate", "inventory": "use", "webhook_credential": "use"}
    creator_needs = ("organization",)

    def offers_add(self) -> bool:
        """Whether OPTIONS offers POST: whoever may add workflows to some organization."""
        return self.everything or Organization.objects.permitted_to(self.user, "add_workflowjobtemplate").exists()

    def may_copy(self, obj: WorkflowJobTemplate) -> bool:
        """Who sees it and may add workflows to its organization; what its nodes use is asked of each node."""
        if self.everything:
            return True
        home = obj.organization
        return home is not None and self.may("view", obj) and self.allows(home, "add_workflowjobtemplate")

    def capabilities(self, objects: Any, wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """`copy` is a right on the organization."""
        objects = list(objects)
        out = super().capabilities(objects, wanted)
        if self.everything:
            return out
        ids = {obj.organization_id for obj in objects} - {None}
        addable = set(
            Organization.objects.permitted_to(self.user, "add_workflowjobtemplate")
            .filter(pk__in=ids)
            .values_list("pk", flat=True)
        )
        for obj in objects:
            out[obj.pk]["copy"] = obj.organization_id in addable
        return out


class NodeAccess(Access):
    """Nodes follow their workflow; what they run must be the user's to run."""

    needs = {
        "workflow_job_template": "change",
        "unified_job_template": "start",
        "inventory": "use",
        "execution_environment": "view",
    }
    creator_needs = ("workflow_job_template",)

    def offers_add(self) -> bool:
        """Whether OPTIONS offers POST: whoever may change some workflow."""
        return self.everything or WorkflowJobTemplate.objects.permitted_to(self.user, "change").exists()

    def allows(self, target: Any, action: str) -> bool:
        """The template's own kind knows what starting it needs."""
        if action == "start":
            return action in family(target).held(self.user, [target]).get(target.pk, ())
        return super().allows(target, action)

    def may_attach(self, parent: Any, child: Any, sub: Any) -> bool:
        """Linking two nodes needs the right on the workflow alone."""
        return self.may("change", parent) and (type(child) is type(parent) or self.allows(child, sub.role))


class JobNodeAccess(Access):
    """Nodes of workflow jobs are read by whoever reads the job."""


class WorkflowJobAccess(UnifiedJobAccess):
    """Workflow jobs follow their template."""

    def may_relaunch(self, job: WorkflowJob) -> bool:
        """Start the template with the answers the job had; somebody else's secret answers stay his."""
        if self.everything:
            return True
        if not self.may("start", job):
            return False
        config = JobLaunchConfig.objects.filter(job=job).first()
        if config is None:
            return True
        if config.survey_passwords and job.created_by_id != self.user.pk:
            return False
        needed = [(config.inventory, "use"), *((label, "view") for label in config.labels.all())]
        return all(target is None or self.allows(target, action) for target, action in needed)


class ApprovalTemplateAccess(Access):
    """Approval templates follow the workflow whose node asks; they are made at the node."""


class ApprovalAccess(UnifiedJobAccess):
    """Approvals are read by the workflow's readers and answered by its approvers."""
