"""Jobs in their execution environments: what the engine is told, and that a job really ends through it."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from apps.instances.models import ExecutionEnvironment
from apps.jobs import services
from apps.jobs.models import AdHocCommand, Job
from apps.projects.services import checkouts
from apps.unified.runner import containers
from apps.unified.runner.kinds import Refused
from apps.unified.runner.workspace import Workspace
from apps.unified.services import submit

from .test_runs import launched, output, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
IMAGE = "registry.example.com/team/ee:1.2"


@pytest.fixture
def engine(tmp_path: Path, settings: Any) -> Any:
    """A podman that notes its calls: `engine.calls()`; installed, and asked for."""
    program = tmp_path / "podman"
    fake = Path(__file__).with_name("podman.py")
    program.write_text(f"#!{sys.executable} -I\n{fake.read_text()}")
    program.chmod(0o755)
    settings.AWX_LITE_CONTAINERS = str(program)
    log = Path(f"{program}.log")

    def calls() -> list[list[str]]:
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    return SimpleNamespace(calls=calls, auth=Path(f"{program}.auth"), path=program)


@pytest.fixture
def box(settings: Any, tmp_path: Path, db: Any) -> Any:
    """`box(environment)`: what the engine would be told for a job in a checkout."""
    settings.RUNNER_ROOT = tmp_path / "runs"
    numbers = iter(range(100))

    def plan(environment: Any, folder: str = "/srv/checkout") -> tuple[dict[str, Any], str]:
        return containers.plan(environment, Workspace.make(tmp_path / "runs" / str(next(numbers))), folder)

    return plan


def environment(**columns: Any) -> ExecutionEnvironment:
    """An execution environment of everybody's."""
    return ExecutionEnvironment.objects.create(**{"name": "Team", "image": IMAGE, **columns})


def test_a_job_ends_through_the_engine(worker: Any, engine: Any) -> None:
    team = environment(pull="always")
    job = launched(worker, execution_environment=team, extra_vars="greeting: boxed", use_fact_cache=True)
    printed = output(worker, job)
    assert job.status == "successful", printed
    assert printed.startswith(f"Execution environment Team: {IMAGE}")
    assert "boxed from job" in printed
    assert (job.execution_environment, job.artifacts) == (team, {"answer": 41})
    assert job.host_status_counts == {"ok": 2}
    (words,) = engine.calls()
    place = checkouts.place(worker.project.pk, worker.project.scm_revision)
    options, inner = words[: words.index(IMAGE)], words[words.index(IMAGE) + 1 :]
    assert "--pull=always" in options
    assert "--rm" in options
    assert "ansible-playbook" in " ".join(inner)
    assert f"{place}:{place}:ro,z" in options
    assert [options[number + 1] for number, word in enumerate(options) if word == "--network"]
    named = {options[number + 1] for number, word in enumerate(options) if word == "--env"}
    assert {"JOB_ID", "ANSIBLE_STDOUT_CALLBACK"} <= named
    assert not named & {"PATH", "HOME", "XDG_RUNTIME_DIR"}
    assert not any("=" in name for name in named)


def test_an_ad_hoc_command_too(worker: Any, engine: Any, credential: Any) -> None:
    command = AdHocCommand.objects.create(
        inventory=worker.inventory, module_name="ping", credential=credential("ssh", username="u"),
        execution_environment=environment(),
    )  # fmt: skip
    done = run(submit(command))
    assert done.status == "successful", output(worker, done)
    assert IMAGE in engine.calls()[0]


def test_without_the_engine_the_host_runs_it_and_says_so(worker: Any, settings: Any) -> None:
    settings.AWX_LITE_CONTAINERS = "podman-that-nobody-has"
    job = launched(worker, execution_environment=environment())
    printed = output(worker, job)
    assert job.status == "successful", printed
    assert "podman-that-nobody-has is not installed" in printed.splitlines()[0]


def test_where_nothing_is_asked_nothing_is_said(worker: Any) -> None:
    job = launched(worker, execution_environment=environment())
    assert job.status == "successful"
    assert "Execution environment" not in output(worker, job)


def test_a_canceled_jobs_container_is_removed(worker: Any, engine: Any) -> None:
    team = environment()
    engine.path.write_text(
        engine.path.read_text().replace("    os.execvpe", "    os.kill(os.getppid(), 15)\n    os.execvpe")
    )
    job = launched(worker, execution_environment=team)
    assert job.status in {"canceled", "error"}
    ran, removed = engine.calls()
    name = next(word.partition("=")[2] for word in ran if word.startswith("--name="))
    assert removed == ["rm", "--force", name]


def test_the_registrys_login_is_a_private_file(
    worker: Any,
    engine: Any,
    credential: Any,
) -> None:
    login = credential("registry", host="registry.example.com", username="bot", password="s3cret", verify_ssl=False)
    job = launched(worker, execution_environment=environment(credential=login))
    assert job.status == "successful", output(worker, job)
    mode, _, text = engine.auth.read_text().partition(" ")
    assert mode == "100600"
    auth = json.loads(text)["auths"]["registry.example.com"]["auth"]
    assert base64.b64decode(auth) == b"bot:s3cret"
    assert "s3cret" not in json.dumps(engine.calls()) + str(job.job_args) + output(worker, job)


@pytest.mark.parametrize(
    "image", ["--privileged", "-v/:/host", "a b", "x;id", "$(id)", "img:tag:tag", "http://x/y", ""]
)
def test_hostile_images_are_refused(box: Any, engine: Any, image: str) -> None:
    with pytest.raises(Refused, match="no container image"):
        box(environment(image=image))


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"host": 'x"\ninsecure = "y'}, "no registry"),
        ({"host": "--config=/etc"}, "no registry"),
        ({"host": "quay.io", "username": "a:b", "password": "c"}, "no login"),
        ({"host": "quay.io", "username": "a", "password": "c\nd"}, "no login"),
    ],
)
def test_hostile_logins_are_refused(
    shop: Any, box: Any, engine: Any, credential: Any, inputs: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        box(environment(credential=credential("registry", **inputs)))


def test_a_directory_with_a_colon_cannot_be_mounted(box: Any, engine: Any) -> None:
    with pytest.raises(Refused, match="colon"):
        box(environment(), "/srv/projects/a:/etc")


def test_docker_gets_its_own_words(shop: Any, box: Any, engine: Any, credential: Any, settings: Any) -> None:
    docker = engine.path.rename(engine.path.with_name("docker"))
    settings.AWX_LITE_CONTAINERS = str(docker)
    login = credential("registry", host="quay.io", username="bot", password="x")
    told, _ = box(environment(credential=login, pull="never"))
    words = told["run"]
    assert words[0] == str(docker)
    assert words[1].startswith("--config=")
    assert words[2] == "run"
    assert "--pull=never" in words
    assert "--network" not in words
    assert not any(word.startswith("--authfile") for word in words)


def test_a_relaunch_runs_in_the_same_environment(worker: Any, engine: Any) -> None:
    first = launched(worker, execution_environment=environment())
    again = run(services.relaunch(first, actor=worker.admin))
    assert isinstance(again, Job)
    assert [IMAGE in words for words in engine.calls()] == [True, True]
