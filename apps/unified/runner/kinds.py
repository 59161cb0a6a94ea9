"""What a kind of job must say so that the runner can run it.

An app writes a Run class in its runs.py, which its AppConfig.ready imports:

    @run_kind(ProjectUpdate)
    class ProjectUpdateRun(Run):
        def prepare(self) -> ScriptCommand: ...

The supervisor calls, in this order: prepare() before anything is started, finished(status) after the last event is
stored and before the final status is written. Both run in a worker thread without a surrounding transaction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from .workspace import Workspace

RUNS: dict[Any, type[Run]] = {}


class Refused(Exception):  # noqa: N818  (it is an answer, not an accident)
    """The job cannot run; the sentence becomes `job_explanation` and the job ends with `status`."""

    def __init__(self, sentence: str, status: str = "error") -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(kw_only=True)
class AnsibleCommand:
    """One ansible-playbook or ansible (ad hoc) process under ansible-runner.

    Exactly one of `playbook` and `module` is given. Nothing secret may be in `cmdline`, `envvars` may hold secrets:
    `hidden_env` names those whose names do not tell.
    """

    playbook: str = ""  # relative to `cwd`
    module: str = ""
    module_args: str = ""
    host_pattern: str = ""  # of an ad hoc command
    inventory: str = ""  # a path, or several separated by commas
    cwd: str  # the project's checkout; for ad hoc commands the workspace
    cmdline: Sequence[str] = ()  # further options, each word for itself; never text of a user without its option
    extra_vars_file: str = ""  # a path; "" for none
    envvars: Mapping[str, str] = field(default_factory=dict)
    hidden_env: Sequence[str] = ()
    passwords: Mapping[str, str] = field(default_factory=dict)  # {regular expression of the prompt: answer}
    ssh_key: str = ""  # a private key for ssh-agent
    settings: Mapping[str, Any] = field(default_factory=dict)  # ansible-runner settings (pexpect_timeout, …)
    timeout: int = 0  # seconds; 0 for none
    fact_cache: str = ""  # a directory with one JSON file a host; "" for none
    container: Mapping[str, Any] = field(default_factory=dict)  # what containers.plan() says; empty for none
    banner: str = ""  # the first line of the output


@dataclass(kw_only=True)
class ScriptCommand:
    """Any process: each line that it prints becomes a `verbose` event."""

    argv: Sequence[str]
    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)
    hidden_env: Sequence[str] = ()  # of these the values are never shown
    stdin: str = ""  # where secrets may come in; it is written to a file of the workspace
    timeout: int = 0
    ssh_key: str = ""  # a private key for ssh-agent
    ssh_key_passphrase: str = ""


Command = AnsibleCommand | ScriptCommand


class Run(ABC):
    """One run of one job of a kind."""

    mode: ClassVar[str] = "worker"  # or "stepped" (workflow jobs), or "waiting" (approvals)
    control: ClassVar[bool] = False  # True: runs in the control plane's group where no other is preferred
    impact: ClassVar[int] = 1  # the share of an instance's capacity, where `task_impact` below does not say more

    def __init__(self, job: Any, workspace: Workspace | None = None) -> None:
        self.job = job
        self.workspace = workspace

    # --- before it starts: the dispatcher asks -------------------------------------------------------------------

    @classmethod
    def task_impact(cls, job: Any) -> int:
        """Forks that the job will take, plus one; counted against the instance's capacity."""
        return cls.impact

    @classmethod
    def dependencies(cls, job: Any) -> Sequence[Any]:
        """Jobs that must have been successful first (a project update on launch): saved, `new`, or already active.

        Called once a job, in the dispatcher's transaction; those that are `new` are submitted.
        """
        return ()

    @classmethod
    def lane(cls, job: Any) -> str:
        """Jobs of one lane run one after the other, in order of their ids: `job_template:7`; "" for none."""
        return ""

    @classmethod
    def waits_on(cls, job: Any) -> Sequence[str]:
        """Lanes whose earlier jobs must be over first, such as `project:5` for a job that runs its playbook."""
        return ()

    @classmethod
    def instance_groups(cls, job: Any) -> Sequence[Any]:
        """Instance groups in order of preference; empty for the default ones."""
        return ()

    # --- in the worker -------------------------------------------------------------------------------------------

    @abstractmethod
    def prepare(self) -> Command:
        """Fill the workspace and say what to start; Refused("one sentence") ends the job."""

    def recall(self) -> None:  # noqa: B027  (this and the next are for those who need them)
        """Called instead of prepare() when a restarted worker takes up a living process: nothing is in memory."""

    def event(self, event: dict[str, Any]) -> None:  # noqa: B027
        """Look at one event before it is stored (to note a revision, say); it may change the dict."""

    def host_ids(self, names: set[str]) -> Mapping[str, int]:
        """{name: id} of hosts that events speak of; asked once a name."""
        return {}

    def finished(self, status: str) -> None:  # noqa: B027
        """Called after the last event is stored and before `status` is written; set columns of the job and save them.

        It may be called again if the worker is killed in the middle: it must end with the same rows.
        """

    # --- what a run often needs ----------------------------------------------------------------------------------

    def path(self, *parts: str) -> Path:
        """A path in the workspace."""
        if self.workspace is None:
            raise RuntimeError("This run has no workspace.")
        return self.workspace.path.joinpath(*parts)


def run_kind(model: Any) -> Callable[[type[Run]], type[Run]]:
    """Register the Run class of a kind of job."""

    def register(run: type[Run]) -> type[Run]:
        RUNS[model] = run
        return run

    return register


def run_of(job: Any) -> type[Run]:
    """The Run class of a job's kind; a kind that registers none is left alone."""
    return RUNS.get(type(job), Waiting)


class Stepped(Run):
    """A kind that takes no worker: the dispatcher marks it running and calls start()."""

    mode = "stepped"
    impact = 0

    def prepare(self) -> Command:
        """There is no process to start."""
        raise Refused("A job of this kind takes no worker.")

    @classmethod
    def start(cls, job: Any) -> None:
        """Take the first step; called in the dispatcher after `running` is committed."""

    @classmethod
    def cancel(cls, job: Any) -> bool:
        """Cancel what it has started; True where the job itself ends later, when those have ended."""
        return False


class Waiting(Stepped):
    """A kind that the dispatcher leaves alone: it waits for someone's word (approvals)."""

    mode = "waiting"
