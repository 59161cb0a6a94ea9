"""Trying failed jobs again by themselves: the policy of a template, and each try that it leads to."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

MOST_ATTEMPTS = 10
LONGEST_DELAY = 7 * 24 * 3600  # seconds
HOSTS = (("all", "All"), ("failed", "Failed"))


class RetryPolicy(models.Model):
    """How often, how much later and on which hosts a failed job of a template is tried again."""

    job_template = models.OneToOneField("jobs.JobTemplate", models.CASCADE, related_name="retry_policy")
    attempts = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MOST_ATTEMPTS)])
    delay = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(LONGEST_DELAY)])
    hosts = models.CharField(max_length=16, choices=HOSTS, default="failed")

    def __str__(self) -> str:
        return f"{self.attempts} more attempts for template {self.job_template_id}"


class Retry(models.Model):
    """One try that follows a failed job; it waits here until it is due, whatever happens to the broker."""

    job = models.OneToOneField("jobs.Job", models.CASCADE, related_name="retry")
    made = models.OneToOneField("jobs.Job", models.SET_NULL, null=True, default=None, related_name="retry_of")
    attempt = models.PositiveSmallIntegerField()
    due = models.DateTimeField()
    over = models.BooleanField(default=False)  # made, or refused

    class Meta:
        indexes = (models.Index(fields=("due",), condition=models.Q(over=False), name="retry_due"),)

    def __str__(self) -> str:
        return f"attempt {self.attempt} after job {self.job_id}"
