"""Ad hoc commands: one module on some hosts, without a template."""

from __future__ import annotations

from django.db import models

from apps.core.fields import VariablesField
from apps.unified.models import UnifiedJob

from .options import JOB_TYPES, VERBOSITIES


class AdHocCommand(UnifiedJob):
    """One run of an Ansible module on hosts of an inventory."""

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
