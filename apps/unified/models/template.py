"""What every template has in common: job templates, projects, inventory sources, workflows, cleanings, approvals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import models
from polymorphic.managers import PolymorphicManager
from polymorphic.models import PolymorphicModel

from apps.core.models import Named, OrderedLink

from .job import JOB_STATUSES
from .querysets import TemplateQuerySet

TEMPLATE_STATUSES = (
    *JOB_STATUSES,
    ("never updated", "Never Updated"),
    ("ok", "OK"),
    ("missing", "Missing"),
    ("none", "No External Source"),
    ("updating", "Updating"),
)


class UnifiedJobTemplate(Named, PolymorphicModel):
    """What jobs are made from; the kinds add their own columns in tables of their own."""

    start_action: ClassVar[str] = "execute"  # the right that starting needs: execute, or update
    is_copy = False  # set before a copy is saved
    unique_names: ClassVar[bool] = False  # whether a kind's names are unique within an organization

    organization = models.ForeignKey(
        "identity.Organization", models.SET_NULL, null=True, blank=True, default=None, related_name="%(class)ss"
    )
    status = models.CharField(max_length=32, choices=TEMPLATE_STATUSES, default="never updated", editable=False)
    current_job = models.ForeignKey(
        "unified.UnifiedJob", models.SET_NULL, null=True, default=None, editable=False, related_name="+"
    )
    last_job = models.ForeignKey(
        "unified.UnifiedJob", models.SET_NULL, null=True, default=None, editable=False, related_name="+"
    )
    last_job_failed = models.BooleanField(default=False, editable=False)
    last_job_run = models.DateTimeField(null=True, default=None, editable=False)
    next_job_run = models.DateTimeField(null=True, default=None, editable=False)
    next_schedule = models.ForeignKey(
        "unified.Schedule", models.SET_NULL, null=True, default=None, editable=False, related_name="+"
    )
    execution_environment = models.ForeignKey(
        "instances.ExecutionEnvironment",
        models.SET_NULL,
        null=True,
        blank=True,
        default=None,
        related_name="%(class)ss",
    )
    credentials = models.ManyToManyField("credentials.Credential", related_name="%(class)ss")
    labels = models.ManyToManyField("identity.Label", blank=True, related_name="%(class)s_labels")
    instance_groups = models.ManyToManyField(
        "instances.InstanceGroup", through="TemplateInstanceGroup", related_name="%(class)ss"
    )
    notification_templates_error = models.ManyToManyField(
        "notifications.NotificationTemplate", blank=True, related_name="%(class)s_notification_templates_for_errors"
    )
    notification_templates_success = models.ManyToManyField(
        "notifications.NotificationTemplate", blank=True, related_name="%(class)s_notification_templates_for_success"
    )
    notification_templates_started = models.ManyToManyField(
        "notifications.NotificationTemplate", blank=True, related_name="%(class)s_notification_templates_for_started"
    )

    named_uniquely = models.BooleanField(default=False, editable=False)  # False for copies onto a taken name

    objects = PolymorphicManager.from_queryset(TemplateQuerySet)()

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(fields=("organization", "name"), name="template_organization"),
            models.Index(fields=("name",), name="template_name"),
        )
        constraints = (  # the models look first and say it better; this is for two that look in the same moment
            models.UniqueConstraint(
                fields=("polymorphic_ctype", "organization", "name"),
                condition=models.Q(named_uniquely=True),
                name="template_unique_name",
            ),
            models.UniqueConstraint(  # to the other one, two that have no organization have not the same one
                fields=("polymorphic_ctype", "name"),
                condition=models.Q(named_uniquely=True, organization__isnull=True),
                name="template_unique_name_alone",
            ),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The kind says whether its names are unique; a copy may have a name that is taken, as in AWX."""
        if self._state.adding:
            self.named_uniquely = self.unique_names and not self.is_copy
        super().save(*args, **kwargs)

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """{pk: actions}, asked of each object's own kind; `start` is among them where the kind's word for it is."""
        out: dict[int, set[str]] = {obj.pk: set() for obj in objects}
        if cls is not UnifiedJobTemplate:
            return out  # a kind without rights of its own: for superusers only
        groups = defaultdict(list)
        for obj in objects:
            groups[obj.polymorphic_ctype_id].append(obj)
        for content_type, found in groups.items():
            kind, rows = ContentType.objects.get_for_id(content_type).model_class(), found
            if kind.held.__func__ is UnifiedJobTemplate.held.__func__:
                continue
            if type(rows[0]) is not kind:
                rows = kind._base_manager.filter(pk__in=[row.pk for row in rows])
            for pk, actions in kind.held(user, rows).items():
                out[pk] = actions | ({"start"} if kind.start_action in actions else set())
        return out

    def grants(self, user: Any, action: str) -> bool:
        """Whether the user may do `action`; superusers may."""
        return user.is_superuser or action in type(self).held(user, [self])[self.pk]

    @classmethod
    def job_class(cls) -> Any:
        """The kind of job that this kind of template makes: the one with a foreign key of the template's name."""
        from .querysets import kinds

        name = cls.__name__
        wanted = {"JobTemplate": "Job", "SystemJobTemplate": "SystemJob", "WorkflowJobTemplate": "WorkflowJob",
                  "WorkflowApprovalTemplate": "WorkflowApproval", "Project": "ProjectUpdate",
                  "InventorySource": "InventoryUpdate"}[name]  # fmt: skip
        base = UnifiedJobTemplate._meta.get_field("last_job").related_model
        return next(kind for kind in kinds(base) if kind.__name__ == wanted)

    def settled_status(self, job: Any) -> str:
        """The template's status once `job` is its last job; kinds with words of their own override this."""
        return job.status


class TemplateInstanceGroup(OrderedLink):
    """An instance group that the template prefers, in order."""

    unifiedjobtemplate = models.ForeignKey(UnifiedJobTemplate, models.CASCADE)
    instancegroup = models.ForeignKey("instances.InstanceGroup", models.CASCADE)

    def __str__(self) -> str:
        return f"{self.unifiedjobtemplate_id}: {self.instancegroup_id}"
