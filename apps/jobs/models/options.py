"""What a job template and its jobs have in common: how the playbook is run."""

from __future__ import annotations

from django.db import models

from apps.core.fields import VariablesField

JOB_TYPES = (("run", "Run"), ("check", "Check"))
VERBOSITIES = (
    (0, "0 (Normal)"),
    (1, "1 (Verbose)"),
    (2, "2 (More Verbose)"),
    (3, "3 (Debug)"),
    (4, "4 (Connection Debug)"),
    (5, "5 (WinRM Debug)"),
)
WEBHOOK_SERVICES = (("github", "GitHub"), ("gitlab", "GitLab"), ("bitbucket_dc", "BitBucket DataCenter"))


class PlaybookOptions(models.Model):
    """The options of a playbook run, on the template and copied to each of its jobs."""

    job_type = models.CharField(max_length=64, choices=JOB_TYPES, default="run")
    inventory = models.ForeignKey(
        "inventory.Inventory", models.SET_NULL, null=True, blank=True, default=None, related_name="%(class)ss"
    )
    project = models.ForeignKey(
        "projects.Project", models.SET_NULL, null=True, blank=True, default=None, related_name="%(class)ss"
    )
    playbook = models.CharField(max_length=1024, default="", blank=True)
    scm_branch = models.CharField(max_length=1024, default="", blank=True)
    forks = models.PositiveIntegerField(default=0, blank=True)
    limit = models.TextField(default="", blank=True)
    verbosity = models.PositiveIntegerField(choices=VERBOSITIES, default=0, blank=True)
    extra_vars = VariablesField()
    job_tags = models.TextField(default="", blank=True)
    force_handlers = models.BooleanField(default=False)
    skip_tags = models.CharField(max_length=1024, default="", blank=True)
    start_at_task = models.CharField(max_length=1024, default="", blank=True)
    timeout = models.IntegerField(default=0, blank=True)
    use_fact_cache = models.BooleanField(default=False)
    become_enabled = models.BooleanField(default=False)
    diff_mode = models.BooleanField(default=False)
    allow_simultaneous = models.BooleanField(default=False)
    job_slice_count = models.PositiveIntegerField(default=1, blank=True)
    webhook_service = models.CharField(max_length=16, choices=WEBHOOK_SERVICES, default="", blank=True)
    webhook_credential = models.ForeignKey(
        "credentials.Credential", models.SET_NULL, null=True, blank=True, default=None, related_name="%(class)ss"
    )

    class Meta:
        abstract = True


OPTION_FIELDS = tuple(field.name for field in PlaybookOptions._meta.local_fields)
