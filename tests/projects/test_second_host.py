"""A host that did not synchronise a project fetches the recorded revision itself, before it runs a job."""

from __future__ import annotations

import io
import socket
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.inventory.models import Host, Inventory
from apps.jobs import services as jobs
from apps.jobs.models import Job, JobTemplate
from apps.projects.models import Project, ProjectUpdate
from apps.projects.services import bring, checkouts
from apps.unified.dispatch import passes
from apps.unified.runner.kinds import Refused
from apps.unified.runner.supervisor import run_here
from apps.unified.runner.workspace import Workspace
from tests.loopback import web

from . import transports
from .conftest import PLAY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HELLO = "- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.debug: {msg: from the second host}\n"


@pytest.fixture
def move(settings: Any, tmp_path: Path) -> Callable[[], None]:
    """`move()`: from now on this is another host, with nothing on its disk."""

    def to_second_host() -> None:
        home = tmp_path / "second"
        home.mkdir()
        settings.AWX_LITE_HOME, settings.PROJECTS_ROOT = home, home / "projects"
        settings.CHECKOUTS_ROOT, settings.RUNNER_ROOT = home / "checkouts", home / "runs"
        settings.PROJECTS_ROOT.mkdir()

    return to_second_host


@pytest.fixture
def second(settings: Any, move: Callable[[], None]) -> Any:
    """The second host: `second.move()`, then `second.brought(update)` is the checkout as a job gets it there."""
    numbers = iter(range(100))

    def brought(update: Any, revision: str = "") -> Path:
        project = Project.objects.get(pk=update.project_id)
        place = Workspace.make(Path(settings.RUNNER_ROOT) / f"test-{next(numbers)}")
        found = bring.checkout(update, project, revision, place)
        assert not list(place.path.rglob("sync.json"))
        return found

    return SimpleNamespace(move=move, brought=brought)


def test_a_job_runs_on_a_host_that_never_saw_the_project(
    yard: Any, make: Any, run_updates: Any, repository: Any, second: Any
) -> None:
    revision = repository.commit({"hello.yml": HELLO})
    project = Project.objects.get(pk=make(scm_type="git", scm_url=str(repository.path)).json()["id"])
    assert run_updates().status == "successful"
    repository.commit({"hello.yml": "- broken"})
    inventory = Inventory.objects.create(name="i", organization=yard.organization, total_hosts=1)
    local = "ansible_connection: local\nansible_python_interpreter: '{{ ansible_playbook_python }}'"
    Host.objects.create(name="one", inventory=inventory, variables=local)
    template = JobTemplate.objects.create(name="t", inventory=inventory, project=project, playbook="hello.yml")
    second.move()
    job = jobs.launch(template, actor=yard.admin)
    passes.run()
    run_here(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert (job.status, job.job_explanation, job.scm_revision) == ("successful", "", revision)
    assert job.job_events.filter(stdout__contains="from the second host").exists()


def test_a_revision_that_no_branch_holds_any_more(make: Any, run_updates: Any, repository: Any, second: Any) -> None:
    revision = repository.commit({"old.yml": PLAY})
    make(scm_type="git", scm_url=str(repository.path))
    update = run_updates()
    repository.git("reset", "-q", "--hard", "HEAD~1")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repository.commit({"new.yml": PLAY})
    second.move()
    place = second.brought(update)
    assert place.name == revision
    assert (place / "old.yml").is_file()
    assert not (place / "new.yml").exists()


def test_git_over_ssh_uses_the_projects_key_there_too(
    scm: Any,
    make: Any,
    run_updates: Any,
    repository: Any,
    second: Any,
    tmp_path: Path,
) -> None:
    with transports.sshd(tmp_path / "sshd") as server:
        key = scm(ssh_key_data=server.private, ssh_key_unlock=transports.PHRASE)
        make(scm_type="git", scm_url=server.url(repository.path), credential=key.pk)
        update = run_updates()
        second.move()
        assert (second.brought(update) / "site.yml").is_file()


def test_subversion_brings_the_recorded_revision(
    scm: Any,
    make: Any,
    run_updates: Any,
    second: Any,
    tmp_path: Path,
) -> None:
    with transports.svnserve(tmp_path) as (url, commit):
        first = commit({"site.yml": PLAY})
        login = scm(username=transports.USER, password=transports.PASSWORD)
        make(scm_type="svn", scm_url=url, credential=login.pk)
        update = run_updates()
        commit({"more.yml": PLAY})
        second.move()
        place = second.brought(update)
        assert place.name == first
        assert not (place / "more.yml").exists()


def packed(text: str) -> bytes:
    """A tar file with a playbook."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        member = tarfile.TarInfo("top/site.yml")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


def test_an_archive_is_taken_only_where_it_is_still_the_same(
    make: Any, run_updates: Any, second: Any, settings: Any
) -> None:
    files = {"body": packed(PLAY)}
    same = files["body"]
    with web(lambda got: (200, files["body"])) as site:
        make(scm_type="archive", scm_url=f"{site.url}/x.tar.gz")
        update = run_updates()
        assert update.status == "successful"
        second.move()
        files["body"] = packed(PLAY + "# changed\n")
        with pytest.raises(Refused, match="no longer") as refused:
            second.brought(update)
        assert refused.value.status == "failed"
        assert settings.CLUSTER_HOST_ID in str(refused.value)
        assert not checkouts.place(update.project_id, update.scm_revision).exists()
        files["body"] = same
        assert (second.brought(update) / "site.yml").is_file()


def test_a_repository_that_is_away_is_said_with_the_host(
    make: Any, run_updates: Any, repository: Any, second: Any
) -> None:
    make(scm_type="git", scm_url=str(repository.path))
    update = run_updates()
    repository.path.rename(repository.path.with_name("moved"))
    second.move()
    with pytest.raises(Refused, match=r"cannot be fetched there: .*git fetch failed"):
        second.brought(update)


def test_the_content_comes_from_where_the_update_found_it(
    make: Any, run_updates: Any, repository: Any, repositories: Any, second: Any
) -> None:
    project = make(scm_type="git", scm_url=str(repository.path)).json()["id"]
    update = run_updates()
    Project.objects.filter(pk=project).update(scm_url=str(repositories("elsewhere").path))
    second.move()
    assert (second.brought(update) / "site.yml").is_file()


def test_a_manual_project_must_be_there(yard: Any, second: Any, settings: Any) -> None:
    (settings.PROJECTS_ROOT / "by_hand").mkdir()
    project = Project.objects.create(name="m", organization=yard.organization, local_path="by_hand")
    update = type("Update", (), {"project_id": project.pk, "pk": 0})
    assert second.brought(update) == settings.PROJECTS_ROOT / "by_hand"
    second.move()
    with pytest.raises(checkouts.NotThere, match=f"not on {settings.CLUSTER_HOST_ID}"):
        second.brought(update)


@pytest.fixture
def hanging(make: Any, run_updates: Any, second: Any) -> Iterator[Any]:
    """A synchronised archive whose server, seen from the second host, takes connections and never answers."""
    with web(lambda got: (200, packed(PLAY))) as site, socket.create_server(("127.0.0.1", 0)) as silent:
        make(scm_type="archive", scm_url=f"{site.url}/x.tar.gz")
        update = run_updates()
        assert update.status == "successful"
        second.move()
        away = f"http://127.0.0.1:{silent.getsockname()[1]}/x.tar.gz"
        ProjectUpdate.objects.filter(pk=update.pk).update(scm_url=away)
        yield update


def test_a_canceled_job_does_not_wait_for_its_revision(hanging: Any, second: Any) -> None:
    ProjectUpdate.objects.filter(pk=hanging.pk).update(cancel_flag=True)
    with pytest.raises(Refused) as refused:
        second.brought(hanging)
    assert refused.value.status == "canceled"


def test_fetching_has_the_projects_time_limit(hanging: Any, second: Any) -> None:
    Project.objects.update(timeout=1)
    with pytest.raises(Refused, match="longer than 1 seconds") as refused:
        second.brought(hanging)
    assert refused.value.status == "failed"
