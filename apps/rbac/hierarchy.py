"""Which classic role stands above which: a holder of the upper one has what the lower one gives."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from .definitions import MANAGES, MODELS
from .models import ObjectRole

ADMIN, AUDITOR = "system_administrator", "system_auditor"
ABOVE = "organization."  # before the name of a role of the object's organization
# model -> role -> the roles directly above it: of the same object, of its organization, or of the system
PARENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "organization": {
        "admin_role": (ADMIN,),
        "execute_role": ("admin_role",),
        **dict.fromkeys(MANAGES, ("admin_role",)),
        "auditor_role": (AUDITOR,),
        "member_role": ("admin_role",),
        "approval_role": ("admin_role",),
        "read_role": ("member_role", "auditor_role", "execute_role", *MANAGES, "approval_role"),
    },
    "team": {
        "admin_role": ("organization.admin_role",),
        "member_role": ("admin_role",),
        "read_role": ("admin_role", "organization.auditor_role", "member_role"),
    },
    "credential": {
        "admin_role": (ADMIN, "organization.credential_admin_role"),
        "use_role": ("admin_role",),
        "read_role": (AUDITOR, "organization.auditor_role", "use_role", "admin_role"),
    },
    "instancegroup": {
        "admin_role": (ADMIN,),
        "use_role": ("admin_role",),
        "read_role": (AUDITOR, "use_role", "admin_role"),
    },
    "inventory": {
        "admin_role": ("organization.inventory_admin_role",),
        "update_role": ("admin_role",),
        "adhoc_role": ("admin_role",),
        "use_role": ("adhoc_role",),
        "read_role": ("organization.auditor_role", "update_role", "use_role", "admin_role"),
    },
    "project": {
        "admin_role": ("organization.project_admin_role", ADMIN),
        "use_role": ("admin_role",),
        "update_role": ("admin_role",),
        "read_role": ("organization.auditor_role", AUDITOR, "use_role", "update_role"),
    },
    "jobtemplate": {
        "admin_role": ("organization.job_template_admin_role",),
        "execute_role": ("admin_role", "organization.execute_role"),
        "read_role": ("organization.auditor_role", "execute_role", "admin_role"),
    },
    "workflowjobtemplate": {
        "admin_role": (ADMIN, "organization.workflow_admin_role"),
        "execute_role": ("admin_role", "organization.execute_role"),
        "read_role": (AUDITOR, "organization.auditor_role", "execute_role", "admin_role", "approval_role"),
        "approval_role": ("organization.approval_role", "admin_role"),
    },
}


def model_of(name: str) -> Any:
    """The model of a kind of object."""
    return apps.get_model(MODELS[name], name)


def type_of(name: str) -> ContentType:
    """Its content type."""
    return ContentType.objects.get_for_model(model_of(name))


def below(model: str, name: str) -> list[str]:
    """The roles of a model that stand directly below a role of this name."""
    return [field for field, above in PARENTS[model].items() if name in above]


def children_of(role: ObjectRole) -> Any:
    """The roles directly below: of the same object, of what the organization owns, and those given to a team."""
    if role.content_type is None:
        found = Q(pk__in=[])
        for model in PARENTS:
            found |= Q(content_type=type_of(model), role_field__in=below(model, role.role_field))
        return ObjectRole.objects.filter(found)
    kind = role.content_type.model
    if kind not in PARENTS:
        return ObjectRole.objects.none()
    found = Q(content_type=role.content_type, object_id=role.object_id, role_field__in=below(kind, role.role_field))
    if kind == "organization":
        for model in PARENTS:
            fields = below(model, ABOVE + role.role_field)
            path = getattr(model_of(model), "organization_path", "")
            if fields and path:
                owned = model_of(model)._base_manager.filter(**{path: role.object_id}).order_by().values("pk")
                found |= Q(content_type=type_of(model), object_id__in=owned, role_field__in=fields)
    elif kind == "team" and role.role_field == "member_role":
        found |= Q(roleteamassignments__team=role.object_id)
    return ObjectRole.objects.filter(found).exclude(role_field="").distinct()


def parents_of(role: ObjectRole) -> Any:
    """The roles directly above: of the same object, of its organization, of the system, and of teams that hold it."""
    kind = role.content_type.model if role.content_type else ""
    if kind not in PARENTS:
        return ObjectRole.objects.none()
    above = PARENTS[kind].get(role.role_field, ())
    found = Q(content_type=role.content_type, object_id=role.object_id, role_field__in=above)
    found |= Q(content_type=None, role_field__in=above)
    teams = role.roleteamassignments.values("team_id")
    found |= Q(content_type=type_of("team"), object_id__in=teams, role_field="member_role")
    path = getattr(model_of(kind), "organization_path", "")
    if path:
        owner = model_of(kind)._base_manager.filter(pk=role.object_id).values_list(path, flat=True).first()
        fields = [name.removeprefix(ABOVE) for name in above if name.startswith(ABOVE)]
        found |= Q(content_type=type_of("organization"), object_id=owner, role_field__in=fields)
    return ObjectRole.objects.filter(found)
