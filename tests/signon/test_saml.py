"""SAML: whole sign-ons with statements that a provider of the test has signed."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils as Utils

from apps.conf import services
from apps.identity.models import Organization, Team, User
from apps.rbac import services as roles

from .test_ldap import roles_of

HERE, IDP = "http://testserver/sso/complete/saml/", "https://idp.example.org/metadata"
STATEMENT = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{response}" Version="2.0" IssueInstant="{now}"
 Destination="{here}" InResponseTo="{request}"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status>
<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="{assertion}" Version="2.0" IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer>
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{name}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 NotOnOrAfter="{end}" Recipient="{here}" InResponseTo="{request}"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{start}" NotOnOrAfter="{end}"><saml:AudienceRestriction><saml:Audience>{audience}
</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{now}"
 SessionIndex="s1"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password
</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{attributes}
</saml:AttributeStatement></saml:Assertion></samlp:Response>"""
NAMES = {"username": ["ann"], "first_name": ["Ann"], "last_name": ["Example"], "email": ["ann@example.org"]}


def pair() -> tuple[str, str]:
    """A key and its certificate, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(9))
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return text.decode(), made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


SERVICE, PROVIDER, STRANGER = pair(), pair(), pair()


@dataclass
class Statement:
    """What the provider says, and how it misbehaves."""

    attributes: dict[str, list[str]] = field(default_factory=lambda: dict(NAMES))
    name: str = "person-1"
    issuer: str = IDP
    audience: str = "awx-lite-test"
    seconds: int = 300
    keys: tuple[str, str] | None = PROVIDER
    request: str = ""
    after: Callable[[str], str] = str  # changes the signed text

    def text(self, request: str) -> str:
        """The response to a request, signed."""
        now = dt.datetime.now(dt.UTC)
        stamp = "%Y-%m-%dT%H:%M:%SZ"
        rows = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in self.attributes.items()
        )
        made = STATEMENT.format(
            response=f"_{uuid.uuid4().hex}", assertion=f"_{uuid.uuid4().hex}", request=self.request or request,
            now=now.strftime(stamp), start=(now - dt.timedelta(seconds=600)).strftime(stamp),
            end=(now + dt.timedelta(seconds=self.seconds)).strftime(stamp), here=HERE, issuer=self.issuer,
            audience=self.audience, name=self.name, attributes=rows,
        ).replace("\n</saml:Audience>", "</saml:Audience>")  # fmt: skip
        if self.keys is None:
            return made
        signed = Utils.add_sign(
            made, *self.keys, sign_algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest_algorithm="http://www.w3.org/2001/04/xmlenc#sha256",
        )  # fmt: skip
        return self.after(signed.decode() if isinstance(signed, bytes) else signed)


@pytest.fixture
def saml(db: None) -> dict[str, Any]:
    """Settings that describe this server and one provider."""
    values = {
        "SP_ENTITY_ID": "awx-lite-test",
        "SP_PRIVATE_KEY": SERVICE[0],
        "SP_PUBLIC_CERT": SERVICE[1],
        "ORG_INFO": {"en-US": {"name": "test", "displayname": "Test", "url": "https://example.org"}},
        "TECHNICAL_CONTACT": {"givenName": "T", "emailAddress": "t@example.org"},
        "SUPPORT_CONTACT": {"givenName": "S", "emailAddress": "s@example.org"},
        "ENABLED_IDPS": {
            "acme": {
                "entity_id": IDP, "url": "https://idp.example.org/sso", "x509cert": PROVIDER[1],
                "attr_user_permanent_id": "name_id", "attr_username": "username", "attr_first_name": "first_name",
                "attr_last_name": "last_name", "attr_email": "email",
            }
        },
    }  # fmt: skip
    named = {f"SOCIAL_AUTH_SAML_{name}": value for name, value in values.items()}
    services.change(named)
    return named


def sign_on(statement: Statement, browser: Client | None = None, query: str = "") -> tuple[Client, Any]:
    """The whole way of a browser; the last answer."""
    browser = browser or Client()
    begun = browser.get(f"/sso/login/saml/?idp=acme{query}")
    assert begun["Location"].startswith("https://idp.example.org/sso?")
    asked = parse_qs(urlsplit(begun["Location"]).query)
    request = etree.fromstring(zlib.decompress(base64.b64decode(asked["SAMLRequest"][0]), -15))
    sent = base64.b64encode(statement.text(request.get("ID")).encode()).decode()
    form = {"SAMLResponse": sent, "RelayState": asked["RelayState"][0]}
    first = Client().post("/sso/complete/saml/", form)  # across sites, so browsers send no cookie
    assert first.status_code == 200
    assert "psa_saml_browser_return" in first.content.decode()
    return browser, browser.post("/sso/complete/saml/", form | {"psa_saml_browser_return": "1"})


def test_the_list_of_sign_ons_names_every_provider(saml, api):
    shown = api().get("/api/v2/auth/").json()
    assert shown == {
        "saml:acme": {
            "login_url": "/sso/login/saml/?idp=acme",
            "complete_url": HERE,
            "metadata_url": "/sso/metadata/saml/",
        }
    }
    page = Client().get("/api/login/").content.decode()
    assert "/sso/login/saml/?idp=acme&amp;next=" in page
    assert "SAML (acme)" in page


def test_the_metadata_describe_this_server_before_any_provider_is_known(saml, api, admin):
    services.change({"SOCIAL_AUTH_SAML_ENABLED_IDPS": {}})
    answer = Client().get("/sso/metadata/saml/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
    root = etree.fromstring(answer.content)
    assert root.get("entityID") == "awx-lite-test"
    assert HERE in answer.content.decode()
    assert "PRIVATE" not in answer.content.decode()
    shown = api(admin).get("/api/v2/settings/saml/").json()["SOCIAL_AUTH_SAML_METADATA_URL"]
    assert urlsplit(shown).path == "/sso/metadata/saml/"
    services.change({"SOCIAL_AUTH_SAML_SP_ENTITY_ID": ""})
    assert Client().get("/sso/metadata/saml/").status_code == 404


def test_a_whole_sign_on_opens_a_session(saml):
    browser, answer = sign_on(Statement(), query="&next=/api/v2/jobs/")
    assert (answer.status_code, answer["Location"]) == (302, "/api/v2/jobs/")
    me = browser.get("/api/v2/me/").json()["results"][0]
    assert (me["username"], me["first_name"], me["last_name"]) == ("ann", "Ann", "Example")
    assert (me["email"], me["external_account"]) == ("ann@example.org", "social")
    assert me["auth"] == [{"provider": "saml", "uid": "acme:person-1"}]
    again, _ = sign_on(Statement())
    assert again.get("/api/v2/me/").json()["results"][0]["id"] == me["id"]


@pytest.mark.parametrize(
    "statement",
    [
        Statement(keys=None),
        Statement(keys=STRANGER),
        Statement(issuer="https://evil.example"),
        Statement(audience="somebody-else"),
        Statement(seconds=-300),
        Statement(request="_another"),
        Statement(after=lambda text: text.replace("ann@example.org", "boss@example.org")),
        Statement(after=lambda text: text[:-40]),
        Statement(after=lambda text: f'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>{text}'),
    ],
    ids=["unsigned", "stranger", "issuer", "audience", "expired", "request", "changed", "cut", "entity"],
)
def test_statements_that_prove_nothing_are_refused(saml, statement):
    browser, answer = sign_on(statement)
    assert answer["Location"] == "/sso/error/"
    assert browser.get("/api/v2/me/").status_code == 401
    assert not User.objects.exists()


def test_a_statement_that_nobody_asked_for_is_refused(saml):
    sent = base64.b64encode(Statement().text("_unasked").encode()).decode()
    form = {"SAMLResponse": sent, "RelayState": "acme", "psa_saml_browser_return": "1"}
    assert Client().post("/sso/complete/saml/", form)["Location"] == "/sso/error/"
    assert Client().post("/sso/complete/saml/", form | {"SAMLResponse": "rubbish"})["Location"] == "/sso/error/"
    assert Client().post("/sso/complete/saml/", {})["Location"] == "/sso/error/"
    assert not User.objects.exists()


def test_a_provider_that_is_not_known_is_refused(saml):
    assert Client().get("/sso/login/saml/?idp=other")["Location"] == "/sso/error/"
    assert Client().get("/sso/login/saml/")["Location"] == "/sso/error/"


def test_attributes_name_organizations_and_teams_and_end_other_memberships(saml):
    services.change(
        {
            "SOCIAL_AUTH_SAML_ORGANIZATION_ATTR": {"saml_attr": "orgs", "saml_admin_attr": "runs"},
            "SOCIAL_AUTH_SAML_TEAM_ATTR": {
                "saml_attr": "teams",
                "team_org_map": [
                    {"team": "ops", "organization": "One"},
                    {"team": "dev", "organization": "One", "team_alias": "developers"},
                    {"team": "none", "organization": "One"},
                ],
            },
            "SOCIAL_AUTH_SAML_ORGANIZATION_MAP": {"Mapped": {"users": True}},
        }
    )
    first = Statement(NAMES | {"orgs": ["One", "Two"], "runs": ["Two"], "teams": ["ops", "dev", "unknown"]})
    sign_on(first)
    assert roles_of("ann") == {
        ("One", "member_role"), ("Two", "member_role"), ("Two", "admin_role"), ("ops", "member_role"),
        ("developers", "member_role"), ("Mapped", "member_role"),
    }  # fmt: skip
    other = Organization.objects.create(name="Other")
    ann = User.objects.get(username="ann")
    roles.grant(other.role("member_role"), user=ann)
    roles.grant(other.role("auditor_role"), user=ann)
    sign_on(Statement(NAMES | {"orgs": ["One"], "teams": ["ops"]}))
    assert roles_of("ann") == {
        ("One", "member_role"), ("ops", "member_role"), ("Mapped", "member_role"), ("Other", "auditor_role"),
    }  # fmt: skip


def test_nothing_is_made_or_removed_where_the_settings_say_so(saml):
    Organization.objects.create(name="One")
    services.change(
        {
            "SAML_AUTO_CREATE_OBJECTS": False,
            "SOCIAL_AUTH_SAML_ORGANIZATION_ATTR": {"saml_attr": "orgs", "remove": False},
            "SOCIAL_AUTH_SAML_TEAM_ATTR": {
                "saml_attr": "teams",
                "team_org_map": [{"team": "a", "organization": "One"}],
            },
        }
    )
    sign_on(Statement(NAMES | {"orgs": ["One", "New"], "teams": ["a"]}))
    assert roles_of("ann") == {("One", "member_role")}
    assert not Team.objects.exists()
    sign_on(Statement(NAMES | {"orgs": []}))
    assert roles_of("ann") == {("One", "member_role")}


def test_flags_follow_attributes_and_roles(saml):
    services.change(
        {
            "SOCIAL_AUTH_SAML_USER_FLAGS_BY_ATTR": {
                "is_superuser_attr": "level", "is_superuser_value": ["boss", "chief"],
                "is_system_auditor_role": "auditor", "remove_system_auditors": False,
            }
        }
    )  # fmt: skip
    sign_on(Statement(NAMES | {"level": ["chief"], "Role": ["auditor"]}))
    ann = User.objects.get(username="ann")
    assert (ann.is_superuser, ann.is_system_auditor) == (True, True)
    sign_on(Statement(NAMES | {"level": ["clerk"]}))
    ann.refresh_from_db()
    assert (ann.is_superuser, ann.is_system_auditor) == (False, True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ENABLED_IDPS", {"a b": {"entity_id": "x", "url": "https://x", "x509cert": PROVIDER[1]}}),
        ("ENABLED_IDPS", {"a": {"entity_id": "x", "x509cert": PROVIDER[1]}}),
        ("ENABLED_IDPS", {"a": {"entity_id": "x", "url": "https://x"}}),
        ("ENABLED_IDPS", {"a": {"entity_id": "x", "url": "javascript:x", "x509cert": PROVIDER[1]}}),
        ("ENABLED_IDPS", {"a": {"entity_id": "x", "url": "https://x", "x509cert": "rubbish"}}),
        ("SP_PUBLIC_CERT", "rubbish"),
        ("SP_PRIVATE_KEY", "rubbish"),
        ("ORG_INFO", {"en-US": {"name": "x"}}),
        ("TECHNICAL_CONTACT", {"name": "x"}),
        ("ORGANIZATION_ATTR", {"saml_attr": 5}),
        ("ORGANIZATION_ATTR", {"attr": "x"}),
        ("TEAM_ATTR", {"saml_attr": "x", "team_org_map": [{"team": "x"}]}),
        ("TEAM_ATTR", {"saml_attr": "x", "team_org_map": "x"}),
        ("USER_FLAGS_BY_ATTR", {"is_superuser_attr": ["a"]}),
        ("USER_FLAGS_BY_ATTR", {"is_staff_attr": "a"}),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(admin, api, key, value):
    name = f"SOCIAL_AUTH_SAML_{key}"
    answer = api(admin).patch("/api/v2/settings/saml/", {name: value}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [name])
