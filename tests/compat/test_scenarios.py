"""Recorded requests and answers of AWX 24.6.1, replayed against a really started server.

What differs on purpose, or still differs, is listed in known_differences.json; nothing else may. A step that agrees
again must leave the list.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.compat import replay

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
KNOWN = HERE / "known_differences.json"
# counters of inventories are brought up to date in the background, a moment after the answer
SOMETIMES = {"execution-job_template_create": {"create with only what is required and see every default"}}
SCENARIOS = sorted((HERE / "scenarios").glob("*.yml"))


def differing(path: Path, server) -> list[str]:
    """The names of the steps of a scenario whose answers differ."""
    scenario = replay.load(path)
    session = replay.Session(server.url, server.user, server.password)
    session.users = {name: tuple(login) for name, login in scenario.get("users", {}).items()}
    return [step["name"] for step in scenario["steps"] if differs(session, step)]


def differs(session: replay.Session, step: dict) -> bool:
    """Whether one step's answer is another than AWX's."""
    status, body, headers = session.run(step)
    session.dates = step.get("dates", False)
    expect = step.get("expect", {})
    if status != expect.get("status"):
        return True
    if "body" in expect:
        got = json.loads(json.dumps(replay.reduce(step, status, session.normal(body))))
        if list(replay.differences(json.loads(json.dumps(expect["body"])), got)):
            return True
    return any(session.text(headers.get(name)) != want for name, want in expect.get("headers", {}).items())


@pytest.fixture(scope="module", autouse=True)
def busy_for_a_while(server):
    """The recorded server had run the Demo Project before; the first job names the update that fetched it for it."""
    made = server.call("POST", "/api/v2/job_templates/Demo%20Job%20Template++Default/launch/").json()
    server.wait_for(made["url"], "status", {"successful"})


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_answers_are_those_of_awx(server, path):
    found = differing(path, server)
    known = json.loads(KNOWN.read_text()) if KNOWN.exists() else {}
    if os.environ.get("WRITE_KNOWN_DIFFERENCES"):
        known = {k: v for k, v in {**known, path.stem: found}.items() if v}
        KNOWN.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    late = SOMETIMES.get(path.stem, set())
    assert [name for name in found if name not in late] == known.get(path.stem, [])
