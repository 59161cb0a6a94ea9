"""The playbooks and inventory files that a project is known to have."""

from __future__ import annotations

from apps.projects import scan
from apps.projects.models import Project


def playbooks(project: Project) -> list[str]:
    """As the last update found them; of a manual project as they are now."""
    if project.scm_type:
        return list(project.playbook_files)
    place = project.directory()
    return scan.playbooks(place) if place is not None and place.is_dir() else []


def inventories(project: Project) -> list[str]:
    """The same for inventory files."""
    if project.scm_type:
        return list(project.inventory_files)
    place = project.directory()
    return scan.inventories(place) if place is not None and place.is_dir() else []
