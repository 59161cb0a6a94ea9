"""Jobs that start and end are told to whoever wants to hear of it, in the right words."""

import json

import pytest

from apps.core import events
from apps.notifications import listeners, services, words
from apps.notifications.models import Notification, NotificationTemplate
from tests.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(admin):
    """A job that ended well, and what it hangs together by."""
    return World(admin)


@pytest.fixture
def bell(world):
    """`bell("slack", messages)`: a template in the organization of the job."""

    def make(kind="slack", messages=None, name=""):
        config = {"webhook": {"url": "http://x", "headers": {}}, "slack": {"channels": ["#a"], "token": "t"}}
        return NotificationTemplate.objects.create(
            name=name or kind, organization=world.organization, notification_type=kind, messages=messages,
            notification_configuration=config.get(kind, {"recipients": ["a@b"]}),
        )  # fmt: skip

    return make


def ended(job, status="successful"):
    """Announce the end of a job."""
    job.status = status
    events.finished.send(sender=type(job), job=job)


@pytest.mark.parametrize(
    ("status", "relation"),
    [("successful", "success"), ("failed", "error"), ("error", "error"), ("canceled", "error")],
)
def test_the_end_is_told_to_templates_organizations_and_projects_once(world, bell, status, relation):
    job = world.make("jobs")
    for place in (world.template, world.organization, world.project):
        getattr(place, f"notification_templates_{relation}").add(bell(name=type(place).__name__))
    world.template.notification_templates_success.add(bell("webhook"))
    ended(job, status)
    ended(job, status)
    told = job.notifications.filter(notification_type="slack")
    assert told.count() == 3
    assert {made.status for made in told} == {"pending"}


def test_two_that_announce_an_end_in_the_same_moment_tell_it_once(world, bell, monkeypatch):
    job, words_of = world.make("jobs"), words.context_of
    world.template.notification_templates_success.add(bell())

    def meanwhile(job):
        monkeypatch.setattr(words, "context_of", words_of)
        services.notify(job, "success")
        return words_of(job)

    monkeypatch.setattr(words, "context_of", meanwhile)
    services.notify(job, "success")
    assert job.notifications.count() == 1


def test_the_start_is_told(world, bell):
    job = world.make("jobs")
    world.template.notification_templates_started.add(bell())
    events.started.send(sender=type(job), job=job)
    assert job.notifications.get().subject.startswith(f"Job #{job.pk} '{job.name}'")


def test_nobody_is_told_where_nobody_wants_to_hear(world, django_assert_num_queries):
    job = world.make("jobs")
    job.inventory.organization_id  # noqa: B018  (loaded before counting)
    with django_assert_num_queries(1):
        listeners.job_finished(job)
    assert not Notification.objects.exists()


def test_receivers_of_data_get_the_job(world, bell):
    job = world.make("jobs")
    made = services.generate(bell("webhook"), "success", words.context_of(job))
    assert made.body["id"] == job.pk
    assert {"name", "url", "status", "inventory", "project", "playbook", "hosts", "friendly_name"} <= set(made.body)
    assert made.body["url"].endswith(f"/api/v2/jobs/{job.pk}/")
    json.dumps(made.body)


def test_custom_words_are_used_and_broken_ones_are_not(world, bell):
    job, context = world.make("jobs"), words.context_of(world.make("jobs"))
    good = {"success": {"message": "{{ job.summary_fields.project.name }} is done", "body": "{{ job.status }}!"}}
    made = services.generate(bell("email", good, name="good"), "success", context)
    assert (made.subject, made.body) == (f"{world.project.name} is done", {"body": "successful!"})
    broken = {"success": {"message": "{{ 1 / 0 }}", "body": "{{ job.__class__ }}"}}
    made = services.generate(bell("email", broken, name="broken"), "success", context)
    assert made.subject.startswith("Job #")
    assert "class" not in made.body["body"]
    data = {"success": {"body": '{"said": "{{ job.name }}"}'}}
    assert services.generate(bell("webhook", data), "success", context).body == {"said": context["job"]["name"]}
    no_data = {"success": {"body": "{{ job.name }}"}}
    assert (
        services.generate(bell("webhook", no_data, name="no data"), "success", context).body["status"] == "successful"
    )
    assert job.notifications.count() == 0


def test_templates_reach_nothing_but_plain_values(world):
    def kinds(value):
        if isinstance(value, dict):
            return set().union(*(kinds(item) for item in value.values())) if value else set()
        return set().union(*(kinds(item) for item in value)) if isinstance(value, list) else {type(value)}

    assert kinds(words.context_of(world.make("jobs"))) <= {str, int, bool, float, type(None)}


def test_questions_and_answers_are_told_in_their_own_words(world, bell):
    from apps.workflows.models import WorkflowApproval

    job = WorkflowApproval.objects.create(name="ship it?", organization=world.organization, status="pending")
    assert words.approval_status(job) == "running"
    context = words.context_of(job) | {"approval_node_name": "ship it?", "workflow_url": "http://w"}
    told = services.generate(bell("email"), "running", context)
    assert told.subject == 'The approval node "ship it?" needs review: http://w'
    own = {"workflow_approval": {"denied": {"message": "No: {{ approval_node_name }}"}}}
    assert services.generate(bell("email", own, name="own"), "denied", context).subject == "No: ship it?"
    job.status, job.timed_out = "failed", True
    assert words.approval_status(job) == "timed_out"
    job.timed_out = False
    assert words.approval_status(job) == "denied"
