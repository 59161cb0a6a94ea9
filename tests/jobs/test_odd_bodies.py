"""Whatever somebody sends is answered: every path that takes a body, with bodies that make no sense."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from apps.jobs.models import AdHocCommand, Job

pytestmark = pytest.mark.django_db
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "\ud800",
    "\x00",
    [],
    [None],
    [[1]],
    {},
    {"a": {"b": [1]}},
    "a" * 3000,
)
PATHS = {
    "{jt}": (
        "name",
        "inventory",
        "project",
        "extra_vars",
        "forks",
        "verbosity",
        "webhook_credential",
        "host_config_key",
    ),
    "{jt}launch/": ("inventory", "extra_vars", "credentials", "labels", "limit", "credential_passwords", "timeout"),
    "{jt}copy/": ("name",),
    "{jt}survey_spec/": ("name", "spec"),
    "{jt}webhook_key/": ("a",),
    "{jt}callback/": ("host_config_key", "extra_vars"),
    "{jt}labels/": ("name", "organization", "id"),
    "{jt}credentials/": ("id", "name"),
    "{job}relaunch/": ("hosts", "credential_passwords"),
    "{job}cancel/": ("a",),
    "{job}create_schedule/": ("a",),
    "/api/v2/job_templates/": ("name", "inventory", "project", "job_type", "playbook"),
    "/api/v2/ad_hoc_commands/": ("inventory", "credential", "module_name", "extra_vars", "limit"),
    "{command}relaunch/": ("ssh_password",),
}


@pytest.fixture
def paths(shop: Any, credential: Any) -> dict[str, str]:
    """What the names in PATHS stand for."""
    shop.api.patch(
        shop.url, {"host_config_key": "k", "ask_variables_on_launch": True, "ask_credential_on_launch": True}
    )
    job = Job.objects.create(name="j", unified_job_template=shop.template, job_template=shop.template, status="failed")
    command = AdHocCommand.objects.create(name="c", inventory=shop.inventory, credential=credential("ssh"))
    return {"jt": shop.url, "job": f"/api/v2/jobs/{job.pk}/", "command": f"/api/v2/ad_hoc_commands/{command.pk}/"}


def send(method: Any, path: str, data: Any) -> Any:
    """A body as ASCII, so that it may hold what is no Unicode."""
    return method(path, json.dumps(data).encode("ascii"), content_type="application/json")


@pytest.mark.parametrize("path", PATHS)
def test_odd_values_are_answered(shop: Any, paths: dict[str, str], path: str) -> None:
    method = shop.api.patch if path == "{jt}" else shop.api.post
    complete = {"host_config_key": "k"} if "callback" in path else {}
    for name, value in itertools.product(PATHS[path], ODD):
        answer = send(method, path.format(**paths), {**complete, name: value})
        assert answer.status_code < 500, (path, name, value)


@pytest.mark.parametrize(
    "question", [{"type": odd} for odd in ODD] + [{"choices": odd, "type": "multiselect"} for odd in ODD]
)
def test_odd_questions_are_answered(shop: Any, question: dict[str, Any]) -> None:
    spec = [{"question_name": "q", "variable": "v", "required": True, "type": "text", **question}]
    answer = send(shop.api.post, f"{shop.url}survey_spec/", {"name": "s", "description": "", "spec": spec})
    assert answer.status_code in (200, 400)


def test_odd_answers_are_answered(shop: Any) -> None:
    kinds = ("text", "password", "integer", "float", "multiplechoice", "multiselect")
    spec = [
        {"question_name": "q", "variable": kind, "required": False, "type": kind, "choices": "x\ny", "min": 1, "max": 9}
        for kind in kinds
    ]
    assert shop.api.post(f"{shop.url}survey_spec/", {"name": "s", "description": "", "spec": spec}).status_code == 200
    shop.api.patch(shop.url, {"survey_enabled": True})
    for kind, value in itertools.product(kinds, ODD):
        answer = send(shop.api.post, f"{shop.url}launch/", {"extra_vars": {kind: value}})
        assert answer.status_code < 500, (kind, value)


@pytest.mark.parametrize("body", ["null", "[]", '"x"', "{", "[[", "\xff", "1" * 5000])
def test_bodies_that_are_no_objects(shop: Any, paths: dict[str, str], body: str) -> None:
    for path in PATHS:
        answer = shop.api.post(path.format(**paths), body.encode("latin-1"), content_type="application/json")
        assert answer.status_code < 500, path
        assert json.loads(answer.content)
