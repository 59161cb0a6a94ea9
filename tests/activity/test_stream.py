"""/activity_stream/: what is written down, without secrets, and who reads it."""

import pytest

from apps.activity.models import ActivityStream
from apps.conf import services as settings_services
from apps.core import registry
from apps.identity.models import Organization, Team, User
from apps.rbac import services

pytestmark = pytest.mark.django_db
URL = "/api/v2/activity_stream/"


@pytest.fixture
def root(admin, api):
    """A superuser's client."""
    return api(admin)


def make(client, name="org"):
    return client.post("/api/v2/organizations/", {"name": name}, format="json").json()


def rows(client, **query):
    return client.get(URL, {"order_by": "id"} | query).json()["results"]


def test_creation_change_and_deletion_leave_entries(root):
    org = make(root)
    root.patch(org["url"], {"name": "new", "max_hosts": 5}, format="json")
    root.patch(org["url"], {"name": "new"}, format="json")
    created, changed = rows(root, organization=org["id"])
    assert created["changes"]["name"] == "org"
    assert created["summary_fields"]["organization"] == [{"id": org["id"], "name": "new", "description": ""}]
    assert created["related"]["organization"] == [org["url"]]
    assert created["summary_fields"]["actor"]["username"] == "admin"
    assert changed["changes"] == {"name": ["org", "new"], "max_hosts": [0, 5]}
    root.delete(org["url"])
    gone = rows(root, object1="organization", operation="delete", changes__icontains="new")
    assert [entry["changes"]["name"] for entry in gone] == ["new"]


def test_memberships_are_associations_of_roles(root):
    org, alice = make(root), User.objects.create_user("alice")
    root.post(f"{org['url']}admins/", {"id": alice.pk}, format="json")
    entry = rows(root, organization=org["id"], operation="associate")[0]
    assert (entry["object1"], entry["object2"]) == ("organization", "user")
    assert (entry["object_association"], entry["object_type"]) == ("role", "organization")
    assert entry["changes"]["action"] == "associate"
    assert entry["summary_fields"]["user"][0]["username"] == "alice"
    assert entry["summary_fields"]["role"][0]["role_field"] == "admin_role"
    root.post(f"{org['url']}admins/", {"id": alice.pk, "disassociate": True}, format="json")
    assert len(rows(root, organization=org["id"], operation="disassociate")) == 1


def test_roles_that_go_with_their_object_leave_no_entry(root):
    org, alice = make(root), User.objects.create_user("alice")
    root.post(f"{org['url']}admins/", {"id": alice.pk}, format="json")
    root.delete(org["url"])
    assert rows(root, operation="disassociate") == []


def test_passwords_and_tokens_are_hidden(root):
    alice = root.post("/api/v2/users/", {"username": "alice", "password": "s3cret"}, format="json").json()
    root.patch(alice["url"], {"password": "0ther"}, format="json")
    created, second, changed = rows(root, user=alice["id"])
    assert created["changes"]["password"] == "hidden"
    assert second["changes"] == changed["changes"] == {"password": ["hidden", "hidden"]}
    token = root.post("/api/v2/tokens/", {}, format="json").json()
    text = str(list(ActivityStream.objects.values_list("changes", flat=True)))
    for secret in ("s3cret", "0ther", token["token"]):
        assert secret not in text
    assert root.get(f"{token['url']}activity_stream/").json()["results"][0]["object1"] == "o_auth2_access_token"


def test_links_are_told_once_a_pair(root):
    org, one = make(root), Organization.objects.create(name="other")
    team = Team.objects.create(name="ops", organization=one)
    role = Organization.objects.get(pk=org["id"]).role("read_role")
    root.post(f"/api/v2/teams/{team.pk}/roles/", {"id": role.pk}, format="json")
    entry = rows(root, team=team.pk, operation="associate")[0]
    assert (entry["object2"], entry["summary_fields"]["team"][0]["name"]) == ("team", "ops")


def test_changed_settings_are_told_without_secrets(root):
    root.patch("/api/v2/settings/ui/", {"CUSTOM_LOGIN_INFO": "hi"}, format="json")
    root.patch("/api/v2/settings/logging/", {"LOG_AGGREGATOR_PASSWORD": "s3cret"}, format="json")
    root.delete("/api/v2/settings/ui/")
    first, second, third = rows(root, object1="setting")
    assert first["summary_fields"]["setting"] == [{"name": "CUSTOM_LOGIN_INFO", "category": "ui"}]
    assert first["changes"]["value"] == "hi"
    assert second["changes"]["value"] == "hidden"
    assert third["operation"] == "delete"


def test_the_stream_can_be_switched_off(root):
    settings_services.change({"ACTIVITY_STREAM_ENABLED": False})
    org = make(root)
    assert rows(root, organization=org["id"]) == []


def test_entries_are_read_by_those_who_administer(root, api):
    org = make(root)
    adm, out = User.objects.create_user("adm"), User.objects.create_user("out")
    services.grant(Organization.objects.get(pk=org["id"]).role("admin_role"), user=adm)
    entry = rows(root, organization=org["id"], operation="create")[0]
    assert api(adm).get(URL, {"organization": org["id"]}).json()["count"] == 2
    assert api(adm).get(entry["url"]).status_code == 200
    assert api(out).get(URL, {"organization": org["id"]}).json()["count"] == 0
    assert api(out).get(entry["url"]).status_code == 404
    assert api(out).get(f"{org['url']}activity_stream/").status_code == 404


def test_entries_are_neither_made_nor_deleted(root):
    entry = rows(root, organization=make(root)["id"])[0]
    assert root.post(URL, {}, format="json").status_code == 405
    assert root.delete(entry["url"]).status_code == 405


def test_a_deleted_actor_keeps_his_name(root, api):
    boss = User.objects.create_superuser("boss", password="x")
    org = make(api(boss))
    boss.delete()
    actor = rows(root, organization=org["id"])[0]["summary_fields"]["actor"]
    assert (actor["id"], actor["username"]) == (None, "boss")


def test_a_users_stream_holds_what_he_did_and_what_was_done_to_him(root, api):
    boss = User.objects.create_superuser("boss", password="x")
    make(api(boss))
    stream = root.get(f"/api/v2/users/{boss.pk}/activity_stream/", {"order_by": "id"}).json()
    assert [entry["object1"] for entry in stream["results"]] == ["user", "organization"]


def test_filters_reach_the_actor_and_the_changes(root):
    org = make(root, name="a-very-special-name")
    assert len(rows(root, actor__username="admin", organization__name="a-very-special-name")) == 1
    assert len(rows(root, search="very-special")) == 1
    assert root.get(URL, {"actor__password": "x"}).status_code == 403
    assert rows(root, organization=org["id"])[0]["operation"] == "create"


def test_a_page_costs_the_same_for_any_number(root, django_assert_max_num_queries):
    for number in range(15):
        make(root, name=f"org{number}")
    with django_assert_max_num_queries(8):
        assert root.get(URL).json()["count"] >= 15


def test_links_between_objects_are_told_with_both_ends(root):
    org = make(root)
    group = root.post("/api/v2/instance_groups/", {"name": "north"}, format="json").json()
    for extra, operation in (({}, "associate"), ({"disassociate": True}, "disassociate")):
        answer = root.post(f"{org['url']}instance_groups/", {"id": group["id"]} | extra, format="json")
        assert answer.status_code == 204
        entry = rows(root, organization=org["id"], operation=operation)[0]
        assert (entry["object1"], entry["object2"]) == ("organization", "instance_group")
        assert entry["summary_fields"]["instance_group"][0]["name"] == "north"
        assert entry["changes"]["object2_pk"] == group["id"]


def test_inputs_of_credentials_are_hidden(root):
    org = make(root)
    kind = registry.by_slug("credential_types").model.objects.create(
        name="vault",
        kind="cloud",
        inputs={"fields": [{"id": "secret", "label": "S", "type": "string", "secret": True}]},
    )
    body = {"name": "c", "organization": org["id"], "credential_type": kind.pk, "inputs": {"secret": "s3cret"}}
    credential = root.post("/api/v2/credentials/", body, format="json").json()
    root.patch(credential["url"], {"inputs": {"secret": "0ther"}}, format="json")
    created, changed = rows(root, credential=credential["id"], object1="credential")
    assert created["changes"]["inputs"] == "hidden"
    assert changed["changes"]["inputs"] == ["hidden", "hidden"]
    assert created["changes"]["organization"] == f"org-{org['id']}"


def test_what_belongs_to_the_system_is_told_to_its_administrators_alone(root, api):
    amy = User.objects.create_user("amy")
    definition = {"name": "rd", "content_type": "shared.team", "permissions": ["shared.view_team"]}
    root.post("/api/v2/role_definitions/", definition, format="json")
    root.post("/api/v2/execution_environments/", {"name": "ee", "image": "x/y"}, format="json")
    assert {row["object1"] for row in rows(root, page_size=200)} >= {"role_definition", "execution_environment"}
    assert {row["object1"] for row in rows(api(amy), page_size=200)} == {"user"}


def test_labels_are_told_to_administrators_of_their_organization(root, api):
    org = Organization.objects.get(pk=make(root)["id"])
    root.post("/api/v2/labels/", {"name": "l", "organization": org.pk}, format="json")
    for name, told in (("member_role", False), ("auditor_role", True), ("admin_role", True)):
        person = User.objects.create_user(name)
        services.grant(org.role(name), user=person)
        assert bool(rows(api(person), object1="label")) is told, name
