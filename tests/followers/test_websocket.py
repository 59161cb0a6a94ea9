"""AWX's websocket: groups by name, denied unless allowed, for sessions and bearer tokens."""

import json
import time

import pytest
import requests
import websocket
from awxkit.ws import WSClient

SESSION = "awx_sessionid"


def connect(server, **options):
    """A socket and its first message."""
    socket = websocket.create_connection(server.url.replace("http", "ws") + "/websocket/", timeout=20, **options)
    return socket, json.loads(socket.recv())


def bearer(server, user=None):
    """The header of a fresh token."""
    answer = requests.post(
        f"{server.url}/api/v2/tokens/", json={}, auth=user or (server.user, server.password), timeout=9
    )
    return [f"Authorization: Bearer {answer.json()['token']}"], answer.json()["id"]


def ask(socket, **data):
    """Say something, hear the answer."""
    socket.send(json.dumps(data))
    return json.loads(socket.recv())


def test_awxkit_hears_of_a_job(server, slow, session):
    host, _, port = server.url.removeprefix("http://").partition(":")
    client = WSClient(
        hostname=host, port=int(port), secure=False, session_id=session.cookies[SESSION],
        csrftoken=session.cookies["csrftoken"],
    ).connect()  # fmt: skip
    client.pending_job_stdout()
    heard, deadline = [], time.monotonic() + 60
    while time.monotonic() < deadline and not any("groups_current" in m for m in heard):
        heard += list(client)  # a status of before the subscription is told to nobody
        time.sleep(0.05)
    job = slow.launch()

    def over():
        """Statuses and events take different ways: either may come last."""
        ended = any(m.get("unified_job_id") == job and m.get("status") == "successful" for m in heard)
        return ended and any("the last line" in m.get("stdout", "") for m in heard)

    while time.monotonic() < deadline and not over():
        heard += list(client)
        time.sleep(0.2)
    client.close()
    statuses = [m["status"] for m in heard if m.get("unified_job_id") == job and m.get("group_name") == "jobs"]
    assert "running" in statuses
    assert "successful" in statuses
    assert any("the last line" in m.get("stdout", "") for m in heard if m.get("group_name") == "job_events")


def test_a_bearer_token_needs_no_xrftoken_and_groups_replace_each_other(server, slow):
    header, _ = bearer(server)
    socket, first = connect(server, header=header)
    assert first["accept"] is True
    assert ask(socket, groups={"jobs": ["status_changed"]}) == {
        "groups_current": ["jobs-status_changed"], "groups_left": [], "groups_joined": ["jobs-status_changed"],
    }  # fmt: skip
    job = slow.launch()
    changed = ask(socket, groups={"job_events": [job]})
    while "groups_current" not in changed:
        changed = json.loads(socket.recv())
    assert changed["groups_left"] == ["jobs-status_changed"]
    event = json.loads(socket.recv())
    assert (event["group_name"], event["job"]) == ("job_events", job)
    socket.close()


def test_a_session_must_show_its_csrf_token(server, session):
    cookie = f"{SESSION}={session.cookies[SESSION]}; csrftoken={session.cookies['csrftoken']}"
    socket, _ = connect(server, cookie=cookie)
    assert "error" in ask(socket, groups={"jobs": ["status_changed"]})
    assert "error" in ask(socket, groups={"jobs": ["status_changed"]}, xrftoken="wrong")
    assert "groups_current" in ask(socket, groups={"jobs": ["status_changed"]}, xrftoken=session.cookies["csrftoken"])
    socket.close()


@pytest.mark.parametrize(
    "groups",
    [
        {"no_such_group": [1]}, {"jobs": ["everything"]}, {"job_events": [999999]}, {"job_events": ["*"]},
        {"job_events": ["1 OR 1=1"]}, {"control": ["limit_reached_1000"]}, {"keep": [""]}, {"jobs": "status_changed"},
        {"job_events": [-1]}, {"job_events": [True]}, {"job_events": [{"a": 1}]}, {"": [""]},
    ],
)  # fmt: skip
def test_what_is_not_allowed_by_name_is_refused(server, slow, groups):
    header, _ = bearer(server)
    socket, _ = connect(server, header=header)
    answer = ask(socket, groups=groups)
    assert "error" in answer
    assert "groups_current" not in answer
    socket.close()


@pytest.mark.parametrize(
    "group", ["job_events", "ad_hoc_command_events", "project_update_events", "inventory_update_events",
              "system_job_events", "workflow_events"],
)  # fmt: skip
def test_outsiders_follow_no_object(server, slow, group):
    job = slow.launch()
    header, _ = bearer(server, slow.ann)
    socket, _ = connect(server, header=header)
    assert "error" in ask(socket, groups={group: [job]})
    socket.close()


def test_who_is_not_logged_in_or_from_another_site_does_not_connect(server, session):
    with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
        connect(server)
    cookie = f"{SESSION}={session.cookies[SESSION]}; csrftoken={session.cookies['csrftoken']}"
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect(server, cookie=cookie, origin="https://evil.example.com")
    assert session.get(f"{server.url}/websocket/").status_code == 400


@pytest.mark.parametrize("text", ["", "no json", "[1]", '"x"', '{"groups": 5}', '{"groups": [1]}', "{}"])
def test_nonsense_hurts_nobody(server, text):
    header, _ = bearer(server)
    socket, _ = connect(server, header=header)
    socket.send(text)
    assert "groups_current" in ask_until(socket, groups={"jobs": ["summary"]})
    socket.close()


def ask_until(socket, **data):
    """The answer that names groups, after errors about what came before."""
    answer = ask(socket, **data)
    while "error" in answer:
        answer = json.loads(socket.recv())
    return answer


def test_a_message_that_is_too_big_ends_the_connection_and_no_other(server):
    header, _ = bearer(server)
    (bad, _), (good, _) = connect(server, header=header), connect(server, header=header)
    bad.send("x" * 200_000)
    assert ended(bad)
    assert "groups_current" in ask(good, groups={"jobs": ["summary"]})
    good.close()


def ended(socket):
    """Whether the server closes it within some seconds."""
    try:
        while socket.recv():
            pass
    except websocket.WebSocketTimeoutException:
        return False
    except (websocket.WebSocketException, OSError):
        return True
    return True


def test_an_ended_token_ends_the_socket(server):
    header, pk = bearer(server)
    socket, _ = connect(server, header=header)
    server.call("DELETE", f"/api/v2/tokens/{pk}/")
    assert ended(socket)


def test_changed_schedules_are_told(server, slow):
    header, _ = bearer(server)
    socket, _ = connect(server, header=header)
    ask(socket, groups={"schedules": ["changed"]})
    rule = "DTSTART:20300101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"
    made = server.call("POST", f"/api/v2/job_templates/{slow.template}/schedules/", json={"name": "s", "rrule": rule})
    heard = json.loads(socket.recv())
    assert (heard["group_name"], heard["id"]) == ("schedules", made.json()["id"])
    socket.close()
