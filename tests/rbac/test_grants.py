"""Who sees and may do what: directly, through teams, through organizations; at once."""

import pytest

from apps.identity.models import Organization, Team, User
from apps.rbac import services
from apps.rbac.models import ObjectRole, RoleDefinition, RoleUserAssignment

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """An organization with a team, and another one."""
    ours = Organization.objects.create(name="ours")
    return ours, Team.objects.create(name="ops", organization=ours), Organization.objects.create(name="theirs")


def definition(name):
    return RoleDefinition.objects.get(name=name)


def test_every_new_object_has_its_classic_roles(place):
    assert ObjectRole.objects.filter(content_type__model="organization", object_id=place[0].pk).count() == 13
    assert place[1].role("member_role").role_definition.name == "Team Member"


def test_a_grant_is_seen_at_once_and_so_is_its_end(place):
    amy = User.objects.create_user("amy")
    assert not Organization.objects.visible_to(amy).exists()
    services.grant(place[0].role("member_role"), user=amy)
    assert list(Organization.objects.visible_to(amy)) == [place[0]]
    assert not place[0].grants(amy, "change")
    services.revoke(place[0].role("member_role"), user=amy)
    assert not Organization.objects.visible_to(amy).exists()


def test_an_organization_admin_holds_what_lies_below(place):
    amy = User.objects.create_user("amy")
    services.grant(place[0].role("admin_role"), user=amy)
    assert {"change", "delete", "member", "view"} <= Team.held(amy, [place[1]])[place[1].pk]
    assert "add_inventory" in Organization.held(amy, [place[0]])[place[0].pk]
    assert list(Team.objects.visible_to(amy)) == [place[1]]


def test_members_of_a_team_hold_what_the_team_is_granted(place):
    amy = User.objects.create_user("amy")
    services.grant(place[1].role("member_role"), user=amy)
    services.assign(definition("Organization Audit"), place[2], team=place[1])
    assert place[2].grants(amy, "view")
    assert not place[2].grants(amy, "change")
    services.revoke(place[1].role("member_role"), user=amy)
    assert not place[2].grants(amy, "view")


def test_a_team_within_a_team_passes_on(place):
    amy = User.objects.create_user("amy")
    inner = Team.objects.create(name="inner", organization=place[0])
    services.grant(inner.role("member_role"), user=amy)
    services.grant(place[1].role("member_role"), team=inner)
    services.grant(inner.role("member_role"), team=place[1])  # a circle does no harm
    services.assign(definition("Organization Audit"), place[2], team=place[1])
    assert place[2].grants(amy, "view")


def test_giving_twice_is_once(place):
    amy = User.objects.create_user("amy")
    for _ in range(2):
        services.grant(place[0].role("member_role"), user=amy)
    assert RoleUserAssignment.objects.filter(user=amy).count() == 1


def test_roles_go_with_their_object(place):
    amy = User.objects.create_user("amy")
    services.grant(place[1].role("admin_role"), user=amy)
    pk = place[1].pk
    place[1].delete()
    assert not ObjectRole.objects.filter(content_type__model="team", object_id=pk).exists()
    assert not RoleUserAssignment.objects.filter(user=amy).exists()


def test_what_may_be_seen_costs_a_constant_number_of_queries(place, django_assert_max_num_queries):
    amy = User.objects.create_user("amy")
    for number in range(20):
        team = Team.objects.create(name=f"t{number}", organization=place[0])
        services.grant(team.role("member_role"), user=amy)
        services.assign(definition("Organization Audit"), place[2], team=team)
    with django_assert_max_num_queries(2):
        assert list(Organization.objects.visible_to(amy)) == [place[2]]


@pytest.mark.parametrize("later", [False, True])
def test_roles_of_what_goes_with_its_organization_go_too(place, later):
    amy = User.objects.create_user("amy")
    services.grant(place[1].role("admin_role"), user=amy)
    if later:  # as an earlier release left them
        Team.objects.filter(pk=place[1].pk).delete()
        services.sync_definitions()
    else:
        place[0].delete()
    assert not ObjectRole.objects.filter(content_type__model="team", object_id=place[1].pk).exists()
    assert not RoleUserAssignment.objects.filter(user=amy).exists()
