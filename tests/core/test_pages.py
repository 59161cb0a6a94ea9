"""The browsable API as HTML: escaping, policy, what is offered to whom, and its price in queries."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.core import registry
from apps.core.browse import document, trail
from apps.core.middleware import POLICY
from apps.identity.models import Organization, Team, User
from apps.rbac import services
from tests import factories

HTML = {"Accept": "text/html"}
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}"
MODULE = {"type": "module", "src": "/static/awx_lite/page.js"}
ICON = "/static/awx_lite/icon.svg"
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def client_of(user):
    """A browser in which the user is logged in."""
    client = Client()
    client.force_login(user)
    return client


class Reader(HTMLParser):
    """What a browser makes of a piece of HTML: the elements with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Gather the text."""
        self.text += data


@given(DOCUMENTS)
def test_a_document_shows_every_character_and_has_no_markup_but_its_own(value):
    read = Reader(document.render(json.dumps(value)))
    assert json.loads(read.text) == value
    for tag, attributes in read.elements:
        assert (tag, set(attributes)) in (("span", {"class"}), ("a", {"href"}))
        assert str(attributes.get("href", "/api/v2/")).startswith("/api/")


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "//evil.example/api/v2/",
        "https://evil.example/",
        "/api/logout/",
        '/api/v2/"onclick="x',
        "/api/v2/../logout/",
    ],
)
def test_only_paths_of_the_api_become_links(text):
    assert "<a " not in document.render(json.dumps({"name": text}))


def test_a_path_of_the_api_becomes_a_link():
    assert '<a href="/api/v2/jobs/?page=2&amp;order_by=-id">' in document.render(
        '["/api/v2/jobs/?page=2&order_by=-id"]'
    )


def test_a_huge_document_is_shown_without_markup(monkeypatch):
    monkeypatch.setattr(document, "PLAIN_FROM", 10)
    assert document.render('["<b>/api/v2/</b>"]') == "[&quot;&lt;b&gt;/api/v2/&lt;/b&gt;&quot;]"


def test_the_trail_links_what_answers_and_names_what_does_not():
    steps = trail.trail("/api/v2/job_templates/7/launch/")
    assert [step["label"] for step in steps] == ["API", "v2", "Job templates", "#7", "Launch"]
    assert [step["url"] for step in steps][1:] == ["/api/v2/", "/api/v2/job_templates/", "/api/v2/job_templates/7/", ""]
    assert trail.trail("/api/v2/dashboard/graphs/jobs/")[3]["url"] == ""


@pytest.mark.parametrize("path", ["organizations/", "organizations/{}/", "organizations/{}/teams/", "teams/?name={}"])
def test_hostile_names_are_text_on_every_page(admin, path):
    organization = Organization.objects.create(name=HOSTILE, description=HOSTILE)
    Team.objects.create(name=HOSTILE, organization=organization)
    answer = client_of(admin).get(
        "/api/v2/" + path.format(quote(HOSTILE) if "=" in path else organization.pk), headers=HTML
    )
    assert answer.status_code == 200
    read = Reader(answer.content.decode())
    assert HOSTILE in read.text
    assert [attributes for tag, attributes in read.elements if tag == "script"] == [MODULE]
    assert all(attributes["src"] == ICON for tag, attributes in read.elements if tag == "img")
    assert not any(name.startswith("on") for _, attributes in read.elements for name in attributes)


def test_pages_allow_nothing_inline(admin):
    client = client_of(admin)
    for path in ("/api/", "/api/v2/", "/api/v2/organizations/", "/api/login/", "/nowhere/"):
        answer = client.get(path, headers=HTML)
        assert answer["Content-Security-Policy"] == POLICY
        assert "unsafe-inline" not in POLICY
        page = answer.content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert page.count("<script") == page.count('<script type="module" src="/static/')


def test_programs_get_json_where_browsers_get_pages(db):
    client = Client()
    assert client.get("/nowhere/").json() == {"detail": "There is nothing at this path."}
    assert client.get("/nowhere/", headers={"Accept": "application/json"}).status_code == 404
    answer = client.get("/nowhere/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_form_from_elsewhere_is_refused_with_a_page(db):
    answer = Client(enforce_csrf_checks=True).post("/api/login/", {"username": "a"}, headers=HTML)
    assert answer.status_code == 403
    assert "awx_lite" in answer.content.decode()


def test_only_what_the_user_may_do_is_offered(admin):
    world = factories.World(admin)
    team = world.make("teams")
    reader = User.objects.create_user("reader")
    services.grant(team.role("member_role"), user=reader)
    mine, others = (
        client_of(user).get(f"/api/v2/teams/{team.pk}/", headers=HTML).content.decode() for user in (admin, reader)
    )
    for button in ('data-method="PATCH"', "data-delete="):
        assert button in mine
        assert button not in others


@pytest.mark.parametrize("slug", sorted(factories.MAKERS))
def test_every_list_and_every_object_has_a_page(admin, slug):
    made = factories.World(admin).make(slug)
    client, resource = client_of(admin), registry.by_slug(slug)
    paths = [f"/api/v2/{slug}/"] if resource.list_methods else []
    paths += [f"/api/v2/{slug}/{made.pk}/"] if resource.has_detail else []
    for path in paths:
        answer = client.get(path, headers=HTML)
        assert answer.status_code == 200, path
        assert Reader(answer.content.decode()).text.count(path) > 0


def test_the_page_of_a_list_costs_the_same_number_of_queries_however_long_it_is(admin):
    world, client, counts = factories.World(admin), client_of(admin), []
    for number in (2, 20):
        while Team.objects.count() < number:
            world.make("teams")
        client.get("/api/v2/teams/", headers=HTML)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/api/v2/teams/", headers=HTML).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
