"""Projects and their updates."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify

from apps.rbac.mixins import RoleModel
from apps.unified.models import UnifiedJob, UnifiedJobTemplate

SCM_TYPES = (
    ("", "Manual"),
    ("git", "Git"),
    ("svn", "Subversion"),
    ("insights", "Red Hat Insights"),
    ("archive", "Remote Archive"),
)


class SourceOptions(models.Model):
    """Where the content comes from; on the project and copied to each update."""

    local_path = models.CharField(max_length=1024, blank=True)
    scm_type = models.CharField(max_length=8, choices=SCM_TYPES, blank=True, default="")
    scm_url = models.CharField(max_length=1024, blank=True, default="")
    scm_branch = models.CharField(max_length=256, blank=True, default="")
    scm_refspec = models.CharField(max_length=1024, blank=True, default="")
    scm_clean = models.BooleanField(default=False)
    scm_track_submodules = models.BooleanField(default=False)
    scm_delete_on_update = models.BooleanField(default=False)
    credential = models.ForeignKey(
        "credentials.Credential", models.SET_NULL, null=True, blank=True, default=None, related_name="%(class)ss"
    )
    timeout = models.IntegerField(default=0, blank=True)

    class Meta:
        abstract = True


class Project(RoleModel, SourceOptions, UnifiedJobTemplate):
    """Playbooks under version control, or in a directory of the server."""

    unique_names = True

    start_action: ClassVar[str] = "update"

    # a name of its own, since job templates have a column `project`
    unifiedjobtemplate_ptr = models.OneToOneField(
        UnifiedJobTemplate, models.CASCADE, parent_link=True, primary_key=True, related_name="as_project"
    )
    default_environment = models.ForeignKey(
        "instances.ExecutionEnvironment", models.SET_NULL, null=True, blank=True, default=None, related_name="+"
    )
    scm_update_on_launch = models.BooleanField(default=False)
    scm_update_cache_timeout = models.PositiveIntegerField(default=0, blank=True)
    allow_override = models.BooleanField(default=False)
    signature_validation_credential = models.ForeignKey(
        "credentials.Credential",
        models.SET_NULL,
        null=True,
        blank=True,
        default=None,
        related_name="projects_signature",
    )
    scm_revision = models.CharField(max_length=1024, blank=True, default="", editable=False)
    playbook_files = models.JSONField(blank=True, default=list, editable=False)
    inventory_files = models.JSONField(blank=True, default=list, editable=False)
    custom_virtualenv = models.CharField(max_length=100, null=True, default=None, editable=False)  # noqa: DJ001

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A project under version control has a directory named after its id and name, which never changes."""
        super().save(*args, **kwargs)
        if self.scm_type and not self.local_path.startswith("_"):  # one of its own, never that of a manual project
            slug = slugify(self.name).replace("-", "_")[:200]
            self.local_path = f"_{self.pk}__{slug}"
            super().save(update_fields=["local_path"])

    @property
    def last_updated(self) -> Any:
        """When the last update ended."""
        return self.last_job_run

    @property
    def last_update_failed(self) -> bool:
        """How it ended."""
        return self.last_job_failed

    @property
    def can_update(self) -> bool:
        """Manual projects have nothing to update from."""
        return bool(self.scm_type)

    @property
    def schedule_refusal(self) -> str:
        """Why the project cannot have schedules; empty where it can."""
        return "" if self.scm_type else "A manual project has nothing to update from, so it has no schedules."

    def directory(self) -> Path | None:
        """The project's own directory below PROJECTS_ROOT; None without a path, or with one that leads outside."""
        root = Path(settings.PROJECTS_ROOT).resolve()
        path = (root / self.local_path).resolve() if self.local_path else root
        return path if path.parent == root else None

    @classmethod
    def local_path_choices(cls) -> list[str]:
        """Directories below PROJECTS_ROOT that no project has yet."""
        root = Path(settings.PROJECTS_ROOT)
        if not root.is_dir():
            return []
        taken = set(cls._base_manager.values_list("local_path", flat=True))
        names = [p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith((".", "_"))]
        return sorted(name for name in names if name not in taken)

    def clean(self) -> None:
        """Names are unique within an organization, and among the projects without one."""
        super().clean()
        same = Project.objects.filter(name=self.name, organization_id=self.organization_id)
        if self.name and same.exclude(pk=self.pk).exists():
            raise ValidationError("A project of this name already exists in the organization.")


class ProjectUpdate(SourceOptions, UnifiedJob):
    """One run of a project's synchronisation."""

    rights_map: ClassVar[dict[str, str]] = {"start": "update", "cancel": "update"}
    own_columns: ClassVar[tuple[str, ...]] = ("scm_revision",)

    project = models.ForeignKey(Project, models.CASCADE, related_name="project_updates", editable=False)
    job_type = models.CharField(max_length=64, choices=(("run", "Run"), ("check", "Check")), default="check")
    job_tags = models.CharField(max_length=1024, blank=True, default="")
    scm_revision = models.CharField(max_length=1024, blank=True, default="", editable=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever makes an update, its tags say what it does."""
        if self._state.adding and not self.job_tags:
            self.job_tags = f"update_{self.scm_type},install_roles,install_collections"
        super().save(*args, **kwargs)

    @property
    def shows_on_template(self) -> bool:
        """What is fetched for one job alone says nothing of the project, least of all when it fails."""
        return self.job_type == "check"
