"""Machine, Vault and Network: what ansible itself logs in with."""

from __future__ import annotations

import re
import shlex

from .base import PASSWORD, UNLOCK, USERNAME, ManagedType, Target, Values, flag, key, secret, set_env, text

BECOME_METHOD_HELP = (
    "The way to become another user on the host: the --become-method of Ansible, such as sudo, su or doas."
)


def inject_machine(values: Values, target: Target) -> None:
    """Options of ansible, answers to its prompts, and the key for the agent."""
    user, password, method = values.get("username"), values.get("password"), values.get("become_method")
    if user:
        target.cmdline.append(f"--user={user}")
    if password:
        target.cmdline.append("--ask-pass")
        target.passwords[r"SSH password:\s*?$"] = password
        target.passwords[r"Password:\s*?$"] = password
    if method:
        target.cmdline.append(f"--become-method={method}")
    if values.get("become_username"):
        target.cmdline.append(f"--become-user={values['become_username']}")
    if values.get("become_password"):
        target.cmdline.append("--ask-become-pass")
        words = "|".join(re.escape(word) for word in {"BECOME", str(method or "sudo").upper()})
        target.passwords[rf"({words}) password.*:\s*?$"] = values["become_password"]
    if values.get("ssh_key_data"):
        target.ssh_key = values["ssh_key_data"]
        certificate = values.get("ssh_public_key_data")
        if certificate:
            path = target.file(certificate if certificate.endswith("\n") else f"{certificate}\n")
            target.cmdline.append(f"--ssh-extra-args=-o CertificateFile={shlex.quote(path)}")


def inject_vault(values: Values, target: Target) -> None:
    """One more vault identity, whose password is asked for and answered."""
    password, vault_id = values.get("vault_password"), values.get("vault_id")
    if not password:
        return
    if vault_id:
        target.cmdline.append(f"--vault-id={vault_id}@prompt")
        target.passwords[rf"Vault password \({re.escape(vault_id)}\):\s*?$"] = password
    else:
        target.cmdline.append("--ask-vault-pass")
        target.passwords[r"Vault password:\s*?$"] = password


def inject_network(values: Values, target: Target) -> None:
    """The environment that network modules read."""
    authorize = bool(values.get("authorize"))
    set_env(
        target,
        {
            "ANSIBLE_NET_USERNAME": values.get("username"),
            "ANSIBLE_NET_PASSWORD": values.get("password"),
            "ANSIBLE_NET_AUTHORIZE": str(int(authorize)),
            "ANSIBLE_NET_AUTH_PASS": values.get("authorize_password") if authorize else "",
        },
        hidden=("ANSIBLE_NET_PASSWORD", "ANSIBLE_NET_AUTH_PASS"),
    )
    if values.get("ssh_key_data"):
        target.env["ANSIBLE_NET_SSH_KEYFILE"] = target.file(values["ssh_key_data"])


TYPES = (
    ManagedType(
        namespace="ssh",
        name="Machine",
        kind="ssh",
        fields=(
            USERNAME,
            PASSWORD | {"ask_at_runtime": True},
            key("SSH Private Key"),
            secret("ssh_public_key_data", "Signed SSH Certificate", multiline=True),
            UNLOCK | {"ask_at_runtime": True},
            text("become_method", "Privilege Escalation Method", BECOME_METHOD_HELP),
            text("become_username", "Privilege Escalation Username"),
            secret("become_password", "Privilege Escalation Password", ask_at_runtime=True),
        ),
        inject=inject_machine,
    ),
    ManagedType(
        namespace="vault",
        name="Vault",
        kind="vault",
        fields=(
            secret("vault_password", "Vault Password", ask_at_runtime=True),
            text(
                "vault_id",
                "Vault Identifier",
                "The name that ansible-vault knows the password by (--vault-id), where there are several.",
                format="vault_id",
            ),
        ),
        required=("vault_password",),
        inject=inject_vault,
    ),
    ManagedType(
        namespace="net",
        name="Network",
        kind="net",
        fields=(
            USERNAME,
            PASSWORD,
            key("SSH Private Key"),
            UNLOCK,
            flag("authorize", "Authorize"),
            secret("authorize_password", "Authorize Password"),
        ),
        required=("username",),
        dependencies={"authorize_password": ["authorize"]},
        inject=inject_network,
    ),
)
