"""A job from its submission to its final status, in this very process."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.system.models import SystemJob
from apps.unified import services
from apps.unified.dispatch import passes
from apps.unified.events import rows
from apps.unified.models import JobProcess, UnifiedJob
from apps.unified.runner import lifecycle, nursery, process
from apps.unified.runner.kinds import AnsibleCommand, Refused, ScriptCommand
from apps.unified.runner.workspace import Workspace

pytestmark = pytest.mark.django_db
Ran = Callable[..., SystemJob]


@pytest.fixture
def watch(submitted: Ran, node: Any, probe: Any) -> Callable[[str], Any]:
    """`watch(code)` is a job that has just been started."""

    def start(code: str) -> Any:
        probe.code = code
        job = submitted()
        passes.run()
        return lifecycle.launch(job.pk)

    return start


def drain(watch: Any, seconds: float = 20.0) -> SystemJob:
    """Watch a job to its end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        watch.stored_at = 0.0
        if not watch.pump():
            watch.enforce()
            if watch.over():
                lifecycle.conclude(watch)
                return UnifiedJob.objects.get(pk=watch.job.pk)
            time.sleep(0.02)
    raise AssertionError("The job did not end.")


def wait_for_output(watch: Any) -> None:
    deadline = time.monotonic() + 10
    while not watch.pump():
        assert time.monotonic() < deadline
        watch.stored_at = 0.0
        time.sleep(0.02)


def test_each_line_of_a_script_becomes_one_event(ran: Ran, probe: Any) -> None:
    probe.code = "for i in range(1500): print('line', i)"
    job = ran()
    assert (job.status, job.failed, job.job_explanation) == ("successful", False, "")
    events = rows.of_job(job).order_by("counter")
    assert [e.counter for e in events] == list(range(1, 1501))
    assert [e.stdout for e in events][:2] == ["line 0", "line 1"]
    assert (events[0].start_line, events[0].end_line) == (0, 1)
    assert job.emitted_events == 1500
    assert job.started < job.finished
    assert job.elapsed > 0


def test_a_script_that_fails_fails_the_job(ran: Ran, probe: Any) -> None:
    probe.code = "import sys; print('bad'); sys.exit(3)"
    job = ran()
    assert (job.status, job.failed) == ("failed", True)
    assert probe.seen == ["failed"]


def test_a_refusal_is_readable(ran: Ran, probe: Any) -> None:
    def refuse(run: Any) -> Any:
        raise Refused("There is no playbook.")

    probe.command = refuse
    job = ran()
    assert (job.status, job.job_explanation) == ("error", "There is no playbook.")


def test_a_kind_that_stumbles_ends_the_job_with_an_error(ran: Ran, probe: Any) -> None:
    probe.command = lambda run: 1 // 0
    job = ran()
    assert job.status == "error"
    assert "by zero" in job.job_explanation
    assert "ZeroDivisionError" in job.result_traceback


def test_a_job_that_takes_too_long_is_stopped(ran: Ran, probe: Any) -> None:
    probe.code, probe.timeout = "import time; time.sleep(60)", 1
    job = ran()
    assert job.status == "failed"
    assert "timeout" in job.job_explanation


def test_nothing_is_left_of_a_run(ran: Ran, settings: Any) -> None:
    job = ran()
    assert not list(Path(settings.RUNNER_ROOT).iterdir())
    assert not JobProcess.objects.filter(pk=job.pk).exists()


def test_text_that_the_database_cannot_hold_is_stored_without_it(ran: Ran, probe: Any) -> None:
    probe.code = r"print('a\0b\\N\t|'); print('\x1b[0;32mgreen\x1b[0m')"
    job = ran()
    assert [e.stdout for e in rows.of_job(job)] == ["ab\\N\t|", "\x1b[0;32mgreen\x1b[0m"]


def test_events_that_the_database_refuses_are_cleaned(watch: Any) -> None:
    held = watch("print('good')")
    odd = {"event": "runner_on_ok", "counter": 2, "created": "never", "stdout": "lone \udc80", "start_line": -4}
    odd["event_data"] = {"res": {"x": float("nan"), "y": "\ud800"}, "host": "h"}
    while held.process.alive():
        time.sleep(0.02)
    lines = (held.workspace.path / "spool").read_text().splitlines()
    lines.insert(-1, json.dumps({"event": odd}))
    (held.workspace.path / "spool").write_text("\n".join(lines) + "\n")
    job = drain(held)
    assert (job.status, job.emitted_events) == ("successful", 2)
    first, second = rows.of_job(job).order_by("counter")
    assert first.stdout == "good"
    assert (second.event, second.start_line) == ("runner_on_ok", 0)
    assert second.event_data["res"]["x"] == "nan"


def test_a_spool_that_cannot_be_read_ends_the_job(watch: Any) -> None:
    held = watch("print('good')")
    while held.process.alive():
        time.sleep(0.02)
    (held.workspace.path / "spool").write_text("this is no record\n")
    for _try in range(20):
        try:
            held.stored_at = 0.0
            held.pump()
        except ValueError as error:
            held.give_up(error)
        if held.over():
            break
    lifecycle.conclude(held)
    job = UnifiedJob.objects.get(pk=held.job.pk)
    assert job.status == "error"
    assert "cannot be read" in job.job_explanation


def test_workspaces_that_nobody_owns_are_removed(watch: Any, settings: Any) -> None:
    held = watch("import time; time.sleep(1)")
    stray = Workspace.make(Workspace.name(1))
    old = time.time() - 3600
    os.utime(stray.path, (old, old))
    os.utime(held.workspace.path, (old, old))
    lifecycle.tidy()
    assert not stray.path.exists()
    assert held.workspace.path.exists()
    drain(held)


def test_the_environment_of_the_server_does_not_reach_the_job(
    ran: Ran, probe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hidden-one")
    probe.code = "import os; print(sorted(os.environ))"
    job = ran()
    printed = rows.of_job(job).get().stdout
    assert "SECRET_KEY" not in printed
    assert "DATABASE_URL" not in printed
    assert "SECRET_KEY" not in job.job_env
    assert "AWX_PRIVATE_DATA_DIR" in job.job_env


def test_secrets_in_the_environment_are_not_shown(ran: Ran, probe: Any) -> None:
    probe.command = lambda run: ScriptCommand(
        argv=["env"], cwd="/", hidden_env=["SITE"],
        env={"MY_TOKEN": "t0psecret", "PROXY": "http://u:pw@host/", "PLAIN": "1", "SITE": "t0psecret"},
    )  # fmt: skip
    job = ran()
    assert "t0psecret" not in json.dumps(job.job_env)
    assert job.job_env["PROXY"] == "http://u:**********@host/"
    assert job.job_env["PLAIN"] == "1"


def test_a_script_reads_what_it_is_given(ran: Ran, probe: Any) -> None:
    probe.command = lambda run: ScriptCommand(argv=["cat"], cwd="/", stdin="over the wire\n")
    assert rows.of_job(ran()).get().stdout == "over the wire"


def test_ansible_runs_a_playbook(ran: Ran, probe: Any, tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n  - name: Say\n    debug: {msg: '{{ word }}'}\n"
    )

    def command(run: Any) -> AnsibleCommand:
        run.workspace.write("vars.json", '{"word": "from a file"}')
        run.workspace.write("hosts", "localhost ansible_connection=local\n")
        return AnsibleCommand(
            playbook="p.yml", inventory=str(run.path("hosts")), cwd=str(tmp_path),
            extra_vars_file=str(run.path("vars.json")), cmdline=["-v"], envvars={"API_KEY": "sesame"},
        )  # fmt: skip

    probe.command = command
    job = ran()
    assert job.status == "successful", rows.of_job(job).values_list("stdout")
    events = list(rows.of_job(job).order_by("counter"))
    assert [e.counter for e in events] == list(range(1, len(events) + 1))
    assert {"playbook_on_start", "playbook_on_task_start", "runner_on_ok", "playbook_on_stats"} <= {
        e.event for e in events
    }
    assert any("from a file" in e.stdout for e in events)
    assert json.loads(job.job_args)[0].endswith("ansible-playbook")
    assert "sesame" not in json.dumps(job.job_env)


def test_ansible_answers_prompts(ran: Ran, probe: Any, tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text(
        "- hosts: localhost\n  gather_facts: false\n  vars_prompt: [{name: word, prompt: Word please, private: true}]\n"
        "  tasks: [{debug: {msg: 'it is {{ word }}'}}]\n"
    )
    probe.command = lambda run: AnsibleCommand(
        playbook="p.yml", inventory="localhost,", cwd=str(tmp_path), passwords={r"Word please:\s*?$": "sesame"}
    )
    job = ran()
    assert job.status == "successful"
    assert any("it is sesame" in e.stdout for e in rows.of_job(job))


def test_a_module_runs_ad_hoc(ran: Ran, probe: Any, tmp_path: Path) -> None:
    probe.command = lambda run: AnsibleCommand(
        module="command", module_args="echo --help me", host_pattern="localhost", inventory="localhost,",
        cwd=str(run.path()), cmdline=["--connection=local"],
    )  # fmt: skip
    job = ran()
    assert job.status == "successful", list(rows.of_job(job).values_list("stdout", flat=True))
    assert any("--help me" in e.stdout for e in rows.of_job(job))


def test_a_running_job_can_be_canceled(watch: Any) -> None:
    held = watch("import time; print('begun', flush=True); time.sleep(60)")
    wait_for_output(held)
    assert services.cancel(held.job)
    held.stop()
    job = drain(held)
    assert (job.status, job.failed) == ("canceled", True)
    assert job.canceled_on is not None


def test_a_runner_that_is_killed_ends_the_job_with_a_reason(watch: Any) -> None:
    held = watch("import time, os; print(os.getpid(), flush=True); time.sleep(60)")
    wait_for_output(held)
    while rows.of_job(held.job).count() == 0:
        held.stored_at = 0.0
        held.pump()
        time.sleep(0.02)
    script = int(rows.of_job(held.job).get().stdout)
    os.kill(held.process.pid, signal.SIGKILL)
    job = drain(held)
    assert job.status == "error"
    assert "killed or crashed" in job.job_explanation
    deadline = time.monotonic() + 5
    while process.Process(script, process.started_at(script)).alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not process.Process(script, process.started_at(script)).alive()


def test_another_supervisor_goes_on_where_the_first_was(watch: Any) -> None:
    first = watch("import time\nfor i in range(40): print(i, flush=True); time.sleep(0.02)")
    wait_for_output(first)
    second = lifecycle.take_up(JobProcess.objects.get(pk=first.job.pk))
    assert second.offset == first.offset > 0
    job = drain(second)
    assert job.status == "successful"
    assert [int(e.stdout) for e in rows.of_job(job).order_by("counter")] == list(range(40))


def test_a_supervisor_that_lost_the_job_stores_nothing(watch: Any) -> None:
    from apps.unified.events.store import LostError

    first = watch("import time\nfor i in range(20): print(i, flush=True); time.sleep(0.05)")
    wait_for_output(first)
    second = lifecycle.take_up(JobProcess.objects.get(pk=first.job.pk))
    time.sleep(0.3)
    first.stored_at = 0.0
    with pytest.raises(LostError):
        first.pump()
    assert not first.resync()
    assert drain(second).emitted_events == 20


def test_a_claimed_job_whose_process_never_started_goes_back_in_line(submitted: Ran, node: Any) -> None:
    job = submitted()
    passes.run()
    _job, row = lifecycle.claim(job.pk, node.hostname)
    Workspace.make(row.workspace)
    assert lifecycle.take_up(row) is None
    again = UnifiedJob.objects.get(pk=job.pk)
    assert (again.status, again.started, again.execution_node) == ("pending", None, "")
    assert not Path(row.workspace).exists()


def test_a_job_is_claimed_once(submitted: Ran, node: Any) -> None:
    job = submitted()
    passes.run()
    assert lifecycle.claim(job.pk, node.hostname) is not None
    assert lifecycle.claim(job.pk, node.hostname) is None


def test_a_workspace_keeps_its_files_inside_and_private(tmp_path: Path, settings: Any) -> None:
    settings.RUNNER_ROOT = tmp_path / "runs"
    workspace = Workspace.make(Workspace.name(7))
    assert workspace.path.stat().st_mode & 0o777 == 0o700
    assert workspace.write("a/b", "x").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError, match="inside"):
        workspace.write("../outside", "x")


def test_a_full_disk_is_said(watch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))  # the children inherit it: writes fail as on a full disk
    try:
        held = watch("while True: print('x' * 1000)")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    job = drain(held)
    assert job.status == "error"
    assert "could not be written" in job.job_explanation
    stored = rows.of_job(job).count()
    assert stored > 50
    assert job.emitted_events == stored


def test_a_supervisor_far_behind_a_dead_process_stores_everything(watch: Any) -> None:
    held = watch("for i in range(5321): print(i)")
    deadline = time.monotonic() + 20
    while held.process.alive():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    while not held.over():
        if held.pump():
            time.sleep(0.25)  # longer than a dead process is waited for
            held.stored_at = 0.0
    lifecycle.conclude(held)
    job = UnifiedJob.objects.get(pk=held.job.pk)
    assert (job.status, job.emitted_events, rows.of_job(job).count()) == ("successful", 5321, 5321)


@pytest.fixture
def nest() -> Iterator[Any]:
    """The nursery, for one test."""
    nursery.open_up()
    yield nursery._own[0]
    nursery._own.pop().close()


def test_a_job_is_forked_from_the_nursery(nest: Any, ran: Ran, probe: Any) -> None:
    probe.code = "import os; print(os.getppid() != 1, sorted(os.environ)); raise SystemExit(2)"
    job = ran()
    assert job.status == "failed"
    assert "AWX_PRIVATE_DATA_DIR" in rows.of_job(job).get().stdout


def test_a_forked_job_can_be_canceled(nest: Any, watch: Any) -> None:
    held = watch("import time; print('begun', flush=True); time.sleep(60)")
    wait_for_output(held)
    services.cancel(held.job)
    held.stop()
    assert drain(held).status == "canceled"
    assert not held.process.alive()


def test_a_job_outlives_the_nursery(nest: Any, watch: Any) -> None:
    held = watch("import time; print('begun', flush=True); time.sleep(1); print('end')")
    wait_for_output(held)
    nest.process.kill()
    nest.process.wait()
    assert drain(held).status == "successful"


def test_a_broken_nursery_loses_no_job(nest: Any, submitted: Ran, node: Any) -> None:
    nest.process.kill()
    nest.process.wait()
    job = submitted()
    passes.run()
    assert lifecycle.launch(job.pk) is None
    job.refresh_from_db()
    assert job.status == "pending"
    passes.run()
    assert drain(lifecycle.launch(job.pk)).status == "successful"
