"""The demo project: a git repository that comes with awx_lite, so that a first job needs no network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from django.conf import settings

from apps.identity.models import Organization
from apps.projects.models import Project

from . import updates

FILES = Path(__file__).resolve().parent.parent / "demo"
WHEN = "2024-07-02T12:00:00+00:00"  # a fixed time gives the repository the same revision everywhere


def repository() -> Path:
    """The repository, made at the first call."""
    target = Path(settings.DEMO_ROOT) / "demo.git"
    if (target / ".git" / "refs" / "heads" / "main").exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(FILES, target)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(target),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_DATE": WHEN,
        "GIT_COMMITTER_DATE": WHEN,
    }
    person = ["-c", "user.name=awx_lite", "-c", "user.email=awx_lite@localhost"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*person, "commit", "-q", "-m", "Hello World"]):
        subprocess.run(["git", *words], cwd=target, env=environment, check=True, capture_output=True)  # noqa: S603, S607
    return target


def preload() -> None:
    """The Demo Project with its first update on the way."""
    known = Project.objects.filter(name="Demo Project")
    if known.exists():
        # A data directory that was moved or restored elsewhere takes its repository along.
        known.filter(scm_url__startswith="/", scm_url__endswith="/demo/demo.git").update(scm_url=str(repository()))
        return
    project = Project.objects.create(
        name="Demo Project",
        organization=Organization.objects.filter(name="Default").first(),
        scm_type="git",
        scm_url=str(repository()),
        scm_branch="main",
        scm_update_cache_timeout=0,
    )
    updates.start(project)
