"""Running workflows: paths, variables, artifacts, nesting, refusals, cancel, relaunch, approvals."""

import json
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from apps.unified import services as unified
from apps.unified.models import UnifiedJob
from apps.workflows.models import WorkflowApproval, WorkflowApprovalTemplate, WorkflowJob, WorkflowJobTemplate
from apps.workflows.services import approvals, relaunching, spawning, stepping

pytestmark = pytest.mark.django_db


def test_success_failure_and_always_paths(node, run):
    last = node("last")
    after_failure = node("after_failure")
    node("start", success=[node("on_success", always=[last])], failure=[node("on_failure", always=[after_failure])])
    going = run()
    assert going.started == {"start"}
    going.end("start")
    assert going.started == {"start", "on_success"}
    assert going.skipped == {"on_failure", "after_failure"}
    going.end("on_success", "failed")
    assert going.started == {"start", "on_success", "last"}
    going.end("last")
    assert going.status == "successful"


def test_a_failure_without_a_path_fails_the_workflow_and_says_so(node, run):
    node("start", success=[node("next")])
    going = run()
    going.end("start", "failed")
    job = WorkflowJob.objects.get(pk=going.job.pk)
    assert (job.status, job.failed) == ("failed", True)
    assert str(going.node("start").pk) in job.job_explanation


def test_variables_of_the_workflow_reach_the_jobs_over_their_own(workflow, node, run):
    workflow.extra_vars = "w: 1\nx: 1"
    workflow.save()
    node("start", extra_data={"x": 0, "own": True})
    going = run(extra_vars={"x": 2})
    assert json.loads(going.job.extra_vars) == {"w": 1, "x": 2}
    job = going.node("start").job
    assert json.loads(job.extra_vars) == {"w": 1, "x": 2, "own": True}
    assert job.launch_type == "workflow"


def test_artifacts_are_handed_down(node, run):
    node("start", success=[node("next", success=[node("third")])])
    going = run()
    going.end("start", artifacts={"a": 1})
    going.end("next", artifacts={"b": 2})
    assert json.loads(going.node("third").job.extra_vars) == {"a": 1, "b": 2}


def test_secret_answers_of_the_workflow_are_hidden_in_its_jobs(workflow, node, run):
    workflow.survey_enabled = True
    workflow.survey_spec = {"spec": [{"variable": "pw", "type": "password", "question_name": "q", "required": True}]}
    workflow.save()
    node("start")
    going = run(extra_vars={"pw": "hunter2"})
    job = going.node("start").job
    assert json.loads(going.job.extra_vars) == json.loads(job.extra_vars) == {"pw": "$encrypted$"}
    assert job.secret_answers() == {"pw": "hunter2"}


def test_a_node_whose_template_is_gone_counts_as_failed(node, run):
    node("gone", unified_job_template=None, failure=[node("rescue")])
    going = run()
    assert going.started == {"rescue"}
    going.end("rescue")
    assert going.status == "successful"


def test_a_node_that_cannot_start_is_a_failed_job_with_a_reason(template, node, run):
    template.inventory = None
    template.save()
    node("start", failure=[node("next", unified_job_template=None)])
    job = run().node("start").job
    assert job.status == "failed"
    assert "inventory" in job.job_explanation


def test_a_start_that_goes_wrong_is_a_failed_job_and_the_workflow_goes_on(node, run, monkeypatch):
    monkeypatch.setattr(spawning, "start", Mock(side_effect=ValueError("unforeseen")))
    node("start")
    going = run()
    job = going.node("start").job
    assert (job.status, "unexpected error" in job.job_explanation) == ("failed", True)
    assert "unforeseen" not in job.job_explanation
    assert going.status == "failed"


def test_convergence_waits_for_every_parent(node, run):
    joined = node("joined", all_parents_must_converge=True)
    node("a", success=[joined])
    node("b", success=[joined])
    going = run()
    going.end("a")
    assert "joined" not in going.started
    going.end("b")
    assert "joined" in going.started


def test_a_workflow_in_a_workflow(organization, template, node, run):
    inner = WorkflowJobTemplate.objects.create(name="inner", organization=organization, ask_variables_on_launch=True)
    inner.workflow_job_template_nodes.create(identifier="only", unified_job_template=template)
    node("nested", unified_job_template=inner)
    going = run(extra_vars={"x": 1})
    nested = going.node("nested").job
    assert isinstance(nested, WorkflowJob)
    assert json.loads(nested.extra_vars) == {"x": 1}


def test_a_workflow_that_contains_itself_is_refused_at_the_second_round(workflow, node, run):
    node("self", unified_job_template=workflow)
    job = run().node("self").job
    assert job.status == "failed"
    assert "contain itself" in job.job_explanation


def test_canceling_ends_the_jobs_first(node, run):
    node("a", success=[node("b")])
    going = run()
    assert unified.cancel(going.job)
    going.step()
    assert going.status == "canceled"
    assert going.node("a").job.status == "canceled"
    assert "b" not in going.started


def test_a_relaunch_has_the_same_variables(node, run):
    node("a")
    going = run(extra_vars={"x": 1})
    twin = relaunching.relaunch(going.job, actor=None)
    assert (twin.launch_type, twin.extra_vars) == ("relaunch", going.job.extra_vars)
    assert list(twin.workflow_job_nodes.values_list("identifier", flat=True)) == ["a"]


def test_stepping_twice_starts_nothing_twice(node, run):
    node("a")
    going = run()
    before = UnifiedJob.objects.count()
    going.step()
    assert UnifiedJob.objects.count() == before


def test_a_workflow_whose_message_was_lost_is_found(node, run):
    node("a")
    going = run()
    assert stepping.idle() == []
    unified.finish(going.node("a").job, "successful")
    assert stepping.idle() == [going.job.pk]


class TestApprovals:
    @pytest.fixture
    def gate(self, node):
        question = WorkflowApprovalTemplate.objects.create(name="gate", timeout=60)
        return node("gate", unified_job_template=question, success=[node("go")], failure=[node("stop")])

    def asked(self, going):
        return WorkflowApproval.objects.get(unified_job_node__workflow_job=going.job.pk)

    def test_a_question_waits(self, gate, run):
        going = run()
        question = self.asked(going)
        assert (question.status, going.status) == ("pending", "running")
        assert question.expires > timezone.now()

    def test_yes_goes_on(self, gate, run, admin):
        going = run()
        assert approvals.approve(self.asked(going), admin)
        assert not approvals.deny(self.asked(going), admin)
        going.step()
        assert going.started == {"gate", "go"}
        assert self.asked(going).approved_or_denied_by == admin

    def test_no_takes_the_failure_path(self, gate, run, admin):
        going = run()
        assert approvals.deny(self.asked(going), admin)
        going.step()
        assert going.started == {"gate", "stop"}
        assert self.asked(going).status == "failed"

    def test_no_answer_in_time_is_a_no(self, gate, run):
        going = run()
        WorkflowApproval.objects.update(expires=timezone.now() - timedelta(seconds=1))
        assert approvals.expire() == 1
        question = self.asked(going)
        assert (question.status, question.timed_out) == ("failed", True)
        assert "60 seconds" in question.job_explanation
