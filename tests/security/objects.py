"""One row of every resource in one organization, and people with every kind of right on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.utils import timezone

from apps.core import registry
from apps.identity.models import User
from apps.rbac import services
from apps.rbac.mixins import Follower, RoleModel
from apps.unified.models import UnifiedJob
from tests.factories import MAKERS, World, name
from tests.jobs import events

ROLES = (
    "anonymous",
    "outsider",
    "reader",
    "member",
    "org_auditor",
    "org_admin",
    "object_admin",
    "system_auditor",
    "superuser",
)
MORE: dict[str, Callable[[House], Any]] = {
    "roles": lambda h: h.organization.role("read_role"),
    "role_team_assignments": lambda h: services.grant(h["inventories"].role("use_role"), team=h["teams"]),
    "me": lambda h: h["users"],
    "applications": lambda h: h.new(
        "applications", name=name(), organization=h.organization, client_type="confidential",
        authorization_grant_type="password",
    ),
    "tokens": lambda h: h.new("tokens", user=h["users"], expires=timezone.now() + timezone.timedelta(days=1)),
    "activity_stream": lambda h: registry.by_slug("activity_stream").model.objects.last(),
    "credential_input_sources": lambda h: h.new(
        "credential_input_sources", target_credential=h["credentials"], source_credential=h.make("credentials"),
        input_field_name="password",
    ),
    "notifications": lambda h: h.new(
        "notifications", notification_template=h["notification_templates"], notification_type="webhook"
    ),
    "instances": lambda h: h.new("instances", hostname=name()),
    "receptor_addresses": lambda h: h.new("receptor_addresses", instance=h["instances"], address="192.0.2.1"),
    "schedules": lambda h: h.new(
        "schedules", name=name(), unified_job_template=h["job_templates"],
        rrule="DTSTART:20300101T000000Z RRULE:FREQ=DAILY;INTERVAL=1",
    ),
    "job_events": lambda h: events.playbook(h["jobs"]) or h["jobs"].job_events.first(),
    "project_update_events": lambda h: (
        events.add(h["project_updates"], {"event": "verbose", "stdout": "x"})
        or h["project_updates"].project_update_events.first()
    ),
    "ad_hoc_command_events": lambda h: (
        events.add(h["ad_hoc_commands"], {"event": "verbose", "stdout": "x"})
        or h["ad_hoc_commands"].ad_hoc_command_events.first()
    ),
    "job_host_summaries": lambda h: h.new("job_host_summaries", job=h["jobs"], host=h["hosts"], host_name="h"),
    "ad_hoc_commands": lambda h: h.done("ad_hoc_commands", None, inventory=h["inventories"], module_name="ping"),
    "workflow_job_templates": lambda h: h.new("workflow_job_templates", name=name(), organization=h.organization),
    "workflow_job_template_nodes": lambda h: h.new(
        "workflow_job_template_nodes", workflow_job_template=h["workflow_job_templates"],
        unified_job_template=h["job_templates"], identifier=name(),
    ),
    "workflow_jobs": lambda h: h.done(
        "workflow_jobs", h["workflow_job_templates"], workflow_job_template=h["workflow_job_templates"]
    ),
    "workflow_job_nodes": lambda h: h.new(
        "workflow_job_nodes", workflow_job=h["workflow_jobs"], unified_job_template=h["job_templates"],
        identifier=name(),
    ),
    "workflow_approval_templates": lambda h: h.approval_template(),
    "workflow_approvals": lambda h: h.done(
        "workflow_approvals", h["workflow_approval_templates"], status="pending", finished=None,
        workflow_approval_template=h["workflow_approval_templates"],
    ),
    "system_job_templates": lambda h: h.new("system_job_templates", name=name(), job_type="cleanup_jobs"),
    "system_jobs": lambda h: h.done(
        "system_jobs", h["system_job_templates"], system_job_template=h["system_job_templates"],
        job_type="cleanup_jobs",
    ),
    "host_metric_summary_monthly": lambda h: h.new(
        "host_metric_summary_monthly", date=timezone.now().date().replace(day=1)
    ),
}  # fmt: skip


class House(World):
    """`house["jobs"]` is the one job; `house.people["reader"]` may read every object that can be read."""

    def __init__(self, admin: User) -> None:
        super().__init__(admin)
        self.rows: dict[str, Any] = {}

    def __getitem__(self, slug: str) -> Any:
        if slug not in self.rows:
            self.rows[slug] = MORE[slug](self) if slug in MORE else MAKERS[slug](self)
            if slug == "users":
                services.grant(self.organization.role("member_role"), user=self.rows[slug])
        return self.rows[slug]

    @cached_property
    def inventory(self) -> Any:
        """The inventory that the others belong to is the one that is asked for."""
        return self["inventories"]

    @cached_property
    def project(self) -> Any:
        """As the inventory."""
        return self["projects"]

    @cached_property
    def template(self) -> Any:
        """As the inventory."""
        return self["job_templates"]

    @cached_property
    def credential_type(self) -> Any:
        """As the inventory."""
        return self["credential_types"]

    def done(self, slug: str, template: Any, **columns: Any) -> Any:
        """A job that has run."""
        values = {"status": "successful", "finished": timezone.now(), "organization": self.organization}
        return self.new(slug, name=name(), unified_job_template=template, **(values | columns))

    def approval_template(self) -> Any:
        """What a node of the workflow asks."""
        made = self.new("workflow_approval_templates", name=name())
        self.new(
            "workflow_job_template_nodes", workflow_job_template=self["workflow_job_templates"],
            unified_job_template=made, identifier=name(),
        )  # fmt: skip
        return made

    def fill(self) -> None:
        """Make one of everything, then the people."""
        self.rows["organizations"] = self.organization
        for resource in registry.resources():
            if resource.has_detail:
                self[resource.slug]
        self.people = {role: getattr(self, f"make_{role}", self.plain)(role) for role in ROLES[1:]}

    def plain(self, role: str) -> User:
        """Someone without rights."""
        return User.objects.create_user(f"the_{role}", password="x")

    def roots(self) -> list[Any]:
        """The objects with roles that the rows get their rights from, the organization apart."""
        found = {root for row in self.rows.values() if (root := root_of(row)) is not None}
        return sorted(found - {self.organization}, key=lambda o: (type(o).__name__, o.pk))

    def make_reader(self, role: str) -> User:
        """The read role, or what comes nearest, on every object."""
        user = self.plain(role)
        for root in self.roots():
            if "read_role" in root.role_fields:
                services.grant(root.role("read_role"), user=user)
        return user

    def make_object_admin(self, role: str) -> User:
        """The admin role on every object, but no part in the organization."""
        user = self.plain(role)
        for root in self.roots():
            if "admin_role" in root.role_fields:
                services.grant(root.role("admin_role"), user=user)
        return user

    def of_organization(self, role: str, field: str) -> User:
        """Someone with one role of the organization."""
        user = self.plain(role)
        services.grant(self.organization.role(field), user=user)
        return user

    def make_member(self, role: str) -> User:
        """A plain member."""
        return self.of_organization(role, "member_role")

    def make_org_auditor(self, role: str) -> User:
        """An auditor of the organization."""
        return self.of_organization(role, "auditor_role")

    def make_org_admin(self, role: str) -> User:
        """An administrator of the organization."""
        return self.of_organization(role, "admin_role")

    def make_system_auditor(self, role: str) -> User:
        """Reads everything."""
        return User.objects.create_user(f"the_{role}", password="x", is_system_auditor=True)

    def make_superuser(self, role: str) -> User:
        """May do everything."""
        return User.objects.create_superuser(f"the_{role}", password="x")


def root_of(row: Any) -> Any:
    """The object with roles whose rights count for a row; None where the organization or the system alone says it."""
    if isinstance(row, RoleModel):
        return row
    if isinstance(row, Follower):
        return root_of(getattr(row, row.rights_from))
    if isinstance(row, UnifiedJob):
        return root_of(row.unified_job_template or getattr(row, "inventory", None))
    for parent in ("unified_job_template", "job", "project_update", "ad_hoc_command"):
        if hasattr(row, parent):
            return root_of(getattr(row, parent))
    return None
