"""What can be in the stream: the API's word for each kind of object, and its model."""

KINDS: dict[str, str] = {
    "user": "identity.User",
    "organization": "identity.Organization",
    "team": "identity.Team",
    "label": "identity.Label",
    "role": "rbac.ObjectRole",
    "role_definition": "rbac.RoleDefinition",
    "o_auth2_application": "oauth.OAuth2Application",
    "o_auth2_access_token": "oauth.OAuth2AccessToken",
    "credential": "credentials.Credential",
    "credential_type": "credentials.CredentialType",
    "credential_input_source": "credentials.CredentialInputSource",
    "notification_template": "notifications.NotificationTemplate",
    "notification": "notifications.Notification",
    "instance": "instances.Instance",
    "instance_group": "instances.InstanceGroup",
    "execution_environment": "instances.ExecutionEnvironment",
    "receptor_address": "instances.ReceptorAddress",
    "unified_job_template": "unified.UnifiedJobTemplate",
    "unified_job": "unified.UnifiedJob",
    "schedule": "unified.Schedule",
    "project": "projects.Project",
    "project_update": "projects.ProjectUpdate",
    "inventory": "inventory.Inventory",
    "host": "inventory.Host",
    "group": "inventory.Group",
    "inventory_source": "inventory.InventorySource",
    "inventory_update": "inventory.InventoryUpdate",
    "job_template": "jobs.JobTemplate",
    "job": "jobs.Job",
    "ad_hoc_command": "jobs.AdHocCommand",
    "workflow_job_template": "workflows.WorkflowJobTemplate",
    "workflow_job_template_node": "workflows.WorkflowJobTemplateNode",
    "workflow_job": "workflows.WorkflowJob",
    "workflow_job_node": "workflows.WorkflowJobNode",
    "workflow_approval_template": "workflows.WorkflowApprovalTemplate",
    "workflow_approval": "workflows.WorkflowApproval",
}

# Kinds with rows of their own in the stream; the others appear only together with one of these.
AUDITED = frozenset(KINDS) - {
    "role", "notification", "unified_job_template", "unified_job", "project_update", "inventory_update",
    "workflow_job_node", "receptor_address",
}  # fmt: skip

# Kinds whose rows change all the time by themselves: only their creation and deletion are told.
JOBS = frozenset({"job", "ad_hoc_command", "workflow_job", "workflow_approval"})
