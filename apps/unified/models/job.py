"""What every job has in common, whatever it runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from polymorphic.managers import PolymorphicManager
from polymorphic.models import PolymorphicModel

from apps.core.fields import EncryptedTextField
from apps.core.models import Named

from .querysets import JobQuerySet

JOB_STATUSES = (
    ("new", "New"),
    ("pending", "Pending"),
    ("waiting", "Waiting"),
    ("running", "Running"),
    ("successful", "Successful"),
    ("failed", "Failed"),
    ("error", "Error"),
    ("canceled", "Canceled"),
)
ACTIVE = ("new", "pending", "waiting", "running")
RUNNABLE = ("pending", "waiting", "running")
FINISHED = ("successful", "failed", "error", "canceled")
LAUNCH_TYPES = (
    ("manual", "Manual"),
    ("relaunch", "Relaunch"),
    ("callback", "Callback"),
    ("scheduled", "Scheduled"),
    ("dependency", "Dependency"),
    ("workflow", "Workflow"),
    ("webhook", "Webhook"),
    ("sync", "Sync"),
    ("scm", "SCM Update"),
)


class UnifiedJob(Named, PolymorphicModel):
    """One run of a template (or of an ad hoc command, which has none); the kinds add their own columns."""

    rights_from: ClassVar[str] = "unified_job_template"  # the foreign key whose rights reach down to the job
    rights_map: ClassVar[Mapping[str, str]] = {"start": "start", "cancel": "change"}  # action here -> action there
    deleted_through: ClassVar[str] = "organization"  # or "parent": whoever may delete what it follows deletes the job

    old_pk = models.PositiveIntegerField(null=True, default=None, editable=False)
    unified_job_template = models.ForeignKey(
        "unified.UnifiedJobTemplate",
        models.SET_NULL,
        null=True,
        default=None,
        editable=False,
        related_name="%(class)s_unified_jobs",
        db_index=False,  # unifiedjob_template below begins with it
    )
    organization = models.ForeignKey(
        "identity.Organization",
        models.SET_NULL,
        null=True,
        blank=True,
        default=None,
        editable=False,
        related_name="%(class)ss",
        db_index=False,
    )
    launch_type = models.CharField(max_length=20, choices=LAUNCH_TYPES, default="manual", editable=False)
    schedule = models.ForeignKey("unified.Schedule", models.SET_NULL, null=True, default=None, editable=False)
    dependent_jobs = models.ManyToManyField(
        "self", symmetrical=False, editable=False, related_name="%(class)s_blocked_jobs"
    )
    status = models.CharField(max_length=20, choices=JOB_STATUSES, default="new", editable=False)
    failed = models.BooleanField(default=False, editable=False)
    cancel_flag = models.BooleanField(default=False, editable=False)
    started = models.DateTimeField(null=True, default=None, editable=False)
    finished = models.DateTimeField(null=True, default=None, editable=False)
    canceled_on = models.DateTimeField(null=True, default=None, editable=False)
    elapsed = models.DecimalField(max_digits=12, decimal_places=3, default=Decimal(0), editable=False)
    dependencies_processed = models.BooleanField(default=False, editable=False)
    task_impact = models.PositiveIntegerField(default=0, editable=False)
    execution_node = models.TextField(blank=True, default="", editable=False)
    controller_node = models.TextField(blank=True, default="", editable=False)
    instance_group = models.ForeignKey(
        "instances.InstanceGroup", models.SET_NULL, null=True, blank=True, default=None, related_name="unifiedjobs"
    )
    # what the dispatcher asks of pending jobs, worked out at submission so that it can ask all of them in one query
    preferred_groups = ArrayField(models.BigIntegerField(), default=list, blank=True, editable=False)
    lane = models.CharField(max_length=100, blank=True, default="", editable=False)
    waits_on = ArrayField(models.CharField(max_length=100), default=list, blank=True, editable=False)
    announced = models.BooleanField(default=True, editable=False)  # False: over, but the listeners do not know yet
    execution_environment = models.ForeignKey(
        "instances.ExecutionEnvironment",
        models.SET_NULL,
        null=True,
        blank=True,
        default=None,
        related_name="%(class)ss",
    )
    job_args = models.TextField(blank=True, default="", editable=False)
    job_cwd = models.CharField(max_length=1024, blank=True, default="", editable=False)
    job_env = models.JSONField(blank=True, default=dict, editable=False)
    job_explanation = models.TextField(blank=True, default="", editable=False)
    start_args = EncryptedTextField(blank=True, default="", editable=False)  # JSON: passwords given at launch
    result_traceback = models.TextField(blank=True, default="", editable=False)
    work_unit_id = models.CharField(max_length=255, null=True, blank=True, default=None, editable=False)  # noqa: DJ001
    ansible_version = models.CharField(max_length=255, blank=True, default="", editable=False)
    installed_collections = models.JSONField(blank=True, default=dict, editable=False)
    host_status_counts = models.JSONField(null=True, blank=True, default=None, editable=False)
    emitted_events = models.PositiveIntegerField(default=0, editable=False)
    event_processing_finished = models.BooleanField(default=False, editable=False)
    credentials = models.ManyToManyField("credentials.Credential", related_name="%(class)ss")
    labels = models.ManyToManyField("identity.Label", blank=True, related_name="%(class)s_labels")
    notifications = models.ManyToManyField(
        "notifications.Notification", editable=False, related_name="%(class)s_notifications"
    )

    objects = PolymorphicManager.from_queryset(JobQuerySet)()

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("status", "id"), condition=models.Q(status__in=ACTIVE), name="unifiedjob_active"),
            models.Index(
                fields=("lane", "id"),
                condition=models.Q(status__in=ACTIVE) & ~models.Q(lane=""),
                name="unifiedjob_lane",
            ),
            models.Index(fields=("id",), condition=models.Q(announced=False), name="unifiedjob_unannounced"),
            models.Index(fields=("unified_job_template", "-id"), name="unifiedjob_template"),
            models.Index(fields=("organization", "id"), name="unifiedjob_organization"),
            models.Index(fields=("polymorphic_ctype", "id"), name="unifiedjob_kind"),
            # counts of what a user may read come from this index alone
            models.Index(fields=("unified_job_template", "polymorphic_ctype"), name="unifiedjob_template_kind"),
            models.Index(fields=("status", "finished"), name="unifiedjob_status_finished"),
            models.Index(fields=("created",), name="unifiedjob_created"),
            models.Index(fields=("finished",), name="unifiedjob_finished"),
            models.Index(fields=("started",), name="unifiedjob_started"),
        )

    # --- what a user may do --------------------------------------------------------------------------------------

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """{pk: view, start, cancel, delete} by the rights on what each job follows, and on its organization."""
        groups = defaultdict(list)
        for obj in objects:
            groups[obj.polymorphic_ctype_id].append(obj)
        out: dict[int, set[str]] = {}
        for content_type, found in groups.items():
            kind, rows = ContentType.objects.get_for_id(content_type).model_class(), found
            if kind.rights_from != "unified_job_template" and type(rows[0]) is not kind:
                rows = kind.objects.non_polymorphic().filter(pk__in=[row.pk for row in rows])
            if kind.held.__func__ is UnifiedJob.held.__func__ or issubclass(cls, kind):
                out |= kind.held_by_parent(user, list(rows))
            else:
                out |= kind.held(user, rows)
        return out

    @classmethod
    def held_by_parent(cls, user: Any, objects: list[Any]) -> dict[int, set[str]]:
        """`held` for jobs of this kind."""
        parents = held_on(user, cls._meta.get_field(cls.rights_from), objects)
        organizations = held_on(user, cls._meta.get_field("organization"), objects)
        attname, out = cls._meta.get_field(cls.rights_from).attname, {}
        for obj in objects:
            above = parents.get(getattr(obj, attname), set())
            organization = organizations.get(obj.organization_id, set())
            actions = {action for action in ("view", "start", "cancel") if cls.rights_map.get(action, action) in above}
            if "audit" in organization or "change" in organization:
                actions.add("view")
            if "change" in organization:
                actions |= {"cancel", "delete"}
            if cls.deleted_through == "parent" and "delete" in above:
                actions.add("delete")
            if obj.created_by_id == user.pk and "view" in actions:
                actions.add("cancel")
            out[obj.pk] = actions
        return out

    @classmethod
    def own_jobs(cls, user: Any, action: str) -> models.Q:
        """Jobs that follow nothing and belong to whoever launched them; an empty condition where there are none."""
        return models.Q()

    def grants(self, user: Any, action: str) -> bool:
        """Whether the user may do `action`; superusers may."""
        return user.is_superuser or action in type(self).held(user, [self])[self.pk]

    # --- what it is ----------------------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        """Whether it is not over."""
        return self.status in ACTIVE

    @property
    def can_cancel(self) -> bool:
        """Whether there is anything left to cancel."""
        return self.status in ACTIVE

    @property
    def shows_on_template(self) -> bool:
        """Whether the template's status and last job follow it."""
        return True

    @property
    def workflow_node(self) -> Any:
        """The workflow node that this job is the run of, or None."""
        return getattr(self, "unified_job_node", None)

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"


def held_on(user: Any, field: Any, objects: list[Any]) -> dict[int, set[str]]:
    """What the user may do with the targets of a foreign key of a page of jobs."""
    ids = {getattr(obj, field.attname) for obj in objects} - {None}
    if not ids:
        return {}
    target = field.related_model
    rows = target._base_manager.filter(pk__in=ids)
    return target.held(user, rows.non_polymorphic() if hasattr(rows, "non_polymorphic") else rows)
