"""Laws that every resource obeys, proved over the registry: no resource needs its own copy of these."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import registry
from apps.core.prefixes import ROOT
from apps.identity.models import User
from tests.factories import MAKERS, World

pytestmark = pytest.mark.django_db
COUNTS = Path(__file__).parent.parent / "query_counts.json"
RESOURCES = {r.slug: r for r in registry.resources()}
LISTED = [slug for slug, r in RESOURCES.items() if r.list_methods]
DETAILED = [slug for slug, r in RESOURCES.items() if r.has_detail]
# what everyone who is logged in may read: what the system ships, and people's own rows
OPEN = {"credential_types", "role_definitions", "execution_environments", "me", "users", "instance_groups"}
# lists that are refused to all but those who run the system
REFUSED = {("host_metrics", "member")}
MADE = [slug for slug in LISTED if slug in MAKERS]


@pytest.fixture
def world(admin):
    """One of everything."""
    return World(admin)


@pytest.fixture
def outsider(world):
    """Someone without any role."""
    return User.objects.create_user("outsider", password="x")


@pytest.mark.parametrize("slug", LISTED)
def test_an_anonymous_asker_is_refused(api, db, slug):
    assert api().get(f"{ROOT}{slug}/").status_code == 401
    assert api().post(f"{ROOT}{slug}/", {}, format="json").status_code == 401


@pytest.mark.parametrize("slug", DETAILED)
def test_an_anonymous_asker_learns_nothing_from_details(api, db, slug):
    for method in ("get", "put", "patch", "delete"):
        assert getattr(api(), method)(f"{ROOT}{slug}/1/").status_code == 401


@pytest.mark.parametrize("slug", [s for s in MADE if s not in OPEN])
def test_an_outsider_sees_an_empty_list_and_404(api, world, outsider, slug):
    obj = world.make(slug)
    client = api(outsider)
    answer = client.get(f"{ROOT}{slug}/")
    assert answer.status_code in (200, 403)
    if answer.status_code == 200:
        assert answer.json()["results"] == []
    if slug in DETAILED:
        assert client.get(f"{ROOT}{slug}/{obj.pk}/").status_code == 404
        for method in set(RESOURCES[slug].detail_methods) - {"get"}:
            assert getattr(client, method)(f"{ROOT}{slug}/{obj.pk}/", {}, format="json").status_code == 404


@pytest.mark.parametrize("slug", [s for s in MADE if s not in OPEN and s in DETAILED])
def test_an_outsider_sees_nothing_below_a_hidden_object(api, world, outsider, slug):
    obj, client = world.make(slug), api(outsider)
    for segment in [s.segment for s in RESOURCES[slug].sublists] + [v.name for v in RESOURCES[slug].verbs]:
        answer = client.get(f"{ROOT}{slug}/{obj.pk}/{segment}/")
        assert answer.status_code in (403, 404, 405), segment


@pytest.mark.parametrize("slug", [s for s in MADE if s in DETAILED])
def test_every_related_url_answers(api, world, slug):
    client = api(world.admin)
    body = client.get(f"{ROOT}{slug}/{world.make(slug).pk}/").json()
    assert body["id"]
    for key, url in body.get("related", {}).items():
        assert not url or client.get(url).status_code in (200, 405), (key, url)


@pytest.mark.parametrize("slug", LISTED)
def test_a_list_that_is_read_only_refuses_post(api, admin, slug):
    if "post" in RESOURCES[slug].list_methods:
        assert api(admin).post(f"{ROOT}{slug}/", [], format="json").status_code == 400
    else:
        assert api(admin).post(f"{ROOT}{slug}/", {}, format="json").status_code == 405


@pytest.mark.parametrize("slug", LISTED)
def test_options_answer_for_lists_and_for_details_that_are_not_there(api, admin, slug):
    assert api(admin).options(f"{ROOT}{slug}/").status_code == 200
    if slug in DETAILED:
        assert api(admin).options(f"{ROOT}{slug}/999999/").status_code == 200


@pytest.mark.parametrize("slug", [s for s in MADE if s in DETAILED])
def test_options_answer_for_every_path_below_an_object(api, world, slug):
    obj, client = world.make(slug), api(world.admin)
    for segment in [s.segment for s in RESOURCES[slug].sublists] + [v.name for v in RESOURCES[slug].verbs]:
        answer = client.options(f"{ROOT}{slug}/{obj.pk}/{segment}/")
        assert answer.status_code < 500, segment


@pytest.mark.parametrize("slug", LISTED)
def test_bad_parameters_are_400_or_404_and_never_a_500(api, admin, slug):
    client = api(admin)
    for query in ("bananas=1", "id=x", "id__in=", "order_by=bananas", "id=99999999999999999999"):
        assert client.get(f"{ROOT}{slug}/?{query}").status_code == 400, query
    assert client.get(f"{ROOT}{slug}/?page=0").status_code in (400, 404)  # 400 where AWX says so, for hosts


def cost(client, url) -> int:
    """How many queries a request makes, once caches are warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("who", ["admin", "member"])
@pytest.mark.parametrize("slug", MADE)
def test_a_list_costs_the_same_at_2_rows_and_at_20(api, world, slug, who):
    user = world.admin if who == "admin" else world.organization_admin()
    client, url = api(user), f"{ROOT}{slug}/?page_size=100"
    for _ in range(2):
        world.make(slug)
    if client.get(url).status_code == 403:
        assert (slug, who) in REFUSED
        return
    few = cost(client, url)
    for _ in range(18):
        world.make(slug)
    assert cost(client, url) == few
    counts = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    if os.environ.get("WRITE_QUERY_COUNTS"):
        counts.setdefault(slug, {})[who] = few
        COUNTS.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")
    assert few <= counts[slug][who], f"{slug} costs {few} queries; tests/query_counts.json allows {counts[slug][who]}"


def test_declarations_resolve():
    call_command("check", fail_level="ERROR")
    from apps.core.checks import check_sublists
    from apps.core.sublists import Sub

    class Broken(RESOURCES["teams"]):
        sublists = (Sub("nope"),)

    assert [e.id for e in check_sublists(Broken)] == ["core.E001"]
