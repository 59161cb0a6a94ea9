"""The process that runs one job, apart from the server: `python -I child.py WORKSPACE`, or forked by the nursery.

It imports neither Django nor anything of this project, so that it starts in a tenth of a second and outlives whatever
happens to the server. It reads WORKSPACE/spec.json and appends one JSON object a line to WORKSPACE/spool:

    {"start": {"args": [...], "cwd": "...", "env": {...}}}     once
    {"event": {...}}                                           as ansible-runner makes them
    {"final": {"status": "...", "rc": 0, "explanation": "", "traceback": ""}}   last

Where even that cannot be written, the reason goes into WORKSPACE/last_words, whose blocks were allocated beforehand.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

KILL_AFTER = 5.0  # seconds between asking a script to end and making it
STOPPED = 254


class Spool:
    """The file in which the job's story is written, one whole line at a time."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.handle = os.open(workspace / "spool", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.broken = ""

    def write(self, **record: Any) -> None:
        """Append a record; a line that does not fit on the disk is cut off again, and nothing is written after it."""
        if self.broken:
            return
        line = json.dumps(record, default=str).encode() + b"\n"
        size = os.fstat(self.handle).st_size
        try:
            written = 0
            while written < len(line):
                written += os.write(self.handle, line[written:])
        except OSError as error:
            self.broken = f"The output of the job could not be written: {error.strerror}."
            os.ftruncate(self.handle, size)
            self.last_words(self.broken)
            job.stop(self.broken)

    def last_words(self, text: str) -> None:
        """Say why there is no final record; the file has its blocks already, so a full disk does not matter."""
        handle = os.open(self.workspace / "last_words", os.O_WRONLY)
        try:
            os.write(handle, text.encode()[:4000].ljust(4000))
        finally:
            os.close(handle)


class Job:
    """What is known about the running job: why it shall stop, and which process is to be stopped."""

    def __init__(self) -> None:
        self.canceled = False
        self.broken = ""

    def cancel(self, *_signal: Any) -> None:
        """SIGTERM: stop, and say that the job was canceled."""
        self.canceled = True
        kill_children()

    def stop(self, reason: str) -> None:
        """Stop because the job cannot go on."""
        self.broken = reason
        kill_children()

    def stopped(self) -> bool:
        """What ansible-runner asks now and then."""
        return self.canceled or bool(self.broken)


job = Job()


def children() -> list[int]:
    """Ids of the processes that this one started."""
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def kill_children(number: int = signal.SIGKILL) -> None:
    """Signal the process groups of what this process started."""
    own = os.getpgrp()
    for pid in children():
        try:
            group = os.getpgid(pid)
            if group == own:
                os.kill(pid, number)
            else:
                os.killpg(group, number)
        except ProcessLookupError:
            continue


def claim(workspace: Path) -> None:
    """Only one process ever runs the job: whoever makes this file."""
    handle = os.open(workspace / "started", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(handle, f"{os.getpid()}\n".encode())
    os.close(handle)


def masked(spec: dict[str, Any], env: dict[str, str]) -> dict[str, str]:
    """The environment as it may be told, without the values that are secret whatever their names say."""
    return env | {name: "**********" for name in spec.get("hidden_env", ()) if name in env}


# --- ansible ----------------------------------------------------------------------------------------------------------


def ansible_argv(spec: dict[str, Any]) -> list[str]:
    """The command line; what users wrote stands behind `=` or `--`, so that it can never be an option."""
    argv = ["ansible" if spec["module"] else "ansible-playbook", *spec["cmdline"]]
    for path in filter(None, spec["inventory"].split(",")):
        argv += ["-i", path]
    if spec["extra_vars_file"]:
        argv += ["-e", f"@{spec['extra_vars_file']}"]
    if spec["module"]:
        argv.append(f"--module-name={spec['module']}")
        if spec["module_args"]:
            argv.append(f"--args={spec['module_args']}")
        return [*argv, "--", spec["host_pattern"]]
    return [*argv, "--", spec["playbook"]]


def wrapped(spec: dict[str, Any], command: list[str], env: dict[str, str]) -> list[str]:
    """The command in its container, with the names of its variables (the engine takes the values from its own)."""
    if box := spec["container"]:
        from ansible_runner.utils import get_callback_dir

        plugins = str(get_callback_dir())
        named = [word for name in env if name not in box["outside"] for word in ("--env", name)]
        command = [*box["run"], "-v", f"{plugins}:{plugins}:ro,z", *named, box["image"], *command]
        env.update(box["env"])
    saying = ["sh", "-c", 'printf "%s\\n" "$0"; exec "$@"', spec["banner"]]
    return [*saying, *command] if spec["banner"] else command


def run_ansible(spec: dict[str, Any], workspace: Path, spool: Spool) -> dict[str, Any]:
    """Run ansible under ansible-runner; the final record."""
    from ansible_runner.config.runner import ExecutionMode, RunnerConfig
    from ansible_runner.runner import Runner

    class Config(RunnerConfig):
        def prepare_command(self) -> None:
            self.command = ansible_argv(spec)
            self.execution_mode = ExecutionMode.ANSIBLE if spec["module"] else ExecutionMode.ANSIBLE_PLAYBOOK

        def handle_command_wrap(self, *given: Any) -> None:
            super().handle_command_wrap(*given)
            self.command = wrapped(spec, self.command, self.env)

        def prepare_env(self) -> None:
            super().prepare_env()  # it takes settings from files alone
            self.cwd = spec["cwd"]
            self.pexpect_timeout = spec["settings"].get("pexpect_timeout", 1)
            self.idle_timeout = spec["settings"].get("idle_timeout")
            self.suppress_output_file = self.suppress_ansible_output = True

    config = Config(
        private_data_dir=str(workspace / "runner"),
        project_dir=spec["cwd"],
        playbook=spec["playbook"] or None,
        module=spec["module"] or None,
        envvars=spec["envvars"],
        passwords=spec["passwords"],
        ssh_key=spec["ssh_key"] or None,
        timeout=spec["timeout"] or None,
        fact_cache_type="",
        ident="job",
    )
    config.prepare()

    def on_event(event: dict[str, Any]) -> bool:
        event.pop("runner_ident", None)
        spool.write(event=event)
        return False  # ansible-runner keeps no file of it

    def on_status(data: dict[str, Any], runner_config: Any) -> None:
        if data["status"] == "starting":
            spool.write(start={"args": data["command"], "cwd": str(data["cwd"]), "env": masked(spec, data["env"])})

    close_at_once()
    runner = Runner(config, cancel_callback=job.stopped, event_handler=on_event, status_handler=on_status)
    status, rc = runner.run()
    if spec["container"] and status not in {"successful", "failed"}:  # the client is gone, what it started may not be
        subprocess.run(spec["container"]["remove"], env=config.env, stdin=subprocess.DEVNULL, check=False)
    return {"status": status, "rc": rc, "explanation": ""}


def close_at_once() -> None:
    """Closing a terminal whose process has ended needs no pause; pexpect makes one of a tenth of a second."""
    from ptyprocess import PtyProcess

    close = PtyProcess.close

    def quick(self: Any, **options: Any) -> None:
        self.delayafterclose = 0.0
        close(self, **options)

    PtyProcess.close = quick


# --- any other process ------------------------------------------------------------------------------------------------


def verbose(counter: int, text: str) -> dict[str, Any]:
    """A printed line as an event."""
    return {
        "uuid": str(uuid4()), "counter": counter, "stdout": text, "start_line": counter - 1, "end_line": counter,
        "event": "verbose", "event_data": {}, "created": datetime.now(UTC).isoformat(),
    }  # fmt: skip


def run_script(spec: dict[str, Any], workspace: Path, spool: Spool) -> dict[str, Any]:
    """Run a process and spool what it prints, line by line; the final record."""
    env = {**os.environ, **spec["env"]}
    agent = start_agent(spec, workspace, env)
    spool.write(start={"args": spec["argv"], "cwd": spec["cwd"], "env": masked(spec, env)})
    try:
        with open(workspace / "stdin", "rb") if spec["stdin"] else open(os.devnull, "rb") as given:
            process = subprocess.Popen(
                spec["argv"], cwd=spec["cwd"], env=env, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        timed_out = follow(process, spec["timeout"], spool)
        rc = process.wait()
    finally:
        if agent is not None:
            agent.kill()
            agent.wait()
    if job.canceled:
        return {"status": "canceled", "rc": STOPPED, "explanation": ""}
    if timed_out:
        return {"status": "timeout", "rc": STOPPED, "explanation": ""}
    return {"status": "failed" if rc else "successful", "rc": rc, "explanation": ""}


class Clock:
    """The time that a script has: asked to end when it is over, made to end some seconds later."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.process = process
        self.deadline = time.monotonic() + seconds if seconds else float("inf")
        self.over = False

    def look(self) -> None:
        """Act on the time."""
        if time.monotonic() < self.deadline:
            return
        if self.over:
            kill_children()
        else:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.over, self.deadline = True, time.monotonic() + KILL_AFTER


def follow(process: subprocess.Popen[bytes], timeout: float, spool: Spool) -> bool:
    """Spool the output until it ends; whether the time ran out."""
    handle, rest, counter, clock = process.stdout.fileno(), b"", 0, Clock(process, timeout)
    with selectors.DefaultSelector() as selector:
        selector.register(handle, selectors.EVENT_READ)
        while True:
            clock.look()
            if not selector.select(timeout=1.0):
                if process.poll() is not None:
                    break  # a process of its own making holds the pipe open
                continue
            chunk = os.read(handle, 1 << 16)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                counter += 1
                spool.write(event=verbose(counter, line.decode(errors="replace").rstrip("\r")))
    if rest:
        spool.write(event=verbose(counter + 1, rest.decode(errors="replace")))
    return clock.over


def start_agent(spec: dict[str, Any], workspace: Path, env: dict[str, str]) -> subprocess.Popen[bytes] | None:
    """An ssh-agent of the job's own that holds its key; the key itself touches no disk unencrypted by us."""
    if not spec["ssh_key"]:
        return None
    path = str(workspace / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not os.path.exists(path) and agent.poll() is None:
        time.sleep(0.005)
    env["SSH_AUTH_SOCK"] = path
    asker = workspace / "askpass"
    phrase = json.dumps(spec["ssh_key_passphrase"])
    asker.write_text(f"#!{sys.executable} -I\nprint({phrase})\n")
    asker.chmod(0o700)
    key = spec["ssh_key"] if spec["ssh_key"].endswith("\n") else spec["ssh_key"] + "\n"
    asking = {**env, "SSH_ASKPASS": str(asker), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
    added = subprocess.run(
        ["ssh-add", "-q", "-"], env=asking, input=key.encode(), capture_output=True, check=False, start_new_session=True
    )
    asker.unlink()
    if added.returncode:
        agent.kill()
        agent.wait()
        raise RuntimeError("The SSH key could not be used: is it a private key, and is its passphrase right?")
    return agent


# --- the whole --------------------------------------------------------------------------------------------------------


def main(path: str) -> int:
    """Run the job of a workspace; the exit status matters to nobody, the spool says how it went."""
    workspace = Path(path)
    claim(workspace)
    signal.signal(signal.SIGTERM, job.cancel)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    spec_file = workspace / "spec.json"
    spec = json.loads(spec_file.read_bytes())
    spec_file.unlink()  # it holds passwords
    spool = Spool(workspace)
    try:
        final = (run_ansible if spec["kind"] == "ansible" else run_script)(spec, workspace, spool)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is the job's end and must be told)
        final = {
            "status": "canceled" if job.canceled else "error",
            "rc": STOPPED,
            "explanation": f"The job could not be run: {error}",
            "traceback": traceback.format_exc(),
        }
    if job.broken:
        spool.last_words(job.broken)
        return 1
    spool.write(final=final)
    return 0


# --- many of them ----------------------------------------------------------------------------------------------------


def nursery() -> int:
    """Fork a process for every job that is asked for: what takes time to import is imported once.

    Requests come on the socket that is stdin, a JSON object a line: `{"workspace": "…", "env": {…}}`; the answer is the
    process id. The end of the socket is the end of the nursery, but not of the jobs. One thread, so forking is safe.
    """
    import ansible_runner.config.runner
    import ansible_runner.runner  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the jobs
    with socket.socket(fileno=0) as asked, asked.makefile("rwb") as stream:
        for line in stream:
            pid = os.fork()
            if not pid:
                os._exit(born(json.loads(line)))
            stream.write(f"{pid}\n".encode())
            stream.flush()
    return 0


def born(request: dict[str, Any]) -> int:
    """The forked process becomes what a started one would be: its own session, environment, input and output."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir("/")
    console = os.open(Path(request["workspace"], "console"), os.O_WRONLY | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (console, 1), (console, 2)):
        os.dup2(old, new)
    os.closerange(3, 1024)
    try:
        return main(request["workspace"])
    except Exception:  # noqa: BLE001  (as the interpreter would: on the console)
        traceback.print_exc()
        sys.stderr.flush()
        return 1


if __name__ == "__main__":
    sys.exit(nursery() if sys.argv[1] == "--nursery" else main(sys.argv[1]))
