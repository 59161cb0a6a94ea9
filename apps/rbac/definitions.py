"""The managed role definitions as data, and AWX's classic roles as a second name for them.

A definition is a set of permission codenames on one kind of object. A classic role (`admin_role`) is the definition
that carries its `role_field`. Definitions on organizations also hold codenames of what belongs to organizations.
"""

from __future__ import annotations

from dataclasses import dataclass

# model name -> app label; the codenames that exist for it, without the model's name
MODELS = {
    "credential": "credentials",
    "executionenvironment": "instances",
    "instancegroup": "instances",
    "inventory": "inventory",
    "jobtemplate": "jobs",
    "notificationtemplate": "notifications",
    "organization": "identity",
    "project": "projects",
    "team": "identity",
    "workflowjobtemplate": "workflows",
}
SHARED = {"organization", "team"}
ACTIONS = {
    "credential": ("add", "change", "delete", "use", "view"),
    "executionenvironment": ("add", "change", "delete"),
    "instancegroup": ("change", "delete", "use", "view"),
    "inventory": ("add", "adhoc", "change", "delete", "update", "use", "view"),
    "jobtemplate": ("change", "delete", "execute", "view"),
    "notificationtemplate": ("add", "change", "delete", "view"),
    "organization": ("audit", "change", "delete", "member", "view"),
    "project": ("add", "change", "delete", "update", "use", "view"),
    "team": ("add", "change", "delete", "member", "view"),
    "workflowjobtemplate": ("add", "approve", "change", "delete", "execute", "view"),
}
NO_ORGANIZATION = {"instancegroup"}
# what a classic role is about: the action that `role_level` asks for
ROLE_ACTION = {
    "admin_role": "change",
    "use_role": "use",
    "update_role": "update",
    "adhoc_role": "adhoc",
    "execute_role": "execute",
    "read_role": "view",
    "approval_role": "approve",
    "member_role": "member",
    "auditor_role": "audit",
    "project_admin_role": "add_project",
    "inventory_admin_role": "add_inventory",
    "credential_admin_role": "add_credential",
    "workflow_admin_role": "add_workflowjobtemplate",
    "notification_admin_role": "add_notificationtemplate",
    "job_template_admin_role": "change_jobtemplate",
    "execution_environment_admin_role": "add_executionenvironment",
}


@dataclass(frozen=True)
class Definition:
    """One managed definition. `listed` ones appear in /role_definitions/; the others exist for classic roles alone."""

    name: str
    model: str
    permissions: frozenset[str]
    role_field: str = ""
    listed: bool = True


def codename(model: str, action: str) -> str:
    """`change` on inventories -> `change_inventory`; a full codename stays as it is."""
    return f"{action}_{model}" if action in ACTIONS.get(model, ()) else action


def owner(permission: str) -> str:
    """The model that a codename is about."""
    return permission.partition("_")[2]


def dotted(permission: str) -> str:
    """`awx.change_inventory`, `shared.view_team`: the codename as the API shows it."""
    return f"{'shared' if owner(permission) in SHARED else 'awx'}.{permission}"


def dotted_model(model: str) -> str:
    """`awx.inventory`, `shared.team`."""
    return f"{'shared' if model in SHARED else 'awx'}.{model}"


def all_of(model: str, *actions: str) -> frozenset[str]:
    """Codenames of some actions of a model, or of all."""
    return frozenset(f"{action}_{model}" for action in (actions or ACTIONS[model]))


def below_organization() -> frozenset[str]:
    """Every codename of what may belong to an organization."""
    return frozenset().union(*(all_of(m) for m in MODELS if m not in NO_ORGANIZATION | {"organization"}))


def allowed_on(model: str) -> frozenset[str]:
    """The codenames that a definition for `model` may hold."""
    if model == "organization":
        return all_of("organization") | below_organization()
    return all_of(model) - {f"add_{model}"}


def order_key(permission: str) -> tuple[str, str]:
    """Permissions are shown by model, then by action."""
    return owner(permission), permission


def _objects() -> list[Definition]:
    """Definitions on objects below organizations."""
    titles = {
        "credential": ("Credential", ("use",)),
        "executionenvironment": ("ExecutionEnvironment", ()),
        "instancegroup": ("InstanceGroup", ("use",)),
        "inventory": ("Inventory", ("adhoc", "update", "use")),
        "jobtemplate": ("JobTemplate", ("execute",)),
        "notificationtemplate": ("NotificationTemplate", ()),
        "project": ("Project", ("update", "use")),
        "team": ("Team", ("member",)),
        "workflowjobtemplate": ("WorkflowJobTemplate", ("approve", "execute")),
    }
    fields = {"approve": "approval_role"}
    classic = set(MODELS) - {"executionenvironment", "notificationtemplate"}
    out = []
    for model, (title, actions) in titles.items():
        has = model in classic
        every = all_of(model) - {f"add_{model}"}
        out.append(Definition(f"{title} Admin", model, every, "admin_role" if has else ""))
        for action in actions:
            wanted = {action, "view"} | ({"use"} if action == "adhoc" else set())
            field = fields.get(action, f"{action}_role")
            out.append(Definition(f"{title} {action.title()}", model, all_of(model, *wanted), field))
        if has:
            out.append(Definition(f"{title} Compat", model, all_of(model, "view"), "read_role", listed=False))
    return out


def _organizations() -> list[Definition]:
    """Definitions on organizations; whoever holds one sees the organization."""
    view, below = all_of("organization", "view"), below_organization()
    reading = frozenset(p for p in below if p.startswith("view_"))
    kinds = {
        "Credential": ("credential", "credential_admin_role"),
        "ExecutionEnvironment": ("executionenvironment", "execution_environment_admin_role"),
        "Inventory": ("inventory", "inventory_admin_role"),
        "JobTemplate": ("jobtemplate", "job_template_admin_role"),
        "NotificationTemplate": ("notificationtemplate", "notification_admin_role"),
        "Project": ("project", "project_admin_role"),
        "WorkflowJobTemplate": ("workflowjobtemplate", "workflow_admin_role"),
    }
    run = all_of("jobtemplate", "execute", "view") | all_of("workflowjobtemplate", "execute", "view")
    make = Definition
    out = [
        make("Organization Admin", "organization", all_of("organization") | below, "admin_role"),
        make("Organization Audit", "organization", all_of("organization", "audit", "view") | reading, "auditor_role"),
        make("Organization Member", "organization", all_of("organization", "member", "view"), "member_role"),
        make("Organization Execute Compat", "organization", view | run, "execute_role", listed=False),
        make("Organization Read Compat", "organization", view, "read_role", listed=False),
        make(
            "Organization Approval Compat",
            "organization",
            view | all_of("workflowjobtemplate", "approve", "view"),
            "approval_role",
            listed=False,
        ),
    ]
    for title, (model, field) in kinds.items():
        out.append(make(f"Organization {title} Admin", "organization", view | all_of(model), field))
    return out


MANAGED: tuple[Definition, ...] = (*_organizations(), *_objects())

NAMES = {
    "admin_role": "Admin",
    "execute_role": "Execute",
    "project_admin_role": "Project Admin",
    "inventory_admin_role": "Inventory Admin",
    "credential_admin_role": "Credential Admin",
    "workflow_admin_role": "Workflow Admin",
    "notification_admin_role": "Notification Admin",
    "job_template_admin_role": "Job Template Admin",
    "execution_environment_admin_role": "Execution Environment Admin",
    "auditor_role": "Auditor",
    "member_role": "Member",
    "read_role": "Read",
    "approval_role": "Approve",
    "update_role": "Update",
    "adhoc_role": "Ad Hoc",
    "use_role": "Use",
    "system_administrator": "System Administrator",
    "system_auditor": "System Auditor",
}
# the sentences that clients show beside a role; {noun} is the kind of object
DESCRIPTIONS = {
    "admin_role": "Can manage all aspects of the {noun}",
    "execute_role": "May run the {noun}",
    "auditor_role": "Can view all aspects of the {noun}",
    "member_role": "User is a member of the {noun}",
    "read_role": "May view settings for the {noun}",
    "approval_role": "Can approve or deny a workflow approval node",
    "update_role": "May update the {noun}",
    "adhoc_role": "May run ad hoc commands on the {noun}",
    "use_role": "Can use the {noun} in a job template",
    "system_administrator": "Can manage all aspects of the system",
    "system_auditor": "Can view all aspects of the system",
}
MANAGES = {
    "project_admin_role": "projects",
    "inventory_admin_role": "inventories",
    "credential_admin_role": "credentials",
    "workflow_admin_role": "workflows",
    "notification_admin_role": "notifications",
    "job_template_admin_role": "job templates",
    "execution_environment_admin_role": "execution environments",
}
USER_ONLY = {("organization", "admin_role"), ("organization", "member_role")}
# the order in which the API lists an object's roles
CLASSIC = {
    "organization": (
        "admin_role",
        "execute_role",
        *MANAGES,
        "auditor_role",
        "member_role",
        "read_role",
        "approval_role",
    ),
    "team": ("admin_role", "member_role", "read_role"),
    "credential": ("admin_role", "use_role", "read_role"),
    "instancegroup": ("admin_role", "use_role", "read_role"),
    "inventory": ("admin_role", "update_role", "adhoc_role", "use_role", "read_role"),
    "project": ("admin_role", "use_role", "update_role", "read_role"),
    "jobtemplate": ("admin_role", "execute_role", "read_role"),
    "workflowjobtemplate": ("admin_role", "execute_role", "read_role", "approval_role"),
}


def describe(model: str, role_field: str, noun: str) -> str:
    """The sentence that goes with a role."""
    if role_field in MANAGES:
        return f"Can manage all {MANAGES[role_field]} of the {noun}"
    if (model, role_field) == ("organization", "execute_role"):
        return "May run any executable resources in the organization"
    return DESCRIPTIONS[role_field].format(noun=noun)
