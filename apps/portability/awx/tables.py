"""AWX's tables in the order in which they can be copied, and what changes on the way."""

from __future__ import annotations

import json
from typing import Any

from apps.core import crypto
from apps.credentials.models import Credential, CredentialInputSource, CredentialType
from apps.identity.models import Label, Organization, Team, User
from apps.instances.models import ExecutionEnvironment, InstanceGroup
from apps.inventory.models import Inventory, InventorySource
from apps.jobs.models import JobTemplate
from apps.jobs.surveys import LABEL as SURVEY
from apps.notifications.models import NotificationTemplate
from apps.projects import sources
from apps.projects.models import Project
from apps.system.models import SystemJobTemplate
from apps.unified.models import Schedule
from apps.unified.prompts import ENCRYPTED, SHORT
from apps.workflows.models import WorkflowApprovalTemplate, WorkflowJobTemplate, WorkflowJobTemplateNode

from . import secrets
from .copying import TEMPLATES, Copied, Run, SkipError
from .source import Row

IN_ORGANIZATION = ("name", "organization_id")
PROMPTS = {"inventory_id": "main_inventory", "execution_environment_id": "main_executionenvironment"}
TEMPLATE_LINKS = {"organization_id": "main_organization", "execution_environment_id": "main_executionenvironment"}


def users(run: Run, row: Row) -> None:
    """The directory's name is in a table of its own; the hash of the password fits Django."""
    profile = run.beside("main_profile", "user_id").get(row["id"], {})
    row["ldap_dn"] = profile.get("ldap_dn") or ""
    enterprise = run.beside("sso_userenterpriseauth", "user_id").get(row["id"], {})
    social = run.beside("social_auth_usersocialauth", "user_id").get(row["id"], {})
    row["external_source"] = "ldap" if row["ldap_dn"] else "enterprise" if enterprise else "social" if social else ""


def types(run: Run, row: Row) -> None:
    """The types that AWX brings along must be here as well; only those that people made are copied."""
    if row["managed"]:
        found = CredentialType.objects.filter(managed=True, namespace=row["namespace"]).values_list("name", flat=True)
        if not found:
            raise SkipError("awx_lite has no such type of credential")
        row["name"] = found[0]


def credentials(run: Run, row: Row) -> None:
    """Inputs are decrypted with AWX's key; our column encrypts them again."""
    row["inputs"] = {
        name: secrets.decrypt(value, run.secret_key, name, row["id"]) if secrets.is_secret(value) else value
        for name, value in (row["inputs"] or {}).items()
    }


def notifications(run: Run, row: Row) -> None:
    """Secrets of the configuration share one key."""
    row["notification_configuration"] = {
        name: secrets.decrypt(value, run.secret_key, "notification_configuration", row["id"])
        if secrets.is_secret(value)
        else value
        for name, value in (row["notification_configuration"] or {}).items()
    }


def groups(run: Run, row: Row) -> None:
    """Which instances a group has is a matter of the hosts here."""
    row["policy_instance_list"] = []


def templates(run: Run, row: Row) -> None:
    """Secret defaults of surveys are encrypted for this server."""
    row["status"] = "never updated"
    survey = row.get("survey_spec") or {}
    for question in survey.get("spec", []):
        if secrets.is_secret(question.get("default")):
            clear = secrets.decrypt(question["default"], run.secret_key, "value")
            question["default"] = crypto.encrypt(clear, SURVEY)
    row["survey_spec"] = survey
    row["char_prompts"] = short(row.get("char_prompts"))


def projects(run: Run, row: Row) -> None:
    """The first update makes the checkout here; what AWX had is not looked for."""
    templates(run, row)
    try:
        if row["scm_type"]:
            sources.check_url(row["scm_type"], row["scm_url"])
        sources.check_reference(row["scm_branch"] or "")
        if row["scm_refspec"]:
            sources.check_refspec(row["scm_refspec"])
    except sources.BadSource as error:
        raise SkipError(str(error)) from error
    row["scm_revision"] = ""
    row["status"] = "never updated" if row["scm_type"] else "ok"


def inventories(run: Run, row: Row) -> None:
    """One that AWX was about to delete stays there."""
    if row.get("pending_deletion"):
        raise SkipError("AWX was deleting it")


def approval_here(run: Run, row: Row) -> int | None:
    """An approval has no name of its own: it is here if its node is."""
    node = run.beside("main_workflowjobtemplatenode", "unified_job_template_id").get(row["id"])
    if node is None:
        raise SkipError("no workflow has it")
    workflow = run.map(TEMPLATES).of(node["workflow_job_template_id"])
    found = WorkflowJobTemplateNode.objects.filter(workflow_job_template=workflow, identifier=node["identifier"])
    return found.values_list("unified_job_template_id", flat=True).first()


def prompts(run: Run, row: Row) -> None:
    """Secret survey answers move from the variables into the column that is encrypted whole."""
    answers = {**(row.get("extra_data") or {})}
    hidden: dict[str, Any] = {}
    for name, value in answers.items():
        if secrets.is_secret(value):
            hidden[name] = secrets.decrypt(value, run.secret_key, "value")
            answers[name] = ENCRYPTED
    row["extra_data"] = answers
    row["survey_passwords"] = dumped(hidden)
    row["char_prompts"] = short(row.get("char_prompts"))


def short(answers: Any) -> dict[str, Any]:
    """The prompts that are kept as one mapping; others have columns."""
    return {name: value for name, value in (answers or {}).items() if name in SHORT}


def dumped(hidden: dict[str, Any]) -> str:
    """As the column holds it."""
    return json.dumps(hidden) if hidden else ""


TABLES = (
    Copied("auth_user", User, "users", same=("username",), prepare=users),
    Copied("main_organization", Organization, "organizations"),
    Copied("main_team", Team, "teams", {"organization_id": "main_organization"}, ("organization_id",), IN_ORGANIZATION),
    Copied(
        "main_label", Label, "labels", {"organization_id": "main_organization"}, ("organization_id",), IN_ORGANIZATION
    ),
    Copied("main_credentialtype", CredentialType, "credential types", same=("name", "kind"), prepare=types),
    Copied(
        "main_credential",
        Credential,
        "credentials",
        {"organization_id": "main_organization", "credential_type_id": "main_credentialtype"},
        ("credential_type_id",),
        ("name", "organization_id", "credential_type_id"),
        prepare=credentials,
    ),
    Copied(
        "main_credentialinputsource",
        CredentialInputSource,
        "credential input sources",
        {"target_credential_id": "main_credential", "source_credential_id": "main_credential"},
        ("target_credential_id", "source_credential_id"),
        ("target_credential_id", "input_field_name"),
    ),
    Copied(
        "main_executionenvironment",
        ExecutionEnvironment,
        "execution environments",
        {"organization_id": "main_organization", "credential_id": "main_credential"},
    ),
    Copied(
        "main_instancegroup", InstanceGroup, "instance groups", {"credential_id": "main_credential"}, prepare=groups
    ),
    Copied(
        "main_notificationtemplate",
        NotificationTemplate,
        "notification templates",
        {"organization_id": "main_organization"},
        ("organization_id",),
        IN_ORGANIZATION,
        prepare=notifications,
    ),
    Copied(
        "main_project",
        Project,
        "projects",
        {
            **TEMPLATE_LINKS,
            "credential_id": "main_credential",
            "default_environment_id": "main_executionenvironment",
            "signature_validation_credential_id": "main_credential",
        },
        (),
        IN_ORGANIZATION,
        TEMPLATES,
        projects,
    ),
    Copied(
        "main_inventory",
        Inventory,
        "inventories",
        {"organization_id": "main_organization"},
        (),
        IN_ORGANIZATION,
        prepare=inventories,
    ),
    Copied(
        "main_inventorysource",
        InventorySource,
        "inventory sources",
        {**TEMPLATE_LINKS, "inventory_id": "main_inventory", "source_project_id": TEMPLATES},
        ("inventory_id",),
        ("name", "inventory_id"),
        TEMPLATES,
        templates,
    ),
    Copied(
        "main_jobtemplate",
        JobTemplate,
        "job templates",
        {
            **TEMPLATE_LINKS,
            "inventory_id": "main_inventory",
            "project_id": TEMPLATES,
            "webhook_credential_id": "main_credential",
        },
        (),
        IN_ORGANIZATION,
        TEMPLATES,
        templates,
    ),
    Copied(
        "main_workflowjobtemplate",
        WorkflowJobTemplate,
        "workflow job templates",
        {**TEMPLATE_LINKS, "inventory_id": "main_inventory", "webhook_credential_id": "main_credential"},
        (),
        IN_ORGANIZATION,
        TEMPLATES,
        templates,
    ),
    Copied(
        "main_systemjobtemplate",
        SystemJobTemplate,
        "management jobs",
        TEMPLATE_LINKS,
        (),
        ("job_type",),
        TEMPLATES,
        templates,
    ),
    Copied(
        "main_workflowapprovaltemplate",
        WorkflowApprovalTemplate,
        "approvals of workflows",
        TEMPLATE_LINKS,
        (),
        (),
        TEMPLATES,
        templates,
        approval_here,
    ),
    Copied(
        "main_workflowjobtemplatenode",
        WorkflowJobTemplateNode,
        "workflow nodes",
        {**PROMPTS, "workflow_job_template_id": "main_unifiedjobtemplate", "unified_job_template_id": TEMPLATES},
        ("workflow_job_template_id",),
        ("workflow_job_template_id", "identifier"),
        prepare=prompts,
    ),
    Copied(
        "main_schedule",
        Schedule,
        "schedules",
        {**PROMPTS, "unified_job_template_id": TEMPLATES},
        ("unified_job_template_id",),
        ("name", "unified_job_template_id"),
        prepare=prompts,
    ),
)
