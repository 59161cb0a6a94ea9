"""Project updates from the request to the checkout."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from apps.credentials.models import Credential, CredentialType
from apps.instances.models import Instance
from apps.projects.models import Project, ProjectUpdate
from apps.projects.runs import ProjectUpdateRun
from apps.projects.services import checkouts, preload, spec, updates
from apps.unified.dispatch import passes
from apps.unified.runner.kinds import Refused
from apps.unified.runner.workspace import Workspace

from .conftest import PLAY

LOCKED = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    .decode()
)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project(make: Any, repository: Any, run_updates: Any) -> Project:
    """A project with its first update done."""
    answer = make(scm_type="git", scm_url=str(repository.path))
    assert answer.status_code == 201, answer.content
    run_updates()
    return Project.objects.get(pk=answer.json()["id"])


def said(update: ProjectUpdate) -> str:
    """What the update printed."""
    from apps.unified.events.rows import of_job

    return "\n".join(of_job(update).order_by("counter").values_list("stdout", flat=True))


def test_an_update_brings_content_for_jobs(project: Project, repository: Any, yard: Any) -> None:
    update = ProjectUpdate.objects.get()
    revision = repository.git("rev-parse", "HEAD")
    assert (update.status, update.job_explanation, update.scm_revision) == ("successful", "", revision), said(update)
    assert (project.status, project.scm_revision, project.playbook_files) == ("successful", revision, ["site.yml"])
    assert project.last_job_id == update.pk
    assert yard.api.get(f"/api/v2/projects/{project.pk}/playbooks/").json() == ["site.yml"]
    place = checkouts.checkout(project)
    assert checkouts.inside(place, "site.yml").read_text() == PLAY
    for outside in ("../x", "/etc/passwd", "-x", "nowhere.yml"):
        with pytest.raises(checkouts.NotThere):
            checkouts.inside(place, outside)
    assert f"revision {revision}" in said(update)
    assert "Fetching" in yard.api.get(f"/api/v2/project_updates/{update.pk}/stdout/?format=json").json()["content"]


def test_an_unchanged_update_is_quick(project: Project, run_updates: Any) -> None:
    updates.start(project)
    update = run_updates()
    assert update.status == "successful"
    assert "nothing has changed" in said(update)


def test_a_repository_that_is_gone_fails_and_keeps_the_old_content(
    project: Project, repository: Any, run_updates: Any
) -> None:
    repository.path.rename(repository.path.with_name("moved"))
    updates.start(project)
    update = run_updates()
    assert (update.status, update.scm_revision) == ("failed", "")
    project.refresh_from_db()
    assert (project.status, project.last_job_failed, project.playbook_files) == ("failed", True, ["site.yml"])
    assert checkouts.checkout(project).is_dir()


def test_another_branch_for_one_job_leaves_the_project_as_it_is(
    project: Project, repository: Any, run_updates: Any
) -> None:
    before = project.scm_revision
    repository.git("switch", "-q", "-c", "other")
    revision = repository.commit({"other.yml": PLAY})
    update = updates.for_branch(project, "other")
    assert updates.for_branch(project, "") is None
    updates.submit(update)
    assert run_updates().scm_revision == revision
    project.refresh_from_db()
    assert (project.scm_revision, project.playbook_files) == (before, ["site.yml"])
    assert (checkouts.checkout(project, revision) / "other.yml").is_file()


def test_a_branch_that_is_not_there_fails_its_job_and_not_the_project(project: Project, run_updates: Any) -> None:
    before = project.last_job_id
    updates.submit(updates.for_branch(project, "nowhere"))
    assert run_updates().status == "failed"
    project.refresh_from_db()
    assert (project.status, project.last_job_id, project.last_job_failed) == ("successful", before, False)
    assert project.current_job_id is None


def test_a_revision_that_nobody_has_fetched_is_fetched_for_the_job(
    project: Project, repository: Any, run_updates: Any
) -> None:
    assert updates.for_launch(project) is None
    first = project.scm_revision
    repository.commit({"site.yml": PLAY + "\n"})
    ProjectUpdate.objects.all().delete()
    shutil.rmtree(checkouts.place(project.pk, first))
    update = updates.for_launch(Project.objects.get(pk=project.pk))
    assert (update.launch_type, update.job_type, update.scm_revision) == ("sync", "run", first)
    updates.submit(update)
    assert (run_updates().status, checkouts.checkout(project, first).is_dir()) == ("successful", True)
    assert updates.for_launch(project) is None


def test_content_is_fetched_before_a_launch_when_it_is_old(project: Project) -> None:
    assert updates.for_launch(project) is None
    project.scm_update_on_launch = True
    assert updates.for_launch(project).launch_type == "dependency"
    ProjectUpdate.objects.filter(status="new").delete()
    project.scm_update_cache_timeout = 60
    assert updates.for_launch(project) is None


def test_a_project_that_was_never_synchronised_has_nothing_to_run(make: Any, repository: Any) -> None:
    fresh = Project.objects.get(pk=make(scm_type="git", scm_url=str(repository.path)).json()["id"])
    with pytest.raises(checkouts.NotThere, match="never synchronised"):
        checkouts.checkout(fresh)
    for revision in ("../x", "..", "a/b"):
        with pytest.raises(checkouts.NotThere):
            checkouts.place(fresh.pk, revision)


@pytest.mark.parametrize(
    ("column", "value"),
    [("scm_url", "--upload-pack=x"), ("scm_url", "/etc"), ("scm_branch", "-x"), ("scm_refspec", "-x:y")],
)
def test_a_source_that_came_in_some_other_way_is_refused_at_the_run(
    project: Project, run_updates: Any, column: str, value: str
) -> None:
    Project.objects.filter(pk=project.pk).update(**{column: value})
    updates.start(Project.objects.get(pk=project.pk))
    update = run_updates()
    assert update.status == "error"
    assert update.job_explanation.startswith("The project's source is refused:")


def test_insights_says_that_it_cannot_run(make: Any, yard: Any, run_updates: Any) -> None:
    kind = CredentialType.objects.get(namespace="insights")
    credential = Credential.objects.create(name="i", credential_type=kind, organization=yard.organization)
    assert make(scm_type="insights", credential=credential.pk).status_code == 201
    update = run_updates()
    assert update.status == "error"
    assert "Insights cannot be updated" in update.job_explanation


def test_settings_reach_the_update(project: Project, yard: Any, tmp_path: Path, monkeypatch: Any) -> None:
    update = ProjectUpdate.objects.get()
    monkeypatch.setattr(ProjectUpdateRun, "note_environment", lambda run: None, raising=False)

    def prepared() -> Any:
        run = ProjectUpdateRun(update, Workspace.make(tmp_path / f"w{time.monotonic_ns()}"))
        return run.prepare(), spec.galaxy(project)

    assert prepared()[0].timeout == 0
    values = {
        "DEFAULT_PROJECT_UPDATE_TIMEOUT": 7, "GALAXY_IGNORE_CERTS": True, "GALAXY_TASK_ENV": {"HTTPS_PROXY": "http://p"},
        "AWX_ROLES_ENABLED": False, "AWX_COLLECTIONS_ENABLED": False, "PROJECT_UPDATE_VVV": True,
    }  # fmt: skip
    assert yard.api.patch("/api/v2/settings/jobs/", values).status_code == 200
    command, galaxy = prepared()
    assert command.timeout == 7
    assert galaxy == {
        "roles": False, "collections": False, "servers": [], "ignore_certs": True, "verbose": True,
        "env": {"HTTPS_PROXY": "http://p"},
    }  # fmt: skip
    update.timeout = 9
    assert prepared()[0].timeout == 9


def test_galaxy_servers_are_those_of_the_organization_in_order(project: Project, yard: Any) -> None:
    kind = CredentialType.objects.get(namespace="galaxy_api_token")
    url = f"/api/v2/organizations/{yard.organization.pk}/galaxy_credentials/"
    yard.organization.galaxy_credentials.clear()
    for name in ("second", "first"):
        Credential.objects.create(
            name=name, credential_type=kind, organization=yard.organization,
            inputs={"url": f"https://{name}/", "token": f"t-{name}"},
        )  # fmt: skip
    for name in ("first", "second"):
        assert yard.api.post(url, {"id": Credential.objects.get(name=name).pk}).status_code == 204
    assert spec.galaxy(project)["servers"] == [
        {"url": "https://first/", "auth_url": "", "token": "t-first"},
        {"url": "https://second/", "auth_url": "", "token": "t-second"},
    ]


def test_a_key_that_cannot_be_opened_is_a_refusal(project: Project, yard: Any, tmp_path: Path) -> None:
    kind = CredentialType.objects.get(namespace="scm")
    update = ProjectUpdate.objects.get()
    update.credential = Credential.objects.create(
        name="k", credential_type=kind, organization=yard.organization, inputs={"ssh_key_data": LOCKED}
    )
    with pytest.raises(Refused, match="no passphrase is given"):
        ProjectUpdateRun(update, Workspace.make(tmp_path / "w")).prepare()


def test_old_checkouts_go_and_those_in_use_stay(project: Project, settings: Any) -> None:
    root = settings.CHECKOUTS_ROOT / str(project.pk)
    long_ago = time.time() - 3 * checkouts.UNUSED_SECONDS
    for name in (*(f"{n}" * 40 for n in range(8)), ".old-x", ".new-y"):
        (root / name).mkdir()
        os.utime(root / name, (long_ago, long_ago))
    os.utime(root / project.scm_revision, (long_ago, long_ago))
    checkouts.checkout(project, "7" * 40)
    checkouts.prune(project)
    left = {path.name for path in root.iterdir()}
    assert {"7" * 40, project.scm_revision} <= left
    assert checkouts.KEPT <= len(left) <= checkouts.KEPT + 1
    assert not any(name.startswith(".") for name in left)


def test_the_demo_project_needs_no_network(yard: Any, settings: Any, tmp_path: Path, run_updates: Any) -> None:
    settings.DEMO_ROOT = tmp_path / "demo"
    preload()
    preload()
    demo = Project.objects.get(name="Demo Project")
    assert (demo.status, demo.playbook_files) == ("successful", ["hello_world.yml"])
    assert not demo.project_updates.exists()
    updates.submit(updates.for_launch(demo))
    update = run_updates()
    assert (update.status, update.scm_revision) == ("successful", demo.scm_revision), said(update)


def test_updates_wait_for_an_instance(make: Any, repository: Any, run_updates: Any) -> None:
    Instance.objects.update(enabled=False, capacity=0)
    make(scm_type="git", scm_url=str(repository.path))
    update = run_updates()
    assert update.status == "pending"
    passes.explain()
    update.refresh_from_db()
    assert "Waits for" in update.job_explanation
