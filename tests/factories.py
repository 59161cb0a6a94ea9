"""Rows of every kind, with what they need: `World(admin).make("job_templates")`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.utils import timezone

from apps.core import registry
from apps.identity.models import Label, Organization, Team, User
from apps.rbac import services
from apps.rbac.models import RoleDefinition

MAKERS: dict[str, Callable[[World], Any]] = {}
_numbers = itertools.count(1)


def maker(slug: str) -> Callable[[Callable[[World], Any]], Callable[[World], Any]]:
    """Name the function that makes a row of a resource."""

    def add(function: Callable[[World], Any]) -> Callable[[World], Any]:
        MAKERS[slug] = function
        return function

    return add


def name() -> str:
    """A name that nothing has yet."""
    return f"n{next(_numbers):05}"


class World:
    """One organization, and what its rows hang together by; everything is made when first asked for."""

    def __init__(self, admin: User) -> None:
        self.admin = admin
        self.turns = itertools.cycle((True, False))

    def make(self, slug: str) -> Any:
        """A new row of a resource."""
        return MAKERS[slug](self)

    def new(self, slug: str, **columns: Any) -> Any:
        """A new row of a resource's model."""
        return registry.by_slug(slug).model.objects.create(**columns)

    @cached_property
    def organization(self) -> Organization:
        """Where everything belongs."""
        return Organization.objects.create(name=name())

    @cached_property
    def member(self) -> User:
        """The administrator of the organization."""
        user = User.objects.create_user(name(), password="x")
        services.grant(self.organization.role("admin_role"), user=user)
        return user

    def organization_admin(self) -> User:
        """Someone who sees the organization's rows through his role."""
        return self.member

    @cached_property
    def inventory(self) -> Any:
        """An inventory for hosts and groups."""
        return self.make("inventories")

    @cached_property
    def project(self) -> Any:
        """A project for job templates."""
        return self.make("projects")

    @cached_property
    def template(self) -> Any:
        """A job template for jobs."""
        return self.make("job_templates")

    @cached_property
    def credential_type(self) -> Any:
        """The type of credentials."""
        return self.make("credential_types")


@maker("organizations")
def organization(world: World) -> Any:
    made = Organization.objects.create(name=name(), created_by=world.admin, modified_by=world.admin)
    services.grant(made.role("member_role"), user=world.member)
    return made


@maker("users")
def user(world: World) -> Any:
    return User.objects.create_user(name(), password="x")


@maker("teams")
def team(world: World) -> Any:
    return Team.objects.create(name=name(), organization=world.organization)


@maker("labels")
def label(world: World) -> Any:
    return Label.objects.create(name=name(), organization=world.organization)


@maker("role_definitions")
def role_definition(world: World) -> Any:
    return RoleDefinition.objects.create(name=name(), permissions=[])


@maker("role_user_assignments")
def role_user_assignment(world: World) -> Any:
    holder = User.objects.create_user(name(), password="x")
    return services.grant(world.organization.role("member_role"), user=holder)


@maker("inventories")
def inventory(world: World) -> Any:
    return world.new("inventories", name=name(), organization=world.organization)


@maker("hosts")
def host(world: World) -> Any:
    return world.new("hosts", name=name(), inventory=world.inventory)


@maker("groups")
def group(world: World) -> Any:
    return world.new("groups", name=name(), inventory=world.inventory)


@maker("credential_types")
def credential_type(world: World) -> Any:
    return world.new("credential_types", name=name(), kind="cloud", inputs={"fields": []}, injectors={})


@maker("credentials")
def credential(world: World) -> Any:
    return world.new("credentials", name=name(), organization=world.organization, credential_type=world.credential_type)


@maker("projects")
def project(world: World) -> Any:
    return world.new("projects", name=name(), organization=world.organization, scm_type="", local_path="demo")


@maker("project_updates")
def project_update(world: World) -> Any:
    return world.new(
        "project_updates", name=name(), project=world.project, unified_job_template=world.project,
        organization=world.organization, status="successful", finished=timezone.now(),
    )  # fmt: skip


@maker("job_templates")
def job_template(world: World) -> Any:
    return world.new(
        "job_templates", name=name(), inventory=world.inventory, project=world.project, playbook="hello_world.yml",
        organization=world.organization,
    )  # fmt: skip


@maker("jobs")
def job(world: World) -> Any:
    return world.new(
        "jobs", name=name(), job_template=world.template, unified_job_template=world.template,
        inventory=world.inventory, project=world.project, organization=world.organization, status="successful",
        finished=timezone.now(),
    )  # fmt: skip


@maker("unified_jobs")
def unified_job(world: World) -> Any:
    return job(world) if next(world.turns) else project_update(world)


@maker("unified_job_templates")
def unified_job_template(world: World) -> Any:
    return job_template(world) if next(world.turns) else project(world)


@maker("execution_environments")
def execution_environment(world: World) -> Any:
    return world.new("execution_environments", name=name(), image="example/ee", organization=world.organization)


@maker("instance_groups")
def instance_group(world: World) -> Any:
    return world.new("instance_groups", name=name())


@maker("notification_templates")
def notification_template(world: World) -> Any:
    return world.new(
        "notification_templates", name=name(), organization=world.organization, notification_type="webhook",
        notification_configuration={"url": "http://127.0.0.1:1/", "headers": {}, "http_method": "POST"},
    )  # fmt: skip


@maker("inventory_sources")
def inventory_source(world: World) -> Any:
    return world.new("inventory_sources", name=name(), inventory=world.inventory, source="ec2")


@maker("inventory_updates")
def inventory_update(world: World) -> Any:
    source = inventory_source(world)
    return world.new(
        "inventory_updates", name=name(), inventory_source=source, unified_job_template=source, source="ec2",
        inventory=world.inventory, organization=world.organization, status="successful", finished=timezone.now(),
    )  # fmt: skip


@maker("constructed_inventories")
def constructed_inventory(world: World) -> Any:
    return world.new("inventories", name=name(), organization=world.organization, kind="constructed")


@maker("host_metrics")
def host_metric(world: World) -> Any:
    return world.new("host_metrics", hostname=name(), last_automation=timezone.now())
