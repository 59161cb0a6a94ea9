"""Templates and jobs of all kinds in one list, and what the resource of every kind of job shares."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied

from apps.core.registry import register
from apps.core.resources import Resource

from . import services
from .access import UnifiedJobAccess, UnifiedJobTemplateAccess
from .models import ACTIVE, UnifiedJob, UnifiedJobTemplate
from .models.querysets import kinds
from .serializers import UnifiedJobSerializer, UnifiedJobTemplateSerializer

HIDDEN = {"WorkflowApproval", "WorkflowApprovalTemplate"}  # they are in no unified list
TEMPLATE_KINDS = ("project", "inventory_source", "job_template", "system_job_template", "workflow_job_template")
JOB_KINDS = ("project_update", "inventory_update", "job", "ad_hoc_command", "system_job", "workflow_job")
# AWX's names for what an updated template (a project, an inventory source) ran last -> the columns of every template
UPDATE_NAMES = {
    "current_update": "current_job",
    "last_update": "last_job",
    "last_update_failed": "last_job_failed",
    "last_updated": "last_job_run",
}


class Polymorphic(Resource):
    """A list of several kinds: a page costs its own query, and one per kind that is on it."""

    list_methods = ("get",)
    has_detail = False
    detail_methods = ()

    @classmethod
    def type_models(cls) -> dict[str, Any]:
        """{name in the API: model} of the kinds that the list holds."""
        return {cls.type_name(kind): kind for kind in kinds(cls.model) if kind.__name__ not in HIDDEN}

    @classmethod
    def rows(cls) -> Any:
        """Rows of the kinds that the list holds."""
        from django.contrib.contenttypes.models import ContentType

        found = ContentType.objects.get_for_models(*cls.type_models().values())
        return super().rows().filter(polymorphic_ctype__in=[kind.pk for kind in found.values()])


@register("unified_job_templates")
class UnifiedJobTemplates(Polymorphic):
    """Templates of every kind."""

    model = UnifiedJobTemplate
    serializer_class = UnifiedJobTemplateSerializer
    access = UnifiedJobTemplateAccess
    kinds = TEMPLATE_KINDS
    search = ("name", "description", "jobtemplate__playbook")
    filter_aliases: ClassVar[dict[str, str]] = {"project": "as_project"}
    summary = ("id", "name", "description")


@register("unified_jobs")
class UnifiedJobs(Polymorphic):
    """Jobs of every kind."""

    model = UnifiedJob
    serializer_class = UnifiedJobSerializer
    access = UnifiedJobAccess
    kinds = JOB_KINDS
    search = ("name", "description", "job__playbook")
    summary = ("id", "name", "description", "status", "failed", "elapsed")


class JobResource(Resource):
    """The resource of a kind of job: read, canceled (a verb) and, once it is over, deleted."""

    list_methods = ("get",)
    detail_methods = ("get", "delete")
    access = UnifiedJobAccess

    @classmethod
    def rows(cls) -> Any:
        """Rows of this kind, by plain joins."""
        rows = cls.model._default_manager.all()
        return rows.non_polymorphic() if hasattr(rows, "non_polymorphic") else rows

    def check_delete(self, obj: Any) -> None:
        """What is not over stays, and so does a part of a workflow that is not over."""
        if obj.status in ACTIVE:
            raise PermissionDenied("A job that is not over cannot be deleted.")
        node = obj.workflow_node
        if node is not None and node.workflow_job is not None and node.workflow_job.status in ACTIVE:
            raise PermissionDenied("The job belongs to a workflow that is not over; it cannot be deleted yet.")

    def perform_destroy(self, obj: Any) -> None:
        """Delete it with its events."""
        services.delete_jobs([obj])
