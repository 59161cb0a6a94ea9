"""Real git repositories, and updates of projects in real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.credentials.models import Credential, CredentialType
from apps.credentials.services import sync_managed_types
from apps.identity.models import Organization, User
from apps.instances.models import Instance, InstanceGroup
from apps.projects.models import ProjectUpdate
from apps.projects.services.spec import SCRIPT
from apps.rbac import services
from apps.unified.dispatch import passes
from apps.unified.runner.supervisor import run_here

PLAY = "- hosts: all\n  tasks: []\n"
ENV = {
    "PATH": os.environ["PATH"], "HOME": "/nowhere", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "n", "GIT_AUTHOR_EMAIL": "e", "GIT_COMMITTER_NAME": "n", "GIT_COMMITTER_EMAIL": "e",
}  # fmt: skip


@dataclass
class Repository:
    """A repository on disk."""

    path: Path

    def git(self, *words: str) -> str:
        """Run git in it."""
        allow = ("-c", "protocol.file.allow=always")
        done = subprocess.run(
            ["git", *allow, *words], cwd=self.path, env=ENV, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        """Write files and commit them; the revision."""
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repositories(tmp_path: Path) -> Any:
    """`repositories("name")`: a new repository below the allowed root."""

    def make(name: str = "repo") -> Repository:
        path = tmp_path / "allowed" / name
        path.mkdir(parents=True)
        made = Repository(path)
        made.git("init", "-q", "-b", "main")
        return made

    return make


@pytest.fixture
def repository(repositories: Any) -> Repository:
    """One with a playbook on its main branch."""
    made = repositories()
    made.commit({"site.yml": PLAY, "README.md": "x"})
    return made


@dataclass
class Done:
    """How the process of an update ended."""

    code: int
    out: str
    result: dict[str, Any]
    place: Path


@pytest.fixture
def sync(tmp_path: Path) -> Any:
    """`sync(url, branch="x")`: run the process of an update."""
    numbers = iter(range(100))
    home = tmp_path / "sync"

    def run(url: Any, **options: Any) -> Done:
        workspace = home / f"w{next(numbers)}"
        workspace.mkdir(parents=True)
        galaxy = {"roles": True, "collections": True, "servers": [], "ignore_certs": False, "verbose": False, "env": {}}
        spec = {
            "type": "git", "url": str(url), "branch": "", "refspec": "", "clean": False, "delete": False,
            "submodules": False, "copy": str(home / "copy"), "checkouts": str(home / "checkouts"), "known": "",
            "login": {}, "local": str(url).startswith("/"), "roots": [str(tmp_path / "allowed")],
            "block_private": False, "known_hosts": str(home / "known_hosts"), "workspace": str(workspace),
            "signature_key": "", "revision": "",
            "galaxy": {**galaxy, **options.pop("galaxy", {})}, **options,
        }  # fmt: skip
        (workspace / "sync.json").write_text(json.dumps(spec))
        done = subprocess.run(
            [sys.executable, "-I", str(SCRIPT), str(workspace / "sync.json")],
            env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert not done.stderr, done.stderr
        file = workspace / "result.json"
        result = json.loads(file.read_text()) if file.exists() else {}
        return Done(done.returncode, done.stdout, result, home / "checkouts" / result.get("revision", "none"))

    return run


@pytest.fixture
def yard(admin: Any, api: Any, tmp_path: Path, settings: Any) -> Any:
    """An organization with people, an instance that runs updates, and roots below the test's own directory."""
    settings.PROJECTS_ROOT, settings.CHECKOUTS_ROOT = tmp_path / "projects", tmp_path / "checkouts"
    settings.RUNNER_ROOT, settings.PROJECT_LOCAL_ROOTS = tmp_path / "runs", [str(tmp_path / "allowed")]
    settings.PROJECTS_ROOT.mkdir()
    sync_managed_types()
    organization = Organization.objects.create(name="Yard")
    instance = Instance.objects.create(
        hostname=settings.CLUSTER_HOST_ID, node_type="hybrid", node_state="ready", capacity=100
    )
    for name in ("default", "controlplane"):
        InstanceGroup.objects.create(name=name).instances.add(instance)

    def person(name: str, *roles: tuple[Any, str]) -> Any:
        user = User.objects.create_user(name, password="x")
        for obj, role in roles:
            services.grant(obj.role(role), user=user)
        return api(user)

    return SimpleNamespace(admin=admin, api=api(admin), organization=organization, person=person)


@pytest.fixture
def make(yard: Any) -> Any:
    """`make(scm_type="git", scm_url=…)`: a project made through the API; the answer."""
    numbers = iter(range(100))

    def post(client: Any = None, **body: Any) -> Any:
        body = {"name": f"p{next(numbers)}", "organization": yard.organization.pk, **body}
        return (client or yard.api).post("/api/v2/projects/", body)

    return post


@pytest.fixture
def run_updates() -> Any:
    """Run all updates that wait; the last one."""

    def run() -> ProjectUpdate:
        passes.run()
        for update in ProjectUpdate.objects.filter(status="waiting").order_by("pk"):
            run_here(update.pk)
        return ProjectUpdate.objects.order_by("pk").last()

    return run


@pytest.fixture
def scm(yard: Any, settings: Any, tmp_path: Path) -> Any:
    """`scm(username="x", …)`: a source control credential; hosts are remembered in the test's directory."""
    settings.AWX_LITE_HOME = tmp_path
    numbers = iter(range(100))

    def make(**inputs: str) -> Credential:
        kind = CredentialType.objects.get(namespace="scm")
        body = {"name": f"scm{next(numbers)}", "credential_type": kind.pk, "organization": yard.organization.pk}
        answer = yard.api.post("/api/v2/credentials/", {**body, "inputs": inputs})
        assert answer.status_code == 201, answer.content
        return Credential.objects.get(pk=answer.json()["id"])

    return make
