"""A job on a host that is reached over SSH: a real sshd, a key under a passphrase, and becoming another user."""

from __future__ import annotations

import pwd
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from apps.credentials.models import Credential, CredentialType
from apps.inventory.models import Host, Inventory
from apps.jobs import services as jobs
from apps.jobs.models import Job, JobTemplate
from apps.projects.models import Project
from apps.unified.dispatch import passes
from apps.unified.runner.supervisor import run_here

from . import transports

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WHO = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: whoami  # what the host has of Python does not matter
      register: me
      changed_when: false
    - ansible.builtin.set_stats:
        data: {who: "{{ me.stdout | trim }}", how: "{{ ansible_connection | default('ssh') }}"}
"""


@pytest.fixture
def remote(yard: Any, make: Any, run_updates: Any, repository: Any) -> Any:
    """`remote(server, key, phrase, **more)`: a finished job on the server, with a machine credential of these."""
    repository.commit({"who.yml": WHO})
    project = make(scm_type="git", scm_url=str(repository.path)).json()["id"]
    assert run_updates().status == "successful"
    numbers = iter(range(100))

    def run(server: transports.Ssh, become: bool = False, **inputs: str) -> Job:
        number = next(numbers)
        inventory = Inventory.objects.create(name=f"i{number}", organization=yard.organization, total_hosts=1)
        address = f"ansible_host: 127.0.0.1\nansible_port: {server.port}"
        Host.objects.create(name="far", inventory=inventory, variables=address)
        kind = CredentialType.objects.get(namespace="ssh")
        login = Credential.objects.create(
            name=f"m{number}", credential_type=kind, organization=yard.organization, inputs=inputs
        )
        template = JobTemplate.objects.create(
            name=f"t{number}", inventory=inventory, project=Project.objects.get(pk=project), playbook="who.yml",
            become_enabled=become,
        )  # fmt: skip
        template.credentials.add(login)
        job = jobs.launch(template, actor=yard.admin)
        passes.run()
        run_here(job.pk)
        return Job.objects.get(pk=job.pk)

    return run


def output(job: Job) -> str:
    """What it printed."""
    return "\n".join(job.job_events.order_by("counter").values_list("stdout", flat=True))


def test_a_key_under_a_passphrase_opens_the_host(remote: Any, tmp_path: Path) -> None:
    with transports.sshd(tmp_path / "sshd") as server:
        job = remote(server, username=server.user, ssh_key_data=server.private, ssh_key_unlock=transports.PHRASE)
    assert job.status == "successful", output(job)
    assert job.artifacts == {"who": server.user, "how": "ssh"}
    assert transports.PHRASE not in output(job) + str(job.job_args) + str(job.job_env)


def test_a_short_home_shares_connections_and_a_long_one_does_without(
    remote: Any, tmp_path: Path, settings: Any
) -> None:
    with transports.sshd(tmp_path / "sshd") as server:
        login = {"username": server.user, "ssh_key_data": server.private, "ssh_key_unlock": transports.PHRASE}
        settings.RUNNER_ROOT = tmp_path / ("long" * 12)
        long = remote(server, **login)
        with tempfile.TemporaryDirectory(prefix="r-") as short:
            settings.RUNNER_ROOT = Path(short)
            quick = remote(server, **login)
    assert (long.status, quick.status) == ("successful", "successful"), output(long) + output(quick)
    assert "ANSIBLE_SSH_ARGS" in long.job_env
    assert "ANSIBLE_SSH_ARGS" not in quick.job_env


def test_another_key_leaves_the_host_unreachable(remote: Any, tmp_path: Path) -> None:
    with transports.sshd(tmp_path / "sshd") as server:
        job = remote(server, username=server.user, ssh_key_data=transports.key(tmp_path / "other"))
    assert (job.status, job.host_status_counts) == ("failed", {"dark": 1})
    assert "Permission denied" in output(job)


def test_a_task_becomes_another_user(remote: Any, tmp_path: Path) -> None:
    other = "nobody" if pwd.getpwnam("nobody") else "root"
    method = "sudo" if shutil.which("sudo") else "su"
    with transports.sshd(tmp_path / "sshd") as server:
        job = remote(
            server, become=True, username=server.user, ssh_key_data=server.private, ssh_key_unlock=transports.PHRASE,
            become_method=method, become_username=other,
        )  # fmt: skip
    assert job.status == "successful", output(job)
    assert job.artifacts["who"] == other
