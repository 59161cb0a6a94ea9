"""The process that runs a job: what a worker must know to take it up again after a restart."""

from __future__ import annotations

from django.db import models


class JobProcess(models.Model):
    """One detached process group, its spool file, and how much of that is stored.

    It lives from the claim until the final status: the offset moves in the transaction that stores the events.
    """

    job = models.OneToOneField("unified.UnifiedJob", models.CASCADE, primary_key=True, related_name="process")
    node = models.CharField(max_length=250)  # the instance that supervises it
    attempt = models.CharField(max_length=36)  # of the supervisor that holds it: another one taking over changes it
    workspace = models.TextField(default="")
    pid = models.IntegerField(null=True, default=None)
    pid_started = models.FloatField(null=True, default=None)  # a process id alone may be another process by now
    offset = models.BigIntegerField(default=0)  # bytes of the spool that are stored
    counter = models.IntegerField(default=0)  # of the last stored event
    line = models.IntegerField(default=0)  # the stdout line at which the next event begins
    claimed = models.DateTimeField(auto_now_add=True)
    deadline = models.DateTimeField(null=True, default=None)  # when the job's timeout is over

    class Meta:
        indexes = (models.Index(fields=("node",), name="jobprocess_node"),)

    def __str__(self) -> str:
        return f"process {self.pid} of job {self.job_id}"
