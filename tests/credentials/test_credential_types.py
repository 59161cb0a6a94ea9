"""/credential_types/: managed ones as AWX has them, custom ones checked to the last template."""

import pytest

from apps.credentials.environment import refusal
from apps.credentials.managed import ALL
from apps.credentials.models import CredentialType
from apps.credentials.services import sync_managed_types

pytestmark = pytest.mark.django_db
URL = "/api/v2/credential_types/"
A = {"fields": [{"id": "a", "label": "A"}]}


def test_the_managed_types_are_those_of_awx(house):
    found = house.admin.get(URL, {"managed": "true", "page_size": 200}).json()
    kinds = {}
    for row in found["results"]:
        kinds.setdefault(row["kind"], set()).add(row["namespace"])
    assert {kind: len(names) for kind, names in kinds.items()} == {
        "ssh": 1, "vault": 1, "net": 1, "scm": 1, "cloud": 9, "registry": 1, "token": 3, "insights": 1, "external": 9,
        "kubernetes": 1, "galaxy": 1, "cryptography": 1,
    }  # fmt: skip
    cloud = house.admin.get(URL, {"kind": "cloud", "order_by": "namespace"}).json()["results"]
    assert [row["namespace"] for row in cloud][:7] == [
        "aws", "azure_rm", "controller", "gce", "openstack", "rhv", "satellite6",
    ]  # fmt: skip


def test_machine_is_the_first_type(house):
    assert house.type_("ssh").pk == CredentialType.objects.order_by("pk").first().pk


def test_syncing_again_changes_nothing(house):
    before = list(CredentialType.objects.order_by("pk").values_list("pk", "modified"))
    sync_managed_types()
    assert list(CredentialType.objects.order_by("pk").values_list("pk", "modified")) == before


def test_the_injectors_of_managed_types_can_be_rendered():
    from apps.credentials.schema import checked_injectors

    for managed in ALL:
        checked_injectors(dict(managed.injectors), managed.inputs)


def test_a_type_with_everything(house):
    body = {
        "name": "t",
        "kind": "cloud",
        "inputs": {
            "fields": [
                {"id": "user", "label": "User"},
                {"id": "pw", "label": "Password", "type": "string", "secret": True},
                {"id": "flag", "label": "Flag", "type": "boolean", "default": True},
                {"id": "pick", "label": "Pick", "choices": ["a", "b"]},
            ],
            "required": ["user"],
        },
        "injectors": {
            "env": {"MY_USER": "{{ user }}", "MY_FILE": "{{ tower.filename.one }}"},
            "extra_vars": {"my": {"nested": ["{{ pw }}"]}},
            "file": {"template.one": "{{ pw }}", "template.two": "x"},
        },
    }
    answer = house.admin.post(URL, body)
    assert answer.status_code == 201
    made = answer.json()
    assert made["inputs"]["fields"][0] == {"id": "user", "label": "User", "type": "string"}
    assert made["injectors"] == body["injectors"]
    assert (made["managed"], made["namespace"]) == (False, None)
    assert made["related"]["named_url"] == f"{URL}t+cloud/"
    assert set(made["related"]) == {"named_url", "created_by", "modified_by", "credentials", "activity_stream"}
    assert house.admin.get(f"{URL}t+cloud/").json()["id"] == made["id"]


@pytest.mark.parametrize(
    "inputs",
    [
        [1],
        {"feilds": []},
        {"fields": {}},
        {"fields": [{"label": "L"}]},
        {"fields": [{"id": "a"}]},
        {"fields": [{"id": "a", "label": "A", "type": "number"}]},
        {"fields": [{"id": "a", "label": "A"}, {"id": "a", "label": "B"}]},
        {"fields": [{"id": "tower", "label": "A"}]},
        {"fields": [{"id": "a-b", "label": "A"}]},
        {"fields": [{"id": "a", "label": "A", "colour": "red"}]},
        {"fields": [{"id": "a", "label": "A", "ask_at_runtime": True}]},
        {"fields": [{"id": "a", "label": "A", "type": "boolean", "choices": ["x"]}]},
        {"fields": [{"id": "a", "label": "A", "type": "boolean", "secret": True}]},
        {"fields": [{"id": "a", "label": "A", "format": "email"}]},
        {"fields": [{"id": "a", "label": "A", "default": 5}]},
        {"fields": [{"id": "a", "label": "A", "type": ["string"]}]},
        {"fields": [{"id": "a", "label": "A", "format": {}}]},
        {"fields": [{"id": "a", "label": "A", "choices": [{}]}]},
        {"fields": [], "required": [{}]},
        {"metadata": []},
    ],
)
def test_inputs_that_are_refused(house, inputs):
    answer = house.admin.post(URL, {"name": "x", "kind": "cloud", "inputs": inputs})
    assert (answer.status_code, list(answer.json())) == (400, ["inputs"])


@pytest.mark.parametrize(
    "injectors",
    [
        [],
        {"header": {}},
        {"env": []},
        {"env": {"X": "{{ b }}"}},
        {"env": {"X": "{{ a"}},
        {"env": {"X": 5}},
        {"env": {"A B": "x"}},
        {"env": {"ANSIBLE_X": "{{ a }}"}},
        {"env": {"LD_PRELOAD": "{{ a }}"}},
        {"env": {"X": "{{ tower.filename }}"}},
        {"env": {"X": "{{ a.__class__ }}"}},
        {"file": {"template": "x", "template.one": "y"}},
        {"file": {"other": "x"}},
        {"file": {"template": "{{ tower.filename }}"}},
        {"extra_vars": {"a-b": "x"}},
        {"extra_vars": {"a": {"b": 5}}},
        {"extra_vars": {"a": ["{{ c }}"]}},
    ],
)
def test_injectors_that_are_refused(house, injectors):
    answer = house.admin.post(URL, {"name": "x", "kind": "cloud", "inputs": A, "injectors": injectors})
    assert (answer.status_code, list(answer.json())) == (400, ["injectors"])


@pytest.mark.parametrize(
    "name",
    [
        "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "ENV", "PYTHONPATH", "PYTHONSTARTUP", "GIT_SSH_COMMAND", "GIT_SSH",
        "PATH", "HOME", "IFS", "ANSIBLE_CONFIG", "ANSIBLE_LIBRARY", "SSH_AUTH_SOCK", "SECRET_KEY", "DATABASE_URL",
        "PERL5OPT", "RUBYOPT", "NODE_OPTIONS", "OPENSSL_CONF", "PROMPT_COMMAND", "ld_preload", "A=B", "",
    ],
)  # fmt: skip
def test_variables_that_jobs_rely_on_cannot_be_set(name):
    assert refusal(name)


@pytest.mark.parametrize("name", ["MY_TOKEN", "AWS_REGION", "GITHUB_TOKEN", "https_proxy", "ANSIBLE_HASHI_VAULT_ADDR"])
def test_other_variables_can(name):
    assert refusal(name) is None


def test_kinds_and_names(house):
    assert set(house.admin.post(URL, {}).json()) == {"name", "kind"}
    for kind in ("ssh", "paper"):
        assert list(house.admin.post(URL, {"name": "x", "kind": kind}).json()) == ["kind"]
    assert house.admin.post(URL, {"name": "x", "kind": "net"}).json()["inputs"] == {}
    assert list(house.admin.post(URL, {"name": "x", "kind": "net"}).json()) == ["__all__"]
    assert house.admin.post(URL, {"name": "x", "kind": "cloud"}).status_code == 201


def test_a_type_in_use_keeps_its_inputs_and_stays(house):
    made = house.admin.post(URL, {"name": "t", "kind": "cloud", "inputs": A}).json()
    url = f"{URL}{made['id']}/"
    used = {"name": "c", "organization": house.org.pk, "credential_type": made["id"], "inputs": {"a": "x"}}
    credential = house.admin.post("/api/v2/credentials/", used).json()
    assert (credential["kind"], credential["cloud"]) == (None, True)
    assert house.admin.patch(url, {"inputs": {"fields": []}}).status_code == 403
    assert house.admin.patch(url, {"inputs": A, "name": "t2"}).status_code == 200
    assert house.admin.patch(url, {"injectors": {"env": {"X_Y": "{{ a }}"}}}).status_code == 200
    assert house.admin.delete(url).status_code == 403
    assert house.admin.get(f"{url}credentials/").json()["count"] == 1
    house.admin.delete(f"/api/v2/credentials/{credential['id']}/")
    assert house.admin.delete(url).status_code == 204


def test_managed_types_stay_as_they_are(house):
    url = f"{URL}{house.type_('vault').pk}/"
    assert house.admin.get(url).json()["summary_fields"]["user_capabilities"] == {"edit": True, "delete": True}
    assert house.admin.patch(url, {"name": "mine"}).status_code == 403
    assert house.admin.delete(url).status_code == 403


def test_only_superusers_write_types(house):
    assert house.as_("adm").get(URL).json()["count"] == len(ALL)
    assert house.as_("adm").post(URL, {"name": "x", "kind": "cloud"}).status_code == 403
    assert house.as_("out").get(f"{URL}{house.type_('ssh').pk}/").status_code == 200


def test_a_type_that_looks_nothing_up_cannot_be_tested(house):
    url = f"{URL}{house.type_('vault').pk}/test/"
    answer = house.admin.post(url, {"inputs": {}, "metadata": {}})
    assert (answer.status_code, list(answer.json())) == (400, ["inputs"])
    assert house.admin.get(url).status_code == 200
