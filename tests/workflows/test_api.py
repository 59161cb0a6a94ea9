"""Workflows over the API: templates, nodes, edges, launches, approvals, copies, rights."""

import json

import pytest

from apps.rbac import services
from apps.unified.models import UnifiedJob
from apps.workflows.models import WorkflowJob, WorkflowJobTemplateNode
from apps.workflows.services import stepping

V2 = "/api/v2/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client(admin, api):
    return api(admin)


@pytest.fixture
def home(workflow):
    return f"{V2}workflow_job_templates/{workflow.pk}/"


def post(client, url, **body):
    return client.post(url, body, format="json")


def make_node(client, home, **body):
    answer = post(client, f"{home}workflow_nodes/", **body)
    assert answer.status_code == 201, answer.data
    return answer.json()


class TestTemplates:
    def test_a_new_one_has_awx_defaults(self, client, organization):
        answer = post(client, f"{V2}workflow_job_templates/", name="w", organization=organization.pk)
        body = answer.json()
        assert answer.status_code == 201
        assert body["related"]["named_url"] == f"{V2}workflow_job_templates/w++o/"
        assert body["related"]["webhook_receiver"] == ""
        assert (body["status"], body["limit"], body["extra_vars"]) == ("never updated", None, "")
        assert set(body["summary_fields"]["object_roles"]) == {
            "admin_role",
            "execute_role",
            "read_role",
            "approval_role",
        }
        assert body["summary_fields"]["labels"] == {"count": 0, "results": []}
        assert body["summary_fields"]["recent_jobs"] == []
        assert body["summary_fields"]["user_capabilities"] == dict.fromkeys(
            ("edit", "delete", "start", "schedule", "copy"), True
        )

    @pytest.mark.parametrize(
        ("body", "field"),
        [({}, "name"), ({"name": "x", "extra_vars": "[1"}, "extra_vars"),
         ({"name": "x", "organization": 0}, "organization"),
         ({"name": "wf"}, "__all__"), ({"name": "x", "webhook_service": "sourceforge"}, "webhook_service")],
    )  # fmt: skip
    def test_bad_input_names_the_field(self, client, workflow, organization, body, field):
        answer = post(client, f"{V2}workflow_job_templates/", **({"organization": organization.pk} | body))
        assert answer.status_code == 400
        assert field in answer.json()

    def test_short_prompts_are_kept(self, client, home):
        body = client.patch(home, {"limit": "web", "job_tags": "t"}, format="json").json()
        assert (body["limit"], body["job_tags"], body["scm_branch"]) == ("web", "t", None)
        assert client.patch(home, {"limit": None}, format="json").json()["limit"] is None

    def test_a_webhook_service_gives_a_receiver_and_a_key(self, client, home):
        body = client.patch(home, {"webhook_service": "github"}, format="json").json()
        assert body["related"]["webhook_receiver"] == f"{home}github/"
        key = client.get(f"{home}webhook_key/").json()["webhook_key"]
        client.patch(home, {"webhook_service": "gitlab"}, format="json")
        assert key
        assert client.get(f"{home}webhook_key/").json()["webhook_key"] not in ("", key)


class TestNodes:
    def test_a_node_shows_its_template_and_its_edges(self, client, home, template):
        body = make_node(client, home, unified_job_template=template.pk, identifier="first")
        assert body["related"]["unified_job_template"] == f"{V2}job_templates/{template.pk}/"
        assert body["related"]["named_url"] == f"{V2}workflow_job_template_nodes/first++wf++o/"
        assert body["summary_fields"]["unified_job_template"]["unified_job_type"] == "job"
        assert (body["success_nodes"], body["limit"], body["extra_data"]) == ([], None, {})

    def test_identifiers_are_taken_once(self, client, home, template):
        make_node(client, home, identifier="a")
        other = make_node(client, home)
        assert "__all__" in post(client, f"{home}workflow_nodes/", identifier="a").json()
        assert "detail" in client.patch(other["url"], {"identifier": "a"}, format="json").json()

    def test_a_node_without_a_template_has_a_name_but_no_answers(self, client, home, template):
        body = make_node(client, home, identifier="empty", limit="x", inventory=template.inventory_id)
        assert (body["unified_job_template"], body["limit"], body["inventory"]) == (None, None, None)
        assert "identifier" in post(client, f"{home}workflow_nodes/", identifier="").json()

    def test_prompts_must_be_asked_for(self, client, home, template):
        template.ask_limit_on_launch = template.ask_variables_on_launch = False
        template.save()
        body = {"unified_job_template": template.pk, "limit": "x", "extra_data": {"a": 1}}
        assert set(post(client, f"{home}workflow_nodes/", **body).json()) == {"limit", "extra_data"}

    def test_the_workflow_of_a_node_stays(self, client, home, workflow, organization):
        other = type(workflow).objects.create(name="other", organization=organization)
        url = make_node(client, home, identifier="a")["url"]
        body = client.patch(url, {"workflow_job_template": other.pk}, format="json").json()
        assert body["workflow_job_template"] == workflow.pk
        assert "workflow_job_template" in post(client, f"{V2}workflow_job_template_nodes/").json()

    def test_edges(self, client, home):
        root, one, two, three = (make_node(client, home, identifier=name) for name in ("root", "1", "2", "3"))

        def link(parent, kind, child, **more):
            return post(client, f"{parent['url']}{kind}_nodes/", id=child["id"], **more)

        assert link(root, "success", one).status_code == 204
        assert link(one, "success", two).status_code == 204
        assert link(one, "success", two).status_code == 204
        assert "Error" in link(one, "failure", two).json()
        assert "Error" in link(one, "always", one).json()
        assert link(two, "failure", three).status_code == 204
        assert "Error" in link(three, "always", one).json()
        assert link(one, "success", two, disassociate=True).status_code == 204
        assert link(one, "failure", two).status_code == 204
        assert client.get(one["url"]).json()["failure_nodes"] == [two["id"]]
        assert post(client, f"{one['url']}success_nodes/", id=999999).status_code == 400

    def test_no_edge_leads_into_another_workflow(self, client, home, workflow, organization):
        other = type(workflow).objects.create(name="other", organization=organization)
        stranger = WorkflowJobTemplateNode.objects.create(workflow_job_template=other, identifier="x")
        node = make_node(client, home, identifier="a")
        assert post(client, f"{node['url']}success_nodes/", id=stranger.pk).status_code == 403

    def test_a_child_made_in_place_belongs_to_the_workflow(self, client, home, workflow):
        node = make_node(client, home, identifier="a")
        child = post(client, f"{node['url']}always_nodes/", identifier="child").json()
        assert child["workflow_job_template"] == workflow.pk
        assert client.get(node["url"]).json()["always_nodes"] == [child["id"]]

    def test_a_question_comes_and_goes_with_its_node(self, client, home):
        node = make_node(client, home, identifier="gate")
        url = f"{node['url']}create_approval_template/"
        assert "name" in post(client, url, timeout=5).json()
        assert "timeout" in post(client, url, name="q", timeout="x").json()
        body = post(client, url, name="q", timeout=60).json()
        assert body["url"] == f"{V2}workflow_approval_templates/{body['id']}/"
        shown = client.get(node["url"]).json()["summary_fields"]["unified_job_template"]
        assert (shown["unified_job_type"], shown["timeout"]) == ("workflow_approval", 60)
        assert client.patch(body["url"], {"timeout": 5}, format="json").json()["timeout"] == 5
        assert client.delete(node["url"]).status_code == 204
        assert client.get(body["url"]).status_code == 404


class TestLaunch:
    def test_what_a_launch_needs(self, client, home):
        body = client.get(f"{home}launch/").json()
        assert body["can_start_without_user_input"] is True
        assert body["defaults"]["inventory"] == {"name": None, "id": None}
        assert body["ask_variables_on_launch"] is True

    def test_what_is_not_asked_for_is_refused(self, client, home):
        assert set(post(client, f"{home}launch/", limit="x", extra_vars=[1]).json()) == {"limit", "extra_vars"}
        assert set(post(client, f"{home}launch/", limit="x", extra_vars={"a": 1}).json()) == {"limit"}
        assert set(post(client, f"{home}launch/", inventory=999999).json()) == {"inventory"}
        assert set(post(client, f"{home}launch/", labels="x").json()) == {"labels"}

    def test_a_launch_answers_with_the_job(self, client, home, node):
        node("a")
        answer = post(client, f"{home}launch/", extra_vars={"x": 2}, unheard=1)
        body = answer.json()
        assert answer.status_code == 201, body
        assert (body["workflow_job"], body["ignored_fields"], body["type"]) == (body["id"], {}, "workflow_job")
        assert (body["status"], body["launch_type"], json.loads(body["extra_vars"])) == ("pending", "manual", {"x": 2})
        nodes = client.get(f"{V2}workflow_jobs/{body['id']}/workflow_nodes/").json()
        assert nodes["count"] == 1
        assert client.get(f"{V2}workflow_jobs/{body['id']}/cancel/").json()["can_cancel"] is True
        assert client.post(f"{V2}workflow_jobs/{body['id']}/cancel/").status_code == 202
        assert client.post(f"{V2}workflow_jobs/{body['id']}/cancel/").status_code == 405
        again = post(client, f"{V2}workflow_jobs/{body['id']}/relaunch/").json()
        assert (again["launch_type"], again["extra_vars"]) == ("relaunch", body["extra_vars"])

    def test_required_survey_answers(self, client, home):
        spec = [{"variable": "who", "type": "text", "question_name": "q", "required": True}]
        assert post(client, f"{home}survey_spec/", name="s", description="", spec=spec).status_code == 200
        client.patch(home, {"survey_enabled": True}, format="json")
        assert client.get(f"{home}launch/").json()["variables_needed_to_start"] == ["who"]
        assert "variables_needed_to_start" in post(client, f"{home}launch/").json()
        assert post(client, f"{home}launch/", extra_vars={"who": "me"}).status_code == 201

    def test_deleting_a_template_with_a_running_job_names_it(self, client, home, node):
        node("a")
        job = post(client, f"{home}launch/").json()["id"]
        answer = client.delete(home)
        assert answer.status_code == 409
        assert answer.json()["active_jobs"] == [{"id": job, "type": "workflow_job"}]


class TestApprovals:
    @pytest.fixture
    def question(self, client, home):
        node = make_node(client, home, identifier="gate")
        post(client, f"{node['url']}create_approval_template/", name="q")
        job = post(client, f"{home}launch/").json()["id"]
        UnifiedJob.objects.non_polymorphic().filter(pk=job).update(status="running")
        stepping.step(job)
        found = client.get(f"{V2}workflow_approvals/", {"unified_job_node__workflow_job": job}).json()
        assert found["count"] == 1
        return found["results"][0]

    def test_approvers_answer_and_others_do_not(self, api, world, question, workflow):
        approver, reader, outsider = (world.make("users") for _ in range(3))
        services.grant(workflow.role("approval_role"), user=approver)
        services.grant(workflow.role("read_role"), user=reader)
        url = question["url"]
        assert api(outsider).get(url).status_code == 404
        assert api(reader).get(url).json()["can_approve_or_deny"] is False
        assert api(reader).post(f"{url}approve/").status_code == 403
        assert api(approver).get(url).json()["can_approve_or_deny"] is True
        assert api(approver).post(f"{url}approve/").status_code == 204
        assert "error" in api(approver).post(f"{url}deny/").json()
        shown = api(approver).get(url).json()
        assert (shown["status"], shown["can_approve_or_deny"]) == ("successful", False)
        assert shown["summary_fields"]["approved_or_denied_by"]["username"] == approver.username

    def test_questions_are_in_no_unified_list(self, client, question):
        names = [row["name"] for row in client.get(f"{V2}unified_jobs/").json()["results"]]
        assert names == ["wf"]
        assert client.get(f"{V2}workflow_approval_templates/").status_code == 404


class TestRights:
    def test_members_see_nothing_readers_read_executors_launch(self, api, world, home, workflow):
        user = world.make("users")
        client = api(user)
        assert client.get(home).status_code == 404
        services.grant(workflow.role("read_role"), user=user)
        assert client.get(home).status_code == 200
        assert client.patch(home, {"limit": "x"}, format="json").status_code == 403
        assert post(client, f"{home}launch/").status_code == 403
        assert post(client, f"{home}workflow_nodes/").status_code == 403
        services.grant(workflow.role("execute_role"), user=user)
        assert post(client, f"{home}launch/").status_code == 201

    def test_readers_of_a_workflow_read_its_jobs_and_their_nodes(self, api, world, workflow, node, run):
        node("a")
        job = run().job
        reader, outsider = world.make("users"), world.make("users")
        services.grant(workflow.role("read_role"), user=reader)
        paths = (
            f"workflow_jobs/{job.pk}/",
            f"workflow_jobs/{job.pk}/workflow_nodes/",
            f"workflow_jobs/{job.pk}/labels/",
        )
        assert [api(reader).get(f"{V2}{path}").status_code for path in paths] == [200] * 3
        assert [api(outsider).get(f"{V2}{path}").status_code for path in paths] == [404] * 3
        lists = ("workflow_jobs", "workflow_job_nodes", "workflow_job_template_nodes", "workflow_job_templates")
        assert [api(reader).get(f"{V2}{slug}/").json()["count"] for slug in lists] == [1] * 4
        assert [api(outsider).get(f"{V2}{slug}/").json()["count"] for slug in lists] == [0] * 4
        assert api(reader).post(f"{V2}workflow_jobs/{job.pk}/cancel/").status_code == 403
        assert api(reader).post(f"{V2}workflow_jobs/{job.pk}/relaunch/").status_code == 403

    def test_whoever_launched_a_bulk_reads_and_cancels_it(self, api, world, template, organization):
        user, other = world.make("users"), world.make("users")
        services.grant(organization.role("member_role"), user=user)
        services.grant(template.role("execute_role"), user=user)
        made = post(api(user), f"{V2}bulk/job_launch/", jobs=[{"unified_job_template": template.pk}]).json()
        assert api(user).get(made["url"]).status_code == 200
        assert api(user).get(f"{made['url']}workflow_nodes/").json()["count"] == 1
        assert api(other).get(made["url"]).status_code == 404
        listed = f"{V2}unified_jobs/?type=workflow_job"
        assert [row["id"] for row in api(user).get(listed).json()["results"]] == [made["id"]]
        assert api(user).get(listed).json()["results"][0]["summary_fields"]["user_capabilities"]["start"] is True
        assert api(other).get(listed).json()["count"] == 0
        assert api(user).post(f"{made['url']}cancel/").status_code == 202

    def test_a_node_needs_the_right_to_start_its_template(self, api, world, home, workflow, template):
        user = world.make("users")
        services.grant(workflow.role("admin_role"), user=user)
        body = {"unified_job_template": template.pk}
        assert post(api(user), f"{home}workflow_nodes/", **body).status_code == 403
        services.grant(template.role("execute_role"), user=user)
        assert post(api(user), f"{home}workflow_nodes/", **body).status_code == 201

    def test_a_copy_leaves_out_what_the_copier_may_not_use(self, api, world, home, workflow, organization, node):
        node("a")
        user = world.make("users")
        services.grant(organization.role("workflow_admin_role"), user=user)
        client = api(user)
        report = client.get(f"{home}copy/").json()
        assert (report["can_copy"], report["can_copy_without_user_input"]) == (True, False)
        assert report["templates_unable_to_copy"] == ["jt"]
        twin = post(client, f"{home}copy/", name="twin").json()
        nodes = WorkflowJobTemplateNode.objects.filter(workflow_job_template=twin["id"])
        assert [(n.identifier, n.unified_job_template_id) for n in nodes] == [("a", None)]


class TestBulk:
    url = f"{V2}bulk/job_launch/"

    @pytest.mark.parametrize(
        ("body", "path"),
        [({}, ["jobs"]), ({"jobs": []}, ["jobs", "__all__"]), ({"jobs": "x"}, ["jobs", "__all__"]),
         ({"jobs": [{"limit": "x"}]}, ["jobs", 0, "unified_job_template"]), ({"jobs": [5]}, ["jobs", 0, "__all__"]),
         ({"jobs": [{"unified_job_template": 0}]}, ["jobs", 0, "unified_job_template"]),
         ({"jobs": [{"unified_job_template": 999999}]}, ["__all__"]),
         ({"jobs": [{"unified_job_template": 1, "credentials": 5}]}, ["jobs", 0, "credentials"]),
         ({"jobs": [{"unified_job_template": 1}], "limit": ""}, ["limit"]),
         ({"jobs": [{"unified_job_template": 1}], "organization": 999999}, ["organization"])],
    )  # fmt: skip
    def test_bad_input_says_where(self, client, body, path):
        answer = client.post(self.url, body, format="json")
        assert answer.status_code == 400
        found = answer.json()
        for part in path:
            found = found[part]
        assert found

    def test_jobs_become_the_nodes_of_one_workflow_job(self, client, template):
        jobs = [
            {"unified_job_template": template.pk, "identifier": "one", "limit": "localhost"},
            {"unified_job_template": template.pk, "identifier": "two", "extra_data": {"a": 1}},
        ]
        answer = post(client, self.url, name="b", jobs=jobs, extra_vars={"all": True})
        assert answer.status_code == 201, answer.json()
        body = answer.json()
        assert (body["type"], body["workflow_job_template"], body["extra_vars"]) == (
            "workflow_job",
            None,
            '{"all": true}',
        )
        UnifiedJob.objects.non_polymorphic().filter(pk=body["id"]).update(status="running")
        stepping.step(body["id"])
        nodes = WorkflowJob.objects.get(pk=body["id"]).workflow_job_nodes.order_by("identifier")
        assert [node.job.limit for node in nodes] == ["localhost", ""]
        assert [json.loads(node.job.extra_vars) for node in nodes] == [{"all": True}, {"a": 1, "all": True}]

    def test_the_same_identifier_twice(self, client, template):
        jobs = [{"unified_job_template": template.pk, "identifier": "a"}] * 2
        assert "__all__" in post(client, self.url, jobs=jobs).json()

    def test_who_may_launch_what(self, api, world, template, organization):
        user = world.make("users")
        client, body = api(user), {"jobs": [{"unified_job_template": template.pk}]}
        services.grant(organization.role("member_role"), user=user)
        assert "__all__" in post(client, self.url, **body).json()
        services.grant(template.role("execute_role"), user=user)
        assert post(client, self.url, **body).status_code == 201
        inside = {"jobs": [{"unified_job_template": template.pk, "inventory": template.inventory_id}]}
        assert "__all__" in post(client, self.url, **inside).json()
        other = type(organization).objects.create(name="other")
        assert "__all__" in post(client, self.url, **body, organization=other.pk).json()
        services.grant(other.role("member_role"), user=user)
        assert "__all__" in post(client, self.url, **body).json()

    def test_the_number_of_queries_does_not_grow_with_the_jobs(self, client, template, django_assert_max_num_queries):
        jobs = [{"unified_job_template": template.pk} for _ in range(60)]
        with django_assert_max_num_queries(60):
            assert post(client, self.url, jobs=jobs).status_code == 201


@pytest.mark.parametrize(
    "slug", ["workflow_job_templates", "workflow_job_template_nodes", "workflow_jobs", "workflow_job_nodes"]
)
def test_lists_cost_a_constant_number_of_queries(client, workflow, node, run, slug, django_assert_max_num_queries):
    for name in "abcdefgh":
        node(name)
    run()
    with django_assert_max_num_queries(22):
        assert client.get(f"{V2}{slug}/").json()["count"] >= 1
