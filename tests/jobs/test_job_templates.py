"""Making, changing, copying and deleting job templates."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.jobs.models import Job, JobTemplate
from apps.rbac import services

pytestmark = pytest.mark.django_db
URL = "/api/v2/job_templates/"


def body(shop: Any, **more: Any) -> dict[str, Any]:
    """A complete template; None leaves something out."""
    given = {"name": "new", "project": shop.project.pk, "inventory": shop.inventory.pk, "playbook": "hello_world.yml"}
    return {name: value for name, value in (given | more).items() if value is not None}


def test_a_new_template_shows_every_default(shop: Any) -> None:
    answer = shop.api.post(URL, body(shop))
    assert answer.status_code == 201, answer.data
    shown = answer.data
    assert shown["type"] == "job_template"
    assert shown["organization"] == shop.organization.pk
    assert shown["status"] == "never updated"
    assert (shown["forks"], shown["verbosity"], shown["job_slice_count"], shown["extra_vars"]) == (0, 0, 1, "")
    assert shown["related"]["webhook_receiver"] == ""
    assert shown["related"]["launch"] == f"{shown['url']}launch/"
    assert "callback" not in shown["related"]
    summary = shown["summary_fields"]
    assert summary["labels"] == {"count": 0, "results": []}
    assert summary["recent_jobs"] == []
    assert summary["credentials"] == []
    assert set(summary["object_roles"]) == {"admin_role", "execute_role", "read_role"}
    assert summary["user_capabilities"] == dict.fromkeys(("edit", "delete", "start", "schedule", "copy"), True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"project": None}, "project"),
        ({"inventory": None}, "inventory"),
        ({"playbook": None}, "playbook"),
        ({"playbook": "absent.yml"}, "playbook"),
        ({"playbook": "-e@/etc/passwd"}, "playbook"),
        ({"playbook": "../outside.yml"}, "playbook"),
        ({"job_type": "scan"}, "job_type"),
        ({"inventory": 999999}, "inventory"),
        ({"inventory": "abc"}, "inventory"),
        ({"project": [1]}, "project"),
        ({"verbosity": 9}, "verbosity"),
        ({"forks": -1}, "forks"),
        ({"forks": 201}, "forks"),
        ({"forks": 10**12}, "forks"),
        ({"job_slice_count": -1}, "job_slice_count"),
        ({"timeout": "soon"}, "timeout"),
        ({"extra_vars": "{{ nope: [}"}, "extra_vars"),
        ({"extra_vars": "- a"}, "extra_vars"),
        ({"extra_vars": {"a": 1}}, "extra_vars"),
        ({"scm_branch": "devel"}, "scm_branch"),
        ({"scm_branch": "--upload-pack=x"}, "scm_branch"),
        ({"ask_scm_branch_on_launch": True}, "ask_scm_branch_on_launch"),
        ({"inventory": None, "ask_inventory_on_launch": True, "host_config_key": "k"}, "host_config_key"),
        ({"webhook_service": "sourceforge"}, "webhook_service"),
        ({"diff_mode": "perhaps"}, "diff_mode"),
    ],
)
def test_bad_values_are_refused_by_field(shop: Any, change: dict[str, Any], field: str) -> None:
    answer = shop.api.post(URL, body(shop, **change))
    assert answer.status_code == 400, answer.data
    assert list(answer.data) == [field]
    assert JobTemplate.objects.count() == 1


def test_several_mistakes_are_told_at_once(shop: Any) -> None:
    answer = shop.api.post(URL, body(shop, job_type="dance", verbosity=9, forks="x"))
    assert set(answer.data) == {"job_type", "verbosity", "forks"}


def test_a_name_is_taken_once_in_an_organization(shop: Any) -> None:
    answer = shop.api.post(URL, body(shop, name="jt"))
    assert (answer.status_code, list(answer.data)) == (400, ["__all__"])


def test_put_resets_what_it_does_not_name(shop: Any) -> None:
    shop.api.patch(shop.url, {"verbosity": 3, "extra_vars": "a: 1\n"})
    assert shop.api.get(shop.url).data["extra_vars"] == "a: 1"
    answer = shop.api.put(shop.url, body(shop, name="jt"))
    assert (answer.data["verbosity"], answer.data["extra_vars"]) == (0, "")


def test_null_variables_become_empty_text(shop: Any) -> None:
    assert shop.api.patch(shop.url, {"extra_vars": None}).data["extra_vars"] == ""


def test_it_is_found_by_its_name(shop: Any) -> None:
    assert shop.api.get(f"{URL}jt++shop/").data["id"] == shop.template.pk
    assert shop.api.get(f"{URL}jt/").data["id"] == shop.template.pk


def test_a_template_in_use_cannot_be_deleted(shop: Any) -> None:
    Job.objects.create(name="j", job_template=shop.template, unified_job_template=shop.template, status="running")
    answer = shop.api.delete(shop.url)
    assert answer.status_code == 409
    assert answer.data["active_jobs"][0]["type"] == "job"
    Job.objects.update(status="successful")
    assert shop.api.delete(shop.url).status_code == 204


def test_the_callback_key_is_masked_for_readers(shop: Any, api: Any, person: Any) -> None:
    shop.api.patch(shop.url, {"host_config_key": "secret"})
    assert shop.api.get(shop.url).data["host_config_key"] == "secret"
    shown = api(person("reader", (shop.template, "read_role"))).get(shop.url).data
    assert shown["host_config_key"] == "$encrypted$"
    assert shop.api.get(f"{URL}?host_config_key=secret").status_code == 403


def test_making_one_takes_the_use_of_inventory_and_project(shop: Any, api: Any, person: Any) -> None:
    jim = person("jim")
    answer = api(jim).post(URL, body(shop))
    assert (answer.status_code, list(answer.data)) == (403, ["inventory"])
    services.grant(shop.inventory.role("use_role"), user=jim)
    answer = api(jim).post(URL, body(shop))
    assert (answer.status_code, list(answer.data)) == (403, ["project"])
    services.grant(shop.project.role("use_role"), user=jim)
    answer = api(jim).post(URL, body(shop))
    assert answer.status_code == 201
    assert answer.data["summary_fields"]["user_capabilities"]["edit"] is True


def test_an_administrator_without_use_changes_only_what_is_harmless(shop: Any, api: Any, person: Any) -> None:
    client = api(person("boss", (shop.template, "admin_role")))
    assert client.patch(shop.url, {"verbosity": 1, "playbook": "hello_world.yml"}).status_code == 200
    assert client.patch(shop.url, {"playbook": "other.yml"}).status_code == 403
    assert client.get(shop.url).data["summary_fields"]["user_capabilities"]["copy"] is False
    assert client.post(f"{shop.url}copy/", {"name": "c"}).status_code == 403


def test_outsiders_see_nothing(shop: Any, api: Any, person: Any) -> None:
    client = api(person("stranger"))
    for path in ("", "launch/", "survey_spec/", "webhook_key/", "jobs/", "copy/", "callback/"):
        assert client.get(f"{shop.url}{path}").status_code == 404, path
    assert client.get(URL).data["count"] == 0


def test_a_copy_takes_credentials_and_labels_but_no_keys(shop: Any, credential: Any) -> None:
    shop.template.credentials.add(credential("ssh", username="u"))
    shop.api.patch(shop.url, {"webhook_service": "github", "host_config_key": "k"})
    shop.api.post(f"{shop.url}labels/", {"name": "l", "organization": shop.organization.pk})
    answer = shop.api.post(f"{shop.url}copy/", {"name": "twin"})
    assert answer.status_code == 201, answer.data
    twin = JobTemplate.objects.get(name="twin")
    assert (twin.credentials.count(), twin.labels.count()) == (1, 1)
    assert twin.webhook_key
    assert twin.webhook_key != JobTemplate.objects.get(pk=shop.template.pk).webhook_key
    assert twin.host_config_key == ""
    assert shop.api.post(f"{shop.url}copy/", {"name": "jt"}).status_code == 201  # as AWX does


def test_one_credential_of_a_kind(shop: Any, credential: Any) -> None:
    url = f"{shop.url}credentials/"
    assert shop.api.post(url, {"id": credential("ssh").pk}).status_code == 204
    for refused in (credential("ssh"), credential("scm")):
        answer = shop.api.post(url, {"id": refused.pk})
        assert (answer.status_code, list(answer.data)) == (400, ["error"])
    one, other, same = (credential("vault", vault_id=name) for name in ("a", "b", "a"))
    assert [shop.api.post(url, {"id": c.pk}).status_code for c in (one, other, same)] == [204, 204, 400]
    summary = shop.api.get(shop.url).data["summary_fields"]["credentials"]
    assert {entry["kind"] for entry in summary} == {"ssh", "vault"}


def test_a_list_costs_the_same_for_many(shop: Any) -> None:
    shop.api.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as few:
        shop.api.get(URL)
    for number in range(8):
        JobTemplate.objects.create(
            name=f"n{number}", inventory=shop.inventory, project=shop.project, playbook="hello_world.yml"
        )
    with CaptureQueriesContext(connection) as many:
        assert shop.api.get(URL).data["count"] == 9
    assert len(many) == len(few)


def test_a_template_that_lost_its_project_names_no_playbook(shop: Any) -> None:
    JobTemplate.objects.update(project=None)
    shown = shop.api.get(shop.url).data
    assert (shown["project"], shown["playbook"]) == (None, "")
    assert list(shop.api.post(f"{shop.url}launch/", {}).data) == ["project", "resources_needed_to_start"]
    assert list(shop.api.patch(shop.url, {"name": "x"}).data) == ["project"]
