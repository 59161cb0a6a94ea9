"""Two templates of one name that are made in the same moment: the database lets one of them in."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from apps.identity.models import Organization, User
from apps.jobs.models import JobTemplate
from apps.projects.models import Project
from apps.workflows.models import WorkflowJobTemplate

V2 = "/api/v2/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "path"),
    [(JobTemplate, "job_templates"), (WorkflowJobTemplate, "workflow_job_templates"), (Project, "projects")],
)
def test_a_name_that_was_free_when_it_was_looked_for_is_refused(
    model: Any, path: str, api: Any, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "clean", lambda self: None)  # both look before either is there
    organization = Organization.objects.create(name="o")
    body: dict[str, Any] = {"name": "same", "organization": organization.pk}
    if model is JobTemplate:
        project = Project.objects.create(name="p", organization=organization, scm_type="git", allow_override=True)
        body = {"name": "same", "project": project.pk, "playbook": "a.yml", "ask_inventory_on_launch": True}
    client = api(admin)
    first = client.post(f"{V2}{path}/", body, format="json")
    assert first.status_code == 201, first.data
    second = client.post(f"{V2}{path}/", body, format="json")
    assert (second.status_code, list(second.json())) == (400, ["__all__"])
    assert model.objects.filter(name="same").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "path"), [(WorkflowJobTemplate, "workflow_job_templates"), (Project, "projects")])
def test_so_is_one_without_an_organization(
    model: Any, path: str, api: Any, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "clean", lambda self: None)
    client = api(admin)
    answers = [client.post(f"{V2}{path}/", {"name": "same"}, format="json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 400], answers[0].data
    assert list(answers[1].json()) == ["__all__"]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_made(api: Any, admin: User) -> None:
    organization = Organization.objects.create(name="o")
    barrier, answers = threading.Barrier(4), []

    def make() -> None:
        client = api(admin)
        barrier.wait()
        body = {"name": "same", "organization": organization.pk}
        answers.append(client.post(f"{V2}workflow_job_templates/", body, format="json").status_code)
        connection.close()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 400, 400, 400]


@pytest.mark.django_db
def test_other_kinds_and_other_organizations_may_have_the_name(db: None) -> None:
    for name in ("one", "two"):
        organization = Organization.objects.create(name=name)
        WorkflowJobTemplate.objects.create(name="same", organization=organization)
        Project.objects.create(name="same", organization=organization, local_path="demo")
    assert WorkflowJobTemplate.objects.filter(name="same").count() == 2
