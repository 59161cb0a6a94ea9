"""Organizations, users, teams and labels as JSON."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as ModelError
from django.db.models import Count
from rest_framework import serializers

from apps.core import events, registry
from apps.core.crypto import MASK
from apps.core.serializers import COMMON, NAMED, ResourceSerializer, iso
from apps.rbac.grants import organization_type
from apps.rbac.models import RoleUserAssignment

from .models import ExternalAccount, Label, Organization, Team, User
from .sso.managed import check_external

EDITABLE = {"edit": "change", "delete": "delete"}


def resource_summary(objects: list[Any], kind: str) -> dict[Any, dict[str, Any]]:
    """`summary_fields.resource`: the id by which other parts of the platform know the object."""
    return {o.pk: {"resource": {"ansible_id": str(o.ansible_id), "resource_type": f"shared.{kind}"}} for o in objects}


class OrganizationSerializer(ResourceSerializer):
    """A tenant."""

    counted = ("inventories", "teams", "job_templates", "projects")

    class Meta:
        model = Organization
        fields = (*NAMED, "max_hosts", "custom_virtualenv", "default_environment")
        read_only_fields = ("custom_virtualenv",)
        capabilities = EDITABLE

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """`resource` and `related_field_counts`: each count is one query for the whole page."""
        out = resource_summary(objects, "organization")
        counts = self.counts([obj.pk for obj in objects])
        for obj in objects:
            out[obj.pk]["related_field_counts"] = counts[obj.pk]
        return out

    def counts(self, ids: list[int]) -> dict[int, dict[str, int]]:
        """How much of each kind the asker sees in each organization."""
        out = {pk: dict.fromkeys((*self.counted, "users", "admins"), 0) for pk in ids}
        slugs = {slug: slug for slug in self.counted}
        for slug, shown in slugs.items():
            resource = registry.by_slug(slug)
            rows = resource.access_for(self.user).visible(resource.model._default_manager.filter(organization__in=ids))
            for pk, number in rows.order_by().values_list("organization").annotate(n=Count("pk")):
                out[pk][shown] = number
        people = RoleUserAssignment.objects.filter(content_type=organization_type(), object_id__in=ids).order_by()
        for pk, field, number in people.values_list("object_id", "role_definition__role_field").annotate(n=Count("pk")):
            shown = {"member_role": "users", "admin_role": "admins"}.get(field)
            if shown:
                out[pk][shown] = number
        if self.context.get("detail") and self.context["request"].method != "POST":
            hosts = registry.by_slug("hosts").model._default_manager.filter(inventory__organization__in=ids).order_by()
            found = dict(hosts.values_list("inventory__organization").annotate(n=Count("name", distinct=True)))
            for pk in ids:
                out[pk]["hosts"] = found.get(pk, 0)
        return out


class UserSerializer(ResourceSerializer):
    """Someone who logs in. The password is written, never read."""

    created = serializers.DateTimeField(source="date_joined", read_only=True)
    password = serializers.CharField(default="", required=False, allow_blank=True, help_text="The password to set.")
    is_superuser = serializers.BooleanField(default=False, help_text="May do everything.")
    is_system_auditor = serializers.BooleanField(default=False, help_text="May see everything.")
    external_account = serializers.SerializerMethodField()
    auth = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            *COMMON, "username", "first_name", "last_name", "email", "is_superuser", "is_system_auditor", "password",
            "ldap_dn", "last_login", "external_account", "auth",
        )  # fmt: skip
        read_only_fields = ("ldap_dn", "last_login", "modified")
        extra_kwargs = {name: {"required": False} for name in ("first_name", "last_name", "email")}
        capabilities = EDITABLE

    def get_external_account(self, obj: User) -> str | None:
        """The kind of sign-on that made the account."""
        return obj.external_source or None

    def get_auth(self, obj: User) -> list[Any]:
        """The accounts elsewhere that open this one."""
        return self._accounts.get(obj.pk, [])

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """`resource`; and the accounts elsewhere of those of the page who may have some."""
        external = [obj.pk for obj in objects if obj.external_source]
        self._accounts: dict[int, list[Any]] = {}
        for account in ExternalAccount.objects.filter(user__in=external) if external else ():
            shown = {"provider": account.provider, "uid": account.uid}
            self._accounts.setdefault(account.user_id, []).append(shown)
        return resource_summary(objects, "user")

    def to_representation(self, instance: User) -> dict[str, Any]:
        """The password is masked."""
        return super().to_representation(instance) | {"password": MASK, "modified": iso(instance.modified)}

    def validate_password(self, value: str) -> str:
        """A new user needs one that passes the validators; the mask, and what an export makes of it, change nothing."""
        if value in ("", MASK):
            if self.instance is None:
                raise serializers.ValidationError(["A new user needs a password."])
            return value
        try:
            validate_password(value)
        except ModelError as error:
            raise serializers.ValidationError(list(error.messages)) from error
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Accounts made elsewhere keep what their sign-on owns."""
        password = attrs.pop("password", None)
        if self.instance is not None:
            check_external(self.instance, attrs, password=password not in (None, "", MASK))
        attrs = super().validate(attrs)
        if password not in (None, "", MASK):
            attrs["password"] = password
        return attrs

    def unchecked(self) -> set[str]:
        """The hash is not the client's."""
        return super().unchecked() | {"password"}

    def create(self, validated_data: dict[str, Any]) -> User:
        """A user with a hashed password."""
        user = User(**{k: v for k, v in validated_data.items() if k != "password"})
        user.set_password(validated_data["password"])
        user.save()
        return user

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        """Changes; a new password ends what the old one opened."""
        password = validated_data.pop("password", None)
        if password:
            instance.set_password(password)
        user = super().update(instance, validated_data)
        if password:
            events.password_changed.send(sender=User, user=user)
        return user


class PlatformUserSerializer(UserSerializer):
    """A user as clients of the platform's gateway know him."""

    is_platform_auditor = serializers.BooleanField(
        source="is_system_auditor", default=False, help_text="May see everything."
    )

    class Meta(UserSerializer.Meta):
        fields = (*UserSerializer.Meta.fields, "is_platform_auditor")


class TeamSerializer(ResourceSerializer):
    """A group of users."""

    class Meta:
        model = Team
        fields = (*NAMED, "organization")
        capabilities = EDITABLE

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """`resource`."""
        return resource_summary(objects, "team")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A team stays in its organization."""
        attrs = super().validate(attrs)
        current = self.instance.organization if self.instance is not None else None
        if current is not None and attrs.get("organization", current) != current:
            raise serializers.ValidationError({"__all__": ["A team cannot move to another organization."]})
        return attrs


class LabelSerializer(ResourceSerializer):
    """A tag."""

    class Meta:
        model = Label
        fields = (*COMMON, "name", "organization")
