"""Clouds and virtualization."""

from __future__ import annotations

import json

import yaml

from .base import PASSWORD, USERNAME, ManagedType, Target, Values, flag, key, secret, set_env, text


def inject_aws(values: Values, target: Target) -> None:
    """The names that boto reads."""
    set_env(
        target,
        {
            "AWS_ACCESS_KEY_ID": values.get("username"),
            "AWS_SECRET_ACCESS_KEY": values.get("password"),
            "AWS_SECURITY_TOKEN": values.get("security_token"),
            "AWS_SESSION_TOKEN": values.get("security_token"),
        },
        hidden=("AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"),
    )


def inject_openstack(values: Values, target: Target) -> None:
    """A clouds.yaml with one cloud."""
    auth = {
        "auth_url": values.get("host"),
        "username": values.get("username"),
        "password": values.get("password"),
        "project_name": values.get("project"),
    }
    if values.get("project_domain_name"):
        auth["project_domain_name"] = values["project_domain_name"]
    if values.get("domain"):
        auth["domain_name"] = values["domain"]
    cloud = {"auth": auth, "verify": bool(values.get("verify_ssl", True))}
    if values.get("region"):
        cloud["region_name"] = values["region"]
    target.env["OS_CLIENT_CONFIG_FILE"] = target.file(yaml.safe_dump({"clouds": {"devstack": cloud}}))


def inject_vmware(values: Values, target: Target) -> None:
    """The names that the vmware collections read."""
    set_env(
        target,
        {
            "VMWARE_USER": values.get("username"),
            "VMWARE_PASSWORD": values.get("password"),
            "VMWARE_HOST": values.get("host"),
            "VMWARE_VALIDATE_CERTS": "False",
        },
        hidden=("VMWARE_PASSWORD",),
    )


def inject_gce(values: Values, target: Target) -> None:
    """A service account file, and the names that Google's modules read."""
    account = {
        "type": "service_account",
        "private_key": values.get("ssh_key_data", ""),
        "client_email": values.get("username", ""),
        "project_id": values.get("project", ""),
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    path = target.file(json.dumps(account, indent=2))
    set_env(
        target,
        {
            "GCE_EMAIL": values.get("username"),
            "GCE_PROJECT": values.get("project"),
            "GCE_CREDENTIALS_FILE_PATH": path,
            "GCP_SERVICE_ACCOUNT_FILE": path,
            "GCP_AUTH_KIND": "serviceaccount",
            "GCP_PROJECT": values.get("project"),
            "GOOGLE_APPLICATION_CREDENTIALS": path,
        },
    )


def inject_azure(values: Values, target: Target) -> None:
    """A service principal, or else a user."""
    if values.get("client"):
        set_env(
            target,
            {
                "AZURE_CLIENT_ID": values["client"],
                "AZURE_TENANT": values.get("tenant"),
                "AZURE_SECRET": values.get("secret"),
                "AZURE_SUBSCRIPTION_ID": values.get("subscription"),
            },
            hidden=("AZURE_SECRET",),
        )
    else:
        set_env(
            target,
            {
                "AZURE_SUBSCRIPTION_ID": values.get("subscription"),
                "AZURE_AD_USER": values.get("username"),
                "AZURE_PASSWORD": values.get("password"),
            },
            hidden=("AZURE_PASSWORD",),
        )
    set_env(target, {"AZURE_CLOUD_ENVIRONMENT": values.get("cloud_environment")})


def inject_terraform(values: Values, target: Target) -> None:
    """Files that the terraform collection reads."""
    if values.get("configuration"):
        target.env["TF_BACKEND_CONFIG_FILE"] = target.file(values["configuration"])
    if values.get("gce_credentials"):
        target.env["GOOGLE_BACKEND_CREDENTIALS"] = target.file(values["gce_credentials"])


OVIRT_INI = (
    "[ovirt]\novirt_url={{host}}\novirt_username={{username}}\novirt_password={{password}}\n"
    "{% if ca_file %}ovirt_ca_file={{ca_file}}{% endif %}"
)

TYPES = (
    ManagedType(
        namespace="aws",
        name="Amazon Web Services",
        kind="cloud",
        fields=(
            text("username", "Access Key"),
            secret("password", "Secret Key"),
            secret("security_token", "STS Token", "The token of a temporary login, given out by AWS STS."),
        ),
        required=("username", "password"),
        inject=inject_aws,
    ),
    ManagedType(
        namespace="openstack",
        name="OpenStack",
        kind="cloud",
        fields=(
            USERNAME,
            secret("password", "Password (API Key)"),
            text(
                "host",
                "Host (Authentication URL)",
                "Where to log in, for example https://openstack.example.com/v2.0/.",
            ),
            text("project", "Project (Tenant Name)"),
            text("project_domain_name", "Project (Domain Name)"),
            text("domain", "Domain Name", "The domain that the user belongs to; Keystone v3 needs one."),
            text("region", "Region Name", "Clouds with several regions, such as OVH, need one."),
            flag("verify_ssl", "Verify SSL", default=True),
        ),
        required=("username", "password", "host", "project"),
        inject=inject_openstack,
    ),
    ManagedType(
        namespace="vmware",
        name="VMware vCenter",
        kind="cloud",
        fields=(
            text("host", "VCenter Host", "The host name or address of the vCenter."),
            USERNAME,
            PASSWORD,
        ),
        required=("host", "username", "password"),
        inject=inject_vmware,
    ),
    ManagedType(
        namespace="satellite6",
        name="Red Hat Satellite 6",
        kind="cloud",
        fields=(
            text("host", "Satellite 6 URL", "For example https://satellite.example.org."),
            USERNAME,
            PASSWORD,
        ),
        required=("host", "username", "password"),
        injectors={
            "env": {
                "FOREMAN_SERVER": "{{host}}",
                "FOREMAN_USER": "{{username}}",
                "FOREMAN_PASSWORD": "{{password}}",
            }
        },
    ),
    ManagedType(
        namespace="gce",
        name="Google Compute Engine",
        kind="cloud",
        fields=(
            text("username", "Service Account Email Address", "The address that the service account has."),
            text("project", "Project", "The id of the project, such as adjective-noun-000 or domain.com:project-id."),
            key("RSA Private Key") | {"help_text": "The PEM file of the service account's key."},
        ),
        required=("username", "ssh_key_data"),
        inject=inject_gce,
    ),
    ManagedType(
        namespace="azure_rm",
        name="Microsoft Azure Resource Manager",
        kind="cloud",
        fields=(
            text("subscription", "Subscription ID", "The UUID of the subscription."),
            USERNAME,
            PASSWORD,
            text("client", "Client ID"),
            secret("secret", "Client Secret"),
            text("tenant", "Tenant ID"),
            text("cloud_environment", "Azure Cloud Environment", "AZURE_CLOUD_ENVIRONMENT, for other Azure clouds."),
        ),
        required=("subscription",),
        inject=inject_azure,
    ),
    ManagedType(
        namespace="rhv",
        name="Red Hat Virtualization",
        kind="cloud",
        fields=(
            text("host", "Host (Authentication URL)", "Where to log in."),
            USERNAME,
            PASSWORD,
            text("ca_file", "CA File", "The absolute path of a CA file, if one is needed."),
        ),
        required=("host", "username", "password"),
        injectors={
            "file": {"template": OVIRT_INI},
            "env": {
                "OVIRT_INI_PATH": "{{tower.filename}}",
                "OVIRT_URL": "{{host}}",
                "OVIRT_USERNAME": "{{username}}",
                "OVIRT_PASSWORD": "{{password}}",
            },
        },
    ),
    ManagedType(
        namespace="terraform",
        name="Terraform backend configuration",
        kind="cloud",
        fields=(
            secret("configuration", "Backend configuration", "The HCL of the backend.", multiline=True),
            secret(
                "gce_credentials",
                "Google Cloud Platform account credentials",
                "The JSON of a Google account, where the backend is a bucket there.",
                multiline=True,
            ),
        ),
        required=("configuration",),
        inject=inject_terraform,
    ),
)
