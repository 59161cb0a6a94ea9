"""Filters of lists, on organizations, teams and users: what they find, what they refuse, what they must not tell."""

import pytest

from apps.identity.models import Organization, Team, User
from apps.rbac import services
from apps.rbac.models import RoleDefinition

pytestmark = pytest.mark.django_db
URL = "/api/v2/organizations/"


@pytest.fixture
def three(admin):
    """Three organizations whose texts and numbers differ."""
    return [
        Organization.objects.create(name="alpha", description="Red Fox", max_hosts=3, created_by=admin),
        Organization.objects.create(name="beta", description="", max_hosts=10),
        Organization.objects.create(name="gamma_x", description="red%fox", max_hosts=10),
    ]


def names(client, query):
    """The names that a query finds."""
    answer = client.get(f"{URL}?order_by=name&{query}")
    assert answer.status_code == 200, answer.json()
    return [row["name"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=alpha", ["alpha"]),
        ("name__exact=alpha", ["alpha"]),
        ("name__iexact=ALPHA", ["alpha"]),
        ("name__contains=mm", ["gamma_x"]),
        ("description__icontains=RED", ["alpha", "gamma_x"]),
        ("description__contains=%25", ["gamma_x"]),
        ("name__startswith=be", ["beta"]),
        ("name__istartswith=BE", ["beta"]),
        ("name__endswith=ta", ["beta"]),
        ("name__iendswith=TA", ["beta"]),
        ("name__regex=^(al|be)", ["alpha", "beta"]),
        ("name__iregex=^AL", ["alpha"]),
        ("max_hosts__gt=3", ["beta", "gamma_x"]),
        ("max_hosts__gte=3", ["alpha", "beta", "gamma_x"]),
        ("max_hosts__lt=10", ["alpha"]),
        ("max_hosts__lte=3", ["alpha"]),
        ("max_hosts__int=3", ["alpha"]),
        ("name__in=alpha,beta", ["alpha", "beta"]),
        ("created_by__isnull=true", ["beta", "gamma_x"]),
        ("created_by__isnull=0", ["alpha"]),
        ("created_by=none", ["beta", "gamma_x"]),
        ("created_by__username=admin", ["alpha"]),
        ("not__name=alpha", ["beta", "gamma_x"]),
        ("or__name=alpha&or__name=beta", ["alpha", "beta"]),
        ("or__not__max_hosts=10&or__name=beta", ["alpha", "beta"]),
        ("chain__name__contains=a&chain__name__contains=b", ["beta"]),
        ("name__contains=a&name__contains=l", ["alpha"]),
        ("search=fox", ["alpha", "gamma_x"]),
        ("search=red,alpha", ["alpha"]),
        ("created_by__search=adm", ["alpha"]),
        ("teams__name=ops", ["beta"]),
        ("teams__isnull=false", ["beta"]),
        ("type=organization", ["alpha", "beta", "gamma_x"]),
        ("type=team", []),
    ],
)
def test_a_filter_finds_what_it_says(api, admin, three, query, found):
    Team.objects.create(name="ops", organization=three[1])
    assert names(api(admin), query) == found


@pytest.mark.parametrize(
    "query",
    [
        "bananas=1",
        "created_by__bananas=1",
        "not__=1",
        "__icontains=x",
        "name__foo=x",
        "name__icontains__icontains=x",
        "na%C3%AFve=x",
        "not__not__name=x",
        "or__chain__name=x",
        "created_by__isnull=7",
        "max_hosts__in=1,x",
        "max_hosts=x",
        "max_hosts=99999999999999999999",
        "name__in=",
        "name__regex=(",
        "name=a%00b",
        "NAME=x",
        "summary_fields=x",
        "order_by=bananas",
        "order_by=name,%20id",
        "order_by=teams__name",
        "role_level=king_role",
        "bananas__search=x",
        "name__search=x",
    ],
)
def test_a_filter_that_makes_no_sense_is_a_400_that_names_it(api, admin, query):
    answer = api(admin).get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize(
    "url",
    [
        "/api/v2/users/?password=x",
        "/api/v2/users/?password__startswith=pbkdf2",
        "/api/v2/users/?order_by=password",
        "/api/v2/organizations/?created_by__password__contains=x",
    ],
)
def test_secrets_are_never_filtered(api, admin, url):
    assert api(admin).get(url).status_code == 403


def test_a_filter_over_a_relation_counts_only_rows_that_the_asker_sees(api, three):
    amy, bob = User.objects.create_user("amy"), User.objects.create_user("bob")
    Organization.objects.filter(pk=three[0].pk).update(created_by=bob)
    services.assign(RoleDefinition.objects.get(name="Organization Member"), three[0], user=amy)
    client = api(amy)
    assert names(client, "name=alpha") == ["alpha"]
    assert names(client, "created_by__username=bob") == []
    assert names(client, "not__created_by__username=bob") == ["alpha"]
    assert names(client, "created_by__search=bob") == []


def test_lists_are_paged_with_relative_links_in_order(api, admin, three):
    client = api(admin)
    first = client.get(f"{URL}?page_size=1&order_by=name&name__in=alpha,beta").json()
    assert first["count"] == 2
    assert first["next"] == f"{URL}?name__in=alpha%2Cbeta&order_by=name&page=2&page_size=1"
    assert first["previous"] is None
    last = client.get(f"{URL}?page=last&page_size=2&order_by=name").json()
    assert last["next"] is None
    for page in ("0", "x", "99"):
        assert client.get(f"{URL}?page={page}").status_code == 404
    for size in ("0", "-1", "x", "9" * 5000):
        assert client.get(f"{URL}?page_size={size}").status_code == 200


def test_a_list_without_count_says_whether_there_is_more(api, admin, three):
    body = api(admin).get(f"{URL}?count_disabled=1&page_size=2&order_by=name").json()
    assert "count" not in body
    assert body["next"].startswith(URL)
    assert len(body["results"]) == 2


def test_the_last_order_wins_and_the_id_makes_it_total(api, admin, three):
    answer = api(admin).get(f"{URL}?order_by=name&order_by=-max_hosts,-name")
    assert [row["name"] for row in answer.json()["results"]] == ["gamma_x", "beta", "alpha"]
