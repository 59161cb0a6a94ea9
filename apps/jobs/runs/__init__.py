"""How jobs and ad hoc commands run; importing this registers both with the runner."""

from .command import AdHocCommandRun
from .playbook import JobRun

__all__ = ["AdHocCommandRun", "JobRun"]
