"""/credentials/: owners, masked secrets, checked inputs, rights."""

import pytest

from apps.credentials.models import Credential
from apps.rbac import services
from tests.credentials.keys import LOCKED_KEY, OPEN_KEY

pytestmark = pytest.mark.django_db
URL = "/api/v2/credentials/"


def test_secrets_are_masked_and_ask_is_not(make):
    body = make("ssh", username="deploy", password="s3cret", become_password="ASK")
    assert body["inputs"] == {"username": "deploy", "password": "$encrypted$", "become_password": "ASK"}
    assert (body["kind"], body["cloud"], body["kubernetes"], body["managed"]) == ("ssh", False, False, False)


def test_nothing_readable_is_in_the_database(make, django_db_blocker):
    from django.db import connection

    make("ssh", username="deploy", password="s3cret")
    with connection.cursor() as cursor:
        cursor.execute("SELECT inputs FROM credentials_credential")
        assert all("s3cret" not in row[0] and row[0].startswith("$encrypted$") for row in cursor.fetchall())


def test_a_credential_shows_its_links_owners_and_rights(make, house):
    made = make("ssh", username="deploy")
    body = house.admin.get(f"{URL}{made['id']}/").json()
    assert body["related"]["named_url"] == f"{URL}c++Machine+ssh++House/"
    wanted = {"activity_stream", "access_list", "object_roles", "owner_users", "owner_teams", "copy", "input_sources"}
    assert wanted < set(body["related"])
    assert "test" not in body["related"]
    assert body["summary_fields"]["user_capabilities"] == {"edit": True, "delete": True, "copy": True, "use": True}
    assert body["summary_fields"]["credential_type"]["name"] == "Machine"
    assert [owner["type"] for owner in body["summary_fields"]["owners"]] == ["organization"]
    assert list(body["summary_fields"]["object_roles"]) == ["admin_role", "use_role", "read_role"]


def test_a_user_can_be_the_owner(house):
    user = house.people["out"]
    body = {"name": "mine", "user": user.pk, "credential_type": house.type_("ssh").pk}
    made = house.admin.post(URL, body).json()
    assert made["organization"] is None
    assert made["related"]["user"] == f"/api/v2/users/{user.pk}/"
    assert made["summary_fields"]["owners"][0]["name"] == "out"
    assert house.as_("out").get(URL).json()["results"][0]["summary_fields"]["user_capabilities"] == {
        "edit": True, "delete": True, "copy": False, "use": True,
    }  # fmt: skip
    assert house.as_("mem").get(f"{URL}{made['id']}/").status_code == 404
    assert house.admin.get(f"{URL}{made['id']}/owner_users/").json()["count"] == 1
    user.delete()
    assert Credential.objects.filter(pk=made["id"]).exists()


def test_a_team_brings_its_organization(house):
    body = {"name": "theirs", "team": house.team.pk, "credential_type": house.type_("ssh").pk}
    made = house.admin.post(URL, body).json()
    assert made["organization"] == house.org.pk
    assert [owner["type"] for owner in made["summary_fields"]["owners"]] == ["organization", "team"]
    assert house.admin.get(f"{URL}{made['id']}/owner_teams/").json()["results"][0]["name"] == "ops"


@pytest.mark.parametrize("owners", [(), ("user", "organization"), ("user", "organization", "team")])
def test_exactly_one_owner_is_needed(house, owners):
    ids = {"user": house.people["out"].pk, "organization": house.org.pk, "team": house.team.pk}
    body = {"name": "x", "credential_type": house.type_("ssh").pk} | {name: ids[name] for name in owners}
    answer = house.admin.post(URL, body)
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


@pytest.mark.parametrize(
    ("namespace", "inputs", "field"),
    [
        ("ssh", [1], None),
        ("ssh", "abc", None),
        ("ssh", {"user": "a"}, None),
        ("ssh", {"username": 5}, "username"),
        ("ssh", {"username": "-oProxyCommand=x"}, "username"),
        ("ssh", {"become_method": "sudo --x"}, "become_method"),
        ("ssh", {"ssh_key_data": "not a key"}, "ssh_key_data"),
        ("ssh", {"ssh_key_data": LOCKED_KEY}, "ssh_key_unlock"),
        ("ssh", {"ssh_key_data": OPEN_KEY, "ssh_key_unlock": "x"}, "ssh_key_unlock"),
        ("ssh", {"password": "$encrypted$"}, None),
        ("vault", {"vault_id": "a@/tmp/script"}, "vault_id"),
        ("vault", {"vault_id": "-x"}, "vault_id"),
        ("hashivault_kv", {"api_version": "v3"}, "api_version"),
        ("hashivault_kv", {"url": "file:///etc/passwd"}, "url"),
        ("openstack", {"verify_ssl": "yes"}, "verify_ssl"),
        ("net", {"authorize_password": "x"}, None),
    ],
)
def test_inputs_that_are_refused_name_the_field(house, namespace, inputs, field):
    body = {"name": "x", "organization": house.org.pk, "credential_type": house.type_(namespace).pk, "inputs": inputs}
    answer = house.admin.post(URL, body)
    assert answer.status_code == 400
    found = answer.json()["inputs"]
    assert list(found) == [field] if field else isinstance(found, list)


def test_what_is_missing_is_named(house):
    assert set(house.admin.post(URL, {}).json()) == {"name", "credential_type"}
    taken = {"name": "c", "organization": house.org.pk, "credential_type": house.type_("ssh").pk}
    assert house.admin.post(URL, taken).status_code == 201
    again = house.admin.post(URL, taken)
    assert (again.status_code, list(again.json())) == (400, ["__all__"])
    assert "already exists" in again.json()["__all__"][0]


def test_the_mask_keeps_a_secret_and_what_is_not_sent_goes(make, house):
    url = f"{URL}{make('ssh', username='a', password='s3cret', become_method='sudo')['id']}/"
    kept = house.admin.patch(url, {"inputs": {"username": "b", "password": "$encrypted$"}}).json()
    assert kept["inputs"] == {"username": "b", "password": "$encrypted$"}
    assert Credential.objects.get().inputs["password"] == "s3cret"
    nothing = house.admin.patch(url, {"inputs": {"username": "b", "ssh_key_data": "$encrypted$"}}).json()
    assert nothing["inputs"] == {"username": "b"}
    assert house.admin.patch(url, {"inputs": {"username": "", "password": ""}}).json()["inputs"] == {"username": ""}


def test_a_change_without_inputs_keeps_them(make, house):
    url = f"{URL}{make('ssh', username='a', password='s3cret')['id']}/"
    assert house.admin.patch(url, {"description": "new"}).status_code == 200
    assert Credential.objects.get().inputs == {"username": "a", "password": "s3cret"}


def test_the_type_may_change_and_takes_no_secret_along(make, house):
    url = f"{URL}{make('ssh', password='s3cret')['id']}/"
    vault = house.type_("vault").pk
    refused = house.admin.patch(url, {"credential_type": vault})
    assert (refused.status_code, list(refused.json())) == (400, ["inputs"])
    body = house.admin.patch(url, {"credential_type": vault, "inputs": {"vault_password": "x"}}).json()
    assert (body["kind"], body["inputs"]) == ("vault", {"vault_password": "$encrypted$"})


def test_a_vault_id_stays(make, house):
    url = f"{URL}{make('vault', vault_id='prod', vault_password='ASK')['id']}/"
    assert house.admin.patch(url, {"inputs": {"vault_id": "dev", "vault_password": "x"}}).status_code == 400
    assert house.admin.patch(url, {"inputs": {"vault_id": "prod", "vault_password": "x"}}).status_code == 200


def test_inputs_are_never_filtered_by(make, house):
    make("ssh", password="s3cret")
    assert house.admin.get(URL, {"inputs__icontains": "s3"}).status_code == 403
    assert house.admin.get(URL, {"credential_type__namespace": "ssh"}).json()["count"] == 1


def test_members_make_their_own_and_administrators_those_of_the_organization(house):
    def post(who, **owner):
        return house.as_(who).post(URL, {"name": who, "credential_type": house.type_("ssh").pk, **owner}).status_code

    assert post("mem", user=house.people["mem"].pk) == 201
    assert post("mem", user=house.people["out"].pk) == 403
    assert post("mem", organization=house.org.pk) == 403
    assert post("mem", team=house.team.pk) == 403
    assert post("adm", organization=house.org.pk) == 201


def test_the_use_role_neither_shows_secrets_nor_changes(make, house):
    made = make("ssh", password="s3cret")
    services.grant(Credential.objects.get().role("use_role"), user=house.people["mem"])
    body = house.as_("mem").get(f"{URL}{made['id']}/").json()
    assert body["inputs"] == {"password": "$encrypted$"}
    assert body["summary_fields"]["user_capabilities"] == {"edit": False, "delete": False, "copy": False, "use": True}
    assert house.as_("mem").patch(f"{URL}{made['id']}/", {"description": "x"}).status_code == 403


def test_a_copy_has_the_secrets_and_the_links(make, house):
    made = make("ssh", username="a", password="s3cret")
    copy = house.as_("adm").post(f"{URL}{made['id']}/copy/", {"name": "twin"})
    assert copy.status_code == 201
    assert Credential.objects.get(name="twin").inputs == {"username": "a", "password": "s3cret"}
    assert house.as_("adm").post(f"{URL}{made['id']}/copy/", {"name": "twin"}).status_code == 400
    services.grant(Credential.objects.get(name="c").role("use_role"), user=house.people["mem"])
    assert house.as_("mem").post(f"{URL}{made['id']}/copy/", {"name": "third"}).status_code == 403


def test_below_teams_a_credential_has_no_organization(house):
    body = {"name": "x", "credential_type": house.type_("ssh").pk}
    made = house.admin.post(f"/api/v2/teams/{house.team.pk}/credentials/", body)
    assert made.status_code == 201
    assert "organization" not in made.json()
    assert Credential.objects.get().organization is None
    assert made.json()["related"]["team"] == f"/api/v2/teams/{house.team.pk}/"
    mine = house.as_("mem").post(f"/api/v2/users/{house.people['mem'].pk}/credentials/", {**body, "name": "y"})
    assert mine.status_code == 201
    below = house.admin.post(f"/api/v2/organizations/{house.org.pk}/credentials/", {**body, "name": "z"})
    assert (below.status_code, below.json()["organization"]) == (201, house.org.pk)


def test_lists_cost_a_constant_number_of_queries(make, house, django_assert_max_num_queries):
    for number in range(5):
        make("ssh", name=f"c{number}", username="u")
    house.admin.get(URL)
    with django_assert_max_num_queries(8):
        assert house.admin.get(URL).json()["count"] == 5


def test_options_offer_the_owners_only_where_they_are_chosen(make, house):
    made = make("ssh")
    fields = house.admin.options(URL).json()["actions"]["POST"]
    assert set(fields) == {"name", "description", "organization", "credential_type", "inputs", "user", "team"}
    assert fields["inputs"]["type"] == "json"
    assert "user" not in house.admin.options(f"{URL}{made['id']}/").json()["actions"]["PUT"]
    below = house.admin.options(f"/api/v2/users/{house.people['mem'].pk}/credentials/").json()["actions"]["POST"]
    assert set(below) == {"name", "description", "credential_type", "inputs", "user"}


def test_galaxy_credentials_belong_to_organizations_and_managed_ones_stay(house):
    body = {"name": "g", "credential_type": house.type_("galaxy_api_token").pk}
    for owner in ({"user": house.people["adm"].pk}, {"team": house.team.pk}):
        refused = house.admin.post("/api/v2/credentials/", body | owner)
        assert (refused.status_code, list(refused.json())) == (400, ["organization"])
    url = house.admin.post("/api/v2/credentials/", body | {"organization": house.org.pk}).json()["url"]
    Credential.objects.update(managed=True)
    assert house.admin.patch(url, {"description": "d"}).status_code == 403
    assert house.admin.put(url, body).status_code == 403
    other = house.admin.post(
        "/api/v2/credentials/", {"name": "s", "credential_type": house.type_("ssh").pk, "organization": house.org.pk}
    )
    link = f"/api/v2/organizations/{house.org.pk}/galaxy_credentials/"
    refused = house.admin.post(link, {"id": other.json()["id"]})
    assert (refused.status_code, list(refused.json())) == (400, ["msg"])
