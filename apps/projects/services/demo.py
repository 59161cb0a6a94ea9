"""The demo project: a git repository that comes with awx_lite, so that a first job needs no network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from django.conf import settings

from apps.identity.models import Organization
from apps.projects import scan
from apps.projects.models import Project

FILES = Path(__file__).resolve().parent.parent / "demo"
WHEN = "2024-07-02T12:00:00+00:00"  # a fixed time gives the repository the same revision everywhere


def repository() -> Path:
    """The repository, made at the first call."""
    target = Path(settings.DEMO_ROOT) / "demo.git"
    if (target / ".git" / "refs" / "heads" / "main").exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(FILES, target)
    git(target, "init", "-q", "-b", "main")
    git(target, "add", ".")
    git(target, "-c", "user.name=awx_lite", "-c", "user.email=awx_lite@localhost", "commit", "-q", "-m", "Hello World")
    return target


def git(target: Path, *words: str) -> str:
    """What one git command prints, whatever the configuration of this account and host is."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(target),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_DATE": WHEN,
        "GIT_COMMITTER_DATE": WHEN,
    }
    done = subprocess.run(  # noqa: S603
        ["git", *words],  # noqa: S607
        cwd=target, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def preload() -> None:
    """The Demo Project, which knows its revision and playbooks: the first job fetches them."""
    known = Project.objects.filter(name="Demo Project")
    if known.exists():
        # A data directory that was moved or restored elsewhere takes its repository along.
        known.filter(scm_url__startswith="/", scm_url__endswith="/demo/demo.git").update(scm_url=str(repository()))
        return
    source = repository()
    Project.objects.create(
        name="Demo Project",
        organization=Organization.objects.filter(name="Default").first(),
        scm_type="git",
        scm_url=str(source),
        scm_branch="main",
        scm_revision=git(source, "rev-parse", "HEAD"),
        scm_update_cache_timeout=0,
        status="successful",
        playbook_files=scan.playbooks(source),
        inventory_files=scan.inventories(source),
    )
