"""Jobs: how soon they start, how soon they are over, how fast their events are stored; beside the raw tools.

    python -m benchmarks.jobs

It starts servers and workers of its own in a temporary directory. All figures are of this machine, now; what counts is
the ratio of the two columns.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import psycopg2

from tests.reliability.installation import Installation

ROUNDS = 7
LINES = 100_000
HELLO = "- hosts: all\n  gather_facts: false\n  tasks:\n  - debug: {msg: Hello World!}\n"
PRINT = (
    f"import sys\nfor i in range({LINES}):\n  sys.stdout.write('ok: [host-%d] => quick brown fox %d\\n' % (i % 500, i))"
)
STEADY = "import time\nfor i in range(10000):\n  print('line', i)\n  i % 20 or time.sleep(0.02)"
BURST = 50


def raw_playbook(book: Path) -> float:
    """Seconds of ansible-playbook alone."""
    binary = str(Path(sys.executable).parent / "ansible-playbook")
    argv = [binary, "-i", "localhost,", "-c", "local", str(book)]
    began = time.monotonic()
    subprocess.run(argv, check=True, capture_output=True)
    return time.monotonic() - began


class Spotter(threading.Thread):
    """Notes when an ansible-playbook process of a job appears."""

    def __init__(self, place: Path) -> None:
        super().__init__(daemon=True)
        self.place, self.seen, self.over = f"{place}/home/runs/", {}, False

    def run(self) -> None:
        """Look at new processes until told to stop."""
        known: set[int] = set()
        while not self.over:
            for pid in set(psutil.pids()) - known:
                known.add(pid)
                try:
                    process = psutil.Process(pid)
                    line = process.cmdline()
                    if len(line) > 1 and line[1].endswith("ansible-playbook") and self.place in " ".join(line):
                        self.seen[pid] = time.time()
                except psutil.Error:
                    known.discard(pid)
            time.sleep(0.01)


def launches(installation: Installation, book: Path) -> dict[str, list[float]]:
    """Hello-world jobs one after the other: until the playbook process, and until `successful`."""
    out: dict[str, list[float]] = {"process": [], "finished": []}
    sql = """SELECT extract(epoch FROM created)::float, extract(epoch FROM finished)::float, status
             FROM unified_unifiedjob WHERE id = %s"""
    for turn in range(2 * ROUNDS):
        spotter = Spotter(book.parent)
        if turn % 2:  # to look at all processes costs so much that the other figure would suffer
            spotter.start()
        (pk,) = installation.submit({"playbook": str(book)})
        installation.wait_for(pk, "successful", "error", "failed")
        spotter.over = True
        created, finished, status = installation.query(sql, pk)[0]
        if status != "successful":
            raise SystemExit(f"The job ended {status}: {installation.job(pk)}")
        if turn % 2:
            out["process"].append(min(spotter.seen.values()) - created)
        else:
            out["finished"].append(finished - created)
    return out


def lag(installation: Installation) -> float:
    """p95 of the seconds from an event to its row, at a steady thousand events a second from each of four jobs."""
    ids = installation.submit(*[{"code": STEADY}] * 4)
    for pk in ids:
        installation.wait_for(pk, "successful", "error", "failed", seconds=120)
    sql = """SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM modified - created))::float
             FROM unified_systemjobevent WHERE system_job_id = ANY(%s)"""
    return installation.query(sql, ids)[0][0]


def events(installation: Installation, jobs: int) -> float:
    """Jobs that print as fast as they can: events stored a second."""
    ids = installation.submit(*[{"code": PRINT}] * jobs)
    for pk in ids:
        installation.wait_for(pk, "successful", "error", "failed", seconds=300)
    sql = """SELECT count(*), extract(epoch FROM max(modified) - min(created))::float
             FROM unified_systemjobevent WHERE system_job_id = ANY(%s)"""
    count, seconds = installation.query(sql, ids)[0]
    if count != LINES * jobs:
        raise SystemExit(f"{count} events were stored instead of {LINES * jobs}.")
    return count / seconds


def raw_copy(installation: Installation) -> float:
    """Rows a second of one COPY of the same events into a table with the same indexes."""
    connection = psycopg2.connect(host=str(installation.postgres.sockets), user="awx", dbname="awx")
    with connection, connection.cursor() as cursor, tempfile.TemporaryFile("w+") as rows:
        cursor.execute("SELECT system_job_id FROM unified_systemjobevent ORDER BY id DESC LIMIT 1")
        job = cursor.fetchone()[0]
        cursor.copy_expert(f"COPY (SELECT * FROM unified_systemjobevent WHERE system_job_id = {job}) TO STDOUT", rows)
        cursor.execute("CREATE TABLE raw (LIKE unified_systemjobevent INCLUDING ALL)")
        connection.commit()  # in one transaction with its CREATE, COPY would write no log
        rows.seek(0)
        began = time.monotonic()
        cursor.copy_expert("COPY raw FROM STDIN", rows)
        seconds = time.monotonic() - began
        cursor.execute("SELECT count(*) FROM raw")
        count = cursor.fetchone()[0]
        cursor.execute("DROP TABLE raw")
    connection.close()
    return count / seconds


def burst(installation: Installation) -> float:
    """Jobs a second, from the first submission to the last end, of many small ones at once."""
    ids = installation.submit(*[{"code": "print(1)"}] * BURST)
    for pk in ids:
        installation.wait_for(pk, "successful", "error", "failed", seconds=120)
    sql = "SELECT extract(epoch FROM max(finished) - min(created))::float FROM unified_unifiedjob WHERE id = ANY(%s)"
    return BURST / installation.query(sql, ids)[0][0]


def main() -> None:
    """Measure, and print a table."""
    place = Path(tempfile.mkdtemp(prefix="bench-"))
    place.chmod(0o755)
    book = place / "hello.yml"
    book.write_text(HELLO)
    installation = Installation(place)
    try:
        installation.start()
        raw = statistics.median(raw_playbook(book) for _round in range(ROUNDS))
        hello = launches(installation, book)
        finished, process = statistics.median(hello["finished"]), statistics.median(hello["process"] or [float("nan")])
        one, many = events(installation, 1), events(installation, 4)
        copied = raw_copy(installation)
        table = {
            "launch to playbook process, s": (process, None),
            "hello world, launch to successful, s": (finished, raw),
            "events stored a second, one job": (one, copied),
            "events stored a second, four jobs": (many, copied),
            "p95 lag at 4,000 events a second, s": (lag(installation), None),
            "small jobs a second, burst of 50": (burst(installation), None),
        }
        for name, (ours, theirs) in table.items():
            print(f"{name:40} {ours:12.3f}" + (f"   raw {theirs:12.3f}   x {ours / theirs:.2f}" if theirs else ""))
        print(json.dumps({name: pair[0] for name, pair in table.items()}))
    finally:
        installation.stop()
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
