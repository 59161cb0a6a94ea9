"""Filters, orders and searches tell nothing that the asker may not see, and no query string makes a 500.

CVE-2026-84713, CVE-2026-84720 (counting through filters over relations told secrets).
"""

from __future__ import annotations

import pytest

from apps.core import registry
from apps.core.filters.paths import MAX_PARTS, SECRET_NAMES
from apps.core.prefixes import ROOT
from apps.identity.models import Organization, User
from apps.inventory.models import Inventory
from apps.rbac import services
from tests.security.test_matrix import SLUGS

pytestmark = pytest.mark.django_db
RESOURCES = {r.slug: r for r in registry.resources()}
LISTED = [slug for slug in SLUGS if "get" in RESOURCES[slug].list_methods]
CATASTROPHE = "(a%2B)%2B%24"  # (a+)+$
ODD_QUERIES = (
    "id__contains=1", "id__gt=x", "id__in=1,,2", "id__in=None", "id__isnull=x", "id__regex=(", "id=1.5", "pk=1e3",
    "order_by=,", "order_by=-", "order_by=--id", "order_by=id__id", "or__=1", "not__or__id=1", "chain__not__id=1",
    "or__not__id=1", "id__int=x", "search=%22", "search=%00", "search=,,,", "page_size=10**9", "page=-1", "type=%00",
    "role_level=", "id__=1", "__id=1", "created__year=2020", "created=yesterday", "name__in=" + "a," * 3000 + "a",
    "id__in=" + ",".join(map(str, range(2000))), f"name__regex={CATASTROPHE}", "name__iregex=(a%7C*)*%5C1",
    "name__regex=(%3FP%3Cx%3Ea)", "name__regex=" + "(" * 200 + ")" * 200, "name__regex=((a{1,200}){1,200}){1,200}",
)  # fmt: skip


def relations(slug: str) -> list[str]:
    """Relations of a resource's model, also those that lead back to it."""
    return [f.name for f in RESOURCES[slug].model._meta.get_fields() if f.is_relation and f.related_model]


@pytest.mark.parametrize("slug", LISTED)
def test_odd_query_strings_are_no_fault_of_the_server(house, ask, slug):
    for query in ODD_QUERIES:
        for role in ("superuser", "org_admin"):
            assert ask(role, "GET", f"{ROOT}{slug}/?{query}").status_code < 500, (role, query)


@pytest.mark.parametrize("slug", LISTED)
def test_relations_are_filtered_by_ids_or_not_at_all(house, ask, slug):
    for name in relations(slug):
        for query in (f"{name}__contains=1", f"{name}__gt=x", f"{name}__name__startswith=a", f"order_by={name}"):
            assert ask("org_admin", "GET", f"{ROOT}{slug}/?{query}").status_code < 500, query


@pytest.mark.parametrize("slug", LISTED)
def test_secrets_are_no_filters_however_they_are_reached(house, ask, slug):
    prefixes = ["", *(f"{name}__" for name in relations(slug))]
    for prefix in prefixes:
        for secret in sorted(SECRET_NAMES | {"pk__password"}):
            for query in (f"or__not__{prefix}{secret}__startswith=a", f"order_by={prefix}{secret}"):
                assert ask("superuser", "GET", f"{ROOT}{slug}/?{query}").status_code in (400, 403), query


@pytest.fixture
def half_seen(db):
    """Two organizations; amy reads the inventory of the first and nothing else."""
    amy = User.objects.create_user("amy")
    rows = [Organization.objects.create(name=name) for name in ("one", "two")]
    inventories = [Inventory.objects.create(name=f"i-{o.name}", organization=o) for o in rows]
    services.grant(inventories[0].role("read_role"), user=amy)
    return amy, rows, inventories


def names(client, path):
    """The names in a list."""
    answer = client.get(f"{ROOT}{path}")
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    "query",
    [
        "organization__name=one", "organization__name__startswith=o", "organization__name__regex=^o",
        "organization__search=one", "or__organization__name=one", "chain__organization__name=one",
        "organization__name__in=one,x", "created_by__organization__name=one", "organization__inventories__name=i-one",
    ],
)  # fmt: skip
def test_a_hidden_row_answers_no_filter(api, half_seen, query):
    amy = half_seen[0]
    assert names(api(amy), "inventories/") == ["i-one"]
    answer = api(amy).get(f"{ROOT}inventories/?{query}")
    assert answer.status_code == 400 or answer.json()["count"] == 0


def test_a_hidden_child_is_not_found_by_its_id(api, half_seen):
    amy, organizations, inventories = half_seen
    services.grant(organizations[1].role("member_role"), user=amy)
    assert names(api(amy), "organizations/") == ["two"]
    assert names(api(amy), f"organizations/?inventories={inventories[1].pk}") == []
    assert names(api(amy), f"organizations/?inventories__in={inventories[1].pk}") == []
    services.grant(inventories[1].role("read_role"), user=amy)
    assert names(api(amy), f"organizations/?inventories={inventories[1].pk}") == ["two"]


def test_a_search_through_a_hidden_row_finds_nothing_behind_it(api, half_seen):
    amy, organizations, inventories = half_seen
    services.grant(organizations[1].role("admin_role"), user=amy)
    Inventory.objects.filter(pk=inventories[0].pk).update(created_by=None)
    assert names(api(amy), "inventories/?organization__teams__search=none") == []
    assert names(api(amy), "inventories/?organization__search=two") == ["i-two"]
    assert names(api(amy), "inventories/?organization__search=one") == []


def test_the_order_does_not_tell_the_names_of_hidden_rows(api, half_seen):
    amy, organizations, inventories = half_seen
    services.grant(inventories[1].role("read_role"), user=amy)
    for new in ("a", "z"):
        Organization.objects.filter(pk=organizations[1].pk).update(name=new)
        assert names(api(amy), "inventories/?order_by=organization__name") == ["i-one", "i-two"]
        assert names(api(amy), "inventories/?order_by=-organization__name") == ["i-one", "i-two"]


def test_a_path_has_an_end(api, admin):
    deep = "organization__inventories__" * MAX_PARTS + "name"
    assert api(admin).get(f"{ROOT}inventories/?{deep}=x").status_code == 400
