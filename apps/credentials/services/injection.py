"""What a job's process gets of its credentials: environment, variables, files, options, answers to prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.core import sandbox
from apps.credentials import ssh_keys
from apps.credentials.environment import refusal
from apps.credentials.managed.base import Target
from apps.credentials.models import ASK, Credential

from .lookups import LookupFailed, resolved
from .types import managed_of

# the name of a prompt at launch -> the field that it fills
MACHINE_PROMPTS = {
    "ssh_password": "password",
    "become_password": "become_password",
    "ssh_key_unlock": "ssh_key_unlock",
}


class CannotInject(Exception):  # noqa: N818
    """The credential cannot be used for the job; the sentence says why."""


def passwords_needed(credential: Credential) -> list[str]:
    """The names of the passwords that a launch must give: `ssh_password`, `vault_password.prod`, …"""
    kind = credential.credential_type.kind
    if kind == "ssh":
        return [prompt for prompt in MACHINE_PROMPTS if asks_for(credential, prompt)]
    if kind == "vault" and credential.asks("vault_password"):
        return [vault_prompt(credential)]
    return []


def asks_for(credential: Credential, prompt: str) -> bool:
    """Whether a machine credential leaves this to the launch."""
    if prompt != "ssh_key_unlock":
        return credential.asks(MACHINE_PROMPTS[prompt])
    key = credential.inputs.get("ssh_key_data", "")
    return credential.inputs.get("ssh_key_unlock", "") in ("", ASK) and ssh_keys.is_locked(key)


def vault_prompt(credential: Credential) -> str:
    """`vault_password`, or with the vault's id."""
    vault_id = credential.inputs.get("vault_id")
    return f"vault_password.{vault_id}" if vault_id else "vault_password"


def answers_for(credential: Credential, given: Mapping[str, str]) -> dict[str, str]:
    """Of the passwords given at launch those for this credential, by field."""
    if credential.credential_type.kind == "vault":
        prompts = {vault_prompt(credential): "vault_password"}
    elif credential.credential_type.kind == "ssh":
        prompts = MACHINE_PROMPTS
    else:
        return {}
    wanted = {prompt for prompt in prompts if prompt in passwords_needed(credential)}
    return {prompts[prompt]: given[prompt] for prompt in wanted if given.get(prompt)}


def inject(  # noqa: PLR0913  (one place for each thing that a process gets)
    credential: Credential,
    workspace: Any,
    env: dict[str, str],
    extra_vars: dict[str, Any],
    passwords: dict[str, str],
    cmdline: list[str],
    *,
    answers: Mapping[str, str] | None = None,
) -> Target:
    """Give a job one credential; everything is filled in place.

    `workspace` has write(name, text) -> path; `answers` are the passwords given at launch (`ssh_password`, …).
    The result carries what has no place above: `ssh_key` (unlocked, for the agent) and `secret_env` (names of
    variables that may not be shown). CannotInject says in one sentence why it is impossible.
    """
    target = Target(workspace, env, extra_vars, passwords, cmdline)
    fill(target, credential, answers)
    return target


def inject_all(
    credentials: Iterable[Credential], workspace: Any, *, answers: Mapping[str, str] | None = None
) -> Target:
    """Give a job several credentials; the first machine key is the one for the agent."""
    target = Target(workspace, {}, {}, {}, [])
    for credential in credentials:
        fill(target, credential, answers)
    target.cmdline[:] = list(dict.fromkeys(target.cmdline))
    return target


def fill(target: Target, credential: Credential, answers: Mapping[str, str] | None) -> None:
    """Resolve the values and pass them on, by code or by templates."""
    try:
        values = resolved(credential, answers_for(credential, answers or {}))
        if values.get("ssh_key_data") and credential.credential_type.field("ssh_key_data"):
            values["ssh_key_data"] = ssh_keys.unlocked(values["ssh_key_data"], values.get("ssh_key_unlock", ""))
        managed = managed_of(credential.credential_type)
        if managed.inject is not None:
            managed.inject(values, target)
        else:
            render(target, credential, values)
    except (LookupFailed, ssh_keys.BadKey, sandbox.BadTemplate) as error:
        raise CannotInject(f"The credential {credential.name} cannot be used: {error}") from error


def render(target: Target, credential: Credential, values: dict[str, Any]) -> None:
    """The injectors of a type: files first, since the others may name them."""
    kind = credential.credential_type
    context: dict[str, Any] = {field["id"]: "" for field in kind.fields} | values
    files = {name: target.file(sandbox.render(text, context)) for name, text in kind.injectors.get("file", {}).items()}
    if files:
        named = {name.partition(".")[2]: path for name, path in files.items() if "." in name}
        context["tower"] = {"filename": named or files["template"]}
    secrets = {str(values[name]) for name in kind.secret_fields if values.get(name)}
    for name, text in kind.injectors.get("env", {}).items():
        reason = refusal(name)
        if reason:
            raise sandbox.BadTemplate(reason)
        target.env[name] = sandbox.render(text, context)
        if any(secret in target.env[name] for secret in secrets):
            target.secret_env.add(name)
    for name, value in kind.injectors.get("extra_vars", {}).items():
        target.extra_vars[name] = render_nested(value, context)


def render_nested(value: Any, context: dict[str, Any]) -> Any:
    """A text, or a list or mapping of texts, rendered."""
    if isinstance(value, dict):
        return {sandbox.render(key, context): render_nested(item, context) for key, item in value.items()}
    if isinstance(value, list):
        return [render_nested(item, context) for item in value]
    return sandbox.render(value, context)
