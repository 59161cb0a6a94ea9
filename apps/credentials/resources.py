"""credential_types, credentials, credential_input_sources."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied

from apps.core.audit import audited
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.verbs import Verb
from apps.identity.models import Team
from apps.identity.sublists import ROLES

from .access import CredentialAccess, CredentialInputSourceAccess, CredentialTypeAccess
from .models import CUSTOM_KINDS, Credential, CredentialInputSource, CredentialType
from .serializers import (
    CredentialCreateSerializer,
    CredentialInputSourceSerializer,
    CredentialSerializer,
    CredentialTypeSerializer,
    OwnedCredentialSerializer,
)
from .verbs import CredentialTest, CredentialTypeTest

# the fields of POST that each list above credentials leaves out
HIDDEN_IN = {
    "users": {"team"},
    "teams": {"user"},
    "organizations": {"user", "team"},
    "credential_types": {"user", "team"},
}


def owning(model: Any, assignments: str) -> Any:
    """The users or teams that own a credential."""

    def rows(obj: Credential, user: Any) -> Any:
        held = {
            f"{assignments}__content_type": ContentType.objects.get_for_model(Credential),
            f"{assignments}__object_id": obj.pk,
            f"{assignments}__role_definition__role_field": "admin_role",
        }
        return model.objects.filter(**held)

    return rows


@register("credential_types")
class CredentialTypes(Resource):
    """What credentials ask for and give."""

    model = CredentialType
    serializer_class = CredentialTypeSerializer
    access = CredentialTypeAccess
    named_by = (("name", "kind"),)
    sublists = (Sub("credentials", create=True, parent_role="view"), audited())
    verbs = (Verb("test", CredentialTypeTest),)
    unlinked = ("test",)

    def adjust_metadata(self, fields: dict[str, Any], method: str) -> dict[str, Any]:
        """Only the kinds of custom types can be written."""
        if method != "GET":
            fields["kind"]["choices"] = [pair for pair in fields["kind"]["choices"] if pair[0] in CUSTOM_KINDS]
        return fields

    def check_delete(self, obj: CredentialType) -> None:
        """Managed types stay, and so do types with credentials."""
        if obj.managed:
            raise PermissionDenied("The types that the server brings along cannot be deleted.")
        if self.request.user.is_superuser and obj.credentials.exists():
            raise PermissionDenied("Credentials of this type exist, so it cannot be deleted.")


@register("credentials")
class Credentials(Resource):
    """Secrets."""

    model = Credential
    serializer_class = CredentialSerializer
    list_serializer_class = CredentialCreateSerializer
    access = CredentialAccess
    joins = ("credential_type", "organization")
    named_by = (("name",), ("credential_type__name", "credential_type__kind"), ("organization__name",))
    summary = (
        "id", "name", "description", "kind=credential_type__namespace", "cloud=credential_type__cloud",
        "kubernetes=credential_type__kubernetes", "credential_type_id",
    )  # fmt: skip
    copies = ()
    sublists = (
        audited(),
        *ROLES,
        Sub("owner_users", slug="users", rows=owning(get_user_model(), "role_assignments")),
        Sub("owner_teams", slug="teams", rows=owning(Team, "role_assignments")),
        Sub("input_sources", create=True),
    )
    verbs = (Verb("test", CredentialTest),)
    unlinked = ("test",)

    def get_serializer_class(self) -> Any:
        """Below users and teams there is no organization; below types no owner is asked for."""
        above = self.above()
        if above in ("users", "teams"):
            return OwnedCredentialSerializer
        return (
            CredentialSerializer if above in ("organizations", "credential_types") else super().get_serializer_class()
        )

    def above(self) -> str:
        """The list that this one lies below, if it does."""
        parent = getattr(self, "parent", None)
        return parent.slug if parent is not None else ""

    def adjust_metadata(self, fields: dict[str, Any], method: str) -> dict[str, Any]:
        """Leave out the owners that the list already says."""
        return {name: info for name, info in fields.items() if name not in HIDDEN_IN.get(self.above(), ())}

    @staticmethod
    def after_copy(obj: Credential, twin: Credential, user: Any) -> None:
        """The copy looks up what the original does; its owners are the organization and the copier."""
        twin.managed = False
        twin.save(update_fields=["managed"])
        for link in obj.input_sources.all():
            link.pk, link._state.adding = None, True
            link.target_credential = twin
            link.save()


@register("credential_input_sources")
class CredentialInputSources(Resource):
    """Links to lookups."""

    model = CredentialInputSource
    serializer_class = CredentialInputSourceSerializer
    access = CredentialInputSourceAccess
    search = ("description",)
