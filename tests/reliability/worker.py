"""The Celery application of the tests: the real one, and a kind of job that runs what its variables say."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django

from awx_lite.celery import app

django.setup()

from apps.system.models import SystemJob  # noqa: E402
from apps.unified.runner.kinds import AnsibleCommand, Command, Run, ScriptCommand, run_kind  # noqa: E402


@run_kind(SystemJob)
class Scripted(Run):
    """`{"code": "print(1)"}` runs Python, `{"playbook": "/path/p.yml"}` runs Ansible on localhost."""

    def prepare(self) -> Command:
        asked = json.loads(self.job.extra_vars)
        if "playbook" in asked:
            book = Path(asked["playbook"])
            self.workspace.write("hosts", "localhost ansible_connection=local\n")
            return AnsibleCommand(playbook=book.name, inventory=str(self.path("hosts")), cwd=str(book.parent))
        return ScriptCommand(argv=[sys.executable, "-u", "-c", asked["code"]], cwd="/")


__all__ = ["app"]
