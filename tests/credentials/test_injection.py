"""What a job's process gets of its credentials."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from apps.credentials.models import Credential, CredentialType
from apps.credentials.services.injection import CannotInject, inject, inject_all, passwords_needed
from tests.credentials.keys import LOCKED_KEY, OPEN_KEY, PASSPHRASE

pytestmark = pytest.mark.django_db


class Place:
    """A workspace below a temporary directory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def given(house, place):
    """`given("ssh", answers={}, username="x")`: what a job gets of such a credential."""

    def run(namespace, answers=None, **inputs):
        kind = house.type_(namespace)
        credential = Credential.objects.create(name=namespace, credential_type=kind, inputs=inputs)
        return inject(credential, place, {}, {}, {}, [], answers=answers)

    return run


def test_machine_gives_options_answers_and_the_key(given):
    got = given("ssh", username="-x y", password="p", become_method="su", become_username="root",
                become_password="b", ssh_key_data=OPEN_KEY)  # fmt: skip
    assert got.cmdline == ["--user=-x y", "--ask-pass", "--become-method=su", "--become-user=root", "--ask-become-pass"]
    assert got.passwords[r"SSH password:\s*?$"] == "p"
    assert "b" in got.passwords.values()
    assert got.ssh_key == OPEN_KEY
    assert "p" not in got.cmdline


def test_a_locked_key_is_unlocked(given, tmp_path):
    got = given("ssh", ssh_key_data=LOCKED_KEY, ssh_key_unlock=PASSPHRASE)
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text(got.ssh_key)
    assert subprocess.run(["ssh-keygen", "-y", "-P", "", "-f", key], capture_output=True, check=False).returncode == 0
    with pytest.raises(CannotInject, match="cannot be unlocked"):
        given("scm", ssh_key_data=LOCKED_KEY, ssh_key_unlock="wrong")


def test_passwords_that_the_launch_must_give(house, given):
    def needed(namespace, **inputs):
        return passwords_needed(Credential(credential_type=house.type_(namespace), inputs=inputs))

    assert needed("ssh", password="ASK", become_password="ASK") == ["ssh_password", "become_password"]
    assert needed("ssh", ssh_key_data=LOCKED_KEY, ssh_key_unlock="ASK") == ["ssh_key_unlock"]
    assert needed("ssh", ssh_key_data=OPEN_KEY) == []
    assert needed("vault", vault_password="ASK") == ["vault_password"]
    assert needed("vault", vault_password="ASK", vault_id="prod") == ["vault_password.prod"]
    assert needed("vault", vault_password="x") == []
    assert needed("aws", password="ASK") == []


def test_answers_of_the_launch_fill_what_was_asked_and_nothing_else(given):
    got = given(
        "ssh", password="ASK", become_password="kept", answers={"ssh_password": "p", "become_password": "other"}
    )
    assert got.passwords[r"SSH password:\s*?$"] == "p"
    assert "kept" in got.passwords.values()
    assert "other" not in got.passwords.values()
    assert "ASK" not in given("scm", password="x").passwords.values()
    locked = given("ssh", ssh_key_data=LOCKED_KEY, ssh_key_unlock="ASK", answers={"ssh_key_unlock": PASSPHRASE})
    assert "ENCRYPTED" not in locked.ssh_key


def test_several_vaults(house, place):
    kind = house.type_("vault")
    vaults = [
        Credential.objects.create(
            name=name, credential_type=kind, inputs={"vault_id": name, "vault_password": f"{name}-pw"}
        )
        for name in ("dev", "prod.x")
    ]
    got = inject_all(vaults, place)
    assert got.cmdline == ["--vault-id=dev@prompt", "--vault-id=prod.x@prompt"]
    assert got.passwords[r"Vault password \(prod\.x\):\s*?$"] == "prod.x-pw"


def test_clouds_get_their_variables(given):
    aws = given("aws", username="id", password="s", security_token="t")
    assert aws.env == {
        "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SECURITY_TOKEN": "t", "AWS_SESSION_TOKEN": "t",
    }  # fmt: skip
    assert aws.secret_env == {"AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"}
    stack = given("openstack", host="h", username="u", password="p", project="j")
    cloud = yaml.safe_load(Path(stack.env["OS_CLIENT_CONFIG_FILE"]).read_text())["clouds"]["devstack"]
    assert (cloud["auth"]["password"], cloud["verify"]) == ("p", True)
    gce = given("gce", username="me@x", project="j", ssh_key_data=OPEN_KEY)
    assert json.loads(Path(gce.env["GCP_SERVICE_ACCOUNT_FILE"]).read_text())["client_email"] == "me@x"
    assert given("vmware", host="h", username="u", password="p").env["VMWARE_HOST"] == "h"
    assert given("azure_rm", subscription="s", client="c", secret="x", tenant="t").env["AZURE_SECRET"] == "x"
    rhv = given("rhv", host="h", username="u", password="p")
    assert "ovirt_password=p" in Path(rhv.env["OVIRT_INI_PATH"]).read_text()
    tower = given("controller", host="h", oauth_token="t")
    assert (tower.env["CONTROLLER_HOST"], tower.env["TOWER_VERIFY_SSL"]) == ("h", "False")
    assert {"TOWER_OAUTH_TOKEN", "CONTROLLER_OAUTH_TOKEN"} <= tower.secret_env
    net = given("net", username="u", password="p", authorize=True, authorize_password="q")
    assert (net.env["ANSIBLE_NET_AUTHORIZE"], net.env["ANSIBLE_NET_AUTH_PASS"]) == ("1", "q")
    cluster = given("kubernetes_bearer_token", host="h", bearer_token="b", ssl_ca_cert="PEM")
    assert Path(cluster.env["K8S_AUTH_SSL_CA_CERT"]).read_text() == "PEM"
    assert given("insights", username="u", password="p").extra_vars == {"scm_username": "u", "scm_password": "p"}


def test_custom_types_render_files_first(place):
    kind = CredentialType.objects.create(
        name="t",
        kind="cloud",
        inputs={"fields": [{"id": "a", "type": "string", "secret": True}, {"id": "b", "type": "boolean"}]},
        injectors={
            "file": {"template.one": "a={{ a }}", "template.two": "{{ b }}"},
            "env": {"ONE": "{{ tower.filename.one }}", "HIDDEN": "x{{ a }}", "OPEN": "{{ missing }}y"},
            "extra_vars": {"v": {"deep": ["{{ a }}"]}},
        },
    )
    credential = Credential.objects.create(name="c", credential_type=kind, inputs={"a": "s3cret {{ b }}"})
    got = inject(credential, place, {}, {}, {}, [])
    assert Path(got.env["ONE"]).read_text() == "a=s3cret {{ b }}"
    assert got.extra_vars == {"v": {"deep": ["s3cret {{ b }}"]}}
    assert got.secret_env == {"HIDDEN"}


def test_a_type_that_came_in_by_another_way_still_cannot_set_dangerous_variables(place):
    kind = CredentialType.objects.create(name="t", kind="cloud", injectors={"env": {"LD_PRELOAD": "x"}})
    credential = Credential.objects.create(name="c", credential_type=kind)
    with pytest.raises(CannotInject, match="LD_PRELOAD"):
        inject(credential, place, {}, {}, {}, [])
