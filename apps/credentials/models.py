"""Credential types, credentials, and the links that let another credential look a value up."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import ExpressionWrapper, Q

from apps.core.crypto import MASK
from apps.core.fields import EncryptedJSONField
from apps.core.models import Authored, Named
from apps.rbac import services
from apps.rbac.mixins import Follower, RoleModel

KINDS = (
    ("ssh", "Machine"),
    ("vault", "Vault"),
    ("net", "Network"),
    ("scm", "Source Control"),
    ("cloud", "Cloud"),
    ("registry", "Container Registry"),
    ("token", "Personal Access Token"),
    ("insights", "Insights"),
    ("external", "External"),
    ("kubernetes", "Kubernetes"),
    ("galaxy", "Galaxy/Automation Hub"),
    ("cryptography", "Cryptography"),
)
CUSTOM_KINDS = ("net", "cloud")
ASK = "ASK"


def is_kind(kind: str) -> models.GeneratedField:
    """A column that says whether the type is of this kind, so that summaries read it without a computation."""
    return models.GeneratedField(
        expression=ExpressionWrapper(Q(kind=kind), output_field=models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )


class CredentialType(Named):
    """What a credential asks for (`inputs`) and what it gives to a job (`injectors`)."""

    kind = models.CharField(max_length=32, choices=KINDS)
    managed = models.BooleanField(default=False, editable=False)
    namespace = models.CharField(max_length=1024, null=True, default=None, editable=False, unique=True)  # noqa: DJ001  (null: none, and unique)
    inputs = models.JSONField(blank=True, default=dict)
    injectors = models.JSONField(blank=True, default=dict)
    cloud = is_kind("cloud")
    kubernetes = is_kind("kubernetes")

    class Meta:
        ordering = ("kind", "name")
        constraints = (models.UniqueConstraint(fields=("name", "kind"), name="credentials_type_once"),)

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The declared inputs."""
        return self.inputs.get("fields", [])

    def field(self, name: str) -> dict[str, Any] | None:
        """One declared input."""
        return next((field for field in self.fields if field["id"] == name), None)

    @property
    def secret_fields(self) -> set[str]:
        """The inputs that are never shown."""
        return {field["id"] for field in self.fields if field.get("secret")}

    @property
    def askable_fields(self) -> set[str]:
        """The inputs that may be left to the launch (`ASK`)."""
        return {field["id"] for field in self.fields if field.get("ask_at_runtime")}


class Credential(RoleModel, Named):
    """Secrets of one type, owned by an organization, a team or a user."""

    organization = models.ForeignKey(
        "identity.Organization", models.CASCADE, null=True, blank=True, default=None, related_name="credentials"
    )
    credential_type = models.ForeignKey(CredentialType, models.CASCADE, related_name="credentials")
    managed = models.BooleanField(default=False, editable=False)
    inputs: models.Field[Any, Any] = EncryptedJSONField()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=("organization", "name", "credential_type"), name="credentials_once"),
        )

    @property
    def kind(self) -> str | None:
        """The name that programs know the type by."""
        return self.credential_type.namespace

    @property
    def shown_inputs(self) -> dict[str, Any]:
        """The inputs with secrets masked; what is asked at launch stays readable."""
        secret = self.credential_type.secret_fields
        shown = {name for name, value in self.inputs.items() if name not in secret or not value or self.asks(name)}
        return {name: value if name in shown else MASK for name, value in self.inputs.items()}

    def give_to(self, *, user: Any = None, team: Any = None) -> None:
        """Make a user or a team the owner: whoever holds the admin role is one."""
        if user is not None or team is not None:
            services.grant(self.role("admin_role"), user=user, team=team)

    def asks(self, name: str) -> bool:
        """Whether the input is left to the launch."""
        return self.inputs.get(name) == ASK and name in self.credential_type.askable_fields


class CredentialInputSource(Follower, Authored):
    """One input of a credential is looked up through another one when it is needed."""

    rights_from = "target_credential"

    description = models.TextField(blank=True, default="")
    target_credential = models.ForeignKey(Credential, models.CASCADE, related_name="input_sources")
    source_credential = models.ForeignKey(Credential, models.CASCADE, related_name="target_input_sources")
    input_field_name = models.CharField(max_length=1024)
    metadata = models.JSONField(blank=True, default=dict)

    class Meta:
        ordering = ("target_credential", "source_credential", "input_field_name")
        constraints = (
            models.UniqueConstraint(fields=("target_credential", "input_field_name"), name="credentials_one_source"),
        )

    def __str__(self) -> str:
        return f"{self.input_field_name} of {self.target_credential_id} from {self.source_credential_id}"
