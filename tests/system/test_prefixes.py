"""The API below the prefixes of the platform: one router, one store, links that stay where the client asked."""

import json
import re

import pytest
from django.urls import Resolver404, resolve

from apps.core import links, prefixes
from apps.identity.models import Organization, Team, User
from tests.factories import World

pytestmark = pytest.mark.django_db

CONTROLLER, GATEWAY = "/api/controller/v2/", "/api/gateway/v1/"


def urls(body):
    """Every path of the API within an answer."""
    return set(re.findall(r'"(/api/[^"]*)"', json.dumps(body)))


def test_the_root_names_the_apis_of_the_platform_beside_what_awx_clients_read(api):
    body = api().get("/api/").json()
    assert body["current_version"] == "/api/v2/"
    assert body["available_versions"] == {"v2": "/api/v2/"}
    assert body["apis"] == {"controller": "/api/controller/", "gateway": "/api/gateway/"}


@pytest.mark.parametrize(("home", "version"), [("/api/controller/", "v2"), ("/api/gateway/", "v1")])
def test_a_prefix_has_a_root_of_versions_and_a_csrf_cookie(api, home, version):
    answer = api().get(home)
    assert answer.json()["current_version"] == f"{home}{version}/"
    assert answer.json()["available_versions"] == {version: f"{home}{version}/"}
    assert "apis" not in answer.json()
    assert "csrftoken" in answer.cookies


def test_the_controller_serves_every_name_of_the_api(api):
    plain, prefixed = api().get("/api/v2/").json(), api().get(CONTROLLER).json()
    assert {name: url.replace("/api/v2/", CONTROLLER) for name, url in plain.items()} == prefixed


def test_the_gateway_serves_people_and_their_rights(api):
    assert api().get(GATEWAY).json() == {name: f"{GATEWAY}{name}/" for name in sorted(prefixes.GATEWAY_NAMES)}


def test_links_of_lists_and_details_stay_below_the_prefix(api, admin):
    world = World(admin)
    template = world.make("job_templates")
    for path in (f"job_templates/{template.pk}/", "job_templates/", "unified_jobs/", "dashboard/", "bulk/"):
        body = api(admin).get(f"{CONTROLLER}{path}").json()
        assert {url for url in urls(body) if not url.startswith(CONTROLLER)} == set(), path


def test_links_are_the_plain_ones_again_for_the_next_request(api, admin):
    api(admin).get(f"{CONTROLLER}organizations/")
    assert {url for url in urls(api(admin).get("/api/v2/users/").json()) if not url.startswith("/api/v2/")} == set()
    assert links.list_url("jobs") == "/api/v2/jobs/"


def test_the_gateway_links_its_own_names_to_itself_and_others_to_the_controller(api, admin):
    organization = Organization.objects.create(name="Ops", created_by=admin)
    body = api(admin).get(f"{GATEWAY}organizations/{organization.pk}/").json()
    assert body["url"] == f"{GATEWAY}organizations/{organization.pk}/"
    assert body["related"]["created_by"] == f"{GATEWAY}users/{admin.pk}/"
    with prefixes.below(prefixes.GATEWAY):
        assert links.list_url("inventories") == f"{CONTROLLER}inventories/"


def test_what_is_not_the_gateways_is_not_found_there(api, admin):
    for path in ("jobs/", "inventories/", "settings/all/", "o/token/"):
        assert api(admin).get(f"{GATEWAY}{path}").status_code == 404, path
    assert api(admin).get("/api/controller/v1/users/").status_code == 404


def test_pages_of_a_list_follow_each_other_below_the_prefix(api, admin):
    for number in range(3):
        Team.objects.create(name=f"t{number}", organization=Organization.objects.create(name=f"o{number}"))
    body = api(admin).get(f"{GATEWAY}teams/?page_size=2").json()
    assert body["next"] == f"{GATEWAY}teams/?page=2&page_size=2"
    assert len(api(admin).get(body["next"]).json()["results"]) == 1


def test_named_urls_work_below_a_prefix(api, admin):
    team = Team.objects.create(name="crew", organization=Organization.objects.create(name="Ops"))
    for root in (CONTROLLER, GATEWAY):
        body = api(admin).get(f"{root}teams/crew++Ops/").json()
        assert body["id"] == team.pk
        assert body["related"]["named_url"] == f"{root}teams/crew++Ops/"


def test_a_path_without_its_last_slash_is_redirected_below_the_prefix(api, admin):
    answer = api(admin).get("/api/controller/v2/organizations?page_size=1")
    assert (answer.status_code, answer["Location"]) == (301, "/api/controller/v2/organizations/?page_size=1")


def test_a_token_made_at_the_gateway_opens_every_way_in(api, admin):
    made = api(admin).post(f"{GATEWAY}tokens/", {"description": "ci", "application": None, "scope": "write"})
    assert made.status_code == 201
    assert made["Location"] == f"{GATEWAY}tokens/{made.json()['id']}/"
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {made.json()['token']}"}
    for root in ("/api/v2/", CONTROLLER, GATEWAY):
        assert api().get(f"{root}me/", **bearer).json()["results"][0]["username"] == "admin"
    assert api().delete(f"{CONTROLLER}tokens/{made.json()['id']}/", **bearer).status_code == 204
    assert api().get(f"{GATEWAY}me/", **bearer).status_code == 401


@pytest.mark.parametrize(
    ("login", "home"),
    [
        ("/api/controller/login/", "/api/controller/"),
        ("/api/gateway/v1/login/", "/api/gateway/"),
        ("/api/gateway/login/", "/api/gateway/"),
    ],
)
def test_a_session_begins_and_ends_below_a_prefix_with_its_csrf_check(client, admin, login, home):
    client.handler.enforce_csrf_checks = True
    form = {"username": "admin", "password": "admin"}
    assert f'action="{login}"' in client.get(login).content.decode()
    assert client.post(login, form).status_code == 403
    answer = client.post(login, form, headers={"X-CSRFToken": client.cookies["csrftoken"].value})
    assert (answer.status_code, answer["Location"]) == (302, home)
    assert answer["X-API-Session-Cookie-Name"] == "awx_sessionid"
    body = {"name": "Ops"}
    path = f"{home}{'v1' if 'gateway' in home else 'v2'}/organizations/"
    assert client.post(path, body, content_type="application/json").status_code == 403
    token = {"X-CSRFToken": client.cookies["csrftoken"].value}
    assert client.post(path, body, content_type="application/json", headers=token).status_code == 201
    assert client.post(login.replace("login", "logout"), headers=token)["Location"] == home
    assert client.get(path).status_code == 401


def test_the_authorization_server_answers_below_the_controller(api, admin):
    application = (
        api(admin)
        .post(
            f"{GATEWAY}applications/",
            {
                "name": "cli",
                "organization": Organization.objects.create(name="Ops").pk,
                "client_type": "confidential",
                "authorization_grant_type": "password",
            },
        )
        .json()
    )
    form = {"grant_type": "password", "username": "admin", "password": "admin", "scope": "read"}
    keys = {"client_id": application["client_id"], "client_secret": application["client_secret"]}
    assert api().get("/api/controller/o/").json()["token"] == "/api/controller/o/token/"
    answer = api().post("/api/controller/o/token/", form | keys, format="multipart")
    assert answer.status_code == 200
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {answer.json()['access_token']}"}
    assert api().get(f"{GATEWAY}me/", **bearer).status_code == 200


def test_the_gateway_knows_auditors_by_its_own_name(api, admin):
    made = api(admin).post(
        f"{GATEWAY}users/", {"username": "ann", "password": "a-Long-pw-1", "is_platform_auditor": True}
    )
    assert made.json()["is_platform_auditor"] is True
    assert User.objects.get(username="ann").is_system_auditor
    assert "is_platform_auditor" not in api(admin).get(f"/api/v2/users/{made.json()['id']}/").json()
    assert api(admin).get(f"{GATEWAY}me/").json()["results"][0]["is_platform_auditor"] is False


def test_nobody_makes_himself_an_auditor_by_that_name(api, admin):
    ann = User.objects.create_user("ann", password="x")
    assert api(ann).patch(f"{GATEWAY}users/{ann.pk}/", {"is_platform_auditor": True}).status_code == 403


def test_roles_are_given_at_the_gateway_and_count_at_the_controller(api, admin):
    ann, inventory = User.objects.create_user("ann", password="x"), World(admin).make("inventories")
    found = api(admin).get(f"{GATEWAY}role_definitions/?name=Inventory Use").json()["results"][0]
    body = {"role_definition": found["id"], "user": ann.pk, "object_id": str(inventory.pk)}
    assert api(ann).get(f"{CONTROLLER}inventories/{inventory.pk}/").status_code == 404
    assert api(admin).post(f"{GATEWAY}role_user_assignments/", body).status_code == 201
    assert api(ann).get(f"{CONTROLLER}inventories/{inventory.pk}/").status_code == 200


def test_the_gateways_ping_says_that_all_is_well(api):
    body = api().get(f"{GATEWAY}ping/").json()
    assert (body["status"], body["db_connected"]) == ("good", True)
    assert "pong" not in api().get(f"{CONTROLLER}ping/").json()


def test_no_second_set_of_paths_is_routed():
    assert resolve("/api/v2/users/").url_name == "users-list"
    for prefix in prefixes.PLATFORM:
        with pytest.raises(Resolver404):
            resolve(prefix.root)


def test_the_gateway_links_many_at_once_or_none(api, admin):
    team = Team.objects.create(name="t", organization=Organization.objects.create(name="o"))
    people = [User.objects.create(username=f"p{number}").pk for number in range(3)]
    members, users = (
        f"{GATEWAY}teams/{team.pk}/users/",
        lambda: {row["id"] for row in api(admin).get(members).json()["results"]},
    )
    assert api(admin).post(f"{members}associate/", {"instances": people}).status_code == 204
    assert users() == set(people)
    assert api(admin).post(f"{members}disassociate/", {"instances": people[:2]}).status_code == 204
    assert users() == {people[2]}
    for body in ({"instances": [people[0], 999999]}, {"instances": []}, {"instances": 7}, {}, {"instances": [True]}):
        assert api(admin).post(f"{members}associate/", body).status_code == 400, body
    assert users() == {people[2]}
    stranger = api(User.objects.get(pk=people[2]))
    assert stranger.post(f"{members}associate/", {"instances": people}).status_code == 403
    assert api().post(f"{members}associate/", {"instances": people}).status_code == 401


def test_only_lists_of_the_gateway_are_linked_so(api, admin):
    team = Team.objects.create(name="t", organization=Organization.objects.create(name="o"))
    for path in (
        f"/api/v2/teams/{team.pk}/users/associate/",
        f"{GATEWAY}teams/associate/",
        f"{GATEWAY}users/associate/",
    ):
        assert api(admin).post(path, {"instances": [admin.pk]}).status_code in (404, 405), path
    assert api(admin).get(f"{GATEWAY}teams/{team.pk}/users/associate/").status_code == 404
    assert api(admin).post(f"{GATEWAY}users/{admin.pk}/teams/associate/", {"instances": [team.pk]}).status_code == 405
