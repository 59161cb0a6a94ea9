"""Collections and roles of requirements.yml, from git on this host: kept with the revision, or a failed update."""

from __future__ import annotations

from typing import Any

from tests.live import free_port

from .conftest import PLAY

SERVER = {"url": "http://127.0.0.1:1/", "auth_url": "", "token": "galaxy-token"}
META = "namespace: team\nname: tools\nversion: 1.0.0\nreadme: README.md\nauthors: [us]\n"


def test_a_collection_from_a_git_repository_is_installed_once_a_revision(
    sync: Any, repository: Any, repositories: Any
) -> None:
    collection = repositories("collection")
    collection.commit({"galaxy.yml": META, "README.md": "x", "playbooks/x.yml": PLAY})
    source = f"git+file://{collection.path}"
    first = repository.commit({
        "collections/requirements.yml": f"collections:\n  - {{name: '{source}', type: git, version: main}}\n",
    })  # fmt: skip
    done = sync(repository.path, galaxy={"servers": [SERVER]})
    assert done.code == 0, done.out
    installed = done.place / "requirements_collections" / "ansible_collections" / "team" / "tools"
    assert "1.0.0" in (installed / "MANIFEST.json").read_text()
    collection.path.rename(collection.path.with_name("away"))
    again = sync(repository.path, galaxy={"servers": [SERVER]}, known="")
    assert (again.code, again.result["revision"]) == (0, first), again.out
    assert "Installing" not in again.out


def test_a_galaxy_that_is_away_fails_the_update_and_publishes_nothing(sync: Any, repository: Any) -> None:
    revision = repository.commit({"collections/requirements.yml": "collections:\n  - team.tools\n"})
    server = {**SERVER, "url": f"http://127.0.0.1:{free_port()}/"}
    done = sync(repository.path, galaxy={"servers": [server], "env": {"ANSIBLE_GALAXY_SERVER_TIMEOUT": "2"}})
    assert (done.code, done.result) == (1, {})
    assert "ansible-galaxy failed" in done.out
    assert "galaxy-token" not in done.out
    assert not (done.place.parent / revision).exists()


def test_roles_from_a_git_repository(sync: Any, repository: Any, repositories: Any) -> None:
    role = repositories("role")
    role.commit({"tasks/main.yml": "- ansible.builtin.debug:\n", "meta/main.yml": "galaxy_info: {author: us}\n"})
    asked = f"- {{src: 'file://{role.path}', scm: git, name: greeter, version: main}}\n"
    repository.commit({"roles/requirements.yml": asked})
    done = sync(repository.path, galaxy={"servers": [SERVER]})
    assert done.code == 0, done.out
    assert (done.place / "requirements_roles" / "greeter" / "tasks" / "main.yml").is_file()


def test_without_a_galaxy_credential_nothing_is_installed_and_it_is_said(sync: Any, repository: Any) -> None:
    repository.commit({"roles/requirements.yml": "- {src: 'https://example.com/x.git', scm: git, name: x}\n"})
    done = sync(repository.path)
    assert done.code == 0
    assert "no Galaxy credential" in done.out
    assert not (done.place / "requirements_roles").exists()
