"""execution_environments/: names of images, managed ones, organizations."""

from __future__ import annotations

from typing import Any

import pytest

from apps.credentials.models import Credential, CredentialType
from apps.credentials.services import sync_managed_types
from apps.identity.models import Organization, User
from apps.instances.models import ExecutionEnvironment
from apps.rbac import services as rbac

pytestmark = pytest.mark.django_db
URL = "/api/v2/execution_environments/"


@pytest.fixture
def org(db: None) -> Organization:
    """An organization."""
    return Organization.objects.create(name="org")


@pytest.mark.parametrize(
    "image",
    [
        "ee", "quay.io/ansible/awx-ee", "quay.io/ansible/awx-ee:latest", "localhost:5000/a/b_c:1.0-x",
        "Reg.Example:80/x",
        "a/b@sha256:" + "0" * 64, "a/b:tag@sha256:" + "0" * 64,
    ],
)  # fmt: skip
def test_names_of_images(admin: Any, api: Any, image: str) -> None:
    assert api(admin).post(URL, {"name": "e", "image": image}).status_code == 201


@pytest.mark.parametrize(
    "image",
    [
        "",
        "https://quay.io/a",
        "-v/etc:/x",
        "a b",
        "a:",
        "a@sha256:12",
        "Upper",
        "a//b",
        "a;b",
        "$(id)",
        "x" * 2000,
        "é",
    ],
)
def test_what_is_no_name_of_an_image(admin: Any, api: Any, image: str) -> None:
    answer = api(admin).post(URL, {"name": "e", "image": image})
    assert answer.status_code == 400
    assert list(answer.json()) == ["image"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"pull": "sometimes"}, "pull"),
        ({"organization": 99999}, "organization"),
        ({"credential": 99999}, "credential"),
        ({"name": ""}, "name"),
    ],
)
def test_bad_input_names_its_field(admin: Any, api: Any, body: dict[str, Any], field: str) -> None:
    answer = api(admin).post(URL, {"name": "e", "image": "e", **body})
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_only_the_credential_of_a_registry(admin: Any, api: Any) -> None:
    sync_managed_types()
    ssh, registry = (
        Credential.objects.create(name=name, credential_type=CredentialType.objects.get(namespace=name))
        for name in ("ssh", "registry")
    )
    client = api(admin)
    assert list(client.post(URL, {"name": "e", "image": "e", "credential": ssh.pk}).json()) == ["credential"]
    assert client.post(URL, {"name": "e", "image": "e", "credential": registry.pk}).status_code == 201


def test_a_managed_environment_keeps_its_image_and_stays(admin: Any, api: Any) -> None:
    made = ExecutionEnvironment.objects.create(name="m", image="a", managed=True)
    client, url = api(admin), f"{URL}{made.pk}/"
    assert client.patch(url, {"pull": "always"}).status_code == 200
    for body in ({"image": "b"}, {"description": "b"}, {"credential": 1}, {"organization": 1}):
        assert client.patch(url, body).status_code == 403
    assert client.patch(url, {"image": "a", "organization": None, "pull": ""}).status_code == 200
    assert client.put(url, {"name": "m", "image": "a", "pull": "never"}).status_code == 403
    assert client.put(url, client.get(url).json() | {"pull": "never"}).json()["pull"] == "never"
    assert client.delete(url).status_code == 403
    assert client.patch(url, {"managed": False}).json()["managed"] is True


def test_rights(org: Organization, admin: Any, api: Any) -> None:
    people = {}
    for role in ("execution_environment_admin_role", "member_role"):
        user = User.objects.create_user(role, password="x")
        rbac.grant(org.role(role), user=user)
        people[role] = api(user)
    maker, member = people.values()
    outsider = api(User.objects.create_user("out", password="x"))
    made = maker.post(URL, {"name": "ours", "image": "e", "organization": org.pk})
    assert made.status_code == 201, made.content
    url = made.json()["url"]
    for client in (member, outsider):
        assert client.post(URL, {"name": "x", "image": "e", "organization": org.pk}).status_code == 403
    assert maker.post(URL, {"name": "x", "image": "e"}).status_code == 403
    assert member.get(url).status_code == 200
    assert member.patch(url, {"image": "f"}).status_code == 403
    assert member.delete(url).status_code == 403
    assert outsider.get(url).status_code == 404
    ExecutionEnvironment.objects.create(name="global", image="e")
    assert [row["name"] for row in outsider.get(URL).json()["results"]] == ["global"]
    other = Organization.objects.create(name="other")
    assert maker.patch(url, {"organization": other.pk}).status_code in (400, 403)
    assert api(admin).patch(url, {"organization": other.pk}).status_code == 400
    assert maker.patch(url, {"image": "f"}).status_code == 200
    assert maker.post(f"{url}copy/", {"name": "twin"}).status_code == 201
    assert maker.post(f"{url}copy/", {"name": "twin"}).status_code == 400
    assert member.post(f"{url}copy/", {"name": "third"}).status_code == 403
    assert maker.patch(url, {"organization": None}).status_code == 403
    assert maker.delete(url).status_code == 204
    own = ExecutionEnvironment.objects.create(name="own", image="e", organization=org)
    assert api(admin).patch(f"{URL}{own.pk}/", {"organization": None}).json()["organization"] is None
