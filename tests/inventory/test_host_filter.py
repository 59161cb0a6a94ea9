"""host_filter: what it means, what it refuses and where, and that it reveals nothing."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inventory.host_filter import FilterError, to_query
from apps.inventory.host_filter.parser import parse
from apps.inventory.models import HostFacts

URL = "/api/v2/hosts/"


@pytest.fixture
def hosts(farm):
    """web1 in prod and test, web2 in prod, db1 disabled; web1 runs Ubuntu with two interfaces."""
    web1, web2, db1 = farm.host("web1", description="front"), farm.host("web2"), farm.host("db1", enabled=False)
    farm.group("prod", web1, web2), farm.group("test", web1)
    facts = {"ansible_distribution": "Ubuntu", "lsb": {"major": 22}, "links": ["eth0", "eth1"], "mounts": [{"to": "/"}]}
    HostFacts.objects.create(host=web1, data=facts)
    HostFacts.objects.create(host=db1, data={"ansible_distribution": "Debian"})
    return farm


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name=web1", ["web1"]),
        ('"name"="web1"', ["web1"]),
        ("name__startswith=web and enabled=true", ["web1", "web2"]),
        ("name=db1 or name=web1 and groups__name=none", ["db1"]),
        ("(name=db1 or name=web1) and groups__name=test", ["web1"]),
        ("groups__name=prod and groups__name=test", ["web1"]),
        ("groups__name=prod and not (groups__name=test)", ["web2"]),
        ("not (name=web1 or name=web2)", ["db1"]),
        ("search=FRONT", ["web1"]),
        ("inventory__search=barn and name=web2", ["web2"]),
        ("groups__isnull=true", ["db1"]),
        ("ansible_facts__ansible_distribution=Ubuntu", ["web1"]),
        ("ansible_facts__lsb__major=22", ["web1"]),
        ('ansible_facts__lsb__major="22"', []),
        ("ansible_facts__links[]=eth1", ["web1"]),
        ("ansible_facts__mounts[]__to=/", ["web1"]),
        ("ansible_facts__ansible_distribution=Debian or name=web2", ["db1", "web2"]),
    ],
)
def test_what_it_finds(hosts, text, names):
    answer = hosts.as_("rea").get(URL, {"host_filter": text, "order_by": "name"})
    assert [row["name"] for row in answer.json()["results"]] == names


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name=", "at the end"),
        ("name", "at the end"),
        ("=x", "character 1"),
        ("(name=x", "at the end"),
        ('name="x', "character 6"),
        ("name=x and", "at the end"),
        ("name=x OR name=y", "character 8"),
        ("not name=x", "character 5"),
        ("colour=blue", "character 1"),
        ("name=x and name__resembles=y", "character 12"),
        ("created_by__password__startswith=p", "character 1"),
        ("nothing__search=x", "character 1"),
        ("enabled=maybe", "character 1"),
        ("ansible_facts__name__icontains=x", ""),
        ("ansible_facts=x", "character 1"),
        ("(" * 60 + "name=x" + ")" * 60, "deep"),
        ("name=x or " * 600 + "name=x", "500"),
    ],
)
def test_what_is_refused_says_where(hosts, text, place):
    answer = hosts.as_("admin").get(URL, {"host_filter": text})
    assert answer.status_code == 400
    assert place in answer.json()["error"]


@pytest.mark.django_db
def test_a_refused_lookup_of_facts_is_nested_when_an_inventory_is_made(farm):
    body = {"name": "s", "organization": farm.org.pk, "kind": "smart", "host_filter": "ansible_facts__a__icontains=x"}
    answer = farm.as_("admin").post("/api/v2/inventories/", body, format="json")
    assert (answer.status_code, list(answer.json()["host_filter"])) == (400, ["host_filter"])


@pytest.mark.django_db
def test_hidden_relations_count_as_absent(farm, api):
    from apps.identity.models import Organization, User
    from apps.inventory.models import Inventory
    from apps.rbac import services

    hidden = Inventory.objects.create(name="hidden", organization=Organization.objects.create(name="Other"))
    user = User.objects.create_user("peeker", password="pw")
    services.grant(farm.inventory.role("read_role"), user=user)
    farm.host("h")
    for text in ("inventory__organization__name=Farm", f"inventory__search={hidden.name}"):
        assert api(user).get(URL, {"host_filter": text}).json()["count"] == 0
    assert api(user).get(URL, {"host_filter": "inventory__name=barn"}).json()["count"] == 1


@given(st.text(alphabet='abcn=()" orandnotx_[]\n\t', max_size=60))
def test_any_text_is_a_filter_or_an_error(text):
    with contextlib.suppress(FilterError):
        assert parse(text)


@pytest.mark.django_db
def test_a_null_character_is_an_error():
    with pytest.raises(FilterError):
        to_query("name=a\0b")
