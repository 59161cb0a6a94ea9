"""Log files stay small."""

from __future__ import annotations

from pathlib import Path

from awx_lite.up.logs import KEPT, last_line, rotate


def test_a_long_log_moves_aside_and_the_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    with path.open("a") as writer:
        for turn in range(KEPT + 2):
            writer.write(f"turn {turn}\n" * 10)
            writer.flush()
            rotate(tmp_path, limit=20)
        writer.write("after\n")
    assert path.read_text() == "after\n"
    assert (tmp_path / "web.log.1").read_text().startswith(f"turn {KEPT + 1}\n")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["web.log", *(f"web.log.{n + 1}" for n in range(KEPT))]


def test_the_last_telling_line_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "postgres.log"
    path.write_text("LOG: starting\nFATAL: could not write\nLOG: database system is shut down\n")
    assert last_line(path) == "FATAL: could not write"
