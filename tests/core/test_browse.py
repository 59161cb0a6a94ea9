"""What pages offer: buttons by state and rights, rows in words, ways to other pages of a list, forms from OPTIONS."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from rest_framework.request import Request

from apps.core.browse import filters, forms, rows, verbs

HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(
    ("name", "data", "shown"),
    [
        ("cancel", {"type": "job", "status": "running"}, True),
        ("cancel", {"type": "job", "status": "successful"}, False),
        ("relaunch", {"type": "job", "status": "running"}, False),
        ("relaunch", {"type": "job", "status": "failed"}, True),
        ("launch", {"summary_fields": {"user_capabilities": {"start": False}}}, False),
        ("launch", {"summary_fields": {"user_capabilities": {"start": True}}}, True),
        ("copy", {"summary_fields": {"user_capabilities": {"copy": False}}}, False),
    ],
)
def test_a_button_is_there_only_when_it_would_work(name, data, shown):
    assert verbs.offered(name, data) is shown


def test_rows_say_what_they_are_about():
    event = rows.entry({"id": 4, "event_display": "Host OK", "host_name": "web1", "task": "Ping", "changed": True})
    assert (event["name"], event["about"], event["status"]) == ("Host OK", "Ping", "changed")
    host = rows.entry({"id": 1, "host_name": "web1", "processed": 1, "dark": 0, "ok": 3, "failures": 1})
    assert (host["name"], host["about"]) == ("web1", "3 ok, 1 failed")
    role = rows.entry(
        {"id": 2, "name": "Admin", "summary_fields": {"resource_name": "DB", "resource_type": "credential"}}
    )
    assert role["beside"] == [{"label": "Credential", "name": "DB", "url": ""}]
    entry = rows.entry(
        {
            "operation": "create",
            "object1": "job",
            "object2": "",
            "summary_fields": {"job": [{"id": 1, "name": "Nightly"}], "actor": {"id": 1, "username": "ada"}},
        }
    )
    assert (entry["name"], entry["about"]) == ("create job", "Nightly · by ada")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example/", "/api/logout/", None, 7])
def test_a_row_links_to_the_api_alone(url):
    assert rows.entry({"id": 1, "name": "x", "url": url})["url"] == ""


@pytest.mark.parametrize(
    "row", [{}, {"name": None}, {"summary_fields": []}, {"related": 3, "summary_fields": {"job": 1}}]
)
def test_rows_of_any_shape_are_shown(row):
    assert rows.table([row]) is not None


def test_what_are_no_objects_is_no_table():
    assert rows.table(["a", "b"]) is None


def test_the_neighbours_of_a_page_are_known_from_its_links():
    request = Request(RequestFactory().get("/api/v2/teams/?name=a&page=3"))
    data = {"count": 99, "next": "/api/v2/teams/?name=a&page=4", "previous": "/api/v2/teams/?name=a&page=2"}
    found = filters.pages(request, data)
    assert (found["number"], found["first"], found["last"]) == (
        3,
        "/api/v2/teams/?name=a&page=1",
        "/api/v2/teams/?name=a&page=last",
    )
    del data["count"]  # count_disabled: nobody knows which page is the last
    assert filters.pages(request, data)["last"] == ""


def test_limits_are_words():
    assert forms.limits({"min_value": 0, "max_value": 5}) == "0 to 5"
    assert forms.limits({"min_value": 1, "max_value": 2**31 - 1}) == "at least 1"
    assert forms.limits({"min_value": -(2**31), "max_value": 2**31 - 1}) == ""
    assert forms.limits({"max_length": 512}) == "at most 512 characters"


@pytest.mark.parametrize("prefix", ["/api/controller/v2", "/api/v2"])
def test_pages_below_a_prefix_lead_below_it(admin, prefix):
    client = Client()
    client.force_login(admin)
    client.post("/api/v2/inventories/", {"name": "x"}, content_type="application/json")
    answer = client.get(f"{prefix}/organizations/", headers=HTML)
    assert answer.status_code == 200
    assert f'action="{prefix}/organizations/"' in answer.content.decode()


def test_a_form_begins_with_what_is_required_and_knows_where_objects_are_found(admin):
    client = Client()
    client.force_login(admin)
    page = client.get("/api/v2/inventories/", headers=HTML).content.decode()
    assert 'data-lookup="/api/v2/organizations/"' in page
    assert "{\n  &quot;name&quot;: &quot;&quot;,\n  &quot;organization&quot;: null\n}" in page
