"""Values that live elsewhere: Vault and Conjur on loopback servers, and addresses that nobody may make us call."""

import base64

import pytest

from apps.core import outbound
from apps.credentials.models import Credential, CredentialInputSource
from apps.credentials.services.lookups import LookupFailed, fetch, resolved
from tests import loopback

pytestmark = pytest.mark.django_db
TEST = "/api/v2/credentials/{}/test/"


def vault(got):
    """A Vault with one secret of each version, two ways to log in, and a signer."""
    body = got.json() if got.body else {}
    logins = {
        "/v1/auth/approle/login": {"role_id": "r", "secret_id": "s"},
        "/v1/auth/userpass/login/u": {"password": "p"},
    }
    if got.path in logins:
        right = body == logins[got.path]
        return (200, {"auth": {"client_token": "t"}}) if right else (400, {"errors": ["wrong"]})
    if got.headers.get("x-vault-token") != "t":
        return 403, {"errors": ["permission denied"]}
    versions = {None: "newest", "1": "oldest"}
    return {
        "/v1/secret/app": (200, {"data": {"pw": "one"}}),
        "/v1/kv/data/team/app": (200, {"data": {"data": {"pw": versions.get(got.query.get("version", [None])[0])}}}),
        "/v1/ssh/sign/dev": (200, {"data": {"signed_key": f"cert for {body.get('public_key')}"}}),
    }.get(got.path, (404, {"errors": []}))


@pytest.fixture
def server():
    with loopback.web(vault) as site:
        yield site


@pytest.mark.parametrize(
    ("inputs", "metadata", "value"),
    [
        ({"token": "t"}, {"secret_path": "secret/app", "secret_key": "pw"}, "one"),
        ({"role_id": "r", "secret_id": "s"}, {"secret_path": "/secret/app", "secret_key": "pw"}, "one"),
        ({"username": "u", "password": "p"}, {"secret_path": "secret/app", "secret_key": "pw"}, "one"),
        ({"token": "t", "api_version": "v2"}, {"secret_path": "kv/team/app", "secret_key": "pw"}, "newest"),
        (
            {"token": "t", "api_version": "v2"},
            {"secret_backend": "kv", "secret_path": "team/app", "secret_key": "pw", "secret_version": "1"},
            "oldest",
        ),
    ],
)
def test_vault_gives_the_value(house, server, inputs, metadata, value):
    assert fetch(house.type_("hashivault_kv"), {"url": server.url, **inputs, **metadata}) == value


@pytest.mark.parametrize(
    ("inputs", "metadata", "reason"),
    [
        ({"token": "wrong"}, {"secret_path": "secret/app", "secret_key": "pw"}, "403"),
        ({"token": "t"}, {"secret_path": "secret/none", "secret_key": "pw"}, "404"),
        ({"token": "t"}, {"secret_path": "secret/app", "secret_key": "none"}, "no 'none'"),
        ({"token": "t"}, {"secret_path": "secret/../sys/raw", "secret_key": "pw"}, ".."),
        ({}, {"secret_path": "secret/app", "secret_key": "pw"}, "No token"),
        ({"token": "t"}, {"secret_path": "secret/app"}, "secret_key"),
        ({"token": "t"}, {"secret_path": 5, "secret_key": "pw"}, "text"),
        ({"token": "t"}, {"secret_path": "a", "secret_key": "pw", "shelf": "x"}, "shelf"),
    ],
)
def test_a_failed_lookup_says_why_without_the_token(house, server, inputs, metadata, reason):
    with pytest.raises(LookupFailed) as failed:
        fetch(house.type_("hashivault_kv"), {"url": server.url, **inputs, **metadata})
    assert reason in str(failed.value)
    assert "wrong" not in str(failed.value)


def test_vault_signs_keys(house, server):
    values = {"url": server.url, "token": "t", "secret_path": "ssh", "role": "dev", "public_key": "ssh-ed25519 AAAA"}
    assert fetch(house.type_("hashivault_ssh"), values) == "cert for ssh-ed25519 AAAA"


def test_conjur_gives_the_value(house):
    def conjur(got):
        token = base64.b64encode(b"a token").decode()
        if got.path == "/authn/acme/host%2Fapp/authenticate" and got.body == b"key":
            return 200, b"a token"
        if got.path == "/secrets/acme/variable/db%2Fpw" and got.headers["authorization"] == f'Token token="{token}"':
            return 200, b"the secret"
        return 401, b""

    values = {"api_key": "key", "account": "acme", "username": "host/app", "secret_path": "db/pw"}
    with loopback.web(conjur) as site:
        assert fetch(house.type_("conjur"), {"url": site.url, **values}) == "the secret"
        with pytest.raises(LookupFailed, match="401"):
            fetch(house.type_("conjur"), {"url": site.url, **values, "api_key": "other"})


def test_other_products_speak_their_own_protocols(house):
    def answers(got):
        return 200, {
            "/AIMWebService/api/Accounts": {"Content": "aim secret", "UserName": "root"},
            "/oauth2/token": {"access_token": "at"},
            "/api/v1/secrets/7": {"items": [{"slug": "password", "itemValue": "tss secret"}]},
            "/oauth2/token/awx": {"access_token": "at"},
            "/Redrock/query": {"success": True, "Result": {"Results": [{"Row": {"ID": "1"}}]}},
            "/ServerManage/CheckoutPassword": {"success": True, "Result": {"Password": "centrify secret"}},
        }[got.path]

    with loopback.web(answers) as site:
        aim = {"url": site.url, "app_id": "a", "object_query": "Safe=x"}
        assert fetch(house.type_("aim"), aim) == "aim secret"
        assert fetch(house.type_("aim"), {**aim, "object_property": "username"}) == "root"
        tss = {"server_url": site.url, "username": "u", "password": "p", "secret_id": "7", "secret_field": "password"}
        assert fetch(house.type_("thycotic_tss"), tss) == "tss secret"
        centrify = {
            "url": site.url,
            "client_id": "c",
            "client_password": "p",
            "account-name": "o'x",
            "system-name": "s",
        }
        assert fetch(house.type_("centrify_vault_kv"), centrify) == "centrify secret"
        assert "o''x" in next(got.json()["Script"] for got in site.got if got.path == "/Redrock/query")


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254", "http://[fe80::1]", "http://0.0.0.0", "http://[::ffff:169.254.169.254]",
        "http://100.100.100.200", "http://2852039166", "http://[64:ff9b::a9fe:a9fe]",
    ],
)  # fmt: skip
def test_addresses_that_nobody_may_make_us_call(house, url):
    with pytest.raises(LookupFailed, match="not allowed"):
        fetch(house.type_("hashivault_kv"), {"url": url, "token": "t", "secret_path": "a", "secret_key": "b"})


def test_private_addresses_can_be_forbidden(settings, server):
    settings.OUTBOUND_BLOCK_PRIVATE = True
    with pytest.raises(outbound.Refused, match="private"):
        outbound.call("GET", server.url)


def test_redirects_stay_at_the_same_server():
    def answer(got):
        targets = {"/here": "/there", "/away": "http://169.254.169.254/latest/", "/loop": "/loop"}
        if got.path in targets:
            return 302, b"", {"Location": targets[got.path]}
        return 200, b"arrived"

    with loopback.web(answer) as site:
        assert outbound.call("GET", f"{site.url}/here").text == "arrived"
        for path in ("/away", "/loop"):
            with pytest.raises(outbound.Refused):
                outbound.call("GET", f"{site.url}{path}")


def test_the_test_of_a_lookup(make, house, server):
    made = make("hashivault_kv", url=server.url, token="t")
    where = {"metadata": {"secret_path": "secret/app", "secret_key": "pw"}}
    answer = house.admin.post(TEST.format(made["id"]), where)
    assert (answer.status_code, answer.json()) == (202, {})
    for body in ({}, {"metadata": []}, {"metadata": {"secret_path": "secret/none", "secret_key": "pw"}}):
        refused = house.admin.post(TEST.format(made["id"]), body)
        assert refused.status_code == 400
        assert "t" not in refused.json().values()
    unstored = {"inputs": {"url": server.url, "token": "t"}, **where}
    of_type = f"/api/v2/credential_types/{house.type_('hashivault_kv').pk}/test/"
    assert house.admin.post(of_type, unstored).status_code == 202
    assert house.as_("adm").post(of_type, unstored).status_code == 202
    assert house.as_("out").post(of_type, unstored).status_code == 403
    assert house.as_("out").post(TEST.format(made["id"]), where).status_code == 404


def test_linked_inputs_are_looked_up_when_they_are_needed(make, house, server):
    source = make("hashivault_kv", name="source", url=server.url, token="t")
    target = make("ssh", name="target", username="u", password="stored")
    CredentialInputSource.objects.create(
        target_credential_id=target["id"],
        source_credential_id=source["id"],
        input_field_name="password",
        metadata={"secret_path": "secret/app", "secret_key": "pw"},
    )
    credential = Credential.objects.get(pk=target["id"])
    assert resolved(credential)["password"] == "one"
    CredentialInputSource.objects.update(metadata={"secret_path": "secret/none", "secret_key": "pw"})
    with pytest.raises(LookupFailed, match="password of the credential target"):
        resolved(credential)
