"""Runs `awx …` against the started server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.live import Server

COLOURS = re.compile("\x1b\\[[0-9;]*m")  # the command colours what it makes, also where nobody looks


@dataclass(frozen=True)
class Awx:
    """The command, with the host and somebody's login."""

    server: Server
    login: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: object, status: int = 0, given: str = "") -> Any:
        """What the command answers, read as JSON."""
        return json.loads(self.text(*words, status=status, given=given))

    def text(self, *words: object, status: int = 0, given: str = "", form: str = "json", errors: bool = False) -> str:
        """What the command prints."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("CONTROLLER_", "TOWER_"))}
        environment |= {"CONTROLLER_HOST": self.server.url, "PYTHONWARNINGS": "ignore", "CONTROLLER_COLOR": "f"}
        environment |= self.login or {
            "CONTROLLER_USERNAME": self.server.user, "CONTROLLER_PASSWORD": self.server.password,
        }  # fmt: skip
        done = subprocess.run(
            [str(Path(sys.executable).with_name("awx")), "-f", form, *map(str, words)],
            env=environment, input=given, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == status, f"awx {words}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return COLOURS.sub("", done.stdout + done.stderr if errors else done.stdout)

    def ids(self, resource: str, *words: object) -> list[int]:
        """The ids of a list, all pages of it."""
        return [row["id"] for row in self(resource, "list", "--all", *words)["results"]]


@pytest.fixture(scope="session")
def awx(server: Server) -> Awx:
    """The command as the administrator."""
    return Awx(server)


@pytest.fixture(scope="module")
def organization(awx: Awx) -> Any:
    """An organization for the tests of a module; what is in it goes with it."""
    name = "Kit organization"
    made = awx("organizations", "create", "--name", name, "--description", "for the command")
    yield made
    awx.text("organizations", "delete", made["id"])
    assert awx("organizations", "list", "--name", name)["count"] == 0


@pytest.fixture(scope="session")
def demo(awx: Awx) -> Any:
    """The job template that every server begins with."""
    return awx("job_templates", "get", "Demo Job Template")
