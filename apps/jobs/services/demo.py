"""The demo template, so that a new installation has something to launch."""

from __future__ import annotations

from apps.core import registry
from apps.jobs.models import JobTemplate

NAME = "Demo Job Template"


def preload() -> None:
    """Make the demo template from the demo project, inventory and credential, unless it is there."""
    project = registry.by_slug("projects").model.objects.filter(name="Demo Project").first()
    inventory = registry.by_slug("inventories").model.objects.filter(name="Demo Inventory").first()
    if project is None or inventory is None or JobTemplate.objects.filter(name=NAME).exists():
        return
    template = JobTemplate.objects.create(name=NAME, project=project, inventory=inventory, playbook="hello_world.yml")
    credential = registry.by_slug("credentials").model.objects.filter(name="Demo Credential").first()
    if credential is not None:
        template.credentials.add(credential)
