"""Other controllers, clusters, registries and hubs."""

from __future__ import annotations

from .base import PASSWORD, USERNAME, ManagedType, Target, Values, flag, secret, set_env, text


def inject_kubernetes(values: Values, target: Target) -> None:
    """The names that the kubernetes collections read."""
    verify = bool(values.get("verify_ssl")) and bool(values.get("host"))
    set_env(
        target,
        {
            "K8S_AUTH_HOST": values.get("host"),
            "K8S_AUTH_API_KEY": values.get("bearer_token"),
            "K8S_AUTH_VERIFY_SSL": str(verify),
        },
        hidden=("K8S_AUTH_API_KEY",),
    )
    if verify and values.get("ssl_ca_cert"):
        target.env["K8S_AUTH_SSL_CA_CERT"] = target.file(values["ssl_ca_cert"])


CONTROLLER_ENV = {
    "TOWER_HOST": "{{host}}",
    "TOWER_USERNAME": "{{username}}",
    "TOWER_PASSWORD": "{{password}}",
    "TOWER_VERIFY_SSL": "{{verify_ssl}}",
    "TOWER_OAUTH_TOKEN": "{{oauth_token}}",
    "CONTROLLER_HOST": "{{host}}",
    "CONTROLLER_USERNAME": "{{username}}",
    "CONTROLLER_PASSWORD": "{{password}}",
    "CONTROLLER_VERIFY_SSL": "{{verify_ssl}}",
    "CONTROLLER_OAUTH_TOKEN": "{{oauth_token}}",
}

TYPES = (
    ManagedType(
        namespace="controller",
        name="Red Hat Ansible Automation Platform",
        kind="cloud",
        fields=(
            text("host", "Red Hat Ansible Automation Platform", "The base URL of the controller."),
            text("username", "Username", "Not together with a token."),
            PASSWORD,
            secret("oauth_token", "OAuth Token", "Not together with a username and password."),
            flag("verify_ssl", "Verify SSL"),
        ),
        required=("host",),
        injectors={"env": CONTROLLER_ENV},
    ),
    ManagedType(
        namespace="insights",
        name="Insights",
        kind="insights",
        fields=(USERNAME, PASSWORD),
        required=("username", "password"),
        injectors={
            "extra_vars": {"scm_username": "{{username}}", "scm_password": "{{password}}"},
            "env": {"INSIGHTS_USER": "{{username}}", "INSIGHTS_PASSWORD": "{{password}}"},
        },
    ),
    ManagedType(
        namespace="kubernetes_bearer_token",
        name="OpenShift or Kubernetes API Bearer Token",
        kind="kubernetes",
        fields=(
            text("host", "OpenShift or Kubernetes API Endpoint", "Where the API of the cluster is."),
            secret("bearer_token", "API authentication bearer token"),
            flag("verify_ssl", "Verify SSL", default=True),
            secret("ssl_ca_cert", "Certificate Authority data", multiline=True),
        ),
        required=("host", "bearer_token"),
        inject=inject_kubernetes,
    ),
    ManagedType(
        namespace="registry",
        name="Container Registry",
        kind="registry",
        fields=(
            text("host", "Authentication URL", "Where the registry is.", default="quay.io"),
            USERNAME,
            secret("password", "Password or Token", "What the registry takes as a password."),
            flag("verify_ssl", "Verify SSL", default=True),
        ),
        required=("host",),
    ),
    ManagedType(
        namespace="galaxy_api_token",
        name="Ansible Galaxy/Automation Hub API Token",
        kind="galaxy",
        fields=(
            text("url", "Galaxy Server URL", "Where collections come from."),
            text("auth_url", "Auth Server URL", "The token endpoint of a Keycloak, where the hub uses one."),
            secret("token", "API Token", "A token for the Galaxy server."),
        ),
        required=("url",),
    ),
)
