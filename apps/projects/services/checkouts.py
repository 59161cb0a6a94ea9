"""Checkouts by revision: CHECKOUTS_ROOT/<project>/<revision>, written once, read by any number of jobs."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

from django.conf import settings

from apps.projects.models import Project

REVISION = re.compile(r"^[A-Za-z0-9_.-]{1,128}$")
KEPT = 5  # checkouts of a project that no one has used lately
UNUSED_SECONDS = 24 * 3600.0


class NotThere(Exception):  # noqa: N818  (it is an answer)
    """The content is not there; the sentence becomes the job's explanation."""


def place(project_id: int, revision: str) -> Path:
    """Where the checkout of a revision is or would be."""
    if not REVISION.match(revision) or revision in (".", ".."):
        raise NotThere("The revision of the project has no valid name.")
    return Path(settings.CHECKOUTS_ROOT) / str(project_id) / revision


def checkout(project: Project, revision: str = "") -> Path:
    """The directory with the content of a project at a revision (the last one synchronised, where none is named)."""
    if not project.scm_type:
        found = project.directory()
        if found is None or not found.is_dir():
            host = settings.CLUSTER_HOST_ID
            raise NotThere(
                f"The directory of the manual project {project.name} is not on {host}: it is put there by hand."
            )
        return found
    revision = revision or project.scm_revision
    if not revision:
        raise NotThere(f"The project {project.name} was never synchronised: update it first.")
    found = place(project.pk, revision)
    if not found.is_dir():
        raise NotThere(f"The revision {revision[:12]} of the project {project.name} is not here: update it.")
    os.utime(found)  # it is in use: not to be pruned
    return found


def inside(root: Path, relative: str) -> Path:
    """A path below a checkout; NotThere for one that leads outside of it or is not there."""
    path = (root / relative).resolve()
    if relative.startswith("-") or not path.is_relative_to(root.resolve()):
        raise NotThere(f"{relative} is outside of the project.")
    if not path.exists():
        raise NotThere(f"The project has no {relative} at this revision.")
    return path


def prune(project: Project) -> None:
    """Remove checkouts that nothing has used for a day, but for the latest ones; and what was replaced or left half."""
    root = Path(settings.CHECKOUTS_ROOT) / str(project.pk)
    if not root.is_dir():
        return
    rows = sorted((p for p in root.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    aside = [row for row in rows if row.name.startswith(".")]
    rows = [row for row in rows if row not in aside]
    for old in (*aside, *rows[KEPT:]):
        if old.name != project.scm_revision and time.time() - old.stat().st_mtime > UNUSED_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def remove(project_id: int, local_path: str) -> None:
    """Everything on disk of a project under version control that is deleted."""
    root, own = Path(settings.PROJECTS_ROOT).resolve(), Path(settings.CHECKOUTS_ROOT) / str(project_id)
    shutil.rmtree(own, ignore_errors=True)
    copy = (root / local_path).resolve()
    if local_path.startswith(f"_{project_id}__") and copy.parent == root:
        shutil.rmtree(copy, ignore_errors=True)
        copy.with_name(f".{copy.name}.lock").unlink(missing_ok=True)
