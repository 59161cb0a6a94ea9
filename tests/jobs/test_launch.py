"""launch/: what it asks, what it takes, what it refuses, and the job that it makes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.identity.models import Label
from apps.inventory.models import Inventory
from apps.jobs.models import Job, JobTemplate
from apps.jobs.serializers.template import ASKS
from apps.rbac import services
from apps.unified.models import JobLaunchConfig

pytestmark = pytest.mark.django_db


@pytest.fixture
def asking(shop: Any) -> Any:
    """The shop, whose template asks for everything."""
    for name in ASKS:
        setattr(shop.template, name, True)
    shop.template.save()
    shop.other = Inventory.objects.create(name="other", organization=shop.organization)
    shop.label = Label.objects.create(name="lab", organization=shop.organization)
    return shop


def launch(shop: Any, **body: Any) -> Any:
    """POST launch/ as the administrator."""
    return shop.api.post(f"{shop.url}launch/", body)


def test_a_plain_template_needs_nothing(shop: Any) -> None:
    shown = shop.api.get(f"{shop.url}launch/").data
    assert shown["can_start_without_user_input"] is True
    assert shown["defaults"]["inventory"] == {"name": "inv", "id": shop.inventory.pk}
    assert shown["defaults"]["execution_environment"] == {}
    assert shown["defaults"]["instance_groups"] == []
    assert "credentials" not in shown["defaults"]
    assert shown["job_template_data"] == {"name": "jt", "id": shop.template.pk, "description": ""}


def test_one_that_asks_does_not_start_by_itself(asking: Any) -> None:
    assert asking.api.get(f"{asking.url}launch/").data["can_start_without_user_input"] is False


def test_a_launch_makes_a_pending_job(shop: Any) -> None:
    shop.template.extra_vars = "a: 1"
    shop.template.save()
    answer = launch(shop)
    assert answer.status_code == 201, answer.data
    shown = answer.data
    assert (shown["status"], shown["launch_type"], shown["extra_vars"]) == ("pending", "manual", '{"a": 1}')
    assert shown["job"] == shown["id"]
    assert answer["Location"] == f"/api/v2/jobs/{shown['id']}/"
    assert shown["ignored_fields"] == {}
    assert shown["related"]["unified_job_template"] == shop.url
    assert shown["summary_fields"]["unified_job_template"]["unified_job_type"] == "job"
    assert shown["launched_by"]["name"] == "admin"
    assert shown["elapsed"] == 0.0
    assert shown["event_processing_finished"] is False
    assert "playbook_counts" not in shown
    listed = shop.api.get("/api/v2/jobs/").data["results"][0]
    assert "event_processing_finished" not in listed
    assert "modified_by" not in listed["related"]


def test_every_prompt_reaches_the_job(asking: Any) -> None:
    answer = launch(
        asking, inventory=asking.other.pk, job_type="check", verbosity=1, limit="one", job_tags="t", skip_tags="s",
        diff_mode=True, forks=2, timeout=600, labels=[asking.label.pk],
        extra_vars={"who": "wörld", "deep": {"x": [1, None]}},
    )  # fmt: skip
    assert answer.status_code == 201, answer.data
    job = Job.objects.get()
    assert (job.inventory, job.job_type, job.verbosity, job.limit) == (asking.other, "check", 1, "one")
    assert (job.job_tags, job.skip_tags, job.diff_mode, job.forks, job.timeout) == ("t", "s", True, 2, 600)
    assert answer.data["extra_vars"] == '{"who": "w\\u00f6rld", "deep": {"x": [1, null]}}'
    assert list(job.labels.all()) == [asking.label]
    shown = asking.api.get(f"/api/v2/jobs/{job.pk}/create_schedule/").data
    assert shown["can_schedule"] is True
    assert shown["prompts"]["limit"] == "one"
    assert (shown["prompts"]["inventory"]["name"], shown["prompts"]["inventory"]["total_hosts"]) == ("other", 0)
    assert shown["prompts"]["labels"] == {"count": 1, "results": [{"id": asking.label.pk, "name": "lab"}]}
    assert shown["prompts"]["extra_vars"]["who"] == "wörld"


def test_what_is_not_asked_for_is_ignored_and_told(shop: Any) -> None:
    shop.template.extra_vars, shop.template.limit = "a: 1\nb: 2", "one"
    shop.template.save()
    answer = launch(shop, limit="x", job_type="check", extra_vars={"a": 1, "b": 3, "c": "new"}, unheard=1)
    assert answer.status_code == 201
    ignored = answer.data["ignored_fields"]
    assert ignored == {"limit": "x", "job_type": "check", "extra_vars": {"b": 3, "c": "new"}}
    assert (answer.data["limit"], answer.data["extra_vars"]) == ("one", '{"a": 1, "b": 2}')
    assert JobLaunchConfig.objects.get().prompts() == {}


@pytest.mark.parametrize(
    "body",
    [
        {"inventory": 999999}, {"inventory": "abc"}, {"inventory": None}, {"job_type": "dance"}, {"verbosity": 9},
        {"forks": -1}, {"forks": "x"}, {"forks": 201}, {"job_slice_count": -1}, {"timeout": "x"},
        {"timeout": 10**12}, {"credentials": [999999]}, {"credentials": 5}, {"credentials": ["x"]},
        {"labels": [999999]}, {"labels": "x"}, {"instance_groups": ["x"]}, {"execution_environment": 999999},
        {"extra_vars": [1]}, {"extra_vars": {"a": "\x00"}}, {"extra_vars": '{"a": "\\ud800"}'},
        {"extra_vars": "{{ a: ["}, {"extra_vars": "word"}, {"diff_mode": "perhaps"},
        {"limit": ["a"]}, {"limit": None}, {"scm_branch": "devel"}, {"scm_branch": "--x"},
        {"credential_passwords": [1]}, {"credential_passwords": {"ssh_password": 1}},
    ],
)  # fmt: skip
def test_bad_answers_are_refused_by_field(asking: Any, body: dict[str, Any]) -> None:
    answer = launch(asking, **body)
    assert (answer.status_code, list(answer.data)) == (400, list(body)), answer.data
    assert not Job.objects.exists()


def test_no_inventory_no_launch(shop: Any) -> None:
    shop.template.inventory = None
    shop.template.ask_inventory_on_launch = True
    shop.template.save()
    answer = launch(shop)
    assert (answer.status_code, list(answer.data)) == (400, ["resources_needed_to_start"])


def test_an_inventory_that_is_being_deleted_is_refused(shop: Any) -> None:
    Inventory.objects.update(pending_deletion=True)
    assert list(launch(shop).data) == ["inventory"]


def test_a_project_without_content_is_refused(shop: Any) -> None:
    shop.project.status, shop.project.scm_revision = "failed", ""
    shop.project.save()
    assert list(launch(shop).data) == ["playbook"]


def test_credentials_are_replaced_slot_by_slot_but_not_left_out(asking: Any, credential: Any) -> None:
    old, new, aws = credential("ssh"), credential("ssh"), credential("aws")
    asking.template.credentials.add(old)
    assert list(launch(asking, credentials=[aws.pk]).data) == ["credentials"]
    assert list(launch(asking, credentials=[new.pk, credential("ssh").pk]).data) == ["credentials"]
    assert list(launch(asking, credentials=[old.pk, credential("scm").pk]).data) == ["credentials"]
    assert launch(asking, credentials=[new.pk, aws.pk]).status_code == 201
    assert set(Job.objects.get().credentials.all()) == {new, aws}


def test_passwords_that_a_credential_asks_for(shop: Any, credential: Any) -> None:
    shop.template.credentials.add(credential("ssh", username="u", password="ASK"))
    shown = shop.api.get(f"{shop.url}launch/").data
    assert shown["passwords_needed_to_start"] == ["ssh_password"]
    assert shown["can_start_without_user_input"] is False
    assert launch(shop).data == {"passwords_needed_to_start": ["ssh_password"]}
    answer = launch(shop, credential_passwords={"ssh_password": "pw"})
    assert answer.status_code == 201
    assert json.loads(Job.objects.get().start_args) == {"ssh_password": "pw"}
    assert "pw" not in json.dumps(answer.data["ignored_fields"])
    assert launch(shop, ssh_password="pw").status_code == 201


SURVEY = {
    "name": "s",
    "description": "",
    "spec": [
        {"type": "text", "question_name": "Who", "variable": "who", "required": True, "max": 5},
        {"type": "password", "question_name": "PW", "variable": "pw", "required": False, "default": "hidden"},
        {"type": "integer", "question_name": "N", "variable": "n", "required": False, "default": 3},
    ],
}


def with_survey(shop: Any) -> None:
    """Give the template a survey."""
    assert shop.api.post(f"{shop.url}survey_spec/", SURVEY).status_code == 200
    shop.api.patch(shop.url, {"survey_enabled": True})


def test_survey_answers_are_checked_and_secrets_stay_secret(shop: Any) -> None:
    with_survey(shop)
    assert list(launch(shop).data) == ["variables_needed_to_start"]
    assert list(launch(shop, extra_vars={"who": "too long"}).data) == ["variables_needed_to_start"]
    answer = launch(shop, extra_vars={"who": "me", "other": 1})
    assert answer.status_code == 201
    assert answer.data["ignored_fields"] == {"extra_vars": {"other": 1}}
    assert json.loads(answer.data["extra_vars"]) == {"who": "me", "pw": "$encrypted$", "n": 3}
    assert Job.objects.get().secret_answers() == {"pw": "hidden"}


def test_a_given_secret_is_kept_for_the_relaunch(shop: Any) -> None:
    with_survey(shop)
    first = launch(shop, extra_vars={"who": "me", "pw": "mine"}).data
    answer = shop.api.post(f"{first['url']}relaunch/", {})
    assert answer.status_code == 201, answer.data
    assert Job.objects.get(pk=answer.data["id"]).secret_answers() == {"pw": "mine"}
    prompts = shop.api.get(f"{first['url']}create_schedule/").data["prompts"]
    assert prompts["extra_vars"] == {"who": "me", "pw": "$encrypted$"}


def test_a_template_whose_project_is_gone_lacks_it_twice(shop: Any) -> None:
    JobTemplate.objects.update(project=None)
    answer = launch(shop)
    assert (answer.status_code, set(answer.data)) == (400, {"project", "resources_needed_to_start"})


def test_rights_to_launch(asking: Any, api: Any, person: Any) -> None:
    reader, runner = (
        person("reader", (asking.template, "read_role")),
        person("runner", (asking.template, "execute_role")),
    )
    url = f"{asking.url}launch/"
    assert api(reader).get(url).status_code == 200
    assert api(reader).post(url, {}).status_code == 403
    assert api(runner).post(url, {}).status_code == 201
    assert api(runner).post(url, {"inventory": asking.other.pk}).status_code == 403
    services.grant(asking.other.role("use_role"), user=runner)
    assert api(runner).post(url, {"inventory": asking.other.pk}).status_code == 201
    assert api().post(url, {}).status_code == 401


def test_relaunch_takes_the_job_as_it_was(shop: Any) -> None:
    first = launch(shop).data
    shop.api.patch(shop.url, {"verbosity": 4})
    answer = shop.api.post(f"{first['url']}relaunch/", {})
    assert (answer.data["launch_type"], answer.data["verbosity"]) == ("relaunch", 0)
    assert answer.data["job"] == answer.data["id"] != first["id"]


def test_a_retry_needs_failed_hosts(shop: Any) -> None:
    url = launch(shop).data["url"]
    assert list(shop.api.post(f"{url}relaunch/", {"hosts": "failed"}).data) == ["hosts"]
    assert isinstance(shop.api.get(f"{url}relaunch/").data["retry_counts"], str)
    Job.objects.update(status="failed")
    assert list(shop.api.post(f"{url}relaunch/", {"hosts": "failed"}).data) == ["hosts"]
    job = Job.objects.get()
    job.job_host_summaries.create(host_name="one", ok=1)
    assert list(shop.api.post(f"{url}relaunch/", {"hosts": "failed"}).data) == ["hosts"]
    job.job_host_summaries.create(host_name="two", failures=1, failed=True)
    assert shop.api.get(f"{url}relaunch/").data["retry_counts"] == {"all": 2, "failed": 1}
    assert shop.api.post(f"{url}relaunch/", {"hosts": "failed"}).data["limit"] == "two"
    assert list(shop.api.post(f"{url}relaunch/", {"hosts": "purple"}).data) == ["hosts"]


def test_somebody_elses_secret_answers_are_not_repeated(shop: Any, api: Any, person: Any) -> None:
    with_survey(shop)
    first = launch(shop, extra_vars={"who": "me", "pw": "mine"}).data
    runner = person("runner", (shop.template, "execute_role"))
    assert api(runner).post(f"{first['url']}relaunch/", {}).status_code == 403


def test_a_schedule_from_a_job(asking: Any) -> None:
    job = launch(asking, limit="one", extra_vars={"x": 1}).data
    answer = asking.api.post(f"{job['url']}create_schedule/", {})
    assert answer.status_code == 201, answer.data
    assert (answer.data["limit"], answer.data["extra_data"], answer.data["enabled"]) == ("one", {"x": 1}, False)
    again = asking.api.post(f"{job['url']}create_schedule/", {})
    assert again.data["name"] != answer.data["name"]
