"""Real playbooks: a job from its launch to its last event."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.credentials.models import Credential, CredentialType
from apps.inventory.models import HostFacts
from apps.jobs import services
from apps.jobs.models import AdHocCommand, Job
from apps.jobs.runs import variables
from apps.projects.models import Project
from apps.projects.services import checkouts
from apps.unified.dispatch import passes
from apps.unified.runner.supervisor import run_here

from .conftest import PLAYBOOK

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def run(job: Any) -> Any:
    """Dispatch and run the job here; the finished row."""
    passes.run()
    run_here(job.pk)
    return type(job).objects.get(pk=job.pk)


def launched(shop: Any, **columns: Any) -> Job:
    """A finished job of the template with other columns."""
    for name, value in columns.items():
        setattr(shop.template, name, value)
    shop.template.save()
    return run(services.launch(shop.template, actor=shop.admin))


def output(shop: Any, job: Any) -> str:
    """What the job printed."""
    kind = "jobs" if isinstance(job, Job) else "ad_hoc_commands"
    answer = shop.api.get(f"/api/v2/{kind}/{job.pk}/stdout/", {"format": "txt"}, HTTP_ACCEPT="*/*")
    return b"".join(answer.streaming_content).decode()


def test_a_job_runs_its_playbook(worker: Any) -> None:
    job = launched(worker, extra_vars="greeting: hi\nanswer: 42", use_fact_cache=True)
    assert (job.status, job.job_explanation) == ("successful", ""), output(worker, job)
    assert f"hi from job {job.pk} jt" in output(worker, job)
    assert job.artifacts == {"answer": 42}
    assert job.host_status_counts == {"ok": 2}
    assert job.scm_revision == "a" * 40
    assert job.event_processing_finished is True
    assert "hello_world.yml" in job.job_args
    assert set(job.job_host_summaries.values_list("host_name", "ok")) == {("one", 3), ("two", 2)}
    assert job.job_events.filter(event="runner_on_ok", host__name="one").exists()
    assert HostFacts.objects.get(host__name="one").data["colour"] == "green"
    worker.template.refresh_from_db()
    assert (worker.template.status, worker.template.last_job_id) == ("successful", job.pk)


@pytest.mark.parametrize("status", ["failed", "error"])
def test_a_job_does_not_run_what_a_failed_update_left(worker: Any, status: str) -> None:
    Project.objects.update(status=status)
    job = launched(worker)
    assert (job.status, job.job_events.count()) == ("failed", 0)
    assert "last update of the project proj failed" in job.job_explanation
    Project.objects.update(status="canceled")
    assert launched(worker).status == "successful"


def test_limit_tags_and_failure_reach_the_playbook(worker: Any) -> None:
    job = launched(worker, limit="one", job_tags="remember")
    assert job.status == "successful"
    assert list(job.job_host_summaries.values_list("host_name", flat=True)) == ["one"]
    assert "Say" not in output(worker, job)
    job = launched(worker, limit="", job_tags="", extra_vars="breaks: two")
    assert (job.status, job.failed) == ("failed", True)
    assert job.host_status_counts == {"ok": 1, "failures": 1}
    again = services.relaunch(job, actor=worker.admin, hosts="failed")
    assert again.limit == "two"


@pytest.mark.parametrize("value", ["--version", "-i/etc/passwd", "one; touch /tmp/x", "$(id)"])
def test_no_value_becomes_an_option_or_a_command(worker: Any, value: str) -> None:
    job = launched(worker, limit=value, skip_tags=value, start_at_task="")
    assert f"--limit={value}" in json.loads(job.job_args)
    assert "core 2." not in output(worker, job)


def test_user_variables_are_not_templates(worker: Any) -> None:
    worker.template.ask_variables_on_launch = True
    worker.template.extra_vars = "greeting: '{{ 6 * 7 }}'"
    worker.template.save()
    trusted = run(services.launch(worker.template, actor=worker.admin))
    assert "42 from job" in output(worker, trusted)
    nasty = {"greeting": "{{ lookup('pipe', 'id') }}"}
    job = run(services.launch(worker.template, actor=worker.admin, prompts={"extra_vars": nasty}))
    assert "uid=" not in output(worker, job)
    assert "lookup(" in output(worker, job)


def test_a_vault_credential_opens_what_is_sealed(worker: Any, credential: Any) -> None:
    place = checkouts.place(worker.project.pk, worker.project.scm_revision)
    (place / "vars.yml").write_text("greeting: sealed\n")
    key = place / "key"
    key.write_text("open sesame")
    vault = Path(sys.executable).parent / "ansible-vault"
    command = [str(vault), "encrypt", f"--vault-id=shop@{key}", str(place / "vars.yml")]
    subprocess.run(command, check=True, capture_output=True)
    (place / "hello_world.yml").write_text(PLAYBOOK.replace("  tasks:", "  vars_files: [vars.yml]\n  tasks:"))
    assert launched(worker).status == "failed"
    worker.template.credentials.add(credential("vault", vault_password="open sesame", vault_id="shop"))
    job = launched(worker)
    assert job.status == "successful", output(worker, job)
    assert "sealed from job" in output(worker, job)
    assert "open sesame" not in json.dumps([job.job_args, job.job_env]) + output(worker, job)
    asking = credential("vault", vault_password="ASK", vault_id="shop")
    worker.template.credentials.set([asking])
    given = {"vault_password.shop": "open sesame"}
    asked = run(services.launch(worker.template, actor=worker.admin, passwords=given))
    assert (asked.status, asked.start_args) == ("successful", "")


def test_secrets_of_a_custom_type_are_not_shown_whatever_their_variables_are_called(worker: Any) -> None:
    kind = CredentialType.objects.create(
        name="site", kind="cloud", inputs={"fields": [{"id": "word", "label": "Word", "secret": True}]},
        injectors={"env": {"SITE_WORD": "say {{ word }}", "SITE": "plain"}},
    )  # fmt: skip
    made = Credential.objects.create(name="c", credential_type=kind, inputs={"word": "open sesame"})
    worker.template.credentials.add(made)
    job = launched(worker)
    assert job.status == "successful", output(worker, job)
    assert (job.job_env["SITE"], set(job.job_env["SITE_WORD"])) == ("plain", {"*"})
    assert "open sesame" not in json.dumps(job.job_env)


def test_a_slice_runs_on_its_part(worker: Any) -> None:
    job = services.launch(worker.template, actor=worker.admin, job_slice_number=2, job_slice_count=2)
    done = run(job)
    assert list(done.job_host_summaries.values_list("host_name", flat=True)) == ["two"]


def test_what_is_missing_is_said(worker: Any) -> None:
    job = launched(worker, playbook="gone.yml")
    assert job.status == "failed"
    assert "gone.yml" in job.job_explanation
    worker.template.playbook = "../../../../etc/passwd"
    worker.template.save()
    job = run(services.launch(worker.template, actor=worker.admin))
    assert "outside" in job.job_explanation


def test_an_ad_hoc_command_runs(worker: Any, credential: Any) -> None:
    ssh = credential("ssh", username="u")
    body = {
        "inventory": worker.inventory.pk, "credential": ssh.pk, "module_name": "command", "limit": "one",
        "module_args": "echo hello $HOME", "extra_vars": "{}",
    }  # fmt: skip
    answer = worker.api.post("/api/v2/ad_hoc_commands/", body)
    command = run(AdHocCommand.objects.get(pk=answer.data["id"]))
    assert (command.status, command.job_explanation) == ("successful", ""), output(worker, command)
    assert "hello" in output(worker, command)
    assert command.host_status_counts in ({"changed": 1}, {"ok": 1})
    assert "--user=u" in json.loads(command.job_args)


def test_marks_follow_the_setting() -> None:
    given = {"mine": "{{ a }}", "theirs": ["{{ b }}", {"{{ k }}": 1}], "n": 1}
    text = variables.as_yaml(given, {"mine": "{{ a }}"}, "template")
    assert "mine: '{{ a }}'" in text
    assert text.count("!unsafe") == 2
    assert "!unsafe" not in variables.as_yaml(given, {}, "always")
    assert "mine: !unsafe" in variables.as_yaml(given, {"mine": "{{ a }}"}, "never")
    assert "mine: !unsafe" in variables.as_yaml(given, {"mine": "{{ other }}"}, "template")


class Marked(str):
    """A text that carried the mark."""

    __slots__ = ()


class Loader(yaml.SafeLoader):
    """Reads marks as a class of their own."""


Loader.add_constructor("!unsafe", lambda loader, node: Marked(loader.construct_scalar(node)))
PIECES = [
    "{{",
    "}}",
    "{%",
    "!unsafe ",
    "'",
    '"',
    "\n",
    ": ",
    "- ",
    "#",
    "\\",
    "é",
    "\U0001f600",
    "\t",
    "\x07",
    "a",
    " ",
]


def some_text(numbers: random.Random) -> str:
    """Characters that mean something to YAML or Jinja."""
    return "".join(numbers.choices(PIECES, k=numbers.randrange(8)))


def some_value(numbers: random.Random, depth: int = 0) -> Any:
    """A text, a number, nothing, a list or a mapping."""
    kind = numbers.randrange(5 if depth < 3 else 3)
    if kind == 3:
        return [some_value(numbers, depth + 1) for _ in range(numbers.randrange(3))]
    if kind == 4:
        return {some_text(numbers): some_value(numbers, depth + 1) for _ in range(numbers.randrange(3))}
    return [some_text(numbers), numbers.random(), None][kind]


def all_marked(found: Any) -> bool:
    """Whether every text in a value carried the mark."""
    if isinstance(found, dict):
        return all(all_marked(key) and all_marked(item) for key, item in found.items())
    if isinstance(found, list):
        return all(all_marked(item) for item in found)
    return not isinstance(found, str) or isinstance(found, Marked)


def test_whatever_a_user_writes_comes_out_as_it_was_and_marked() -> None:
    numbers = random.Random(7)  # noqa: S311  (the same texts each time)
    for _ in range(300):
        given = {f"v{number}": some_value(numbers) for number in range(3)}
        back = yaml.load(variables.as_yaml(given, {}, "template"), Loader)  # noqa: S506
        assert back == given
        assert all(all_marked(item) for item in back.values())
