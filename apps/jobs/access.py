"""Who may do what with job templates, jobs, their events and summaries, and ad hoc commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.exceptions import PermissionDenied

from apps.core import registry
from apps.core.access import Access
from apps.unified.models import JobLaunchConfig

from .models import AdHocCommand, Job, JobTemplate

# what an administrator of a template may change without the right to use its project and inventory
HARMLESS = {
    *("name", "description", "forks", "limit", "verbosity", "extra_vars", "job_tags", "force_handlers", "skip_tags"),
    *("diff_mode", "timeout", "survey_enabled", "job_slice_count", "use_fact_cache", "prevent_instance_group_fallback"),
    *(field.name for field in JobTemplate._meta.concrete_fields if field.name.startswith("ask_")),
}


class JobTemplateAccess(Access):
    """A template needs the right to use its inventory and its project."""

    needs = {
        "inventory": "use",
        "project": "use",
        "execution_environment": "view",
        "webhook_credential": "use",
    }

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """Use the inventory, and use the project; the refusal names which of them is lacking."""
        if self.everything:
            return True
        if data.get("inventory") and not self.holds("inventory", data["inventory"], "use"):
            raise PermissionDenied({"inventory": ["You may not use this inventory."]})
        if data.get("project") and not self.holds("project", data["project"], "use"):
            raise PermissionDenied({"project": ["You may not use this project."]})
        return bool(data.get("project")) and self.may_use(data)

    def offers_add(self) -> bool:
        """Whoever may use some project."""
        return self.everything or registry.by_slug("projects").model.objects.permitted_to(self.user, "use").exists()

    def may_change(self, obj: JobTemplate, data: Mapping[str, Any]) -> bool:
        """Change what is harmless; for the rest the project and the inventory must be usable, old and new."""
        if not super().may_change(obj, data):
            return False
        if self.everything or not self.sensitive(obj, data):
            return True
        kept = {name: getattr(obj, name) for name in ("inventory", "project") if name not in data}
        return self.may_use({name: data[name] for name in self.needs if name in data} | kept)

    def sensitive(self, obj: JobTemplate, data: Mapping[str, Any]) -> bool:
        """Whether more than harmless columns would change."""
        columns = {field.name: field for field in obj._meta.concrete_fields}
        for name, value in data.items():
            if name not in columns or name in HARMLESS:
                continue
            if str(getattr(value, "pk", value) or "") != str(getattr(obj, columns[name].attname) or ""):
                return True
        return False

    def may_prompt(self, template: JobTemplate, answers: Mapping[str, Any]) -> bool:
        """Whether the user may launch with these accepted answers: use what they newly bring in."""
        if self.everything:
            return True
        single = [(answers.get("inventory"), "use"), (answers.get("execution_environment"), "view")]
        many = (("credentials", "use"), ("instance_groups", "use"), ("labels", "view"))
        wanted = [(obj, action) for obj, action in single if obj is not None]
        wanted += [(obj, action) for name, action in many for obj in answers.get(name, ())]
        return all(self.sees(obj) if action == "view" else self.allows(obj, action) for obj, action in wanted)

    def sees(self, obj: Any) -> bool:
        """Whether the user sees an object."""
        model = type(obj)
        return registry.for_model(model).access_for(self.user).visible(model.objects.filter(pk=obj.pk)).exists()

    def may_copy(self, obj: JobTemplate) -> bool:
        """Read the template, and use all that the copy would use."""
        if self.everything:
            return True
        linked = [obj.project, obj.inventory, obj.webhook_credential, *obj.credentials.all()]
        usable = all(self.allows(target, "use") for target in linked if target is not None)
        groups = all(self.allows(group, "use") for group in obj.instance_groups.all())
        return self.may("view", obj) and obj.project is not None and usable and groups

    def capabilities(self, objects: Iterable[Any], wanted: Mapping[str, str]) -> dict[Any, dict[str, bool]]:
        """`copy` takes the right to use the project and the inventory."""
        objects = list(objects)
        out = super().capabilities(objects, wanted)
        if self.everything or "copy" not in wanted:
            return out
        usable = {name: self.usable(name, objects) for name in ("project", "inventory")}
        for obj in objects:
            out[obj.pk]["copy"] = obj.project_id is not None and all(
                getattr(obj, f"{name}_id") in ids | {None} for name, ids in usable.items()
            )
        return out

    def usable(self, name: str, objects: list[Any]) -> set[int]:
        """The targets of a foreign key that the user may use."""
        target = self.model._meta.get_field(name).related_model
        rows = target._base_manager.filter(pk__in={getattr(obj, f"{name}_id") for obj in objects})
        return {pk for pk, actions in target.held(self.user, rows).items() if "use" in actions}


class JobAccess(Access):
    """Who reads the template reads its jobs; the rights are worked out by the family (UnifiedJob.held)."""

    def may_relaunch(self, job: Job) -> bool:
        """Start the template with the answers the job had; or be able to make such a template oneself."""
        if self.everything:
            return True
        if job.job_template is not None and not self.may("start", job):
            return False
        config = JobLaunchConfig.objects.filter(job=job).first()
        if job.job_template is not None and config is not None and self.may_repeat(job, config):
            return True
        needed = [(job.inventory, "use"), (job.project, "use"), *((c, "use") for c in job.credentials.all())]
        return all(target is not None and self.allows(target, action) for target, action in needed)

    def may_repeat(self, job: Job, config: JobLaunchConfig) -> bool:
        """Whether the user may give the same answers; somebody else's secret answers stay his."""
        if config.survey_passwords and job.created_by_id != self.user.pk:
            return False
        access = registry.for_model(JobTemplate).access_for(self.user)
        return access.may_prompt(job.job_template, config.prompts())


class OfJobAccess(Access):
    """Events and summaries: whoever reads the job reads them, nobody writes them."""

    def visible(self, queryset: Any) -> Any:
        """Those of jobs that the user may read."""
        if self.everything or (self.auditor_sees and self.user.is_system_auditor):
            return queryset
        key = "ad_hoc_command" if hasattr(queryset.model, "ad_hoc_command") else "job"
        kind: Any = AdHocCommand if key == "ad_hoc_command" else Job
        seen = kind.objects.non_polymorphic().visible_to(self.user).order_by()
        return queryset.filter(**{f"{key}__in": seen.values("pk")})

    def may(self, action: str, obj: Any) -> bool:
        """Reading is all there is, and `visible` has decided on it."""
        return action == "view"


class AdHocCommandAccess(Access):
    """A command needs the adhoc right on its inventory and the use of its credential."""

    needs = {"inventory": "adhoc", "credential": "use", "execution_environment": "view"}

    def may_add(self, data: Mapping[str, Any]) -> bool:
        """A body without inventory or credential gets as far as the errors that name them."""
        return self.everything or self.may_use(data)

    def offers_add(self) -> bool:
        """Whoever may run commands on some inventory."""
        rows = registry.by_slug("inventories").model.objects
        return self.everything or rows.permitted_to(self.user, "adhoc").exists()

    def may_relaunch(self, command: AdHocCommand) -> bool:
        """Run such a command oneself."""
        return self.may("start", command)
