"""Roles, definitions and assignments as JSON."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from rest_framework import serializers

from apps.core import links, registry
from apps.core.errors import BadRequest
from apps.core.fields import OBJECT, JSONValue
from apps.core.serializers import ResourceSerializer
from apps.core.summaries import fetch

from .definitions import (
    MODELS,
    NAMES,
    all_of,
    allowed_on,
    describe,
    dotted,
    dotted_model,
    order_key,
    owner,
)
from .models import ObjectRole, RoleDefinition, RoleTeamAssignment, RoleUserAssignment
from .rules import check_giving
from .services import assign

PERMISSIONS = sorted({dotted(p) for model in MODELS for p in all_of(model)})


def kind_name(content_type: ContentType) -> str:
    """`awx.inventory`."""
    return dotted_model(content_type.model)


def objects_of(rows: Any) -> dict[tuple[int, int], dict[str, Any]]:
    """Summaries of the objects that roles are about: {(content type, id): summary}, in one query."""
    wanted: dict[Any, set[int]] = defaultdict(set)
    kinds: dict[int, Any] = {}
    for row in rows:
        if row.content_type_id is None:
            continue
        model = ContentType.objects.get_for_id(row.content_type_id).model_class()
        resource = registry.find_model(model) if model else None
        if resource:
            kinds[row.content_type_id] = (model, resource.summary)
            wanted[model, resource.summary].add(row.object_id)
    found = fetch(wanted)
    return {(ct, pk): summary for ct, key in kinds.items() for pk, summary in found.get(key, {}).items()}


def object_link(content_type_id: int, object_id: int) -> tuple[str, str | None]:
    """The type name and URL of a role's object."""
    model = ContentType.objects.get_for_id(content_type_id).model_class()
    resource = registry.for_model(model)
    return resource.type_name(model), links.model_url(model, object_id)


class RoleSerializer(ResourceSerializer):
    """A classic role."""

    name = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()

    class Meta:
        model = ObjectRole
        fields = ("id", "type", "url", "related", "summary_fields", "name", "description")

    def get_type(self, obj: ObjectRole) -> str:
        """AWX's name of the model."""
        return "role"

    def get_name(self, obj: ObjectRole) -> str:
        """The role's title, or that of the custom definition."""
        return NAMES.get(obj.role_field) or (obj.role_definition.name if obj.role_definition else "")

    def get_description(self, obj: ObjectRole) -> str:
        """What the role allows."""
        if not obj.role_field:
            return obj.role_definition.description if obj.role_definition else ""
        if obj.content_type_id is None:
            return describe("", obj.role_field, "system")
        model = ContentType.objects.get_for_id(obj.content_type_id)
        return describe(model.model, obj.role_field, str(model.model_class()._meta.verbose_name))

    def links(self, obj: ObjectRole) -> dict[str, Any]:
        """The object that the role is about."""
        if obj.content_type_id is None:
            return {}
        name, url = object_link(obj.content_type_id, obj.object_id)
        return {name: url} if url else {}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Name and kind of the object, for the whole page."""
        found, out = objects_of(objects), {}
        unattach = self.removable(objects)
        for role in objects:
            out[role.pk] = {}
            summary = found.get((role.content_type_id, role.object_id))
            if summary is not None:
                kind, _ = object_link(role.content_type_id, role.object_id)
                out[role.pk] = {
                    "resource_name": summary.get("name") or summary.get("username", ""),
                    "resource_type": kind,
                    "resource_type_display_name": kind.replace("_", " ").title(),
                    "resource_id": role.object_id,
                }
            if unattach is not None:
                out[role.pk]["user_capabilities"] = {"unattach": role.pk in unattach}
        return out

    def removable(self, roles: list[Any]) -> set[int] | None:
        """The roles that the asker may take away, in the lists below users and teams; None elsewhere."""
        if getattr(getattr(self.context.get("view"), "sub", None), "segment", "") != "roles":
            return None
        if self.user.is_superuser:
            return {role.pk for role in roles}
        kinds: dict[int, set[int]] = defaultdict(set)
        for role in roles:
            if role.content_type_id is not None:
                kinds[role.content_type_id].add(role.object_id)
        allowed = set()
        for kind, ids in kinds.items():
            model = ContentType.objects.get_for_id(kind).model_class()
            rows, access = model._base_manager.filter(pk__in=ids), registry.for_model(model).access_for(self.user)
            granted = access.capabilities(rows, {"unattach": "change"})
            allowed |= {(kind, pk) for pk, may in granted.items() if may["unattach"]}
        return {role.pk for role in roles if (role.content_type_id, role.object_id) in allowed}


class ContentTypeField(serializers.ChoiceField):
    """`awx.inventory` for a content type."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=sorted(dotted_model(m) for m in MODELS), **kwargs)

    def get_attribute(self, instance: Any) -> ContentType | None:
        """From Django's memory of content types: no query a row."""
        pk = instance.content_type_id
        return ContentType.objects.get_for_id(pk) if pk is not None else None

    def to_representation(self, value: Any) -> str | None:
        """The dotted name."""
        return kind_name(value) if value is not None else None

    def to_internal_value(self, data: Any) -> ContentType:
        """The content type of a dotted name."""
        name = super().to_internal_value(data).partition(".")[2]
        return ContentType.objects.get_by_natural_key(MODELS[name], name)


class ReadContentType(ContentTypeField):
    """The kind of an assignment's object, from Django's memory of content types."""

    def __init__(self) -> None:
        super().__init__(read_only=True)


class PermissionsField(serializers.ListField):
    """Codenames with their prefix, ordered by model."""

    child = serializers.ChoiceField(choices=PERMISSIONS)

    def to_representation(self, data: Any) -> list[str]:
        """`awx.view_inventory`, …"""
        return [dotted(p) for p in sorted(data, key=order_key)]

    def to_internal_value(self, data: Any) -> list[str]:
        """Codenames without prefix."""
        return [value.partition(".")[2] for value in super().to_internal_value(data)]


class RoleDefinitionSerializer(ResourceSerializer):
    """A set of permissions with a name."""

    name = serializers.CharField()
    content_type = ContentTypeField(allow_null=True, default=None)
    permissions = PermissionsField()
    type = None

    class Meta:
        model = RoleDefinition
        fields = (
            "id", "url", "related", "summary_fields", "permissions", "content_type", "modified", "created",
            "name", "description", "managed", "modified_by", "created_by",
        )  # fmt: skip
        read_only_fields = ("modified", "created", "modified_by", "created_by", "managed")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Permissions fit the kind of object, and include seeing it."""
        kind = attrs.get("content_type", self.instance.content_type if self.instance else None)
        if self.instance is not None and kind != self.instance.content_type:
            raise serializers.ValidationError({"content_type": ["The kind of object cannot be changed."]})
        if kind is None:
            raise serializers.ValidationError({"content_type": ["A definition is for one kind of object."]})
        chosen = set(attrs.get("permissions", self.instance.permissions if self.instance else ()))
        wrong = chosen - allowed_on(kind.model)
        if wrong:
            raise serializers.ValidationError({"permissions": [f"Not for {kind.model}: {', '.join(sorted(wrong))}."]})
        missing = {owner(p) for p in chosen if not p.startswith(("add_", "view_"))}
        missing = {m for m in missing if f"view_{m}" in all_of(m) and f"view_{m}" not in chosen}
        if missing:
            needed = ", ".join(sorted(f"view_{m}" for m in missing))
            raise serializers.ValidationError({"permissions": [f"These permissions also need {needed}."]})
        return super().validate(attrs)


class AnsibleIdField(serializers.CharField):
    """The id by which the platform's other parts know an object: taken instead of an id, and read as null."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True)

    def get_attribute(self, instance: Any) -> None:
        """Assignments keep no such id."""
        return


def exactly_one(attrs: dict[str, Any], *names: str) -> None:
    """Someone or something is named in one of two ways."""
    if sum(bool(attrs.get(name)) for name in names) != 1:
        raise serializers.ValidationError({name: [f"Give either {names[0]} or {names[1]}."] for name in names})


class AssignmentSerializer(ResourceSerializer):
    """What assignments to users and to teams share."""

    type = None
    content_type = ReadContentType()
    object_id = serializers.CharField(required=False, allow_null=True)
    object_ansible_id = AnsibleIdField()
    receiver = ""  # user or team

    def links(self, obj: Any) -> dict[str, Any]:
        """The object."""
        return {"content_object": object_link(obj.content_type_id, obj.object_id)[1]}

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """The object."""
        found = objects_of(objects)
        keys = {obj.pk: (obj.content_type_id, obj.object_id) for obj in objects}
        return {pk: {"content_object": found[key]} for pk, key in keys.items() if key in found}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Ids of objects are texts here; ids of the resource registry are not kept for all kinds."""
        return super().to_representation(instance) | {"object_id": str(instance.object_id)}

    def find(self, model: Any, field: str, **condition: Any) -> Any:
        """A row that the asker may see; 400 on `field` otherwise."""
        rows = registry.for_model(model).access_for(self.user).visible(model.objects.all())
        try:
            found = rows.filter(**condition).first()
        except (ValueError, TypeError, serializers.DjangoValidationError):
            found = None
        if found is None:
            raise serializers.ValidationError({field: ["There is no such object."]})
        return found

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find the receiver and the object, and ask whether the actor may give the role."""
        definition, name = attrs["role_definition"], self.receiver
        model = self.Meta.model._meta.get_field(name).related_model
        exactly_one(attrs, name, f"{name}_ansible_id")
        if attrs.get(f"{name}_ansible_id"):
            who = self.find(model, f"{name}_ansible_id", ansible_id=attrs[f"{name}_ansible_id"])
        else:
            who = self.find(model, name, pk=attrs[name].pk)
        exactly_one(attrs, "object_id", "object_ansible_id")
        target = definition.content_type.model_class()
        if attrs.get("object_ansible_id") and hasattr(target, "ansible_id"):
            obj = self.find(target, "object_ansible_id", ansible_id=attrs["object_ansible_id"])
        else:
            obj = self.find(target, "object_id", pk=attrs.get("object_id"))
        return {"definition": definition, "obj": obj, name: who}

    def create(self, validated_data: dict[str, Any]) -> Any:
        """Give the role; giving it twice returns what is there."""
        definition, obj, who = (validated_data[k] for k in ("definition", "obj", self.receiver))
        kind = ContentType.objects.get_for_model(type(obj))
        probe = ObjectRole(content_type=kind, object_id=obj.pk, role_field=definition.role_field)
        try:
            check_giving(self.user, probe, **{self.receiver: who})
        except BadRequest as error:
            raise BadRequest({"detail": next(iter(error.detail.values()))}) from error
        except PermissionDenied:
            if not self.user.is_superuser:
                raise
        return assign(definition, obj, **{self.receiver: who})


SHARED = ("id", "url", "related", "summary_fields", "created", "created_by", "content_type", "object_id")
DEFINITION = {"role_definition": ("id", "name", "description", "managed")}


class UserAssignmentSerializer(AssignmentSerializer):
    """A user's role."""

    receiver = "user"
    user_ansible_id = AnsibleIdField()

    class Meta:
        model = RoleUserAssignment
        fields = (*SHARED, "object_ansible_id", "role_definition", "user", "user_ansible_id")
        extra_kwargs = {"user": {"required": False}, "created_by": {"read_only": True}}
        summaries = DEFINITION


class TeamAssignmentSerializer(AssignmentSerializer):
    """A team's role."""

    receiver = "team"
    team_ansible_id = AnsibleIdField()

    class Meta:
        model = RoleTeamAssignment
        fields = (*SHARED, "object_ansible_id", "role_definition", "team", "team_ansible_id")
        extra_kwargs = {"team": {"required": False}, "created_by": {"read_only": True}}
        summaries = DEFINITION


class RoleMetadataSerializer(serializers.Serializer):
    """What /role_metadata/ shows."""

    allowed_permissions = serializers.DictField(child=JSONValue(OBJECT), read_only=True)
