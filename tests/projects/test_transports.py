"""Updates over real transports: git over SSH and HTTP, Subversion, each with its credential."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.projects.models import Project, ProjectUpdate
from apps.projects.services import checkouts

from . import transports
from .conftest import PLAY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def update(yard: Any, make: Any, run_updates: Any) -> Any:
    """`update(scm_url=…)`: the first update of a new project, over."""

    def run(**body: Any) -> ProjectUpdate:
        answer = make(**{"scm_type": "git", **body})
        assert answer.status_code == 201, answer.content
        return run_updates()

    return run


def said(yard: Any, update: ProjectUpdate) -> str:
    """The output of an update."""
    return str(yard.api.get(f"/api/v2/project_updates/{update.pk}/stdout/?format=json").json()["content"])


def test_git_over_ssh_with_a_key_under_a_passphrase(
    yard: Any, scm: Any, update: Any, repository: Any, tmp_path: Path
) -> None:
    with transports.sshd(tmp_path / "sshd") as server:
        good = scm(ssh_key_data=server.private, ssh_key_unlock=transports.PHRASE)
        done = update(scm_url=server.url(repository.path), credential=good.pk)
        assert done.status == "successful", said(yard, done)
        assert done.scm_revision == repository.git("rev-parse", "HEAD")
        other = scm(ssh_key_data=transports.key(tmp_path / "other"))
        refused = update(scm_url=server.url(repository.path), credential=other.pk)
        assert refused.status == "failed"
        assert "Permission denied" in said(yard, refused)
        assert transports.PHRASE not in said(yard, done)


def test_a_host_whose_key_has_changed_is_not_trusted(
    yard: Any, scm: Any, update: Any, repository: Any, tmp_path: Path
) -> None:
    with transports.sshd(tmp_path / "sshd") as server:
        good = scm(ssh_key_data=server.private, ssh_key_unlock=transports.PHRASE)
        assert update(scm_url=server.url(repository.path), credential=good.pk).status == "successful"
        known = (tmp_path / "known_hosts").read_text()
    with transports.sshd(tmp_path / "sshd2", port=server.port) as impostor:
        (impostor.place / "authorized_keys").write_text((server.place / "user.pub").read_text())
        done = update(scm_url=impostor.url(repository.path), credential=good.pk)
        assert done.status == "failed"
        assert "verification failed" in said(yard, done)
    assert (tmp_path / "known_hosts").read_text() == known


def test_git_over_http_with_a_password_that_no_message_shows(yard: Any, scm: Any, update: Any, repository: Any) -> None:
    with transports.git_http(repository.path.parent) as url:
        good = scm(username=transports.USER, password=transports.PASSWORD)
        done = update(scm_url=f"{url}/repo/.git", credential=good.pk)
        assert done.status == "successful", said(yard, done)
        assert done.scm_revision == repository.git("rev-parse", "HEAD")
        wrong = scm(username=transports.USER, password="wrong-and-secret")
        refused = update(scm_url=f"{url}/repo/.git", credential=wrong.pk)
        assert refused.status == "failed"
        assert "Authentication failed" in said(yard, refused)
        none = update(scm_url=f"{url}/repo/.git")
        assert none.status == "failed"
        for one in (done, refused, none):
            body = yard.api.get(f"/api/v2/project_updates/{one.pk}/").content.decode() + said(yard, one)
            assert transports.PASSWORD not in body
            assert "wrong-and-secret" not in body


def test_tags_refspecs_and_submodules_over_http(
    yard: Any, scm: Any, update: Any, repository: Any, repositories: Any
) -> None:
    inner = repositories("inner")
    inner.commit({"inner.yml": PLAY})
    repository.git("remote", "add", "origin", f"{repository.path}/.git")  # what relative addresses start from
    repository.git("submodule", "add", "-q", "../../inner/.git", "sub")
    tagged = repository.commit({"with_sub.yml": PLAY})
    repository.git("tag", "v1")
    proposed = repository.commit({"proposed.yml": PLAY})
    repository.git("update-ref", "refs/pull/7/head", proposed)
    repository.git("reset", "-q", "--hard", "HEAD~1")
    with transports.git_http(repository.path.parent) as url:
        good = scm(username=transports.USER, password=transports.PASSWORD)
        address = {"scm_url": f"{url}/repo/.git", "credential": good.pk}
        done = update(**address, scm_branch="v1")
        assert (done.status, done.scm_revision) == ("successful", tagged), said(yard, done)
        assert "sub/inner.yml" in Project.objects.get(pk=done.project_id).playbook_files
        pulled = update(**address, scm_refspec="refs/pull/*:refs/remotes/pull/*", scm_branch="pull/7/head")
        assert (pulled.status, pulled.scm_revision) == ("successful", proposed), said(yard, pulled)


def test_subversion_with_revisions_and_credentials(
    yard: Any, scm: Any, update: Any, run_updates: Any, tmp_path: Path
) -> None:
    with transports.svnserve(tmp_path) as (url, commit):
        first = commit({"site.yml": PLAY})
        good = scm(username=transports.USER, password=transports.PASSWORD)
        done = update(scm_type="svn", scm_url=url, credential=good.pk)
        assert (done.status, done.scm_revision) == ("successful", first), said(yard, done)
        second = commit({"more.yml": PLAY})
        assert yard.api.post(f"/api/v2/projects/{done.project_id}/update/", {}).status_code == 202
        again = run_updates()
        assert (again.status, again.scm_revision) == ("successful", second)
        project = Project.objects.get(pk=done.project_id)
        assert project.playbook_files == ["more.yml", "site.yml"]
        pinned = update(scm_type="svn", scm_url=url, credential=good.pk, scm_branch=first)
        assert (pinned.scm_revision, pinned.status) == (first, "successful")
        wrong = scm(username=transports.USER, password="wrong-and-secret")
        refused = update(scm_type="svn", scm_url=url, credential=wrong.pk)
        assert refused.status == "failed"
        assert "wrong-and-secret" not in said(yard, refused)


def test_deleting_and_cleaning_leave_only_what_the_repository_has(
    yard: Any, scm: Any, update: Any, run_updates: Any, repository: Any
) -> None:
    with transports.git_http(repository.path.parent) as url:
        login = scm(username=transports.USER, password=transports.PASSWORD)
        done = update(scm_url=f"{url}/repo/.git", credential=login.pk, scm_clean=True, scm_delete_on_update=True)
        assert done.status == "successful", said(yard, done)
        project = Project.objects.get(pk=done.project_id)
        place = checkouts.checkout(project)
        (place / "left.yml").write_text(PLAY)
        (place / "site.yml").write_text("broken")
        assert yard.api.post(f"/api/v2/projects/{project.pk}/update/", {}).status_code == 202
        again = run_updates()
        assert again.status == "successful", said(yard, again)
        fresh = checkouts.checkout(project)
        assert (fresh / "site.yml").read_text() == PLAY
        assert not (fresh / "left.yml").exists()
