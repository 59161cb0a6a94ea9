"""Bodies, methods, content types, slashes."""

import pytest

pytestmark = pytest.mark.django_db
URL = "/api/v2/organizations/"


@pytest.mark.parametrize("body", ['{"name": ', "[1]", '"text"', "null", "7", '{"name": NaN}{', "\x00"])
def test_a_broken_body_is_a_400(api, admin, body):
    answer = api(admin).generic("POST", URL, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()


@pytest.mark.parametrize("kind", ["application/xml", "text/plain", "application/x-www-form-urlencoded"])
def test_only_json_is_taken(api, admin, kind):
    assert api(admin).generic("POST", URL, "name=x", content_type=kind).status_code == 415


def test_an_empty_body_names_what_is_missing(api, admin):
    answer = api(admin).generic("POST", URL, "", content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, ["name"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "   "), ("name", None), ("name", ["a"]), ("name", {"a": 1}), ("name", "n" * 513),
        ("name", "a\x00b"), ("max_hosts", -1), ("max_hosts", "many"), ("max_hosts", 2**40), ("max_hosts", None),
        ("default_environment", 999999), ("default_environment", "x"), ("default_environment", 2**70),
    ],
)  # fmt: skip
def test_a_wrong_value_is_a_400_that_names_the_field(api, admin, field, value):
    answer = api(admin).post(URL, {"name": "ok", field: value}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_methods_that_a_path_has_not_are_405_and_allow_says_which(api, admin):
    client = api(admin)
    answer = client.put(URL, {}, format="json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, HEAD, OPTIONS")
    pk = client.post(URL, {"name": "x"}, format="json").json()["id"]
    answer = client.post(f"{URL}{pk}/", {}, format="json")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, PUT, PATCH, DELETE, HEAD, OPTIONS")


def test_put_resets_what_it_does_not_name_and_patch_does_not(api, admin):
    client = api(admin)
    pk = client.post(URL, {"name": "x", "description": "d", "max_hosts": 5}, format="json").json()["id"]
    assert client.patch(f"{URL}{pk}/", {"name": "y"}, format="json").json()["max_hosts"] == 5
    body = client.put(f"{URL}{pk}/", {"name": "z"}, format="json").json()
    assert (body["max_hosts"], body["description"]) == (0, "")


def test_read_only_and_unknown_fields_are_ignored(api, admin):
    client = api(admin)
    pk = client.post(URL, {"name": "x"}, format="json").json()["id"]
    body = client.patch(f"{URL}{pk}/", {"id": 1, "created": "2001-01-01T00:00:00Z", "bogus": 1}, format="json").json()
    assert body["id"] == pk
    assert not body["created"].startswith("2001")


def test_a_missing_slash_redirects_and_two_slashes_do_not(api, admin):
    answer = api(admin).get("/api/v2/organizations")
    assert (answer.status_code, answer["Location"]) == (301, URL)
    assert api(admin).get("/api/v2//organizations/").status_code == 404


def test_the_roots_are_open_and_relative(api):
    root = api().get("/api/")
    assert root.json()["current_version"] == "/api/v2/"
    assert root.json()["available_versions"] == {"v2": "/api/v2/"}
    assert "csrftoken" in root.cookies
    lists = api().get("/api/v2/").json()
    assert lists["organizations"] == URL
    assert all(url.startswith("/api/v2/") for url in lists.values())


def test_options_tell_what_the_awx_command_reads(api, admin):
    body = api(admin).options(URL).json()
    assert set(body["actions"]) == {"GET", "POST"}
    assert body["actions"]["POST"]["name"]["required"] is True
    assert body["actions"]["POST"]["default_environment"]["type"] == "id"
    assert body["actions"]["GET"]["created"]["type"] == "datetime"
    assert body["object_roles"][0] == "admin_role"
    assert api(admin).options(f"{URL}999999/").status_code == 200


def test_answers_name_the_product_and_the_language(api, admin):
    answer = api(admin).get(URL)
    assert answer["X-API-Product-Name"] == "AWX"
    assert answer["Content-Language"] == "en"
    assert "X-API-Product-Version" not in api().get("/api/")
