"""Workflows made of job templates whose jobs never run: the tests end them as they like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.identity.models import Organization
from apps.inventory.models import Inventory
from apps.jobs.models import JobTemplate
from apps.projects.models import Project
from apps.unified import services as unified
from apps.unified.models import UnifiedJob
from apps.workflows.models import WorkflowJob, WorkflowJobTemplate, WorkflowJobTemplateNode
from apps.workflows.services import launching, stepping
from tests.factories import World


@pytest.fixture
def world(admin: Any) -> World:
    return World(admin)


@pytest.fixture
def organization(db: None) -> Organization:
    return Organization.objects.create(name="o")


@pytest.fixture
def template(organization: Organization) -> JobTemplate:
    """A job template that asks for variables and a limit."""
    project = Project.objects.create(name="p", organization=organization, scm_type="", local_path="demo")
    inventory = Inventory.objects.create(name="i", organization=organization)
    return JobTemplate.objects.create(
        name="jt", project=project, inventory=inventory, playbook="hello_world.yml",
        ask_variables_on_launch=True, ask_limit_on_launch=True,
    )  # fmt: skip


@pytest.fixture
def workflow(organization: Organization) -> WorkflowJobTemplate:
    return WorkflowJobTemplate.objects.create(name="wf", organization=organization, ask_variables_on_launch=True)


@pytest.fixture
def node(workflow: WorkflowJobTemplate, template: JobTemplate) -> Callable[..., WorkflowJobTemplateNode]:
    """`node("a", success=[b])`: a node that runs the template, and what follows it."""

    def make(identifier: str, *, success: Any = (), failure: Any = (), always: Any = (), **columns: Any) -> Any:
        values = {"workflow_job_template": workflow, "unified_job_template": template} | columns
        made = WorkflowJobTemplateNode.objects.create(identifier=identifier, **values)
        made.success_nodes.set(success)
        made.failure_nodes.set(failure)
        made.always_nodes.set(always)
        return made

    return make


class Run:
    """A workflow job under way, seen by the identifiers of its nodes."""

    def __init__(self, job: WorkflowJob) -> None:
        self.job = job
        UnifiedJob.objects.non_polymorphic().filter(pk=job.pk).update(status="running")
        self.step()

    def step(self) -> None:
        """As the dispatcher and the ends of jobs do."""
        stepping.step(self.job.pk)

    def node(self, identifier: str) -> Any:
        """A node as it is now."""
        return self.job.workflow_job_nodes.get(identifier=identifier)

    @property
    def started(self) -> set[str]:
        """The nodes that have a job."""
        return set(self.job.workflow_job_nodes.filter(job__isnull=False).values_list("identifier", flat=True))

    @property
    def skipped(self) -> set[str]:
        """The nodes that never run."""
        return set(self.job.workflow_job_nodes.filter(do_not_run=True).values_list("identifier", flat=True))

    @property
    def status(self) -> str:
        """The workflow job's status."""
        return WorkflowJob.objects.get(pk=self.job.pk).status

    def end(self, identifier: str, status: str = "successful", **columns: Any) -> None:
        """End a node's job."""
        job = self.node(identifier).job
        for name, value in columns.items():
            setattr(job, name, value)
        job.save()
        unified.finish(job, status)
        self.step()


@pytest.fixture
def run(workflow: WorkflowJobTemplate) -> Callable[..., Run]:
    """Launch the workflow and take the first step."""

    def start(**prompts: Any) -> Run:
        return Run(launching.launch(workflow, actor=None, prompts=prompts))

    return start
