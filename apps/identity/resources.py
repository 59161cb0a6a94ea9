"""organizations, users, teams, labels, me."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from rest_framework.response import Response

from apps.core import events, prefixes, registry
from apps.core.audit import audited
from apps.core.errors import BadRequest, Conflict
from apps.core.registry import register
from apps.core.resources import Resource
from apps.core.sublists import Sub
from apps.core.summaries import USER
from apps.rbac.models import RoleTeamAssignment, RoleUserAssignment

from .access import LabelAccess, OrganizationAccess, TeamAccess, UserAccess
from .members import ADMINS, MEMBERS, TEAM_MEMBERS
from .models import Label, Organization, Team, User
from .roles import TEAM_ROLES, USER_ROLES
from .serializers import LabelSerializer, OrganizationSerializer, PlatformUserSerializer, TeamSerializer, UserSerializer
from .sublists import ROLES

EVENTS = ("started", "success", "error")


def related(slug: str, condition: str) -> Any:
    """Rows of an upper resource that point to the object."""

    def rows(obj: Any, user: Any) -> Any:
        return registry.by_slug(slug).model._default_manager.filter(**{condition: obj})

    return rows


def own_tokens(obj: Any, user: Any) -> Any:
    """As in AWX the two lists by kind hold the asker's own tokens, whoever's page they are below."""
    return registry.by_slug("tokens").model._default_manager.filter(user=user)


def every_application(obj: Any, user: Any) -> Any:
    """Applications belong to organizations: below a user, all are listed that the asker sees."""
    return registry.by_slug("applications").model._default_manager.all()


def granted_rows(slug: str, assignment: Any, receiver: str) -> Any:
    """Rows of a resource on which someone holds a role."""

    def rows(obj: Any, user: Any) -> Any:
        model = registry.by_slug(slug).model
        held = assignment.objects.filter(content_type=ContentType.objects.get_for_model(model), **{receiver: obj})
        return model._default_manager.filter(pk__in=held.values("object_id"))

    return rows


def organizations_as(field: str) -> Any:
    """The organizations in which a user has a role."""

    def rows(obj: User, user: Any) -> Any:
        return Organization.objects.filter(pk__in=obj.organizations_as(field))

    return rows


def teams_of_user(obj: User, user: Any) -> Any:
    """The teams that a user is a member of."""
    held = RoleUserAssignment.objects.filter(user=obj, content_type=ContentType.objects.get_for_model(Team))
    member = held.filter(role_definition__permissions__contains=["member_team"])
    return Team.objects.filter(pk__in=member.values("object_id"))


def projects_of_user(obj: User, user: Any) -> Any:
    """The projects that a user may see."""
    return registry.by_slug("projects").model.objects.permitted_to(obj, "view")


def keep_team(user: Any, organization: Organization, team: Team) -> None:
    """Linking a team is fine where it is already; it never leaves its organization."""
    if team.organization_id != organization.pk:
        raise BadRequest({"__all__": ["A team cannot move to another organization."]})


def own(slug: str, **sub: Any) -> Sub:
    """A list of what belongs to the organization, where new ones may be made."""
    name = sub.pop("segment", slug)
    return Sub(name, slug=slug, rows=related(slug, "organization"), key="organization", **sub)


def for_galaxy(user: Any, organization: Organization, credential: Any) -> None:
    """Collections are fetched with Galaxy credentials only."""
    if credential.credential_type.namespace != "galaxy_api_token":
        raise BadRequest({"msg": "This must be a Galaxy credential."})


@register("organizations")
class Organizations(Resource):
    """Tenants."""

    model = Organization
    serializer_class = OrganizationSerializer
    access = OrganizationAccess
    named_by = (("name",),)
    sublists = (
        own("execution_environments", create=True, attach=True),
        own("projects", create=True),
        own("inventories"),
        own("job_templates", create=True),
        own("workflow_job_templates", create=True),
        MEMBERS,
        ADMINS,
        Sub("teams", create=True, attach=True, on_attach=keep_team, on_detach=keep_team),
        own("credentials", create=True),
        own("applications", create=True),
        audited(),
        own("notification_templates", create=True, attach=True),
        *(Sub(f"notification_templates_{event}", attach=True, create=True, key="") for event in (*EVENTS, "approvals")),
        *ROLES,
        Sub("instance_groups", attach=True, ordered=True, role="use"),
        Sub("galaxy_credentials", attach=True, ordered=True, role="use", check_attach=for_galaxy),
    )

    def perform_destroy(self, obj: Organization) -> Response | None:
        """Not while its projects and inventories are worked on."""
        answers = events.organization_leaving.send(sender=type(obj), organization=obj)
        active = [job for _, jobs in answers for job in jobs]
        if active:
            raise Conflict({"error": "Jobs are using the organization.", "active_jobs": active})
        return super().perform_destroy(obj)

    def perform_create(self, serializer: Any, **extra: Any) -> Organization:
        """Upper apps add what every new organization has."""
        made = super().perform_create(serializer, **extra)
        events.organization_created.send(sender=Organization, organization=made)
        return made


@register("users")
class Users(Resource):
    """People."""

    model = User
    serializer_class = UserSerializer
    access = UserAccess
    named_by = (("username",),)
    summary = USER
    search = ("username", "first_name", "last_name", "email")
    unfilterable = ("created", "modified", "is_system_auditor", "ldap_dn", "external_account")
    secret_fields = ("password",)
    filterable = ("last_login", "is_active", "date_joined")
    filter_aliases: ClassVar[dict[str, str]] = {"roles": "role_assignments__object_role"}
    unlinked = ("applications",)
    sublists = (
        Sub("teams", slug="teams", rows=teams_of_user),
        Sub("organizations", slug="organizations", rows=organizations_as("member_role")),
        Sub("admin_of_organizations", slug="organizations", rows=organizations_as("admin_role")),
        Sub("projects", slug="projects", rows=projects_of_user),
        Sub("credentials", slug="credentials", rows=granted_rows("credentials", RoleUserAssignment, "user"),
            create=True, parent_role="view", key="user"),
        USER_ROLES,
        Sub("applications", slug="applications", rows=every_application, create=True, parent_role="view"),
        Sub("tokens", slug="tokens", rows=related("tokens", "user"), create=True, parent_role="view"),
        *(
            Sub(kind, slug=kind, rows=own_tokens, create=True, parent_role="view")
            for kind in ("personal_tokens", "authorized_tokens")
        ),
        audited(),
        ROLES[1],
    )  # fmt: skip

    def get_serializer_class(self) -> Any:
        """The gateway's clients know auditors by another name."""
        usual = super().get_serializer_class()
        platform = usual is UserSerializer and prefixes.current() is prefixes.GATEWAY
        return PlatformUserSerializer if platform else usual


@register("me", primary=False)
class Me(Users):
    """The asker alone, as a list."""

    list_methods = ("get",)
    has_detail = False
    sublists = ()

    def get_queryset(self) -> Any:
        """Oneself."""
        return User.objects.filter(pk=self.request.user.pk)

    @classmethod
    def segments(cls) -> tuple[str, ...]:
        """Links are those of users."""
        return Users.segments()


@register("teams")
class Teams(Resource):
    """Groups of users."""

    model = Team
    serializer_class = TeamSerializer
    access = TeamAccess
    named_by = (("name",), ("organization__name",))
    sublists = (
        Sub("projects", slug="projects", rows=granted_rows("projects", RoleTeamAssignment, "team")),
        TEAM_MEMBERS,
        Sub("credentials", slug="credentials", rows=granted_rows("credentials", RoleTeamAssignment, "team"),
            create=True, key="team"),
        TEAM_ROLES,
        *ROLES,
        audited(),
    )  # fmt: skip


@register("labels")
class Labels(Resource):
    """Tags; they go with the last thing that carries them."""

    model = Label
    serializer_class = LabelSerializer
    access = LabelAccess
    named_by = (("name",), ("organization__name",))
    summary = ("id", "name")
    search = ("name", "description")
    filterable = ("description",)
    detail_methods = ("get", "put", "patch")

    @classmethod
    def attach_existing(cls, user: Any, parent: Any, sub: Sub, data: dict[str, Any]) -> Label | None:
        """POST of a known name to a sub-list attaches that label instead of failing."""
        name, organization = data.get("name"), data.get("organization")
        if not isinstance(name, str) or not str(organization).isdecimal():
            return None
        rows = cls.access_for(user).visible(Label.objects.all())
        return rows.filter(name=name, organization=int(str(organization))).first()
