"""/applications/: who makes, sees and changes them, and what is refused."""

import pytest

from apps.oauth.models import OAuth2Application

pytestmark = pytest.mark.django_db
URL = "/api/v2/applications/"


def body(people, **extra):
    fields = {"name": "app", "organization": people.org.pk, "client_type": "confidential"}
    return fields | {"authorization_grant_type": "password"} | extra


def make(people, who="root", **extra):
    return people.as_(who).post(URL, body(people, **extra), format="json")


def test_the_secret_is_shown_once_and_hashed(people):
    answer = make(people)
    made = answer.json()
    assert answer.status_code == 201
    assert len(made["client_secret"]) > 60
    assert made["related"]["named_url"] == "/api/v2/applications/app++Org/"
    assert made["summary_fields"]["tokens"] == {"count": 0, "results": []}
    assert people.as_("root").get(made["url"]).json()["client_secret"] == "************"
    stored = OAuth2Application.objects.get(pk=made["id"])
    assert stored.client_secret.startswith("sha256$")
    assert stored.holds_secret(made["client_secret"])


def test_a_public_application_has_no_secret(people):
    made = make(
        people, client_type="public", authorization_grant_type="authorization-code", redirect_uris="https://e.org/cb"
    ).json()
    assert "client_secret" not in made


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({"authorization_grant_type": "authorization-code"}, "__all__"),
        ({"authorization_grant_type": "implicit"}, "authorization_grant_type"),
        ({"client_type": "secret"}, "client_type"),
        ({"redirect_uris": "not a url", "authorization_grant_type": "authorization-code"}, "__all__"),
        ({"redirect_uris": "javascript:alert(1)", "authorization_grant_type": "authorization-code"}, "__all__"),
        ({"organization": 999999}, "organization"),
        ({"name": ""}, "name"),
        ({"name": "x" * 300}, "name"),
    ],
)
def test_bad_applications_are_refused(people, extra, field):
    answer = make(people, **extra)
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_two_applications_of_an_organization_cannot_have_one_name(people):
    make(people)
    answer = make(people)
    assert (answer.status_code, list(answer.json())) == (400, ["__all__"])


def test_administrators_make_members_see_outsiders_do_not(people):
    assert make(people, who="mem").status_code == 403
    made = make(people, who="adm").json()
    assert people.as_("mem").get(made["url"]).json()["summary_fields"]["user_capabilities"] == {
        "edit": False,
        "delete": False,
    }
    assert people.as_("mem").patch(made["url"], {"description": "x"}, format="json").status_code == 403
    assert people.as_("mem").delete(made["url"]).status_code == 403
    assert people.as_("out").get(made["url"]).status_code == 404
    assert people.as_("out").get(URL).json()["count"] == 0
    assert people.as_("adm").delete(made["url"]).status_code == 204


def test_the_grant_and_the_client_id_stay(people):
    made = make(people).json()
    change = {"description": "x", "authorization_grant_type": "authorization-code", "client_id": "mine"}
    answer = people.as_("adm").patch(made["url"], change, format="json").json()
    assert (answer["description"], answer["authorization_grant_type"]) == ("x", "password")
    assert answer["client_id"] == made["client_id"]


def test_members_make_tokens_for_an_application_outsiders_do_not(people):
    made = make(people).json()
    answer = people.as_("mem").post(f"{made['url']}tokens/", {"scope": "read"}, format="json")
    assert (answer.status_code, answer.json()["application"]) == (201, made["id"])
    assert people.as_("out").post("/api/v2/tokens/", {"application": made["id"]}, format="json").status_code == 403
    shown = people.as_("adm").get(made["url"]).json()["summary_fields"]["tokens"]
    assert shown == {"count": 1, "results": [{"id": answer.json()["id"], "scope": "read", "token": "************"}]}
    assert people.as_("adm").delete(answer.json()["url"]).status_code == 204


def test_applications_go_with_their_organization(people):
    made = make(people).json()
    people.org.delete()
    assert people.as_("root").get(made["url"]).status_code == 404


def test_options_offer_what_the_fields_take(people):
    offered = people.as_("root").options(URL).json()["actions"]["POST"]
    assert offered["organization"]["type"] == "id"
    assert [value for value, _ in offered["authorization_grant_type"]["choices"]] == ["authorization-code", "password"]
    assert "client_id" not in offered
