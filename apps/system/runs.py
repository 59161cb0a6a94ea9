"""How a system job runs: as a management command of this server in a process of its own."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings

from apps.core.fields import parse_variables
from apps.instances.models import ExecutionEnvironment
from apps.unified.runner.kinds import Refused, Run, ScriptCommand, run_kind

from .models import SystemJob, days_of

# what the command needs to reach the server's own database; shown masked, as every job's environment
INHERITED = (
    "DJANGO_SETTINGS_MODULE", "AWX_LITE_HOME", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "CLUSTER_HOST_ID",
)  # fmt: skip
DATED = ("cleanup_jobs", "cleanup_activitystream")


@run_kind(SystemJob)
class SystemRun(Run):
    """One cleaning."""

    impact = 1
    control = True

    @classmethod
    def lane(cls, job: Any) -> str:
        """Two cleanings of one kind follow each other."""
        return f"system:{job.job_type}"

    def settle_environment(self) -> None:
        """Show the control plane's execution environment, where none was chosen: no container is started either way."""
        managed = ExecutionEnvironment.objects.filter(managed=True).order_by("pk").first()
        if self.job.pk and self.job.execution_environment_id is None and managed is not None:
            self.job.execution_environment = managed
            self.job.save(update_fields=["execution_environment"])

    def prepare(self) -> ScriptCommand:
        """`manage.py cleanup_jobs --days 90`: the arguments are numbers, never text of a user."""
        argv = [sys.executable, str(settings.CHECKOUT / "manage.py"), self.job.job_type]
        if self.job.job_type in DATED:
            try:
                days = days_of(parse_variables(self.job.extra_vars))
            except ValueError as error:
                raise Refused(f"The job cannot run: {error}") from error
            argv += ["--days", str(days)] if days is not None else []
        self.settle_environment()
        env = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return ScriptCommand(argv=argv, cwd=str(settings.CHECKOUT), env=env)
