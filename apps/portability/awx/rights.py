"""Who may do what: AWX's roles with their members, and the newer definitions with their assignments."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType

from apps.identity.models import Team, User
from apps.rbac.definitions import CLASSIC, MODELS, allowed_on
from apps.rbac.models import ObjectRole, RoleDefinition
from apps.rbac.services import assign, grant

from .copying import TEMPLATES, Run
from .source import Row

# AWX's model -> the table whose ids its roles name
TABLES = {
    "organization": "main_organization",
    "team": "main_team",
    "credential": "main_credential",
    "inventory": "main_inventory",
    "instancegroup": "main_instancegroup",
    "executionenvironment": "main_executionenvironment",
    "notificationtemplate": "main_notificationtemplate",
    "project": TEMPLATES,
    "jobtemplate": TEMPLATES,
    "workflowjobtemplate": TEMPLATES,
}
ROLES = "roles"
ASSIGNMENTS = "role assignments"


def copy(run: Run) -> None:
    """Everything that gives rights."""
    roles = {row["id"]: row for row in run.source.rows("main_rbac_roles")}
    members(run, roles)
    of_teams(run, roles)
    definitions(run)
    assignments(run, "dab_rbac_roleuserassignment", "user_id", "auth_user", User)
    assignments(run, "dab_rbac_roleteamassignment", "team_id", "main_team", Team)


def ours(run: Run, role: Row) -> ObjectRole | None:
    """Our role for one of AWX's; None, with a line in the report, where it has no object here."""
    model = run.source.types.get(role["content_type_id"])
    field = role["role_field"]
    if model not in TABLES or field not in CLASSIC.get(model, ()):
        run.report.refuse(ROLES, f"{field} of {model}", "there is no such role here")
        return None
    pk = run.map(TABLES[model]).of(role["object_id"])
    found = ObjectRole.objects.filter(
        content_type=ContentType.objects.get(app_label=MODELS[model], model=model), object_id=pk, role_field=field
    ).first()
    if found is None:
        run.report.refuse(ROLES, f"{field} of {model} {role['object_id']}", "its object is not here")
    return found


def members(run: Run, roles: dict[int, Row]) -> None:
    """Users who hold roles; the two roles of the whole system are columns of users here."""
    for row in run.source.rows("main_rbac_roles_members"):
        user = User.objects.filter(pk=run.map("auth_user").of(row["user_id"])).first()
        role = roles.get(row["role_id"])
        if user is None or role is None:
            continue
        singleton = role.get("singleton_name")
        if singleton == "system_auditor":
            User.objects.filter(pk=user.pk).update(is_system_auditor=True)
        elif singleton != "system_administrator" and (mine := ours(run, role)) is not None:
            grant(mine, user=user)
            run.report.taken[ROLES] += 1


def of_teams(run: Run, roles: dict[int, Row]) -> None:
    """A role that a team holds has the team's member role as a parent."""
    for row in run.source.rows("main_rbac_roles_parents"):
        role, parent = roles.get(row["from_role_id"]), roles.get(row["to_role_id"])
        if role is None or parent is None or parent["role_field"] != "member_role":
            continue
        if run.source.types.get(parent["content_type_id"]) != "team" or same_object(role, parent):
            continue
        team = Team.objects.filter(pk=run.map("main_team").of(parent["object_id"])).first()
        if team is not None and (mine := ours(run, role)) is not None:
            grant(mine, team=team)
            run.report.taken[ROLES] += 1


def same_object(role: Row, other: Row) -> bool:
    """The roles of one object lead to each other by themselves."""
    return all(role[column] == other[column] for column in ("content_type_id", "object_id"))


def definitions(run: Run) -> None:
    """The definitions that people made; the managed ones are the same here."""
    names = {row["id"]: row["codename"] for row in run.source.rows("dab_rbac_dabpermission")}
    held: dict[int, list[str]] = {}
    for row in run.source.rows("dab_rbac_roledefinition_permissions"):
        held.setdefault(row["roledefinition_id"], []).append(names[row["dabpermission_id"]])
    for row in run.source.rows("dab_rbac_roledefinition"):
        if row["managed"]:
            continue
        model = run.source.types.get(row["content_type_id"])
        if model not in MODELS:
            run.report.refuse("role definitions", row["name"], "it is not about objects that have roles here")
            continue
        wanted = set(held.get(row["id"], ()))
        kind = ContentType.objects.get(app_label=MODELS[model], model=model)
        _, made = RoleDefinition.objects.get_or_create(
            name=row["name"],
            defaults={
                "description": row["description"] or "",
                "content_type": kind,
                "permissions": sorted(wanted & allowed_on(model)),
            },
        )
        (run.report.taken if made else run.report.present)["role definitions"] += 1
        if wanted - allowed_on(model):
            missing = ", ".join(sorted(wanted - allowed_on(model)))
            run.report.notes.append(f"The role definition {row['name']} lost rights that do not exist here: {missing}.")


def assignments(run: Run, table: str, column: str, kind: str, holder: Any) -> None:
    """Definitions that users or teams hold; what the roles above gave already is given once."""
    names = {row["id"]: row["name"] for row in run.source.rows("dab_rbac_roledefinition")}
    for row in run.source.rows(table):
        name = names.get(row["role_definition_id"], "")
        model = run.source.types.get(row["content_type_id"])
        definition = RoleDefinition.objects.filter(name=name).select_related("content_type").first()
        who = holder.objects.filter(pk=run.map(kind).of(row[column])).first()
        if definition is None or definition.content_type is None or model != definition.content_type.model:
            run.report.refuse(ASSIGNMENTS, f"{name} for {who}", "there is no such definition here")
            continue
        pk = run.map(TABLES[model]).of(int(row["object_id"]))
        target = definition.content_type.model_class()._base_manager.filter(pk=pk).first()
        if who is None or target is None:
            run.report.refuse(ASSIGNMENTS, f"{name} for {who}", "its object or its holder is not here")
            continue
        assign(definition, target, **{"user" if holder is User else "team": who})
        run.report.taken[ASSIGNMENTS] += 1
