"""/api/schema/ and /api/docs/: complete, valid, true to what the API answers, and readable where people log in."""

import io
import json
import re

import jsonschema
import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from apps.core import registry
from apps.core.middleware import POLICY
from tests.factories import MAKERS, World

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def document(django_db_setup, django_db_blocker):
    """The document as `manage.py spectacular` writes it; any warning fails."""
    out = io.StringIO()
    with django_db_blocker.unblock():
        call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    return json.loads(out.getvalue())


def plain(schema):
    """OpenAPI's schemas as JSON Schema: `nullable` is one more type; formats, which nobody checks, tell none apart."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {("anyOf" if key == "oneOf" else key): plain(value) for key, value in schema.items() if key != "nullable"}
    if schema.get("nullable") is True and len(out) > 0:
        return {"anyOf": [out, {"type": "null"}]}
    return out


def test_every_path_of_the_api_is_described(document):
    described = {re.sub(r"\{\w+\}", "{}", path) for path in document["paths"]}
    for resource in registry.resources():
        base = f"/api/v2/{resource.slug}/"
        expected = {base} if resource.list_methods else set()
        if resource.has_detail:
            expected.add(f"{base}{{}}/")
        expected |= {f"{base}{{}}/{sub.segment}/" for sub in resource.sublists}
        expected |= {f"{base}{{}}/{verb.name}/" for verb in resource.verbs}
        assert expected <= described, resource.slug
    assert {f"/api/v2/{page.route}" for page in registry.pages() if "<" not in page.route} <= described


def test_operations_have_names_of_their_own(document):
    names = [o["operationId"] for operations in document["paths"].values() for o in operations.values()]
    assert len(names) == len(set(names))
    assert {"job_templates_list", "job_templates_launch_create", "settings_retrieve", "ping_read"} <= set(names)


def test_ways_to_authenticate_and_refusals_are_named(document):
    assert set(document["components"]["securitySchemes"]) == {"token", "password", "session"}
    answers = document["paths"]["/api/v2/jobs/"]["get"]["responses"]
    assert answers["default"] == {"$ref": "#/components/responses/Refusal"}


def test_lists_that_link_say_so(document):
    only = document["paths"]["/api/v2/job_templates/{id}/credentials/"]["post"]
    assert {"201", "204"} & set(only["responses"])
    body = document["paths"]["/api/v2/organizations/{id}/instance_groups/"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/LinkBodyRequest"}


@pytest.mark.parametrize("slug", sorted(set(MAKERS) - {"role_definitions"}))
def test_answers_have_the_described_form(document, api, admin, slug):
    made = World(admin).make(slug)
    root = {"components": plain(document["components"])}
    for path, template in ((f"/api/v2/{slug}/", f"/api/v2/{slug}/"),
                           (f"/api/v2/{slug}/{made.pk}/", f"/api/v2/{slug}/{{id}}/")):  # fmt: skip
        if template not in document["paths"]:
            continue
        described = document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = api(admin).get(path)
        assert answer.status_code == 200
        jsonschema.Draft4Validator(plain(described) | root).validate(answer.json())


def test_the_document_is_for_those_who_are_logged_in(api, admin):
    assert api().get("/api/schema/").status_code == 401
    answer = api(admin).get("/api/schema/")
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["info"]["title"] == "awx_lite"
    as_yaml = api(admin).get("/api/schema/?format=yaml")
    assert yaml.load(as_yaml.content, yaml.CSafeLoader)["paths"].keys() == answer.json()["paths"].keys()


def test_it_is_worked_out_once(api, admin, monkeypatch):
    first = api(admin).get("/api/schema/").content
    monkeypatch.setattr("apps.system.pages.openapi.SchemaGenerator", None)
    assert api(admin).get("/api/schema/").content == first


def test_the_pages_need_a_login_and_nothing_from_elsewhere(admin):
    client = Client()
    assert client.get("/api/docs/")["Location"] == "/api/login/?next=%2Fapi%2Fdocs%2F"
    client.force_login(admin)
    page = client.get("/api/docs/")
    assert page["Content-Security-Policy"] == POLICY
    text = page.content.decode()
    sources = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(sources) >= 4
    assert [url for url in sources if not url.startswith(("/static/", "/api/"))] == []
    assert re.findall(r"<script>|<style|style=", text) == []
    for url in sources:
        assert client.get(url.replace("&amp;", "&")).status_code == 200, url
    assert r"/api/schema/?format\u003Djson" in client.get("/api/docs/?script=").content.decode()
