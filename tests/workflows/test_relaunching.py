"""A workflow goes on from where it failed: what was successful stays, the rest runs again."""

from __future__ import annotations

import json

import pytest

from apps.inventory.models import Inventory
from apps.rbac import services as rights
from apps.unified import services as unified
from apps.unified.models import UnifiedJob
from apps.workflows.models import (
    WorkflowApproval,
    WorkflowApprovalTemplate,
    WorkflowJob,
    WorkflowJobTemplate,
)
from apps.workflows.services import approvals, launching, relaunching

from .conftest import Run

pytestmark = pytest.mark.django_db
V2 = "/api/v2/"


def again(going: Run) -> Run:
    """The same workflow from its failed nodes on, begun."""
    job = WorkflowJob.objects.get(pk=going.job.pk)
    assert relaunching.obstacle(job) == ""
    return Run(relaunching.go_on(job, actor=None))


def kept(going: Run) -> set[str]:
    return set(going.job.workflow_job_nodes.filter(kept=True).values_list("identifier", flat=True))


def test_only_the_failed_node_and_what_follows_it_run_again(node, run):
    node("a", success=[node("b", success=[node("c")])])
    first = run()
    first.end("a", artifacts={"from_a": 1})
    first.end("b", "failed")
    assert first.status == "failed"
    second = again(first)
    assert (kept(second), second.started) == ({"a"}, {"b"})
    assert json.loads(second.node("b").job.extra_vars) == {"from_a": 1}
    second.end("b")
    second.end("c")
    assert second.status == "successful"
    assert second.node("a").shown_job_id == first.node("a").job_id


def test_what_a_cancellation_kept_from_running_runs(node, run):
    node("a", success=[node("b", success=[node("c")])])
    first = run()
    first.end("a")
    unified.cancel(first.job)
    first.step()
    assert first.status == "canceled"
    second = again(first)
    assert (kept(second), second.started) == ({"a"}, {"b"})


def test_a_failure_path_is_open_again(node, run):
    node("a", success=[node("good")], failure=[node("rescue")])
    first = run()
    first.end("a", "failed")
    first.end("rescue")
    assert first.status == "successful"
    second = again(first)
    assert (kept(second), second.started) == (set(), {"a"})
    second.end("a")
    assert (second.started, second.skipped) == ({"a", "good"}, {"rescue"})


def test_a_node_that_was_never_called_stays_so_while_its_parents_stay(node, run):
    node("a", success=[node("b")], failure=[node("never")])
    first = run()
    first.end("a")
    first.end("b", "error")
    second = again(first)
    assert (kept(second), second.skipped, second.started) == ({"a"}, {"never"}, {"b"})


def test_a_node_where_a_kept_and_a_failed_branch_meet_runs_again(node, run):
    joined = node("joined", all_parents_must_converge=True)
    node("a", success=[joined])
    node("b", success=[joined])
    either = node("either")
    node("c", always=[either])
    node("d", always=[either])
    first = run()
    for name, status in (("a", "successful"), ("b", "failed"), ("c", "successful"), ("d", "failed")):
        first.end(name, status)
    first.end("either")
    assert first.skipped == {"joined"}
    second = again(first)
    assert (kept(second), second.started) == ({"a", "c"}, {"b", "d"})
    second.end("b")
    assert second.started == {"b", "d", "joined"}
    second.end("d")
    assert "either" in second.started


def test_a_second_failure_goes_on_from_there_with_the_first_jobs(node, run):
    node("a", success=[node("b", success=[node("c")])])
    first = run()
    first.end("a", artifacts={"x": 1})
    first.end("b", "failed")
    second = again(first)
    second.end("b", artifacts={"y": 2})
    second.end("c", "failed")
    third = again(second)
    assert kept(third) == {"a", "b"}
    assert [third.node(n).shown_job_id for n in "ab"] == [first.node("a").job_id, second.node("b").job_id]
    assert json.loads(third.node("c").job.extra_vars) == {"x": 1, "y": 2}


def test_a_kept_job_that_is_deleted_meanwhile_does_not_run_again(node, run):
    node("a", success=[node("b")])
    first = run()
    first.end("a")
    first.end("b", "failed")
    second = again(first)
    UnifiedJob.objects.filter(pk=first.node("a").job_id).delete()
    second.end("b")
    assert (second.status, second.started, second.node("a").shown_job_id) == ("successful", {"b"}, None)


def test_the_nodes_are_those_of_the_run_whatever_the_template_became(node, run, workflow):
    node("a", success=[node("b", extra_data={"own": True})])
    first = run()
    first.end("a")
    first.end("b", "failed")
    workflow.workflow_job_template_nodes.all().delete()
    assert json.loads(again(first).node("b").job.extra_vars) == {"own": True}


def test_prompts_and_secret_answers_are_repeated_and_stay_secret(workflow, node, run):
    workflow.survey_enabled = True
    workflow.survey_spec = {"spec": [{"variable": "pw", "type": "password", "question_name": "q", "required": True}]}
    workflow.ask_limit_on_launch = True
    workflow.save()
    node("a")
    first = run(extra_vars={"pw": "hunter2", "x": 1}, limit="web")
    first.end("a", "failed")
    job = again(first).node("a").job
    assert json.loads(job.extra_vars) == {"pw": "$encrypted$", "x": 1}
    assert (job.secret_answers(), job.limit) == ({"pw": "hunter2"}, "web")


class TestNested:
    @pytest.fixture
    def inner(self, organization, template):
        made = WorkflowJobTemplate.objects.create(name="inner", organization=organization)
        last = made.workflow_job_template_nodes.create(identifier="two", unified_job_template=template)
        made.workflow_job_template_nodes.create(identifier="one", unified_job_template=template).success_nodes.add(last)
        return made

    def failed_within(self, going: Run, identifier: str = "nested") -> Run:
        """The nested workflow after its first node was successful and its second failed."""
        nested = Run(going.node(identifier).job)
        nested.end("one", artifacts={"inner": 1})
        nested.end("two", "failed")
        going.step()
        return nested

    def test_a_nested_workflow_goes_on_where_it_failed(self, inner, node, run):
        node("a", success=[node("nested", unified_job_template=inner, success=[node("last")])])
        first = run(extra_vars={"x": 1})
        first.end("a")
        before = self.failed_within(first)
        assert first.status == "failed"
        second = again(first)
        nested = Run(second.node("nested").job)
        assert (nested.job.launch_type, nested.job.extra_vars) == ("workflow", before.job.extra_vars)
        assert (kept(nested), nested.started) == ({"one"}, {"two"})
        nested.end("two")
        second.step()
        assert json.loads(second.node("last").job.extra_vars) == {"x": 1, "inner": 1}

    def test_a_nested_workflow_behind_a_failure_runs_anew(self, inner, node, run):
        node("a", failure=[node("nested", unified_job_template=inner)])
        first = run()
        first.end("a", "failed")
        self.failed_within(first)
        second = again(first)
        second.end("a", "failed")
        nested = Run(second.node("nested").job)
        assert (kept(nested), nested.started) == (set(), {"one"})


class TestApprovals:
    @pytest.fixture
    def gate(self, node):
        question = WorkflowApprovalTemplate.objects.create(name="gate")
        return node("gate", unified_job_template=question, success=[node("go")])

    def asked(self, going):
        return WorkflowApproval.objects.filter(unified_job_node__workflow_job=going.job.pk)

    def test_what_was_approved_is_not_asked_again(self, gate, run, admin):
        first = run()
        approvals.approve(self.asked(first).get(), admin)
        first.step()
        first.end("go", "failed")
        second = again(first)
        assert (kept(second), second.started) == ({"gate"}, {"go"})
        assert not self.asked(second).exists()

    def test_what_was_denied_is_asked_again(self, gate, run, admin):
        first = run()
        approvals.deny(self.asked(first).get(), admin)
        first.step()
        assert self.asked(again(first)).get().status == "pending"


class TestApi:
    @pytest.fixture
    def failed(self, node, run):
        node("a", success=[node("b")])
        going = run()
        going.end("a")
        going.end("b", "failed")
        return going

    def url(self, going):
        return f"{V2}workflow_jobs/{going.job.pk}/relaunch/"

    def test_from_failed_keeps_and_shows_the_old_job(self, api, admin, failed):
        client = api(admin)
        answer = client.post(self.url(failed), {"from": "failed"}, format="json")
        assert answer.status_code == 201
        assert answer.json()["launch_type"] == "relaunch"
        nodes = client.get(f"{answer['Location']}workflow_nodes/").json()["results"]
        shown = {node["identifier"]: node for node in nodes}
        old = failed.node("a").job_id
        assert shown["a"]["job"] == shown["a"]["summary_fields"]["job"]["id"] == old
        assert shown["a"]["related"]["job"] == f"{V2}jobs/{old}/"
        assert shown["b"]["job"] is None

    def test_an_empty_body_runs_everything(self, api, admin, failed):
        answer = api(admin).post(self.url(failed), {}, format="json")
        assert answer.status_code == 201
        assert not WorkflowJob.objects.get(pk=answer.json()["id"]).workflow_job_nodes.filter(kept=True).exists()

    def test_a_word_that_is_not_known_is_refused(self, api, admin, failed):
        answer = api(admin).post(self.url(failed), {"from": "everywhere"}, format="json")
        assert (answer.status_code, list(answer.json())) == (400, ["from"])

    def test_a_run_without_a_failure_has_nothing_to_go_on_with(self, api, admin, node, run):
        node("a")
        going = run()
        client = api(admin)
        active = client.post(self.url(going), {"from": "failed"}, format="json")
        assert (active.status_code, list(active.json())) == (400, ["from"])
        going.end("a")
        over = client.post(self.url(going), {"from": "failed"}, format="json")
        assert (over.status_code, list(over.json())) == (400, ["from"])

    def test_it_needs_the_right_to_start_the_workflow(self, api, world, workflow, failed):
        user = world.make("users")
        assert api(user).post(self.url(failed), {"from": "failed"}, format="json").status_code == 404
        rights.grant(workflow.role("read_role"), user=user)
        assert api(user).post(self.url(failed), {"from": "failed"}, format="json").status_code == 403
        rights.grant(workflow.role("execute_role"), user=user)
        assert api(user).post(self.url(failed), {"from": "failed"}, format="json").status_code == 201

    def test_answers_of_somebody_else_need_the_right_to_give_them(
        self, api, world, admin, workflow, organization, node
    ):
        node("a")
        inventory = Inventory.objects.create(name="secret", organization=organization)
        job = launching.launch(workflow, actor=admin, prompts={"inventory": inventory})
        unified.finish(job, "failed")
        user = world.make("users")
        rights.grant(workflow.role("execute_role"), user=user)
        url = f"{V2}workflow_jobs/{job.pk}/relaunch/"
        assert api(user).post(url).status_code == 403
        rights.grant(inventory.role("use_role"), user=user)
        made = api(user).post(url)
        assert made.status_code == 201
        rights.revoke(inventory.role("use_role"), user=user)
        assert api(user).post(f"{made['Location']}relaunch/").status_code == 403

    def test_secret_answers_of_somebody_else_are_not_repeated(self, api, world, admin, workflow, node):
        workflow.survey_enabled = True
        workflow.survey_spec = {"spec": [{"variable": "pw", "type": "password", "question_name": "q"}]}
        workflow.save()
        node("a")
        job = launching.launch(workflow, actor=admin, prompts={"extra_vars": {"pw": "hunter2"}})
        user = world.make("users")
        rights.grant(workflow.role("admin_role"), user=user)
        assert api(user).post(f"{V2}workflow_jobs/{job.pk}/relaunch/").status_code == 403
        assert api(admin).post(f"{V2}workflow_jobs/{job.pk}/relaunch/").status_code == 201
