"""A backup of a running installation brings a fresh one to the same state, secrets and tokens included."""

from __future__ import annotations

import io
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.boot.launcher import Launcher, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory with a short path, as unix sockets ask for."""
    with tempfile.TemporaryDirectory(prefix="awx-lite-bk-") as directory:
        Path(directory).chmod(0o711)
        yield Path(directory)


def call(launcher: Launcher, method: str, path: str, *, token: str = "", **body: object) -> requests.Response:
    """A request with the token, or as admin."""
    password = (launcher.home / "admin_password").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"http://127.0.0.1:{launcher.port}/api/v2/{path}"
    auth = None if token else ("admin", password)
    return requests.request(method, url, json=body or None, headers=headers, auth=auth, timeout=30)


def archive(path: Path, **files: bytes) -> Path:
    """A tar file with these members."""
    with tarfile.open(path, "w") as made:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("__", "/").replace("UP", ".."))
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return path


def save(launcher: Launcher, file: Path) -> None:
    """Back up, and see that the archive is private and never overwritten."""
    done = launcher.run(f"backup {file}")
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = launcher.run(f"backup {file}")
    assert (again.returncode, "exists already" in again.stderr) == (1, True)


def test_a_restored_installation_knows_everybody_every_secret_and_every_token(place: Path) -> None:
    old = Launcher(place / "old", CLUSTER_HOST_ID="same")
    old.start()
    try:
        made = call(old, "POST", "organizations/", name="Kept")
        assert made.status_code == 201
        token = call(old, "POST", "users/1/personal_tokens/", scope="write").json()["token"]
        secret = {"username": "deploy", "password": "the secret of the old one"}
        kind = call(old, "GET", "credential_types/?name=Machine").json()["results"][0]["id"]
        credential = call(
            old, "POST", "credentials/", name="Kept", organization=1, credential_type=kind, inputs=secret
        ).json()
        playbooks = old.home / "projects" / "by_hand"
        playbooks.mkdir()
        (playbooks / "site.yml").write_text("- hosts: all\n")
        (playbooks / "out").symlink_to("/etc/hostname")
        save(old, place / "backup.tar")
    finally:
        assert old.interrupt() == 0
    save(old, place / "stopped.tar")  # also while nothing runs

    new = Launcher(place / "new", CLUSTER_HOST_ID="same")
    done = new.run(f"restore {place / 'backup.tar'}")
    assert done.returncode == 0, done.stderr
    assert "Left out: projects/by_hand/out" in done.stdout
    new.start()
    try:
        found = call(new, "GET", "organizations/?name=Kept", token=token).json()
        assert [row["id"] for row in found["results"]] == [made.json()["id"]]
        assert (new.home / "projects" / "by_hand" / "site.yml").read_text() == "- hosts: all\n"
        shown = call(new, "GET", f"credentials/{credential['id']}/", token=token).json()
        assert shown["inputs"] == {"username": "deploy", "password": "$encrypted$"}
        assert reads_secret(new, credential["id"]) == secret["password"]
        job = call(new, "POST", "job_templates/Demo Job Template++Default/launch/", token=token).json()
        ended = ("successful", "failed", "error", "canceled")
        eventually(lambda: call(new, "GET", f"jobs/{job['id']}/", token=token).json()["status"] in ended, 60)
        job = call(new, "GET", f"jobs/{job['id']}/", token=token).json()
        assert job["status"] == "successful", job["job_explanation"] or job["result_traceback"]
        update = call(new, "POST", f"projects/{job['project']}/update/", token=token).json()["project_update"]
        updated = f"project_updates/{update}/"
        eventually(lambda: call(new, "GET", updated, token=token).json()["status"] == "successful", 60)
    finally:
        assert new.interrupt() == 0
        refused = new.run(f"restore {place / 'backup.tar'}")
        assert (refused.returncode, "is in use" in refused.stderr) == (1, True)
        for launcher in (old, new):
            launcher.run("clean")


def reads_secret(launcher: Launcher, pk: int) -> str:
    """The decrypted password of a credential, as a job would get it."""
    return launcher.manage(
        "shell",
        "-v0",
        "-c",
        f"from apps.credentials.models import Credential; print(Credential.objects.get(pk={pk}).inputs['password'])",
    ).strip()


@pytest.mark.parametrize(
    "files",
    [{"UP__UP__evil": b"x"}, {"projects__UP__UP__evil": b"x"}, {"other": b"x"}, {"about.json": b'{"format": 99}'}, {}],
    ids=["outside", "outside of projects", "foreign", "newer", "empty"],
)
def test_what_is_no_backup_is_refused_before_anything_is_made(place: Path, files: dict[str, bytes]) -> None:
    launcher = Launcher(place / "refused")
    done = launcher.run(f"restore {archive(place / 'made.tar', **files)}")
    assert done.returncode == 1
    assert done.stderr.startswith("awx_lite: ")
    assert done.stderr.count("\n") == 1
    assert not launcher.home.exists()
    assert not (place / "evil").exists()


def test_a_file_must_be_named(place: Path) -> None:
    assert Launcher(place / "none").run("backup").returncode == 2
    assert "is not there" in Launcher(place / "none").run(f"restore {place / 'absent'}").stderr
