"""Ad hoc commands: one module on some hosts, without a template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from apps.core.fields import VariablesField
from apps.unified.models import UnifiedJob
from apps.unified.models.job import held_on

from .options import JOB_TYPES, VERBOSITIES


class AdHocCommand(UnifiedJob):
    """One run of an Ansible module on hosts of an inventory."""

    rights_from = "inventory"
    rights_map = {"start": "adhoc", "cancel": "change"}

    job_type = models.CharField(max_length=64, choices=JOB_TYPES, default="run")
    inventory = models.ForeignKey(
        "inventory.Inventory", models.SET_NULL, null=True, default=None, related_name="ad_hoc_commands"
    )
    limit = models.TextField(default="", blank=True)
    credential = models.ForeignKey(
        "credentials.Credential", models.SET_NULL, null=True, blank=True, default=None, related_name="ad_hoc_commands"
    )
    module_name = models.CharField(max_length=1024, default="", blank=True)
    module_args = models.TextField(default="", blank=True)
    forks = models.PositiveIntegerField(default=0, blank=True)
    verbosity = models.PositiveIntegerField(choices=VERBOSITIES, default=0, blank=True)
    become_enabled = models.BooleanField(default=False)
    diff_mode = models.BooleanField(default=False)
    extra_vars = VariablesField()

    class Meta:
        ordering = ("id",)

    @classmethod
    def held(cls, user: Any, objects: Iterable[Any]) -> dict[int, set[str]]:
        """What the inventory allows; to start it again also takes the right to use its credential."""
        objects = list(objects)
        out = cls.held_by_parent(user, objects)
        credentials = held_on(user, cls._meta.get_field("credential"), objects)
        for obj in objects:
            if obj.credential_id is not None and "use" not in credentials.get(obj.credential_id, ()):
                out[obj.pk].discard("start")
        return out
