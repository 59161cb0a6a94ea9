"""What is carried: each kind with its natural key, its columns, and what hangs on it. Declared, like the API."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from apps.core import registry
from apps.notifications.backends import BACKENDS

EVENTS = ("started", "success", "error")
MESSAGES = tuple(f"notification_templates_{event}" for event in EVENTS)
PROMPTED = ("credentials", "labels", "instance_groups")


def nothing(obj: Any) -> Collection[str]:
    """No columns."""
    return ()


def own_directory(project: Any) -> Collection[str]:
    """A checkout's directory is named after the id, which is another one elsewhere."""
    return ("local_path",) if project.scm_type else ()


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of objects."""

    slug: str
    key: tuple[str, ...] = ("name", "organization")
    extra: tuple[str, ...] = ()  # columns that the API does not let one write
    without: tuple[str, ...] = ()
    many: tuple[str, ...] = ()  # many-to-manys whose targets come before
    late: tuple[str, ...] = ()  # foreign keys and many-to-manys whose targets come after
    secret: tuple[str, ...] = ()  # columns that are secrets as a whole
    partly: Mapping[str, Callable[[Any], Collection[str]]] = field(default_factory=dict)  # JSON column -> secret keys
    absent: Callable[[Any], Collection[str]] = nothing  # columns of an object that mean nothing elsewhere
    where: Callable[[QuerySet], QuerySet] = QuerySet.all

    @property
    def model(self) -> Any:
        """The model."""
        return registry.by_slug(self.slug).model

    def rows(self) -> Any:
        """What there is to carry, in order of age."""
        return self.where(self.model._default_manager.order_by("pk"))

    @functools.cache  # noqa: B019  (there are some twenty kinds, which live for ever)
    def columns(self) -> tuple[Any, ...]:
        """The model's fields that are carried: what the API lets one write, and `extra`."""
        written = registry.by_slug(self.slug).serializer_class().fields.items()
        names = {name for name, shown in written if not shown.read_only} | {*self.key, *self.extra, *self.secret}
        names -= {*self.without, *self.late}
        return tuple(found for found in self.model._meta.concrete_fields if found.name in names)


def of_type(credential: Any) -> Collection[str]:
    """The secret inputs of a credential."""
    return credential.credential_type.secret_fields


def of_backend(template: Any) -> Collection[str]:
    """The secret settings of a notification template."""
    return BACKENDS[template.notification_type].secrets


def unmanaged(rows: QuerySet) -> QuerySet:
    """Without what every installation has."""
    return rows.filter(managed=False)


PROMPTS = ("char_prompts",)
KINDS = (
    Kind("organizations", ("name",), late=("default_environment", "instance_groups", "galaxy_credentials",
                                           *MESSAGES, "notification_templates_approvals")),
    Kind("users", ("username",), without=("password",)),
    Kind("teams"),
    Kind("labels"),
    Kind("credential_types", ("name", "kind"), where=unmanaged),
    Kind("credentials", ("name", "credential_type", "organization"), partly={"inputs": of_type},
         where=lambda rows: rows.filter(managed=False).select_related("credential_type")),
    Kind("credential_input_sources", ("target_credential", "input_field_name")),
    Kind("execution_environments", ("name",), where=unmanaged),
    Kind("instance_groups", ("name",), without=("policy_instance_list",)),
    Kind("notification_templates", partly={"notification_configuration": of_backend}),
    Kind("applications", extra=("client_id", "authorization_grant_type"), secret=("client_secret",)),
    Kind("projects", many=MESSAGES, absent=own_directory),
    Kind("inventories", many=("instance_groups", "labels"), late=("input_inventories",),
         where=lambda rows: rows.filter(pending_deletion=False)),
    Kind("inventory_sources", ("name", "inventory"), extra=("inventory",), many=("credentials", *MESSAGES),
         where=lambda rows: rows.filter(inventory__isnull=False)),
    Kind("job_templates", extra=("survey_spec",), many=(*PROMPTED, *MESSAGES),
         secret=("host_config_key", "webhook_key")),
    Kind("workflow_job_templates", extra=("survey_spec", "char_prompts"), secret=("webhook_key",),
         many=("labels", *MESSAGES, "notification_templates_approvals")),
    Kind("workflow_job_template_nodes", ("identifier", "workflow_job_template"), extra=PROMPTS, many=PROMPTED,
         secret=("survey_passwords",), late=("success_nodes", "failure_nodes", "always_nodes")),
    Kind("schedules", ("name", "unified_job_template"), extra=PROMPTS, many=PROMPTED, secret=("survey_passwords",)),
    Kind("role_definitions", ("name", "content_type"), where=unmanaged),
)  # fmt: skip
BY_SLUG = {kind.slug: kind for kind in KINDS}
# what is named in references, though it is not carried itself
NAMED = {
    "system_job_templates": Kind("system_job_templates", ("job_type",)),
    "workflow_approval_templates": Kind("workflow_approval_templates", ("name",)),
}


def kind_of(slug: str) -> Kind:
    """The kind behind a slug; KeyError for what is not carried."""
    return BY_SLUG[slug] if slug in BY_SLUG else NAMED[slug]
