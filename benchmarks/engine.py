"""The engine under load: a thousand launches, a hundred jobs at once, a workflow of two hundred nodes.

    python -m benchmarks.engine [launches] [crowd] [workflow]

It starts servers and workers of its own. All figures are of this machine, now, beside something that can be had without
awx_lite: bare INSERTs, bare processes, a bare chain of processes.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2

from tests.live import free_port
from tests.reliability.installation import Installation

LAUNCHES = 1000
CLIENTS = 4
CROWD = 100
NODES = 200
TALK = "import time\nfor n in range(100):\n    print('line', n)\n    time.sleep(0.2)"
CHAIN = """
import json
from apps.system.models import SystemJobTemplate
from apps.workflows.models import WorkflowJobTemplate
from apps.workflows.services import launching
import tests.reliability.worker
probe, before = SystemJobTemplate.objects.get(name="probe"), None
workflow = WorkflowJobTemplate.objects.create(name="chain")
for number in range({nodes}):
    node = workflow.workflow_job_template_nodes.create(
        identifier=str(number), unified_job_template=probe, extra_data={{"code": "print(1)"}})
    before and before.success_nodes.add(node)
    before = node
print(launching.launch(workflow).pk)
"""


@contextlib.contextmanager
def server() -> Iterator[tuple[int, Path]]:
    """A whole awx_lite: its port and its home."""
    home, port = Path(tempfile.mkdtemp(prefix="bench-")), free_port()
    home.chmod(0o755)
    env = os.environ | {"AWX_LITE_HOME": str(home), "AWX_LITE_PORT": str(port), "AWX_LITE_ADMIN_PASSWORD": "bench"}
    argv = [sys.executable, "-m", "awx_lite.up", "up"]
    launcher = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _second in range(240):
            with contextlib.suppress(OSError):
                call(port, "GET", "/api/v2/ping/")
                break
            time.sleep(0.5)
        yield port, home
    finally:
        launcher.send_signal(signal.SIGINT)
        launcher.wait(60)
        shutil.rmtree(home, ignore_errors=True)


def call(
    port: int, method: str, path: str, body: object = None, kept: http.client.HTTPConnection | None = None
) -> dict:
    """The answer of the API, as the administrator."""
    connection = kept or http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": "Basic " + b64encode(b"admin:bench").decode(), "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 400:
        raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
    return json.loads(text) if text else {}


def launches() -> None:
    """A thousand launches of one template from four clients while no instance takes jobs, and then the dispatch."""
    with server() as (port, home):
        template = call(port, "GET", "/api/v2/job_templates/?name=Demo+Job+Template")["results"][0]
        call(port, "PATCH", template["url"], {"allow_simultaneous": True})
        first = call(port, "POST", f"{template['url']}launch/", {})["url"]
        until(lambda: call(port, "GET", first)["status"] in ("successful", "failed", "error"))
        node = call(port, "GET", "/api/v2/instances/")["results"][0]
        call(port, "PATCH", node["url"], {"enabled": False})
        times: list[float] = []

        def client() -> None:
            kept = http.client.HTTPConnection("127.0.0.1", port)
            for _turn in range(LAUNCHES // CLIENTS):
                began = time.monotonic()
                call(port, "POST", f"{template['url']}launch/", {}, kept)
                times.append(time.monotonic() - began)

        began = time.monotonic()
        threads = [threading.Thread(target=client) for _client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = LAUNCHES / (time.monotonic() - began)
        raw = inserts(home)
        began = time.monotonic()
        call(port, "PATCH", node["url"], {"enabled": True})
        until(lambda: call(port, "GET", "/api/v2/jobs/?status__in=waiting,running&page_size=1")["count"])
        lag = time.monotonic() - began
        show(
            f"launches accepted a second, {CLIENTS} clients",
            f"{rate:.1f}",
            f"bare INSERTs {raw:.1f}, x {rate / raw:.2f}",
        )
        show("median answer, ms", f"{statistics.median(times) * 1000:.1f}")
        show(f"from room to the first of {LAUNCHES} pending, s", f"{lag:.2f}")
        call(port, "PATCH", node["url"], {"enabled": False})


def inserts(home: Path) -> float:
    """Bare jobs a second: a row in each of the two tables, committed one by one."""
    address = dict(line.split("=", 1) for line in (home / "environment").read_text().splitlines() if "=" in line)
    connection = psycopg2.connect(address["DATABASE_URL"].strip("'\""))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE raw_job (LIKE unified_unifiedjob INCLUDING ALL)")
        cursor.execute("CREATE TABLE raw_part (LIKE jobs_job INCLUDING ALL)")
        cursor.execute(
            "SELECT id FROM unified_unifiedjob JOIN jobs_job ON unifiedjob_ptr_id = id ORDER BY id DESC LIMIT 1"
        )
        (job,) = cursor.fetchone() or (0,)
        began = time.monotonic()
        for number in range(LAUNCHES):
            copied = "SELECT (jsonb_populate_record(j, jsonb_build_object(%s, %s))).* FROM"
            cursor.execute(f"INSERT INTO raw_job {copied} unified_unifiedjob j WHERE id = %s", ["id", number, job])
            cursor.execute(
                f"INSERT INTO raw_part {copied} jobs_job j WHERE unifiedjob_ptr_id = %s",
                ["unifiedjob_ptr_id", number, job],
            )
        seconds = time.monotonic() - began
        cursor.execute("DROP TABLE raw_job, raw_part")
    connection.close()
    return LAUNCHES / seconds


def crowd() -> None:
    """A hundred jobs at once, each of which prints five lines a second: memory of the supervisor, lag of the events."""
    with Installation.running("bench-") as made:
        worker = psutil.Process(made.children["jobs"].pid)
        (first,) = made.submit({"code": "print(1)"})
        made.wait_for(first, "successful", "error")
        before, peak = worker.memory_info().rss, 0
        ids = made.submit(*[{"code": TALK}] * CROWD)
        active = "SELECT count(*) FROM unified_unifiedjob WHERE id = ANY(%s) AND status = ANY(%s)"
        most = 0
        while made.query(active, ids, ["pending", "waiting", "running"])[0][0]:
            most = max(most, made.query(active, ids, ["running"])[0][0])
            peak = max(peak, worker.memory_info().rss)
            time.sleep(0.25)
        lag = """SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM modified - created))::float,
                 percentile_disc(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM modified - created))::float, count(*)
                 FROM unified_systemjobevent WHERE system_job_id = ANY(%s) AND counter > 50"""
        median, late, count = made.query(lag, ids)[0]  # of the second half, when all of them run
        if count != CROWD * 50:
            raise SystemExit(f"{count} events were stored instead of {CROWD * 50}.")
        alone = psutil.Process().memory_info().rss
        show(f"jobs at once, of {CROWD}", f"{most}")
        show("memory of the supervisor, MB", f"{before / 1e6:.0f}-{peak / 1e6:.0f}", f"a bare Python {alone / 1e6:.0f}")
        show("event to row, s, median", f"{median:.3f}")
        show("event to row, s, p95", f"{late:.3f}")


def workflow() -> None:
    """A chain of two hundred nodes: from the end of one job to the start of the next."""
    with Installation.running("bench-") as made:
        pk = int(made.python(CHAIN.format(nodes=NODES)).split()[-1])
        made.wait_for(pk, "successful", "failed", "error", "canceled", seconds=900)
        sql = """SELECT extract(epoch FROM j.started)::float, extract(epoch FROM j.finished)::float
                 FROM unified_unifiedjob j JOIN workflows_workflowjobnode n ON n.job_id = j.id
                 WHERE n.workflow_job_id = %s ORDER BY n.identifier::int"""
        rows = made.query(sql, pk)
        if len(rows) != NODES:
            raise SystemExit(f"{len(rows)} nodes ran instead of {NODES}.")
        gaps = [later[0] - earlier[1] for earlier, later in itertools.pairwise(rows)]
        began = time.monotonic()
        for _node in range(20):
            subprocess.run([sys.executable, "-c", "print(1)"], check=True, capture_output=True)
        raw, whole = (time.monotonic() - began) / 20, (rows[-1][1] - rows[0][0]) / NODES
        show("end of a node to the next, s, median", f"{statistics.median(gaps):.3f}")
        show("end of a node to the next, s, p95", f"{sorted(gaps)[-NODES // 20]:.3f}")
        show(f"a node of {NODES}, s", f"{whole:.3f}", f"a bare process {raw:.3f}, x {whole / raw:.1f}")


def show(what: str, ours: str, beside: str = "") -> None:
    """A line of the table."""
    print(f"{what:46} {ours:>12}   {beside}", flush=True)


def until(condition: object, seconds: float = 120) -> None:
    """Poll until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise SystemExit("It never happened.")
        time.sleep(0.05)


def main() -> None:
    """All of it, or the named parts."""
    parts = {"launches": launches, "crowd": crowd, "workflow": workflow}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
