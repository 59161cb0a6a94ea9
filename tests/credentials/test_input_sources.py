"""/credential_input_sources/: what may be linked, and by whom."""

import pytest

from apps.credentials.models import Credential
from apps.rbac import services

pytestmark = pytest.mark.django_db
URL = "/api/v2/credential_input_sources/"
WHERE = {"secret_path": "a/b", "secret_key": "k"}


@pytest.fixture
def pair(make):
    """(target, source) as JSON."""
    target = make("ssh", name="target", username="u")
    return target, make("hashivault_kv", name="source", url="http://127.0.0.1:1", token="t", api_version="v1")


@pytest.fixture
def link(pair):
    """`link(field, metadata)`: the body that links the target to the source."""
    target, source = pair

    def body(field="password", metadata=None):
        ids = {"target_credential": target["id"], "source_credential": source["id"]}
        return {**ids, "input_field_name": field, "metadata": WHERE if metadata is None else metadata}

    return body


def test_a_link_shows_both_ends(house, pair, link):
    answer = house.admin.post(URL, {**link(), "description": "d"})
    assert answer.status_code == 201
    body, (target, source) = answer.json(), pair
    assert body["summary_fields"]["source_credential"] == {
        "id": source["id"], "name": "source", "description": "", "kind": "hashivault_kv", "cloud": False,
        "credential_type_id": source["credential_type"],
    }  # fmt: skip
    assert body["summary_fields"]["user_capabilities"] == {"delete": True}
    assert set(body["related"]) == {"created_by", "modified_by", "source_credential", "target_credential"}
    assert house.admin.get(f"/api/v2/credentials/{target['id']}/input_sources/").json()["count"] == 1
    assert house.admin.get(f"/api/v2/credentials/{source['id']}/input_sources/").json()["count"] == 0


def test_one_input_has_one_source(house, link):
    house.admin.post(URL, link())
    assert list(house.admin.post(URL, link()).json()) == ["__all__"]
    other = house.admin.post(URL, link("become_password")).json()
    changed = house.admin.patch(f"{URL}{other['id']}/", {"input_field_name": "password"})
    assert (changed.status_code, list(changed.json())) == (400, ["__all__"])


@pytest.mark.parametrize(
    ("metadata", "wrong"),
    [
        ({}, {"secret_path", "secret_key"}),
        ({**WHERE, "shelf": "x"}, None),
        ({**WHERE, "secret_path": 5}, {"secret_path"}),
        ([1], None),
        ("x", None),
    ],
)
def test_metadata_are_what_the_lookup_asks_for(house, link, metadata, wrong):
    answer = house.admin.post(URL, link("username", metadata))
    assert answer.status_code == 400
    found = answer.json()["metadata"]
    assert set(found) == wrong if wrong else isinstance(found, list)


def test_wrong_ends_are_named(house, pair, link):
    target, source = pair
    assert list(house.admin.post(URL, link("colour")).json()) == ["input_field_name"]
    assert "source_credential" in house.admin.post(URL, {**link(), "source_credential": target["id"]}).json()
    assert "target_credential" in house.admin.post(URL, {**link("token"), "target_credential": source["id"]}).json()
    assert "target_credential" in house.admin.post(URL, {**link(), "target_credential": 999999}).json()
    assert set(house.admin.post(URL, {}).json()) == {"input_field_name", "target_credential", "source_credential"}


def test_links_go_with_either_end(house, pair, link):
    target, source = pair
    made = house.admin.post(f"/api/v2/credentials/{target['id']}/input_sources/", link()).json()
    assert house.admin.delete(f"/api/v2/credentials/{source['id']}/").status_code == 204
    assert house.admin.get(f"{URL}{made['id']}/").status_code == 404


def test_linking_needs_the_target_and_the_use_of_the_source(house, pair, link):
    made, mem = house.admin.post(URL, link()).json(), house.as_("mem")
    assert mem.get(URL).json()["count"] == 0
    assert mem.get(f"{URL}{made['id']}/").status_code == 404
    services.grant(Credential.objects.get(name="target").role("admin_role"), user=house.people["mem"])
    assert mem.get(URL).json()["count"] == 1
    assert mem.post(URL, link("become_password")).status_code == 403
    services.grant(Credential.objects.get(name="source").role("use_role"), user=house.people["mem"])
    second = mem.post(URL, link("become_password"))
    assert second.status_code == 201
    assert mem.delete(f"{URL}{second.json()['id']}/").status_code == 204


def test_a_copy_looks_up_the_same(house, pair, link):
    house.admin.post(URL, link())
    answer = house.as_("adm").post(f"/api/v2/credentials/{pair[0]['id']}/copy/", {"name": "twin"})
    assert answer.status_code == 201
    assert Credential.objects.get(name="twin").input_sources.get().input_field_name == "password"
