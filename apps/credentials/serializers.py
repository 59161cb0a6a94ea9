"""Credential types, credentials and input sources as JSON."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers

from apps.core import links
from apps.core.serializers import COMMON, NAMED, ResourceSerializer
from apps.identity.models import Team
from apps.rbac.models import RoleTeamAssignment, RoleUserAssignment

from . import inputs, schema
from .models import CUSTOM_KINDS, KINDS, Credential, CredentialInputSource, CredentialType

SOURCE_SUMMARY = (
    "id", "name", "description", "kind=credential_type__namespace", "cloud=credential_type__cloud",
    "credential_type_id",
)  # fmt: skip
# what uses a credential in a way that depends on its type
USES = ("ad_hoc_commands", "unifiedjobs", "unifiedjobtemplates", "projects", "projectupdates", "workflowjobnodes")


class KindField(serializers.ChoiceField):
    """Any kind is read; only those of custom types are written."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse the kinds of managed types."""
        value = super().to_internal_value(data)
        if value not in CUSTOM_KINDS:
            raise serializers.ValidationError(f"The kind of a custom type must be one of {', '.join(CUSTOM_KINDS)}.")
        return value


class CredentialTypeSerializer(ResourceSerializer):
    """What a credential asks for and gives."""

    kind = KindField(choices=KINDS, help_text="What credentials of it are for.")
    inputs = serializers.JSONField(required=False, default=dict, help_text="The fields that credentials have.")
    injectors = serializers.JSONField(required=False, default=dict, help_text="What jobs get of the fields.")

    class Meta:
        model = CredentialType
        fields = (*NAMED, "kind", "namespace", "managed", "inputs", "injectors")
        read_only_fields = ("namespace", "managed")
        capabilities = {"edit": "change", "delete": "delete"}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The definition is complete and its templates can be rendered; while it is used, its inputs stay."""
        if self.instance is not None and self.instance.managed:
            raise PermissionDenied("The types that the server brings along cannot be changed.")
        if self.instance is None or not self.partial:
            attrs = {"inputs": {}, "injectors": {}} | attrs
        before = self.instance or CredentialType()
        if "inputs" in attrs:
            attrs["inputs"] = self.checked("inputs", schema.checked_inputs, attrs["inputs"])
            if self.instance is not None and attrs["inputs"] != before.inputs and before.credentials.exists():
                raise PermissionDenied("Credentials of this type exist, so its inputs cannot be changed.")
        if "injectors" in attrs or "inputs" in attrs:
            fields, injectors = attrs.get("inputs", before.inputs), attrs.get("injectors", before.injectors)
            checked = self.checked("injectors", schema.checked_injectors, injectors, fields)
            attrs["injectors"] = checked
        return super().validate(attrs)

    @staticmethod
    def checked(name: str, check: Any, *values: Any) -> Any:
        """The result of a check, whose error is about the field `name`."""
        try:
            return check(*values)
        except ModelError as error:
            raise serializers.ValidationError({name: list(error.messages)}) from error


class InputsField(serializers.JSONField):
    """The inputs: secrets are shown masked."""

    def get_attribute(self, instance: Credential) -> Any:
        """What may be shown."""
        return instance.shown_inputs


class CredentialSerializer(ResourceSerializer):
    """Secrets of one type."""

    inputs = InputsField(required=False, default=dict, help_text="The values of the type's fields.")
    kind = serializers.SerializerMethodField()
    cloud = serializers.SerializerMethodField()
    kubernetes = serializers.SerializerMethodField()
    _owners: dict[int, list[dict[str, Any]]] | None = None

    class Meta:
        model = Credential
        fields: tuple[str, ...] = (
            *NAMED, "organization", "credential_type", "managed", "inputs", "kind", "cloud", "kubernetes",
        )  # fmt: skip
        read_only_fields = ("managed",)
        capabilities = {"edit": "change", "delete": "delete", "copy": "copy", "use": "use"}
        summaries = {"credential_type": ("id", "name", "description")}

    # --- reading -------------------------------------------------------------------------------------------------

    def get_kind(self, obj: Credential) -> str | None:
        """The namespace of the type."""
        return obj.kind

    def get_cloud(self, obj: Credential) -> bool:
        """Whether it is for a cloud."""
        return obj.credential_type.kind == "cloud"

    def get_kubernetes(self, obj: Credential) -> bool:
        """Whether it is for a cluster."""
        return obj.credential_type.kind == "kubernetes"

    def summarize(self, objects: list[Credential]) -> dict[Any, dict[str, Any]]:
        """`owners` of a page of credentials, in two queries."""
        self._owners = owners(objects)
        return {obj.pk: {"owners": self._owners[obj.pk]} for obj in objects}

    def links(self, obj: Credential) -> dict[str, Any]:
        """A credential without organization is linked to its owner."""
        found = (self._owners or {}).get(obj.pk, [])
        if obj.organization_id is None and found:
            team = next((owner for owner in found if owner["type"] == "team"), found[0])
            return {team["type"]: team["url"]}
        return {}

    # --- writing -------------------------------------------------------------------------------------------------

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The inputs are those of the type; the type stays while something depends on it."""
        before: Any = self.instance
        if before is not None and before.managed:
            raise PermissionDenied("The credentials that the server brings along cannot be changed.")
        kind = attrs.get("credential_type")
        changed = before is not None and kind is not None and kind.pk != before.credential_type_id
        if before is not None and changed and any(used(before, relation) for relation in USES):
            message = "Something uses the credential, so its type cannot be changed."
            raise serializers.ValidationError({"credential_type": [message]})
        if before is None or not self.partial:
            attrs = {"inputs": {}} | attrs
        if changed and "inputs" not in attrs:
            raise serializers.ValidationError({"inputs": ["Another type needs inputs of its own."]})
        if "inputs" in attrs:
            kept = None if before is None else {} if changed else before.inputs
            attrs["inputs"] = inputs.merged(kind or before.credential_type, attrs["inputs"], kept)
        return super().validate(attrs)


class CredentialCreateSerializer(CredentialSerializer):
    """A new credential names exactly one owner."""

    user = serializers.PrimaryKeyRelatedField(
        queryset=get_user_model().objects.all(), required=False, allow_null=True, write_only=True,
        help_text="The user who owns it; then neither team nor organization.",
    )  # fmt: skip
    team = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.all(), required=False, allow_null=True, write_only=True,
        help_text="The team that owns it; then neither user nor organization.",
    )  # fmt: skip
    team_gives_organization = True

    class Meta(CredentialSerializer.Meta):
        fields = (*CredentialSerializer.Meta.fields, "user", "team")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One owner; a team brings its organization."""
        named = [name for name in ("user", "team", "organization") if attrs.get(name)]
        if not named:
            raise serializers.ValidationError({"detail": ["An owner is missing: user, team or organization."]})
        if len(named) > 1:
            message = f"Only one owner can be given, not {' and '.join(named)}."
            raise serializers.ValidationError({"detail": [message]})
        if attrs["credential_type"].kind == "galaxy" and named != ["organization"]:
            raise serializers.ValidationError({"organization": ["A Galaxy credential belongs to an organization."]})
        if self.team_gives_organization and attrs.get("team"):
            attrs["organization"] = attrs["team"].organization
        return super().validate(attrs)

    def create(self, validated_data: dict[str, Any]) -> Credential:
        """The owner administers it."""
        owners_given = {name: validated_data.pop(name, None) for name in ("user", "team")}
        made = super().create(validated_data)
        made.give_to(**owners_given)
        return made


class OwnedCredentialSerializer(CredentialCreateSerializer):
    """Below a user or a team there is no organization."""

    team_gives_organization = False

    class Meta(CredentialCreateSerializer.Meta):
        fields = tuple(name for name in CredentialCreateSerializer.Meta.fields if name != "organization")


class CredentialInputSourceSerializer(ResourceSerializer):
    """One input of a credential that is looked up through another."""

    metadata = serializers.JSONField(required=False, default=dict, help_text="What to look up: the lookup's metadata.")

    class Meta:
        model = CredentialInputSource
        fields = (*COMMON, "description", "input_field_name", "metadata", "target_credential", "source_credential")
        capabilities = {"delete": "delete"}
        summaries = {"source_credential": SOURCE_SUMMARY, "target_credential": SOURCE_SUMMARY}

    def validate_target_credential(self, value: Credential) -> Credential:
        """A lookup's own inputs are not looked up."""
        if value.credential_type.kind == "external":
            raise serializers.ValidationError("The inputs of a lookup cannot be looked up themselves.")
        return value

    def validate_source_credential(self, value: Credential) -> Credential:
        """Only lookups look up."""
        if value.credential_type.kind != "external":
            raise serializers.ValidationError("This credential is no external lookup.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The target has the input, and the metadata is what the lookup asks for."""
        before = self.instance
        if before is None or not self.partial:
            attrs = {"metadata": {}} | attrs
        target, source, name, metadata = (
            attrs[key] if key in attrs else getattr(before, key)
            for key in ("target_credential", "source_credential", "input_field_name", "metadata")
        )
        if target.credential_type.field(name) is None:
            message = f"Credentials of the type {target.credential_type.name} have no input {name!r}."
            raise serializers.ValidationError({"input_field_name": [message]})
        wrong = inputs.metadata_errors(source.credential_type, metadata)
        if wrong:
            raise serializers.ValidationError({"metadata": wrong})
        return super().validate(attrs)


def used(credential: Credential, relation: str) -> bool:
    """Whether something points to the credential by this relation."""
    return getattr(credential, relation).exists()


def owners(credentials: list[Credential]) -> dict[int, list[dict[str, Any]]]:
    """{pk: owners}: users with the admin role, the organization, teams with the admin role."""
    out: dict[int, list[dict[str, Any]]] = defaultdict(list)
    kind, ids = ContentType.objects.get_for_model(Credential), [c.pk for c in credentials]
    held = {"content_type": kind, "object_id__in": ids, "role_definition__role_field": "admin_role"}
    row: Any
    for row in RoleUserAssignment.objects.filter(**held).select_related("user").order_by("user_id"):
        full = f"{row.user.first_name} {row.user.last_name}".strip()
        out[row.object_id].append(owner(row.user, "user", row.user.username, full))
    for credential in credentials:
        above = credential.organization
        if above is not None:
            out[credential.pk].append(owner(above, "organization", above.name, above.description))
    for row in RoleTeamAssignment.objects.filter(**held).select_related("team").order_by("team_id"):
        out[row.object_id].append(owner(row.team, "team", row.team.name, row.team.description))
    return {pk: out[pk] for pk in ids}


def owner(obj: Any, kind: str, name: str, description: str) -> dict[str, Any]:
    """One owner as the summary shows it."""
    return {"id": obj.pk, "type": kind, "name": name, "description": description, "url": links.object_url(obj)}
