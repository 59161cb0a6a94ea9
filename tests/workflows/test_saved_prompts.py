"""What a schedule or a workflow node may save for a launch, and what is refused under which key."""

from __future__ import annotations

from typing import Any

import pytest

from apps.credentials.models import Credential, CredentialType
from apps.credentials.services import sync_managed_types
from apps.jobs import surveys
from apps.jobs.models import JobTemplate
from apps.workflows.models import WorkflowJobTemplate

pytestmark = pytest.mark.django_db

V2 = "/api/v2/"
RULE = "DTSTART:20300101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"
QUESTIONS = {
    "name": "s",
    "description": "",
    "spec": [
        {"question_name": "t", "variable": "t", "type": "text", "required": True, "min": 2},
        {"question_name": "i", "variable": "i", "type": "integer", "required": False, "max": 5},
    ],
}


@pytest.fixture
def client(admin: Any, api: Any) -> Any:
    return api(admin)


@pytest.fixture
def home(workflow: Any) -> str:
    return f"{V2}workflow_job_templates/{workflow.pk}/"


@pytest.fixture
def silent(template: JobTemplate) -> JobTemplate:
    """A template that asks for nothing."""
    template.ask_variables_on_launch = template.ask_limit_on_launch = False
    template.limit = "web"
    template.save()
    return template


def save(client: Any, home: str, kind: str, template: Any, **body: Any) -> Any:
    """POST a schedule or a node."""
    if kind == "schedule":
        url = f"{V2}job_templates/{template.pk}/schedules/"
        return client.post(url, {"name": "s", "rrule": RULE, **body}, format="json")
    return client.post(f"{home}workflow_nodes/", {"unified_job_template": template.pk, **body}, format="json")


@pytest.mark.parametrize("kind", ["schedule", "node"])
@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({"limit": "db"}, {"limit"}), ({"limit": ""}, {"limit"}), ({"limit": "web"}, set()),
        ({"job_tags": ""}, set()), ({"extra_data": {"a": 2}}, {"extra_data"}), ({"extra_data": {"a": 1}}, set()),
    ],
)  # fmt: skip
def test_what_is_not_asked_for_must_be_the_templates_own(
    client: Any, home: str, silent: JobTemplate, kind: str, body: Any, keys: set[str]
) -> None:
    silent.extra_vars = "a: 1"
    silent.save()
    answer = save(client, home, kind, silent, **body)
    assert answer.status_code == (400 if keys else 201), answer.json()
    assert not keys or set(answer.json()) == keys


@pytest.mark.parametrize("kind", ["schedule", "node"])
def test_a_template_without_an_inventory_needs_one(client: Any, home: str, silent: JobTemplate, kind: str) -> None:
    inventory, silent.inventory, silent.ask_inventory_on_launch = silent.inventory, None, True
    silent.save()
    answer = save(client, home, kind, silent)
    assert (answer.status_code, set(answer.json())) == (400, {"resources_needed_to_start"})
    assert save(client, home, kind, silent, inventory=inventory.pk).status_code == 201


@pytest.mark.parametrize("kind", ["schedule", "node"])
def test_nobody_is_there_to_give_a_password(client: Any, home: str, silent: JobTemplate, kind: str) -> None:
    sync_managed_types()
    machine = CredentialType.objects.get(namespace="ssh")
    silent.credentials.add(
        Credential.objects.create(name="c", credential_type=machine, inputs={"username": "x", "password": "ASK"})
    )
    answer = save(client, home, kind, silent)
    assert (answer.status_code, set(answer.json())) == (400, {"passwords_needed_to_start"})


@pytest.mark.parametrize(
    ("kind", "data", "keys"),
    [
        ("schedule", {}, {"variables_needed_to_start"}), ("node", {}, set()),
        ("schedule", {"t": "ab", "i": 9}, {"variables_needed_to_start"}),
        ("node", {"i": 9}, {"variables_needed_to_start"}), ("node", {"t": "a"}, {"variables_needed_to_start"}),
        ("schedule", {"t": "ab", "z": 1}, {"extra_data"}), ("schedule", {"t": "ab"}, set()),
        ("schedule", {"z": 1}, {"variables_needed_to_start", "extra_data"}),
    ],
)  # fmt: skip
def test_survey_answers_are_checked_when_they_are_saved(
    client: Any, home: str, silent: JobTemplate, kind: str, data: Any, keys: set[str]
) -> None:
    silent.survey_spec, silent.survey_enabled = QUESTIONS, True
    silent.save()
    answer = save(client, home, kind, silent, extra_data=data)
    assert answer.status_code == (400 if keys else 201), answer.json()
    assert not keys or set(answer.json()) == keys


def test_a_workflow_passes_over_what_it_could_never_ask_for(client: Any, home: str, organization: Any) -> None:
    inner = WorkflowJobTemplate.objects.create(name="inner", organization=organization)
    answer = save(client, home, "node", inner, verbosity=1)
    assert answer.status_code == 201, answer.json()
    assert save(client, home, "node", inner, limit="x").status_code == 400


@pytest.mark.parametrize(("variables", "status"), [({"a": 1}, 201), ({"a": 2}, 400), ({"a": 1, "b": 1}, 400)])
def test_a_workflow_takes_its_own_variables_back(
    client: Any, home: str, workflow: Any, variables: Any, status: int
) -> None:
    WorkflowJobTemplate.objects.update(ask_variables_on_launch=False, extra_vars="a: 1")
    answer = client.post(f"{home}launch/", {"extra_vars": variables}, format="json")
    assert answer.status_code == status, answer.json()
    assert status == 201 or set(answer.json()) == {"extra_vars"}


@pytest.mark.parametrize("value", ["", "web"])
def test_a_blank_answer_is_kept_as_one(client: Any, home: str, template: JobTemplate, value: str) -> None:
    node = save(client, home, "node", template, limit=value).json()
    assert client.get(node["url"]).json()["limit"] == value


@pytest.mark.parametrize(
    ("question", "used"),
    [
        ({"type": "text", "default": ""}, [""]), ({"type": "text", "default": "", "min": 1}, []),
        ({"type": "integer", "default": ""}, []), ({"type": "multiplechoice", "default": "", "choices": "a\nb"}, []),
        ({"type": "multiselect", "default": "", "choices": ["a"]}, []),
        ({"type": "multiselect", "default": "a\nb", "choices": ["a", "b"]}, []),
        ({"type": "multiselect", "default": ["a"], "choices": ["a", "b"]}, [["a"]]),
    ],
)  # fmt: skip
def test_a_default_counts_only_where_it_would_pass_as_an_answer(question: Any, used: list[Any]) -> None:
    assert list(surveys.defaults([{"variable": "v", "required": False, **question}]).values()) == used
