"""The command line of a run: each option is one word with its value behind `=`, so that no value is an option."""

from __future__ import annotations

from typing import Any

MAX_VERBOSITY = 5


def common(job: Any, credentials: list[str]) -> list[str]:
    """What playbooks and ad hoc commands share; `credentials` are the options that the credentials gave."""
    out = list(credentials)
    if not any(option.startswith("--user=") for option in out):
        out.append("--user=root")
    if job.job_type == "check":
        out.append("--check")
    if job.become_enabled:
        out.append("--become")
    if job.diff_mode:
        out.append("--diff")
    if job.forks:
        out.append(f"--forks={job.forks}")
    if job.verbosity:
        out.append(f"-{'v' * min(job.verbosity, MAX_VERBOSITY)}")
    return out


def playbook(job: Any, credentials: list[str]) -> list[str]:
    """The options of ansible-playbook."""
    out = common(job, credentials)
    if job.force_handlers:
        out.append("--force-handlers")
    for option, value in (
        ("limit", job.limit),
        ("tags", job.job_tags),
        ("skip-tags", job.skip_tags),
        ("start-at-task", job.start_at_task),
    ):
        if value:
            out.append(f"--{option}={value}")
    return out
