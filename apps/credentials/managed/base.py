"""What describes a managed type, and what its values are given to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

Values = Mapping[str, Any]


@dataclass
class Target:
    """What a job's process gets of its credentials; everything is filled in place."""

    workspace: Any  # has write(name, text) -> path
    env: dict[str, str]
    extra_vars: dict[str, Any]
    passwords: dict[str, str]  # {regular expression of a prompt: the answer}
    cmdline: list[str]
    ssh_key: str = ""  # a private key without passphrase, for ssh-agent
    secret_env: set[str] = field(default_factory=set)  # names in `env` whose values must not be shown

    def file(self, text: str) -> str:
        """The path of a new private file with this text."""
        return str(self.workspace.write(f"credentials/{uuid4().hex}", text))


@dataclass(frozen=True)
class ManagedType:
    """A type that every server has. `inject` is for what templates cannot say."""

    namespace: str
    name: str
    kind: str
    fields: tuple[dict[str, Any], ...]
    required: tuple[str, ...] = ()
    metadata: tuple[dict[str, Any], ...] = ()
    dependencies: Mapping[str, list[str]] = field(default_factory=dict)
    injectors: Mapping[str, Any] = field(default_factory=dict)
    inject: Callable[[Values, Target], None] | None = None
    lookup: Callable[..., str] | None = None  # of external types: (values of fields and metadata) -> the secret

    @property
    def inputs(self) -> dict[str, Any]:
        """`inputs` of the type as the API shows it."""
        out: dict[str, Any] = {"fields": [dict(f) for f in self.fields]}
        if self.metadata:
            out["metadata"] = [dict(f) for f in self.metadata]
        if self.required:
            out["required"] = list(self.required)
        if self.dependencies:
            out["dependencies"] = dict(self.dependencies)
        return out


def text(name: str, label: str, help_text: str = "", **more: Any) -> dict[str, Any]:
    """A field of text."""
    out = {"id": name, "label": label, "type": "string"}
    return out | ({"help_text": help_text} if help_text else {}) | more


def secret(name: str, label: str, help_text: str = "", **more: Any) -> dict[str, Any]:
    """A field of text that is never shown."""
    return text(name, label, help_text, secret=True, **more)


def flag(name: str, label: str, help_text: str = "", **more: Any) -> dict[str, Any]:
    """A field that is true or false."""
    return text(name, label, help_text, **more) | {"type": "boolean"}


def key(label: str = "SCM Private Key") -> dict[str, Any]:
    """The field of a private SSH key."""
    return secret("ssh_key_data", label, format="ssh_private_key", multiline=True)


USERNAME = text("username", "Username")
PASSWORD = secret("password", "Password")
UNLOCK = secret("ssh_key_unlock", "Private Key Passphrase")


def set_env(target: Target, values: Mapping[str, Any], *, hidden: tuple[str, ...] = ()) -> None:
    """Set environment variables, without those that have no value."""
    for name, value in values.items():
        if value not in (None, ""):
            target.env[name] = str(value)
            if name in hidden:
                target.secret_env.add(name)
