"""Real updates: ansible-inventory runs, and what it finds is merged."""

import pytest

from apps.credentials.models import Credential, CredentialType
from apps.instances.models import Instance, InstanceGroup
from apps.inventory.models import Host, Inventory, InventorySource, InventoryUpdate
from apps.inventory.services import updates
from apps.inventory.services.constructed import give_source
from apps.projects.models import Project
from apps.projects.services import checkouts
from apps.unified import stdout
from apps.unified.dispatch import passes
from apps.unified.runner.supervisor import run_here

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
INI = "[web]\na color=red\nb\n[web:vars]\nport=80\n"


@pytest.fixture
def worker(transactional_db, farm, tmp_path, settings):
    """The farm with an instance that runs jobs; `worker.files` is the checkout of `worker.project`."""
    settings.RUNNER_ROOT, settings.CHECKOUTS_ROOT = tmp_path / "runs", tmp_path / "checkouts"
    farm.project = Project.objects.create(
        name="p", organization=farm.org, scm_type="git", scm_url="https://example.com/x.git", scm_revision="a" * 40,
        status="successful",
    )  # fmt: skip
    farm.files = checkouts.place(farm.project.pk, "a" * 40)
    farm.files.mkdir(parents=True)
    (farm.files / "hosts.ini").write_text(INI)
    instance = Instance.objects.create(
        hostname=settings.CLUSTER_HOST_ID, node_type="hybrid", node_state="ready", capacity=100, cpu_capacity=100,
        mem_capacity=100, version="x",
    )  # fmt: skip
    InstanceGroup.objects.create(name="default").instances.add(instance)
    return farm


def source_of(farm, **columns):
    values = {"name": "s", "source": "scm", "source_project": farm.project, "source_path": "hosts.ini"}
    return InventorySource.objects.create(inventory=farm.inventory, **(values | columns))


def run(source):
    """The finished update of a source."""
    update = updates.start(source)
    passes.run()
    run_here(update.pk)
    return InventoryUpdate.objects.get(pk=update.pk)


def test_an_inventory_of_a_project_becomes_hosts_and_groups(worker):
    source = source_of(worker)
    update = run(source)
    assert (update.status, update.scm_revision) == ("successful", "a" * 40), update.job_explanation
    assert dict(Host.objects.values_list("name", "variables")) == {"a": '{"color": "red"}', "b": ""}
    group = worker.inventory.groups.get()
    assert (group.name, group.variables, group.hosts.count()) == ("web", '{"port": 80}', 2)
    source.refresh_from_db()
    worker.inventory.refresh_from_db()
    assert (source.status, source.last_job_failed, worker.inventory.total_hosts) == ("successful", False, 2)


@pytest.mark.parametrize("text", ["- hosts: all\n", "[web\n"])
def test_what_is_no_inventory_fails_and_says_why(worker, text):
    (worker.files / "bad.yml").write_text(text)
    update = run(source_of(worker, source_path="bad.yml"))
    assert (update.status, update.failed) == ("failed", True)
    assert "bad.yml" in "".join(stdout.text_of(update))
    assert not Host.objects.exists()
    worker.inventory.refresh_from_db()


def test_a_source_without_its_collection_names_what_to_install(worker):
    update = run(source_of(worker, source="rhv", source_project=None, source_path=""))
    assert update.status == "failed"
    assert "ansible-galaxy collection install ovirt.ovirt" in update.job_explanation


def test_a_link_out_of_the_project_is_not_followed(worker, tmp_path):
    (tmp_path / "secret.ini").write_text("stolen\n")
    (worker.files / "link.ini").symlink_to(tmp_path / "secret.ini")
    update = run(source_of(worker, source_path="link.ini"))
    assert (update.status, "outside" in update.job_explanation) == ("failed", True)


def test_the_limit_and_the_variables_of_a_source_are_data(worker):
    (worker.files / "env.sh").write_text('#!/bin/sh\necho "{\\"g\\": {\\"hosts\\": [\\"$GREETING\\"]}}"\n')
    (worker.files / "env.sh").chmod(0o755)
    update = run(source_of(worker, source_path="env.sh", source_vars="GREETING: hello"))
    assert (update.status, list(Host.objects.values_list("name", flat=True))) == ("successful", ["hello"])
    update = run(source_of(worker, name="t", limit="--list-hosts"))
    assert update.status in ("successful", "failed")
    assert not Host.objects.filter(name="--list-hosts").exists()


def test_too_many_hosts_fail_the_update(worker):
    worker.org.max_hosts = 1
    worker.org.save()
    update = run(source_of(worker))
    assert (update.status, update.org_host_limit_error) == ("failed", True)
    assert "may have 1 hosts" in update.job_explanation


def test_a_constructed_inventory_groups_the_hosts_of_its_inputs(worker):
    worker.host("a", variables="state: up"), worker.host("b", variables="state: down"), worker.host("c", enabled=False)
    made = Inventory.objects.create(name="made", organization=worker.org, kind="constructed")
    made.input_inventories.add(worker.inventory)
    text = "plugin: constructed\nstrict: true\ngroups:\n  running: state == 'up'\ncompose:\n  twice: state ~ state\n"
    source = give_source(made, source_vars=text)
    update = run(source)
    assert update.status == "successful", "".join(stdout.text_of(update))
    hosts = {host.name: host for host in made.hosts.all()}
    assert set(hosts) == {"a", "b"}
    assert hosts["a"].instance_id == str(worker.inventory.hosts.get(name="a").pk)
    assert "remote_tower_id" not in hosts["a"].variables
    assert [host.name for host in made.groups.get(name="running").hosts.all()] == ["a"]
    assert '"twice": {"__ansible_unsafe": "upup"}' in hosts["a"].variables  # never taken for a template
    source.refresh_from_db()
    assert source.hosts.count() == 2


def test_a_constructed_inventory_without_inputs_says_so(worker):
    made = Inventory.objects.create(name="made", organization=worker.org, kind="constructed")
    update = run(give_source(made))
    assert (update.status, "input" in update.job_explanation) == ("error", True)


def test_secrets_of_a_custom_type_are_not_shown(worker):
    kind = CredentialType.objects.create(
        name="site", kind="cloud", inputs={"fields": [{"id": "word", "label": "Word", "secret": True}]},
        injectors={"env": {"SITE_WORD": "{{ word }}"}},
    )  # fmt: skip
    source = source_of(worker)
    source.credentials.add(Credential.objects.create(name="c", credential_type=kind, inputs={"word": "open sesame"}))
    update = run(source)
    assert (update.status, set(update.job_env["SITE_WORD"])) == ("successful", {"*"})
