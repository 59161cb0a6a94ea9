"""What the process of an update does with git repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import web

from .conftest import PLAY


def test_the_first_fetch_finds_playbooks_and_inventories(sync: Any, repository: Any) -> None:
    revision = repository.commit({
        "deep/web.yaml": PLAY, "roles/x/tasks/main.yml": "- debug:\n", "roles/x/play.yml": PLAY, "vars.yml": "a: 1\n",
        "secret.yml": "$ANSIBLE_VAULT;1.1\n00\n", "hosts": "one\n", "prod/inventory.ini": "two\n", ".h/x.yml": PLAY,
    })  # fmt: skip
    done = sync(repository.path)
    assert done.code == 0, done.out
    assert done.result["revision"] == revision
    assert done.result["playbooks"] == ["deep/web.yaml", "secret.yml", "site.yml"]
    assert done.result["inventories"] == ["hosts", "prod/", "prod/inventory.ini"]
    assert (done.place / "site.yml").read_text() == PLAY


def test_a_playbook_may_ask_git_for_the_revision(sync: Any, repository: Any) -> None:
    done = sync(repository.path)
    git = ["git", "-c", "safe.directory=*"]
    said = subprocess.run([*git, "rev-parse", "HEAD"], cwd=done.place, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == done.result["revision"]
    status = subprocess.run([*git, "status", "--porcelain"], cwd=done.place, capture_output=True, text=True, check=True)
    assert status.stdout == ""
    assert str(repository.path) not in (done.place / ".git" / "config").read_text()


def test_an_unchanged_repository_is_left_alone(sync: Any, repository: Any) -> None:
    first = sync(repository.path)
    again = sync(repository.path, known=first.result["revision"])
    assert "nothing has changed" in again.out
    assert again.result == first.result
    revision = repository.commit({"new.yml": PLAY})
    third = sync(repository.path, known=first.result["revision"])
    assert third.result["revision"] == revision
    assert "new.yml" in third.result["playbooks"]
    assert not (first.place / "new.yml").exists()


def test_branches_tags_and_revisions(sync: Any, repository: Any) -> None:
    old = repository.git("rev-parse", "HEAD")
    repository.git("tag", "-a", "v1", "-m", "one")
    repository.git("switch", "-q", "-c", "feature/x")
    branch = repository.commit({"branch.yml": PLAY})
    repository.git("switch", "-q", "main")
    new = repository.commit({"main.yml": PLAY})
    assert sync(repository.path).result["revision"] == new
    assert sync(repository.path, branch="feature/x").result["revision"] == branch
    assert sync(repository.path, branch="v1").result["revision"] == old
    assert "nothing has changed" in sync(repository.path, branch="v1", known=old).out
    assert "nothing has changed" in sync(repository.path, branch="feature/x", known=branch).out
    assert sync(repository.path, branch=old).result["revision"] == old
    assert "nothing has changed" in sync(repository.path, branch=old, known=old).out
    gone = sync(repository.path, branch="nowhere")
    assert (gone.code, gone.result) == (1, {})
    assert "no branch, tag or revision nowhere" in gone.out


def test_a_tag_that_is_gone_is_gone_here_too(sync: Any, repository: Any) -> None:
    repository.git("tag", "v1")
    assert sync(repository.path, branch="v1").code == 0
    repository.git("tag", "-d", "v1")
    assert "no branch, tag or revision v1" in sync(repository.path, branch="v1").out


def test_a_branch_that_was_rewritten(sync: Any, repository: Any) -> None:
    repository.commit({"a.yml": PLAY})
    sync(repository.path)
    repository.git("reset", "-q", "--hard", "HEAD~1")
    revision = repository.commit({"b.yml": PLAY})
    assert sync(repository.path, branch="main").result == {
        "revision": revision, "playbooks": ["b.yml", "site.yml"], "inventories": [],
    }  # fmt: skip


def test_refspecs_bring_further_references(sync: Any, repository: Any) -> None:
    repository.git("switch", "-q", "--detach")
    revision = repository.commit({"pull.yml": PLAY})
    repository.git("update-ref", "refs/pull/7/head", revision)
    repository.git("switch", "-q", "main")
    assert sync(repository.path, branch="pull/7/head").code == 1
    done = sync(repository.path, branch="pull/7/head", refspec="refs/pull/*:refs/remotes/origin/pull/*")
    assert done.result["revision"] == revision
    done = sync(repository.path, branch="refs/pull/7/head", refspec="refs/pull/*/head:refs/pull/*/head")
    assert done.result["revision"] == revision
    repository.git("switch", "-q", "-c", "other")
    assert sync(repository.path, refspec="refs/heads/other:refs/heads/master").code == 0


def test_submodules_are_there_and_follow_their_branch_when_asked(sync: Any, repository: Any, repositories: Any) -> None:
    inner = repositories("inner")
    recorded = inner.commit({"inner.yml": PLAY})
    repository.git("submodule", "-q", "add", "-b", "main", "../inner", "sub")
    repository.commit({})
    done = sync(repository.path)
    assert "sub/inner.yml" in done.result["playbooks"], done.out
    latest = inner.commit({"later.yml": PLAY})
    assert recorded != latest
    assert "sub/later.yml" not in sync(repository.path, known=done.result["revision"]).result["playbooks"]
    tracked = sync(repository.path, submodules=True, known=done.result["revision"])
    assert tracked.result["revision"] == done.result["revision"]
    assert "sub/later.yml" in tracked.result["playbooks"]


@pytest.mark.parametrize("name", ["sub", "a name"])
def test_a_submodule_of_the_server_itself_is_refused(sync: Any, repository: Any, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    subprocess.run(["git", "clone", "-q", str(repository.path), str(outside)], check=True)
    repository.git("submodule", "-q", "add", "--name", name, str(outside), "sub")
    repository.commit({})
    done = sync(repository.path)
    assert done.code == 1
    assert "submodule on the server itself" in done.out


def test_local_changes_go_with_clean_and_with_delete(sync: Any, repository: Any) -> None:
    first = sync(repository.path)
    known = first.result["revision"]
    (first.place / "site.yml").write_text("changed by a job")
    (first.place / "left.yml").write_text(PLAY)
    kept = sync(repository.path, known=known)
    assert "left.yml" in kept.result["playbooks"]
    cleaned = sync(repository.path, known=known, clean=True)
    assert cleaned.result["playbooks"] == ["site.yml"]
    assert (cleaned.place / "site.yml").read_text() == PLAY
    inode = cleaned.place.stat().st_ino
    assert sync(repository.path, known=known, clean=True).place.stat().st_ino == inode
    (first.place / "left.yml").write_text(PLAY)
    assert sync(repository.path, known=known, delete=True).result["playbooks"] == ["site.yml"]


def test_a_repository_that_is_gone_or_empty_says_so(sync: Any, repositories: Any, tmp_path: Path) -> None:
    gone = sync(tmp_path / "allowed" / "nowhere")
    assert gone.code == 1
    assert "git fetch failed" in gone.out
    empty = repositories("empty")
    done = sync(empty.path)
    assert done.code == 1
    assert "no default branch" in done.out


def test_a_killed_update_does_not_break_the_next(sync: Any, repository: Any, tmp_path: Path) -> None:
    sync(repository.path)
    (tmp_path / "sync" / "copy" / ".git" / "index.lock").touch()
    repository.commit({"more.yml": PLAY})
    assert sync(repository.path).code == 0


def test_hooks_and_configuration_of_the_repository_do_nothing(sync: Any, repository: Any, tmp_path: Path) -> None:
    first = sync(repository.path)
    assert first.code == 0
    hook = tmp_path / "sync" / "copy" / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    repository.commit({"x.yml": PLAY})
    assert sync(repository.path).code == 0
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("url", ["ext::sh -c 'touch {}'", "fd::17", "file:///etc"])
def test_transports_that_run_commands_are_refused_by_git_too(sync: Any, url: str, tmp_path: Path) -> None:
    done = sync(url.format(tmp_path / "ran"))
    assert done.code == 1
    assert "not allowed" in done.out
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("url", ["--upload-pack=touch {}", "-u{}"])
def test_an_address_is_no_option_for_git(sync: Any, url: str, tmp_path: Path) -> None:
    assert sync(url.format(tmp_path / "ran")).code == 1
    assert not (tmp_path / "ran").exists()


def test_addresses_where_clouds_keep_secrets_are_not_called(sync: Any) -> None:
    for url in ("http://169.254.169.254/x.git", "git@169.254.169.254:x.git", "ssh://169.254.169.254/x"):
        assert "not allowed" in sync(url).out
    with web(lambda got: (404, {})) as site:
        assert "not allowed" in sync(f"{site.url}/x.git", block_private=True).out
        assert not site.got


def test_bad_credentials_fail_without_showing_them(sync: Any) -> None:
    with web(lambda got: (401, {}, {"WWW-Authenticate": 'Basic realm="r"'})) as site:
        done = sync(f"{site.url}/x.git", login={"username": "u", "password": "s3cret/pw"})
        assert done.code == 1
        assert "Authentication failed" in done.out
        assert any(got.headers.get("authorization", "").startswith("Basic ") for got in site.got)
        host = site.url.removeprefix("http://")
        embedded = sync(f"http://u:s3cret%2Fpw@{host}/x.git")
        assert "Authentication failed" in embedded.out
        for text in (done.out, embedded.out):
            assert "s3cret" not in text


def test_a_login_reaches_a_git_server(sync: Any, repository: Any, tmp_path: Path) -> None:
    repository.git("update-server-info")
    root = repository.path / ".git"

    def answer(got: Any) -> Any:
        if got.headers.get("authorization") != "Basic dTpwOnc=":  # u:p:w
            return 401, {}, {"WWW-Authenticate": 'Basic realm="r"'}
        path = root / got.path.removeprefix("/x.git/")
        return (200, path.read_bytes()) if path.is_file() else (404, {})

    with web(answer) as site:
        done = sync(f"{site.url}/x.git", login={"username": "u", "password": "p:w"}, branch="main")
    assert done.result.get("playbooks") == ["site.yml"], done.out
    assert "p:w" not in (tmp_path / "sync" / "copy" / ".git" / "FETCH_HEAD").read_text()


def test_requirements_need_a_galaxy_and_say_what_went_wrong(sync: Any, repository: Any) -> None:
    repository.commit({"collections/requirements.yml": "collections:\n- name: a.b\n"})
    done = sync(repository.path)
    assert done.code == 0
    assert "no Galaxy credential" in done.out
    with web(lambda got: (500, {"message": "broken"})) as site:
        servers = [{"url": f"{site.url}/", "auth_url": "", "token": "t0k3n"}]
        repository.commit({"x.yml": PLAY})
        failed = sync(repository.path, galaxy={"servers": servers})
        assert failed.code == 1
        assert "ansible-galaxy failed" in failed.out
        assert "t0k3n" not in failed.out
        assert site.got
        off = sync(repository.path, galaxy={"servers": servers, "collections": False})
        assert off.code == 0


def test_installed_collections_are_part_of_the_checkout(sync: Any, repository: Any, repositories: Any) -> None:
    collection = repositories("collection")
    collection.commit({"galaxy.yml": "namespace: a\nname: b\nversion: 1.0.0\nreadme: README.md\nauthors: [x]\n",
                       "README.md": "x", "playbooks/inner.yml": PLAY})  # fmt: skip
    text = f"collections:\n- name: {collection.path}\n  type: git\n"
    repository.commit({"collections/requirements.yml": text})
    done = sync(repository.path, galaxy={"servers": [{"url": "http://127.0.0.1:1/", "token": ""}]})
    assert done.code == 0, done.out
    assert (done.place / "requirements_collections" / "ansible_collections" / "a" / "b").is_dir()
    assert done.result["playbooks"] == ["site.yml"]
