"""Drives modules of the awx.awx collection: a list of steps becomes one play, its JSON says what each step did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from awx_lite.up.collection import place
from tests.live import Server

CALLBACKS = Path(__file__).parent / "callback"
CHANGED, SAME, FAILED = "changed", "ok", "failed"


@dataclass
class Step:
    """One task: a module, its arguments, what it should say, and (for failures) words of the message."""

    module: str
    args: dict[str, Any]
    want: str = CHANGED
    says: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def task(self, number: int) -> dict[str, Any]:
        """As the play has it; later steps find the result as `s<number>` or under the name in `register`."""
        return {
            "name": f"step {number}",
            f"awx.awx.{self.module}": self.args,
            "register": f"s{number}",
            "ignore_errors": True,
            **self.more,
        }


def environment(server: Server) -> dict[str, str]:
    """What tells Ansible and the modules where they are."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/root"),
        "LANG": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(place()),
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "CONTROLLER_HOST": server.url,
        "CONTROLLER_USERNAME": server.user,
        "CONTROLLER_PASSWORD": server.password,
        "CONTROLLER_VERIFY_SSL": "False",
    }


def play(server: Server, directory: Path, steps: list[Step]) -> list[dict[str, Any]]:
    """Run the steps one after the other; the result of each."""
    path = directory / "play.yml"
    whole = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "tasks": [step.task(number) for number, step in enumerate(steps)],
    }
    path.write_text(yaml.safe_dump([whole], sort_keys=False))
    record = directory / "record.jsonl"
    record.unlink(missing_ok=True)
    found = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", str(path)],
        env={
            **environment(server),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "RECORD": str(record),
        },
        capture_output=True, text=True, check=False, timeout=400, cwd=directory,
    )  # fmt: skip
    assert record.exists(), found.stdout[-2000:] + found.stderr[-2000:]
    results = [json.loads(line) for line in record.read_text().splitlines()]
    assert len(results) == len(steps), found.stdout[-3000:]
    return results


def said(result: dict[str, Any]) -> str:
    """What became of a step."""
    return FAILED if result.get("failed") else CHANGED if result.get("changed") else SAME


def check(server: Server, directory: Path, steps: list[Step]) -> list[dict[str, Any]]:
    """Run the steps; all that did not go as wanted are named at once."""
    results = play(server, directory, steps)
    wrong = [
        f"step {number}: {step.module} {step.args}: wanted {step.want} {step.says}, got {said(result)}"
        f" {result.get('msg', '')} {result.get('exception', '')[-1500:]}"
        for number, (step, result) in enumerate(zip(steps, results, strict=True))
        if said(result) != step.want or step.says not in json.dumps(result)
    ]
    assert not wrong, "\n".join(wrong)
    return results
