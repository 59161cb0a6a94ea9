"""What keeps it from starting is one clear sentence and exit code 1, never a traceback."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from awx_lite.up import place
from awx_lite.up.__main__ import sentence
from awx_lite.up.errors import StartError
from awx_lite.up.place import Place
from tests.boot.launcher import Launcher


def refusal(launcher: Launcher, **variables: str) -> str:
    """The sentence it refuses with."""
    done = launcher.run("up", **variables)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("awx_lite: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture
def launcher(tmp_path: Path) -> Launcher:
    return Launcher(tmp_path / "home")


def test_a_port_in_use(launcher: Launcher) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", launcher.port))
        other.listen()
        assert f"Port 127.0.0.1:{launcher.port} is in use" in refusal(launcher)


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none(launcher: Launcher, port: str) -> None:
    assert "AWX_LITE_PORT must be a port number" in refusal(launcher, AWX_LITE_PORT=port)


def test_a_data_directory_that_is_a_file(launcher: Launcher) -> None:
    launcher.home.write_text("")
    assert "is a file" in refusal(launcher)


def test_a_directory_that_holds_something_else(launcher: Launcher) -> None:
    launcher.home.mkdir()
    (launcher.home / "thesis.txt").write_text("mine")
    assert "not a data directory of awx_lite" in refusal(launcher)
    assert launcher.run("clean").returncode == 1
    assert (launcher.home / "thesis.txt").exists()


def test_a_broken_database_directory(launcher: Launcher) -> None:
    launcher.home.mkdir()
    (launcher.home / ".awx_lite").touch()
    postgres = postgres_place(launcher)
    (postgres / "data").mkdir(parents=True)
    assert "is no PostgreSQL data directory" in refusal(launcher)
    assert launcher.run("clean").returncode == 0
    assert not postgres.exists()


def test_a_database_of_another_version(launcher: Launcher) -> None:
    launcher.home.mkdir()
    (launcher.home / ".awx_lite").touch()
    data = postgres_place(launcher) / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    assert "was made by PostgreSQL 12" in refusal(launcher)
    assert launcher.run("clean").returncode == 0


def postgres_place(launcher: Launcher) -> Path:
    """Where this launcher keeps its PostgreSQL."""
    return Place(launcher.home).postgres


def test_an_empty_secret_key_is_not_replaced(launcher: Launcher) -> None:
    launcher.home.mkdir()
    (launcher.home / ".awx_lite").touch()
    (launcher.home / "secret_key").touch()
    assert "secret_key is empty" in refusal(launcher)


def test_a_directory_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere, so the answer is given here
    with pytest.raises(StartError, match="No permission to write"):
        Place(tmp_path / "home").prepare()


def test_a_database_that_cannot_be_reached(launcher: Launcher) -> None:
    sentence = refusal(launcher, DATABASE_URL="postgres://awx@127.0.0.1:1/awx")
    assert sentence.startswith("awx_lite: DATABASE_URL: ")


def test_a_redis_that_cannot_be_reached(launcher: Launcher) -> None:
    assert refusal(launcher, REDIS_URL="redis://127.0.0.1:1/0").startswith("awx_lite: REDIS_URL: ")


def test_a_full_disk_is_said_in_one_sentence() -> None:
    assert sentence(OSError(errno.ENOSPC, "No space left on device", "/data/x")).startswith("The disk is full")


def test_too_little_space_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "NEEDED_BYTES", 10**18)
    with pytest.raises(StartError, match="is full"):
        place.Place(tmp_path / "home").prepare()
    assert not (tmp_path / "home" / "secret_key").exists()
