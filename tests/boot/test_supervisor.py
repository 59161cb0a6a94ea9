"""The launcher's own ways out: what it does where a disk is full, a directory is another's, a password is secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from awx_lite.up import supervisor as module
from awx_lite.up.backup import without_password
from awx_lite.up.binaries import Account
from awx_lite.up.errors import StartError
from awx_lite.up.postgres import own_directory
from awx_lite.up.supervisor import Component, Supervisor


def test_a_child_that_cannot_be_started_again_waits_and_the_others_live(tmp_path: Path) -> None:
    said: list[str] = []
    one = Component("web", ["true"], {}, tmp_path, tmp_path / "missing" / "web.log")
    tended = Supervisor(tmp_path / "children.json", tmp_path, said.append)
    tended.components.append(one)
    tended.tend()
    assert "web cannot be started" in said[0]
    tended.tend()
    assert len(said) == 1  # its pause is not over
    assert one.next_start > 0


def test_logs_that_cannot_be_rotated_end_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_directory: Path) -> None:
        raise OSError(28, "No space left on device")

    said: list[str] = []
    monkeypatch.setattr(module, "rotate", full)
    monkeypatch.setattr(module, "ROTATE_SECONDS", -1)
    Supervisor(tmp_path / "children.json", tmp_path, said.append).tend()
    assert "No space left" in said[0]


def test_a_directory_of_sockets_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    ours, link = tmp_path / "ours", tmp_path / "link"
    own_directory(ours, Account(), 0o700)
    own_directory(ours, Account(), 0o700)
    link.symlink_to(ours)
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    foreign = [link]
    if os.geteuid() == 0:
        os.chown(theirs, 12345, 12345)
        foreign.append(theirs)
    for path in foreign:
        with pytest.raises(StartError, match="belongs to somebody else"):
            own_directory(path, Account(), 0o700)


@pytest.mark.parametrize(
    ("url", "secret"),
    [("postgres://awx:p%40ss@db.example:5433/awx", {"PGPASSWORD": "p@ss"}), ("postgres://awx@%2Ftmp%2Fs/awx", {})],
)
def test_no_password_is_on_a_command_line(url: str, secret: dict[str, str]) -> None:
    database, environment = without_password(url)
    assert environment == secret
    assert "p@ss" not in database
    assert "user=awx" in database
    assert "dbname=awx" in database
