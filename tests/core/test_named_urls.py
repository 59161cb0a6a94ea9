"""Names in place of ids."""

import pytest

from apps.identity.models import Organization, Team, User

pytestmark = pytest.mark.django_db


def test_a_name_leads_to_the_object(api, admin):
    organization = Organization.objects.create(name="a b+c")
    team = Team.objects.create(name="ops", organization=organization)
    client = api(admin)
    body = client.get(f"/api/v2/teams/{team.pk}/").json()
    assert body["related"]["named_url"] == "/api/v2/teams/ops++a b[+]c/"
    assert client.get("/api/v2/teams/ops++a b[+]c/").json()["id"] == team.pk
    assert client.get("/api/v2/organizations/a b[+]c/teams/").json()["count"] == 1
    assert client.patch("/api/v2/organizations/a b[+]c/", {"description": "d"}, format="json").status_code == 200


@pytest.mark.parametrize("name", ["ops++Other", "ops", "ops+x++a", "nobody++a", "ops++", "a++b++c", "[+]", "%00"])
def test_a_wrong_name_is_a_404(api, admin, name):
    Team.objects.create(name="ops", organization=Organization.objects.create(name="a"))
    assert api(admin).get(f"/api/v2/teams/{name}/").status_code == 404


def test_an_anonymous_asker_learns_nothing_from_names(api):
    User.objects.create_user("amy")
    assert api().get("/api/v2/users/amy/").status_code == 401
    assert api().get("/api/v2/users/nobody/").status_code == 401


def test_digits_are_always_an_id(api, admin):
    Organization.objects.create(name="77777")
    assert api(admin).get("/api/v2/organizations/77777/").status_code == 404
