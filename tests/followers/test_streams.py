"""Following over plain HTTP: nothing is lost, nothing comes twice, whatever breaks; strangers follow nothing."""

import json
import time

import pytest
import requests

from tests.followers.conftest import kill_live, live_process

FOLLOW = {"stream": True, "timeout": 60}


def events_of(lines):
    """Server-Sent Events from lines: [(event, data, id)]."""
    out, now = [], {}
    for raw in lines:
        line = raw.decode()
        if not line:
            if "data" in now:
                out.append((now.get("event"), json.loads(now["data"]), now.get("id")))
            now = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            now[name] = value
    return out


def test_output_is_followed_to_its_end_while_it_comes(server, slow):
    job = slow.launch()
    with server.call("GET", f"/api/v2/jobs/{job}/stdout/?format=txt&follow=1", **FOLLOW) as answer:
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        seen = [(time.monotonic(), line.decode()) for line in answer.iter_lines()]
    whole = server.call("GET", f"/api/v2/jobs/{job}/stdout/?format=txt").text
    assert "\n".join(line for _, line in seen) + "\n" == whole
    assert "the last line" in whole
    assert server.call("GET", f"/api/v2/jobs/{job}/").json()["status"] == "successful"
    assert seen[-1][0] - seen[0][0] > 1, "it came while the job ran"


def test_output_goes_on_from_a_line_and_events_from_a_counter(server, slow):
    job = slow.launch()
    path = f"/api/v2/jobs/{job}/stdout/?follow=1"
    lines = [json.loads(line) for line in server.call("GET", f"{path}&format=json", **FOLLOW).iter_lines()]
    counters = [event["counter"] for event in lines]
    assert counters == sorted(set(counters))
    assert lines[-1]["event"] == "playbook_on_stats"
    middle = counters[len(counters) // 2]
    rest = [json.loads(line) for line in server.call("GET", f"{path}&format=json&after={middle}").text.splitlines()]
    assert [event["counter"] for event in rest] == [counter for counter in counters if counter > middle]
    whole = server.call("GET", f"{path}&format=txt").text
    assert server.call("GET", f"{path}&format=txt&start_line=3").text == "".join(whole.splitlines(keepends=True)[3:])


def test_server_sent_events_tell_events_statuses_and_the_end(server, slow):
    job = slow.launch()
    path, accept = f"/api/v2/jobs/{job}/live/", {"Accept": "text/event-stream"}
    found = events_of(server.call("GET", path, headers=accept, **FOLLOW).iter_lines())
    counters = [int(number) for name, _, number in found if name == "job_event"]
    assert counters == sorted(set(counters))
    assert [data["status"] for name, data, _ in found if name == "status"][-1] == "successful"
    assert found[-1][0] == "end"
    again = events_of(server.call("GET", path, headers={**accept, "Last-Event-ID": str(counters[-2])}).iter_lines())
    assert [int(number) for name, _, number in again if name == "job_event"] == counters[-1:]


def test_a_killed_process_of_live_output_costs_no_line(server, slow):
    job = slow.launch()
    path, seen = f"/api/v2/jobs/{job}/stdout/?follow=1&format=json", []
    old = None
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        after = seen[-1] if seen else 0
        try:
            with server.call("GET", f"{path}&after={after}", **FOLLOW) as answer:
                if answer.status_code == 503:
                    time.sleep(0.3)
                    continue
                for line in answer.iter_lines():
                    seen.append(json.loads(line)["counter"])
                    if old is None and len(seen) > 4:
                        old = kill_live(server)
            break
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            time.sleep(0.3)
    assert old is not None
    stored = server.call("GET", f"/api/v2/jobs/{job}/job_events/?page_size=200&order_by=counter").json()["results"]
    assert seen == [event["counter"] for event in stored]
    assert live_process(server).pid != old


@pytest.mark.parametrize("path", ["stdout/?follow=1&format=txt", "live/"])
def test_a_stranger_follows_nothing(server, slow, path):
    job = slow.launch()
    assert requests.get(f"{server.url}/api/v2/jobs/{job}/{path}", auth=slow.ann, timeout=10).status_code == 404
    assert requests.get(f"{server.url}/api/v2/jobs/{job}/{path}", timeout=10).status_code == 401


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("stdout/?follow=1&format=html", "format"),
        ("stdout/?follow=1&format=txt&after=x", "after"),
        ("stdout/?follow=1&format=txt&start_line=-2", "start_line"),
        ("live/?after=-1", "after"),
    ],
)
def test_nonsense_is_refused_by_name(server, slow, path, field):
    job = slow.launch()
    answer = server.call("GET", f"/api/v2/jobs/{job}/{path}", headers={"Accept": "*/*"})
    assert answer.status_code == 400
    assert field in answer.text


def test_statuses_reach_only_those_who_may_see_the_job(server, slow):
    accept = {"Accept": "text/event-stream"}
    mine = server.call("GET", "/api/v2/live/", headers=accept, **FOLLOW)
    foreign = requests.get(f"{server.url}/api/v2/live/", headers=accept, auth=slow.ann, stream=True, timeout=20)
    lines, theirs = mine.iter_lines(), foreign.iter_lines()
    assert next(lines).startswith(b": connected")
    assert next(theirs).startswith(b": connected")
    job = slow.launch()
    statuses = []
    for line in lines:
        if line.startswith(b"data: ") and (data := json.loads(line[6:]))["unified_job_id"] == job:
            statuses.append(data["status"])
            if data["status"] == "successful":
                break
    assert statuses[-2:] == ["running", "successful"]
    time.sleep(2)  # what is told of the first job is looked through before she may see it
    server.call("POST", f"/api/v2/organizations/{slow.org}/admins/", json={"id": slow.ann_id})
    other = slow.launch()
    seen = set()
    try:
        while other not in seen:
            line = next(theirs)
            seen |= {json.loads(line[6:])["unified_job_id"]} if line.startswith(b"data: ") else set()
    finally:
        gone = {"id": slow.ann_id, "disassociate": True}
        server.call("POST", f"/api/v2/organizations/{slow.org}/admins/", json=gone)
    assert job not in seen
    mine.close()
    foreign.close()


def test_open_connections_hold_no_thread_of_the_api(server, slow):
    held = [server.call("GET", "/api/v2/live/", headers={"Accept": "text/event-stream"}, **FOLLOW) for _ in range(60)]
    assert all(answer.status_code == 200 for answer in held)
    assert server.call("GET", "/api/v2/ping/").status_code == 200
    for answer in held:
        answer.close()


def test_a_follower_whose_token_is_revoked_is_left(server, slow):
    token = server.call("POST", "/api/v2/tokens/", json={"scope": "read"}).json()
    bearer = {"Authorization": f"Bearer {token['token']}", "Accept": "text/event-stream"}
    answer = requests.get(f"{server.url}/api/v2/live/", headers=bearer, stream=True, timeout=40)
    lines = answer.iter_lines()
    assert next(lines).startswith(b": connected")
    server.call("DELETE", f"/api/v2/tokens/{token['id']}/")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        list(lines)
